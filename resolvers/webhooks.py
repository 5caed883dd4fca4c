"""What webhooks hear: the owner's own reading of the log decides, as it does for subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.audience import Heard
from events.log import Logged
from events.shown import Filter, Shown
from events.stream import Delivery
from policy.viewer import Viewer
from resolvers.audience import Hearing
from resolvers.feed import Feeds
from resolvers.subjects import Subject


class WebhookAudience:
    """The audiences of all webhooks (`events.audience.Audience`).

    `types`: the type that the API knows the rows of a table as, by table.
    """

    def __init__(self, feeds: Feeds, types: Mapping[str, str]) -> None:
        self._feeds = feeds
        self._types = types

    async def heard(self, viewer: Viewer, events: Sequence[Logged], filter: Filter) -> Sequence[Heard]:
        """Those of the events of which a viewer hears and that the filter lets through, in their order."""
        audience = self._feeds.audience(viewer)
        hearings = await audience.hear(events, self._feeds.references(audience))
        return [self._heard(one) for one in hearings if filter.passes(_shown(one))]

    def _heard(self, one: Hearing) -> Heard:
        return Heard(
            event=one.event,
            id=one.id,
            cursor=one.cursor,
            subject_type=self._types.get(one.kind, one.kind),
            subject_id=one.subject_id,
            region=None if one.subject is None else one.subject.region,
            left=one.left,
        )


def _shown(one: Hearing) -> Shown:
    """What a filter looks at."""
    region, institutions = (None, frozenset[UUID]()) if one.subject is None else _where(one.subject)
    nothing = Delivery(one.cursor, b"")
    return Shown(one.event.position, one.event.type, one.kind, region, institutions, one.left, nothing)


def _where(subject: Subject) -> tuple[str | None, frozenset[UUID]]:
    return subject.region, subject.institutions
