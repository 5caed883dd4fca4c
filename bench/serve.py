"""One of the three servers in a process of its own: `python -m bench.serve ksbb | limit | usual PORT`."""

from __future__ import annotations

import os
import sys

import uvicorn
from starlette.types import ASGIApp

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
        case _:
            from bench.usual import create_app as usual

            return usual(running.uri())


def main() -> None:
    """Serve until interrupted, with the same event loop and HTTP parser for all."""
    name, port = sys.argv[1:]
    app = _app(name, Settings.read(os.environ))
    uvicorn.run(app, port=int(port), log_config=None, access_log=False, loop="uvloop", http="httptools")


if __name__ == "__main__":
    main()
