"""Recipients, counted."""
