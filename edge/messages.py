"""The messages of `graphql-transport-ws`: how they are written, and what is read of them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from edge.errors import BadRequest
from edge.line import LONGEST_KEPT, TEXTS_KEPT, fitting

ID_LENGTH = 200
"""Letters that the id of an operation may have."""


class Violation(Exception):
    """A message that the protocol does not allow: the connection closes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def resume_after(cursor: str | None) -> str:
    """The reason of a closing frame that tells after which cursor to go on."""
    reason = f"resume after {cursor}"
    return "resume after the last cursor" if cursor is None or fitting(reason) != reason else reason


def next_head(id_: bytes) -> bytes:
    """The beginning of a message with a result, for an id that is JSON already; the result and a `}` follow."""
    return b'{"id":' + id_ + b',"type":"next","payload":'


def next_text(head: bytes, body: bytes) -> bytes:
    """A message with a result."""
    return _kept_text(head, body) if len(body) < LONGEST_KEPT else head + body + b"}"


@lru_cache(maxsize=TEXTS_KEPT)
def _kept_text(head: bytes, body: bytes) -> bytes:
    """The same text object for all who gave their operation the same id: libraries count from 1."""
    return head + body + b"}"


def error_text(id_: str, errors: list[dict[str, object]]) -> bytes:
    """A message that ends an operation."""
    message = {"id": id_, "type": "error", "payload": errors}
    return json.dumps(message, ensure_ascii=False, default=str).encode("utf-8", "replace")


def an_object(value: object) -> dict[str, Any]:
    """A payload that may be left out.

    Raises:
        BadRequest: it is no object.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest("`payload` must be an object.")
    return value


def an_id(message: dict[str, Any]) -> str:
    """The id of an operation.

    Raises:
        BadRequest: there is none, or it is too long.
    """
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= ID_LENGTH:
        raise BadRequest(f"`id` must be a text of 1 to {ID_LENGTH} letters.")
    return id_
