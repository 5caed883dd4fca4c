"""What goes in and out of reading: one GraphQL request and its finished answer. Light: the edge imports it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kernel.errors import KsbbError

Charge = Callable[[int], Awaitable[int | None]]
"""Counts what an operation may cost before it runs; gives what may still be asked within the minute, None: no limit."""


class GraphQLRequest(NamedTuple):
    """One operation as a caller asks for it."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, object] = {}
    tells_cost: bool = False
    """Whether the caller wants to know what the operation costs, beside its answer."""
    explains: bool = False
    """Whether it is to be explained, and not run."""


@dataclass(frozen=True)
class Answer:
    """A finished response body, JSON in UTF-8.

    `executed` is False when it is a request error (the document does not parse or validate, a variable does not
    fit): then the body has no `data` entry.
    """

    body: bytes
    executed: bool


class QueriesOnly(KsbbError):
    """A mutation or subscription where only a query may come: by GET."""

    code = "QUERIES_ONLY"

    def __init__(self) -> None:
        super().__init__("Only queries can be sent by GET; send this operation by POST.")


class NeedsStream(KsbbError):
    """A subscription where one answer is expected."""

    code = "SUBSCRIPTION_NEEDS_STREAM"

    def __init__(self) -> None:
        super().__init__(
            "A subscription (langganan) has many answers: send it with `Accept: text/event-stream`, or over a "
            "websocket with the protocol `graphql-transport-ws`."
        )
