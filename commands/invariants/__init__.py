"""The 19 invariants of the subject, as set-based questions to live data."""
