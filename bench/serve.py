"""One of the servers in a process of its own: `python -m bench.serve ksbb | limit | usual | broadcast PORT`."""

from __future__ import annotations

import os
import sys

from starlette.types import ASGIApp

from edge.listening import listen
from kernel.settings import Settings
from models.server import Server


def _app(name: str, settings: Settings) -> ASGIApp:
    running = Server.running(settings)
    match name:
        case "ksbb":
            from server import create_app as ksbb

            return ksbb(settings, running)
        case "limit":
            from bench.limit import create_app as limit

            return limit(running.uri())
        case "broadcast":
            from bench.broadcast import create_app as broadcast

            return broadcast()
        case _:
            from bench.usual import create_app as usual

            return usual(running.uri())


def main() -> None:
    """Serve until interrupted, with the same event loop and HTTP parser for all."""
    name, port = sys.argv[1:]
    app = _app(name, Settings.read(os.environ))
    listen(app, "127.0.0.1", int(port))


if __name__ == "__main__":
    main()
