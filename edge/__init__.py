"""How the system is reached: HTTP view, files, guard, authentication of requests."""
