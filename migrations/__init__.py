"""The steps that bring a database from one release to the next: numbered, small, forward only."""
