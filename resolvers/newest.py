"""The last events that a viewer may hear of: what a feed shows that is fetched again and again, not followed."""

from __future__ import annotations

from collections.abc import Collection

from events.log import EventLog, Which
from geo.regions import contains
from policy.viewer import Viewer
from resolvers.audience import Hearing, Place
from resolvers.feed import Feeds

AT_A_TIME = 200
READ_AT_MOST = 2_000
"""Events that are read for one answer: what lies behind so many that the viewer may not hear of is not looked for."""


class Newest:
    """Looks back into the log as a viewer; it leaves no trace that the viewer was shown anything."""

    def __init__(self, feeds: Feeds, log: EventLog) -> None:
        self._feeds = feeds
        self._log = log

    async def newest(
        self, viewer: Viewer, limit: int, *, about: Collection[Place] | None = None, region: str | None = None
    ) -> list[Hearing]:
        """At most so many events, newest first: of some subjects, or of a region with all below it, or all."""
        audience = self._feeds.audience(viewer)
        reading = self._feeds.references(audience)
        which = Which(frozenset(reading.leads), about, region)
        found: list[Hearing] = []
        before: int | None = None
        for _ in range(READ_AT_MOST // AT_A_TIME):
            events = await self._log.newest(which, before, AT_A_TIME)
            found += [h for h in await audience.look(events, reading) if region is None or _lies_in(h, region)]
            if len(found) >= limit or len(events) < AT_A_TIME:
                break
            before = events[-1].position
        return found[:limit]


def _lies_in(hearing: Hearing, region: str) -> bool:
    """Whether the subject lies there as the viewer reads it now, whatever the event said."""
    subject = hearing.subject
    return subject is not None and subject.region is not None and contains(region, subject.region)
