"""What a subscriber holds: deliveries one after the other, until something ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.errors import KsbbError


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as a subscriber gets it.

    `cursor`: what to go on after; sealed for the subscriber's role and scope. `body`: the JSON of a GraphQL result,
    `{"data": ...}`; many subscribers share the same object.
    """

    cursor: str
    body: bytes


Sink = Callable[[Sequence[Delivery]], bool]
"""Takes deliveries at once, all of them or (False) none. It must not wait."""


class StreamEnded(KsbbError):
    """A stream that ends although its subscriber did not ask for it; `details` may hold `cursor`, to resume after."""


class TooSlowConsumer(StreamEnded):
    """The subscriber takes its events more slowly than they come."""

    code = "SLOW_CONSUMER"

    def __init__(self, cursor: str) -> None:
        super().__init__(
            "You take events more slowly than they come (pelanggan terlalu lambat). Nothing is lost: subscribe again "
            "after the cursor of the last event that you have.",
            cursor=cursor,
        )


class ServerStops(StreamEnded):
    """The server is being stopped or started again."""

    code = "SERVER_STOPS"

    def __init__(self, cursor: str) -> None:
        super().__init__(
            "The server is being restarted (peladen dimulai ulang). Nothing is lost: subscribe again after the cursor "
            "of the last event that you have.",
            cursor=cursor,
        )


class CannotRead(StreamEnded):
    """The log cannot be read now."""

    code = "EVENTS_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "Events cannot be read at the moment (peristiwa tidak dapat dibaca). Nothing is lost: subscribe again "
            "after the cursor of the last event that you have."
        )


class Stream(Protocol):
    """An open subscription. Take from it in a loop; close it at the end, whatever happened."""

    @property
    def start(self) -> str:
        """The cursor at which the stream began: it delivers everything after that."""
        ...

    def pour_into(self, sink: Sink) -> None:
        """Offer what comes while `take` waits to a sink first, which costs less; what it refuses is for `take`."""
        ...

    async def take(self) -> Sequence[Delivery]:
        """The next deliveries, at least one; waits until there is one.

        Raises:
            StreamEnded: it goes no further; what was taken before stands.
            KsbbError: the database or the server cannot go on; subscribe again after the last cursor.
        """
        ...

    async def close(self) -> None:
        """Let go of it; safe to repeat."""
        ...
