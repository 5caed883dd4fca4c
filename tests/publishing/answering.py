"""Servers on loopback for releases: ours, and one that answers whatever a test says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from edge.files import ReleaseFiles
from edge.listening import listening

Answer = tuple[int, Mapping[str, str], bytes]
Answering = Callable[[str], Answer]


@contextmanager
def our_server(catalogue: Path) -> Iterator[str]:
    """The address of the catalogue as this project serves it."""
    app = Starlette(routes=[Mount("/data", ReleaseFiles(catalogue))])
    server = listening(app, lifespan=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/data"  # it listens already; answers come when it runs
        finally:
            while not server.started:
                time.sleep(0.01)
            server.should_exit = True
            thread.join()


@contextmanager
def a_server(answer: Answering) -> Iterator[str]:
    """The address of a server that answers each path as a test says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the caller had enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
