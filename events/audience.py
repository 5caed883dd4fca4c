"""Who hears of events: what delivers them asks here, and never decides itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from events.log import Logged
from events.shown import Filter
from policy.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of which a viewer hears, as it may.

    `id` and `subject_id` are public identifiers, the same at every asking; `subject_type` is the type that the API
    knows the subject as. `region` is there only where the viewer reads it. `left`: the subject left the viewer's sight,
    which is told once, without data.
    """

    event: Logged
    id: str
    cursor: str
    subject_type: str
    subject_id: str
    region: str | None = None
    left: bool = False


class Audience(Protocol):
    """Tells who hears of what, now."""

    async def heard(self, viewer: Viewer, events: Sequence[Logged], filter: Filter) -> Sequence[Heard]:
        """Those of the events of which a viewer hears, in their order; asked again, the answer may be less."""
        ...
