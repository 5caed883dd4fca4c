"""A person's own data under /me/export/: made when it is fetched, for the person's own token, and stored nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.authentication import Authentication
from edge.errors import STATUS_OF, entry, error_body, internal_entry
from edge.log import log_failure
from edge.rates import COPY_COSTS, Rates, Standing, TooManyRequests
from edge.trace import request_id
from kernel.errors import KsbbError
from policy.viewer import Viewer

Export = Callable[[Viewer, str], Awaitable[bytes]]
"""From who asks and the public id of a request for access to the copy, as JSON."""

_NOT_FOUND = 404
_HEADERS = {
    "cache-control": "no-store",
    "vary": "Authorization",
}
_ATTACHED = {"content-disposition": 'attachment; filename="ksbb-data-pribadi.json"'}


def export_route(authentication: Authentication, export: Export, rates: Rates) -> Route:
    """The address of copies."""

    async def answer(request: Request) -> Response:
        try:
            viewer = await rates.watched(request.scope, authentication.viewer(_authorization(request)))
            standing = await rates.count(viewer, request.scope, COPY_COSTS)
            copy = await export(viewer, request.path_params["id"])
        except TooManyRequests as refused:
            return _counted(_json(error_body([entry(refused)]), STATUS_OF[refused.code]), refused.standing)
        except KsbbError as refused:
            return _json(error_body([entry(refused)]), STATUS_OF.get(refused.code, _NOT_FOUND))
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            identifier = request_id(dict(request.scope["headers"]))
            log_failure(identifier, failure)
            answer = _json(error_body([internal_entry(identifier)]), 500)
            answer.headers["x-request-id"] = identifier
            return answer
        return _counted(Response(copy, headers=_HEADERS | _ATTACHED, media_type="application/json"), standing)

    return Route("/me/export/{id}", answer, methods=["GET"])


def _authorization(request: Request) -> bytes | None:
    given = request.headers.get("authorization")
    return None if given is None else given.encode("latin-1")


def _counted(answer: Response, standing: Standing | None) -> Response:
    """An answer that says how its caller stands."""
    if standing is not None:
        answer.raw_headers.extend(standing.headers())
    return answer


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, headers=_HEADERS, media_type="application/json")
