"""Errors as callers see them: one entry shape, one table of status codes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kernel.errors import KsbbError

INTERNAL = "INTERNAL_SERVER_ERROR"


class BadRequest(KsbbError):
    """A request that is not a GraphQL request: not JSON, not an object, a part of the wrong type."""

    code = "BAD_REQUEST"


class MethodNotAllowed(KsbbError):
    """A method that this address does not know."""

    code = "METHOD_NOT_ALLOWED"


class NotAcceptable(KsbbError):
    """The caller accepts none of the media types that we can answer with."""

    code = "NOT_ACCEPTABLE"


class BodyTooSlow(KsbbError):
    """The body did not arrive in time."""

    code = "REQUEST_TIMEOUT"


class BodyTooLarge(KsbbError):
    """The body is larger than what is taken."""

    code = "PAYLOAD_TOO_LARGE"


class AddressTooLong(KsbbError):
    """The query string is longer than what is taken."""

    code = "URI_TOO_LONG"


class HeadersTooLarge(KsbbError):
    """Address and headers are larger than what is taken."""

    code = "REQUEST_HEADER_FIELDS_TOO_LARGE"


class UnsupportedMediaType(KsbbError):
    """The body is of a type that is not read here."""

    code = "UNSUPPORTED_MEDIA_TYPE"


# A situation that is named here has its status whatever the caller accepts; any other is a GraphQL request error:
# 400 as application/graphql-response+json, 200 as application/json (GraphQL over HTTP, section 6.4).
STATUS_OF: Mapping[str, int] = {
    BadRequest.code: 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "DOCUMENT_NOT_TRUSTED": 403,
    MethodNotAllowed.code: 405,
    "QUERIES_ONLY": 405,
    NotAcceptable.code: 406,
    "SUBSCRIPTION_NEEDS_STREAM": 406,
    BodyTooSlow.code: 408,
    BodyTooLarge.code: 413,
    AddressTooLong.code: 414,
    UnsupportedMediaType.code: 415,
    "TOO_MANY_CONNECTIONS": 429,
    "TOO_MANY_REQUESTS": 429,
    HeadersTooLarge.code: 431,
    INTERNAL: 500,
    "TOKEN_KEYS_UNAVAILABLE": 503,
    "TOKEN_REVOCATIONS_UNAVAILABLE": 503,
    "DATABASE_UNAVAILABLE": 503,
    "DATABASE_FULL": 503,
}

_PLACES = ("locations", "path")  # GraphQL gives these their own place beside the message


def entry(error: KsbbError) -> dict[str, object]:
    """A situation as an entry of the `errors` array: message, code and details, locations and path when known."""
    details = {name: value for name, value in error.details.items() if name not in _PLACES}
    places = {name: error.details[name] for name in _PLACES if name in error.details}
    return {"message": error.message, **places, "extensions": {"code": error.code, **details}}


def internal_entry(request_id: str) -> dict[str, object]:
    """What a caller sees of an error that is ours: the id under which it was logged."""
    message = f"Internal error; quote the id {request_id} when you report it."
    return {"message": message, "extensions": {"code": INTERNAL, "id": request_id}}


def error_body(entries: list[dict[str, object]]) -> bytes:
    """A response body of errors only: nothing was executed."""
    return json.dumps({"errors": entries}, ensure_ascii=False, default=str).encode("utf-8", "replace")
