"""The addresses of the edge, as pieces that `server.py` puts together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.files import ReleaseFiles
from edge.log import within
from edge.safety import Header, safe
from edge.trace import request_id, trace_of
from edge.traffic import Traffic

GRAPHQL_PATHS = frozenset({"/graphql", "/graphql/"})
OK = "ok"

Ready = Callable[[], Awaitable[dict[str, str]]]
Stop = Callable[[], Awaitable[None]]


class Edge:
    """The whole application: GraphQL past every router and middleware, everything else (lifespan too) to `others`.

    `also`: headers that the answers of `others` have beside those of `edge/safety.py`.
    """

    def __init__(
        self,
        view: ASGIApp,
        others: ASGIApp,
        websockets: ASGIApp | None = None,
        stop: Stop | None = None,
        *,
        also: Sequence[Header] = (),
        traffic: Traffic | None = None,
    ) -> None:
        self._view = view
        self._others = others
        self._websockets = websockets or others
        self._stop = stop
        self._also = (*also,)
        self._traffic = traffic or Traffic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection on to whom its address belongs."""
        if scope["type"] == "http" and scope["path"] in GRAPHQL_PATHS:
            await self._view(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] in GRAPHQL_PATHS:
            await self._websockets(scope, receive, send)
        elif scope["type"] == "http":
            headers = dict(scope["headers"])
            identifier, trace = request_id(headers), trace_of(headers.get(b"traceparent"))
            within(identifier, None if trace is None else trace.id)
            named = (b"x-request-id", identifier.encode())
            await self._traffic.watched(self._others, scope, receive, safe(send, (named, *self._also)))
        else:
            await self._others(scope, receive, send)

    async def stop(self) -> None:
        """Say goodbye to the streams; `edge/listening.py` does it before it closes their connections."""
        if self._stop is not None:
            await self._stop()


def routes(ready: Ready, releases: Path, evidence: ASGIApp | None = None) -> list[BaseRoute]:
    """What the edge answers beside GraphQL: /livez, /readyz, the published files under /data/, and files of evidence.

    The root leads to the files, which are what a browser can use.

    `ready` gives named checks; each must say "ok" or, in words without secrets, what is missing.
    """

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": OK}, headers=_NOT_STORED)

    async def readyz(_: Request) -> Response:
        checks = await ready()
        is_ready = all(result == OK for result in checks.values())
        content = {"status": OK if is_ready else "not ready", "checks": checks}
        return JSONResponse(content, 200 if is_ready else 503, headers=_NOT_STORED)

    return [
        Route("/", lambda _: RedirectResponse("/data/", 307)),
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/data", lambda _: RedirectResponse("/data/", 308)),
        Mount("/data", ReleaseFiles(releases)),
        *([] if evidence is None else [Route("/evidence/{name}", evidence)]),
    ]


_NOT_STORED = {"cache-control": "no-store"}
