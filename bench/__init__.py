"""How fast it reads: measured beside hand-written SQL and beside the usual way; `make bench`."""
