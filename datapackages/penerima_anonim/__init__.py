"""Recipients of help, as rows."""
