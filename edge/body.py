"""From bytes to a GraphQL request: what can be wrong with it is said here, before anything is parsed as GraphQL."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive

from edge.documents import Documents
from edge.errors import AddressTooLong, BadRequest, BodyTooLarge, BodyTooSlow, UnsupportedMediaType
from edge.negotiation import JSON
from policy.viewer import Viewer
from resolvers.request import GraphQLRequest

BODY_BYTES = 1_000_000
BODY_TIMEOUT_S = 10.0
QUERY_STRING_BYTES = 32_000
NESTING = 32  # of lists and objects in variables: a GeoJSON polygon in an input has about eight

_UTF8 = ("utf-8", "utf8")


class CallerGone(Exception):
    """The connection closed before the body was complete: there is nobody to answer."""


def require_json(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that does not say that it is plain JSON in UTF-8.

    Raises:
        UnsupportedMediaType: another type, charset or content coding, or none named.
    """
    content_type = headers.get(b"content-type", b"")
    if content_type != b"application/json":
        name, *parameters = (piece.strip() for piece in content_type.decode("latin-1").lower().split(";"))
        charsets = [p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset=")]
        if name != JSON or any(charset not in _UTF8 for charset in charsets):
            raise UnsupportedMediaType(f"Send the body as {JSON} in UTF-8 (header Content-Type).", allowed=[JSON])
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaType("Send the body without Content-Encoding.", allowed=["identity"])


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, *, limit: int, timeout_s: float) -> bytes:
    """The whole body, as it arrives.

    Raises:
        BodyTooLarge: announced or arriving with more than `limit` bytes.
        BodyTooSlow: not complete after `timeout_s`.
        CallerGone: the connection closed.
    """
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or len(announced) > len(str(limit)) or int(announced) > limit:
        raise _too_large(limit)
    message = _at_hand(receive)
    if message is not None and message["type"] == "http.request" and not message.get("more_body", False):
        chunks = [message.get("body", b"")]  # nearly always: the body in one piece
    else:
        try:
            async with asyncio.timeout(timeout_s):
                chunks = await _chunks(message or await receive(), receive, limit)
        except TimeoutError:
            raise BodyTooSlow(f"The body did not arrive within {timeout_s:g} seconds.", seconds=timeout_s) from None
    body = b"".join(chunks)
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _at_hand(receive: Receive) -> Any:
    """What arrived together with the headers, or None: waiting takes a timer, which costs more than this look."""
    receiving = receive().__await__()
    try:
        next(receiving)
    except StopIteration as arrived:
        return arrived.value
    receiving.close()
    return None


async def _chunks(message: Any, receive: Receive, limit: int) -> list[bytes]:
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return chunks
        message = await receive()
    raise CallerGone


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"A body may have {limit:,} bytes.", limit=limit)


def parameters_of_body(body: bytes) -> dict[str, Any]:
    """The parameters of a request in a JSON body.

    Raises:
        BadRequest: not UTF-8, not JSON, or not an object.
    """
    parameters = read_json(body, "The body")
    if not isinstance(parameters, dict):
        raise BadRequest("The body must be a JSON object with `query`; batches are not taken.")
    return parameters


def parameters_of_query_string(query_string: bytes) -> dict[str, Any]:
    """The parameters of a request in the address of a GET; `variables` and `extensions` are JSON in it.

    Raises:
        AddressTooLong: longer than what is taken.
        BadRequest: a part comes twice, or is not JSON.
    """
    if len(query_string) > QUERY_STRING_BYTES:
        raise AddressTooLong(
            f"A query string may have {QUERY_STRING_BYTES:,} bytes; use POST.", limit=QUERY_STRING_BYTES
        )
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise BadRequest("The query string is not URL-encoded UTF-8.") from None
    parameters: dict[str, Any] = dict(pairs)
    if len(parameters) < len(pairs):
        raise BadRequest("A parameter of the query string comes twice.")
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        parameters[name] = read_json(text.encode(), f"`{name}`") if text else None
    parameters["operationName"] = parameters.get("operationName") or None
    return parameters


def request_of(parameters: Mapping[str, Any], viewer: Viewer, documents: Documents) -> GraphQLRequest:
    """The request of a caller that parameters describe.

    Raises:
        BadRequest: a part is missing or of the wrong type.
        DocumentNotFound, DocumentNotTrusted: its document cannot be had, or may not be sent.
    """
    operation_name = parameters.get("operationName")
    variables = parameters.get("variables")
    extensions = parameters.get("extensions")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("`operationName` must be a text or null.", name="operationName")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object or null.", name="variables")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be an object or null.", name="extensions")
    wishes = (_wish(extensions, "cost"), _wish(extensions, "explain")) if extensions else ()
    return GraphQLRequest(documents.text(viewer, parameters), operation_name or None, variables or {}, *wishes)


def _wish(extensions: Mapping[str, Any], name: str) -> bool:
    wish = extensions.get(name)
    if wish is not None and not isinstance(wish, bool):
        raise BadRequest(f"`extensions.{name}` must be true, false or null.", name=f"extensions.{name}")
    return bool(wish)


def read_json(content: bytes, what: str) -> Any:
    """JSON as RFC 8259 has it: no NaN, no infinite numbers, no text that is not Unicode, not deeper than NESTING."""
    try:
        value = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadRequest(f"{what} is not valid UTF-8.") from None
    except RecursionError:
        raise _too_deep(what) from None
    except ValueError as malformed:
        raise BadRequest(f"{what} is not valid JSON{_place(malformed)}.") from None
    if content.count(b"{") + content.count(b"[") > NESTING:
        _refuse_nesting(value, what)
    if b"\\u" in content:
        _refuse_unstorable(value, what)
    return value


def _place(malformed: ValueError) -> str:
    if isinstance(malformed, json.JSONDecodeError):
        return f" at line {malformed.lineno}, column {malformed.colno}"
    return ": a number is out of range"


def _refuse_nesting(value: Any, what: str) -> None:
    level = [value]
    for _ in range(NESTING + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise _too_deep(what)


def _too_deep(what: str) -> BadRequest:
    return BadRequest(f"{what} nests lists and objects deeper than {NESTING}.", limit=NESTING)


def _refuse_unstorable(value: Any, what: str) -> None:
    """Escapes can spell what is no Unicode text (half a surrogate pair) and what PostgreSQL does not store (NUL)."""
    for text in _texts(value):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadRequest(
                f"{what} holds an escape that is no storable character (\\u0000 or half a surrogate pair)."
            )


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
        waiting.extend(_children(value))


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value) if isinstance(value, list) else iter(())


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)
