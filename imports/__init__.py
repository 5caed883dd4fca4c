"""How files come in: readers, validation and reports."""
