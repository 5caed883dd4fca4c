"""`python -m cli` is `ksbb`."""

from cli import main

main()
