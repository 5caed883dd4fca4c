"""The schema of a role at a fixed address, for programs that make types of it: the public's for all, others their own.

What a role never sees does not exist for it, the schemas of other roles least of all: they are told like any address
that there is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.authentication import Authentication
from edge.errors import STATUS_OF, entry, error_body
from edge.headers import EXTRA_HEADERS
from edge.rates import Rates, TooManyRequests
from kernel.errors import KsbbError
from policy.viewer import Role

_FOR_ALL = "public, max-age=0, must-revalidate"
_FOR_ONE = "private, max-age=0, must-revalidate"
_HEADERS = {
    "vary": "Authorization",
    "access-control-allow-origin": "*",  # safe: callers are known by a header that they set, never by a cookie
    "access-control-expose-headers": "ETag, X-Request-Id",
}


class NoSuchSchema(KsbbError):
    """A schema that there is not, or not for this caller."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such schema for you (tidak ada). Send a token of its role.")


def sdl_route(authentication: Authentication, sdl: Callable[[Role], str], rates: Rates | None = None) -> Route:
    """The addresses `/graphql/schema.<role>.graphql`. `sdl` may take its time: it runs beside, once per role."""
    watching = rates or Rates()

    @cache
    def made(role: Role) -> tuple[bytes, str]:
        text = sdl(role).encode()
        return text, f'"{sha256(text).hexdigest()[:32]}"'

    async def answer(request: Request) -> Response:
        try:
            role = await _role(request, authentication, watching)
        except KsbbError as refused:
            counted = refused.standing.headers() if isinstance(refused, TooManyRequests) else []
            told = [*EXTRA_HEADERS.get(refused.code, ()), *counted]
            special = {name.decode(): value.decode() for name, value in told}
            headers = {**_HEADERS, **special, "cache-control": "no-store"}
            return Response(error_body([entry(refused)]), STATUS_OF.get(refused.code, 404), headers, "application/json")
        text, tag = await asyncio.to_thread(made, role)
        headers = {**_HEADERS, "etag": tag, "cache-control": _FOR_ALL if role is Role.PUBLIK else _FOR_ONE}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/graphql; charset=utf-8")

    return Route("/graphql/schema.{role}.graphql", answer, methods=["GET"])


async def _role(request: Request, authentication: Authentication, rates: Rates) -> Role:
    """The role whose schema is asked for.

    Raises:
        NoSuchSchema: there is none for this caller.
        KsbbError: the token does not hold, or too many did not.
    """
    given = request.headers.get("authorization")
    finding = authentication.viewer(None if given is None else given.encode("latin-1"))
    viewer = await rates.watched(request.scope, finding)
    wanted = Role.__members__.get(request.path_params["role"].upper())
    if wanted is None or request.path_params["role"] != wanted.lower() or wanted not in (Role.PUBLIK, viewer.role):
        raise NoSuchSchema
    return wanted
