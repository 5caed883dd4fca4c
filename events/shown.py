"""What a followed document shows of the log, and which of it a subscriber wants."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from commands.facts import FACTS, subject_of
from events.log import Logged
from events.stream import Delivery
from geo.regions import contains


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as one followed document shows it, with what subscribers may filter by."""

    position: int
    type: str
    kind: str
    """Table of its subject."""
    region: str | None
    institutions: frozenset[UUID]
    left: bool
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of the shown events a subscriber wants; None: all.

    `regions`: dotted codes, each with everything below it. That a subject left is told whatever its region was, to all
    who want any event about its kind.
    """

    types: frozenset[str] | None = None
    regions: tuple[str, ...] | None = None
    institutions: frozenset[UUID] | None = None

    def passes(self, shown: Shown) -> bool:
        """Whether an event is wanted."""
        if shown.left:
            return self.types is None or any(
                subject_of(FACTS[name]) == shown.kind for name in self.types & FACTS.keys()
            )
        if self.types is not None and shown.type not in self.types:
            return False
        if self.regions is not None and not any(contains(code, shown.region or "") for code in self.regions):
            return False
        return self.institutions is None or not self.institutions.isdisjoint(shown.institutions)


class Document(Protocol):
    """A subscription document for one audience: a role in one scope."""

    @property
    def key(self) -> Hashable:
        """Equal for documents that show the same bytes."""
        ...

    async def shown(self, events: Sequence[Logged]) -> Sequence[Shown]:
        """Those of the events that the audience may hear of, as the document selects them, in their order.

        Raises:
            KsbbError: they cannot be read now.
        """
        ...

    def cursor(self, position: int) -> str:
        """A position as the audience gets it."""
        ...

    def discontinuity(self, position: int) -> Delivery:
        """That the log cannot tell what came up to a position."""
        ...
