"""Who answers what comes in at the edge."""

from __future__ import annotations

from typing import Protocol

from events.stream import Stream
from policy.viewer import Viewer
from resolvers.request import Answer, Charge, GraphQLRequest


class Reader(Protocol):
    """Whoever answers a GraphQL request for a viewer."""

    async def answer(
        self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool, charge: Charge | None = None
    ) -> Answer:
        """The finished answer. Of a query `charge` is told what it may cost, before it is read.

        Raises:
            NeedsStream: the operation is a subscription.
            QueriesOnly: `only_queries`, and the operation is a mutation.
            KsbbError: any other situation; the view answers it as a request error.
        """
        ...


class Feeds(Protocol):
    """Whoever opens subscriptions."""

    async def subscribe(self, viewer: Viewer, request: GraphQLRequest, after: str | None) -> Stream | Answer:
        """The open stream, or (not executed) what is wrong with the document.

        `after` is the cursor to go on after; it overrides what the document says.

        Raises:
            KsbbError: any other situation, such as a cursor that is not the caller's.
        """
        ...

    def start_cursor(self, viewer: Viewer) -> str:
        """The cursor of now: who goes on after it misses nothing from now on."""
        ...
