"""What exists: tables with a privacy class on every column, vocabulary, states and derived expressions."""
