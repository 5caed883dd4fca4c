"""One audience of the event log: a role in one scope. Its own reading of the subjects decides what it may hear."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from events.log import Logged
from events.sight import Sights
from policy.feed import may_hear_of_state
from policy.secrets import Secrets
from policy.viewer import Viewer
from policy.wall import is_logged
from resolvers.binds import Values
from resolvers.cursors import EventCursors
from resolvers.hearing import Lead, heard_about, heard_by
from resolvers.run import Runner
from resolvers.statement import Statement
from resolvers.subjects import Subject, read_subject

Place = tuple[str, UUID]
"""Table and key of a subject."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """An event that an audience may hear of. Without a subject: that the subject left its sight."""

    event: Logged
    id: str
    """Public identifier of the event, the same whenever it is delivered."""
    cursor: str
    kind: str
    """Table of the subject."""
    subject_id: str
    subject: Subject | None

    @property
    def left(self) -> bool:
        """Whether it tells only that the subject is seen no more."""
        return self.subject is None


@dataclass(frozen=True)
class Reading:
    """How the subjects of events are read: which types of events, and per table by which statement."""

    leads: Mapping[str, Lead]
    statement: Callable[[str], Statement]
    values: Values


class Audience:
    """Hears events as one viewer's role and scope."""

    def __init__(self, viewer: Viewer, runner: Runner, secrets: Secrets, sights: Sights) -> None:
        self.viewer = viewer
        self.cursors = EventCursors(secrets, viewer)
        self._runner = runner
        self._secrets = secrets
        self._sights = sights
        scope = "\0".join([viewer.role, *(value for _, value in viewer.scope)])
        self._name = secrets.blind(scope, "event_sight.audience")

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for audiences that hear the same; where reads are logged, everybody is an audience."""
        who = (self.viewer.subject,) if is_logged(self.viewer.role) else ()
        return (self.viewer.role, *(value for _, value in self.viewer.scope), *who)

    async def hear(self, events: Sequence[Logged], reading: Reading) -> list[Hearing]:
        """What it may hear of events, in their order.

        Each table is read by one statement, whatever the number of events. An event is heard when the audience sees its
        subject and reads clearly what the event tells of it.
        """
        concerned, seen = await self._concerned(events, reading)
        heard = [(event, places[-1], seen[places[-1]]) for event, places in concerned if _is_heard(event, places, seen)]
        hidden = [(event, places[-1]) for event, places in concerned if places[-1] not in seen]
        left = await self._sights.left(self._name, hidden, heard_by(self.viewer.role).keys())
        await self._sights.note(self._name, (place for _, place, _ in heard))
        gone = [(event, place, None) for event, place in hidden if event.position in left]
        return [self._hearing(*found) for found in sorted([*heard, *gone], key=lambda found: found[0].position)]

    async def look(self, events: Sequence[Logged], reading: Reading) -> list[Hearing]:
        """What it may hear of events now, in their order; that it was shown them is not remembered."""
        concerned, seen = await self._concerned(events, reading)
        return [
            self._hearing(event, places[-1], seen[places[-1]])
            for event, places in concerned
            if _is_heard(event, places, seen)
        ]

    async def _concerned(
        self, events: Sequence[Logged], reading: Reading
    ) -> tuple[list[tuple[Logged, list[Place]]], Mapping[Place, Subject]]:
        """Events that may be heard at all, with where their subjects are, and those of the subjects that it sees."""
        concerned = [
            (event, _places(event, reading.leads[event.type])) for event in events if event.type in reading.leads
        ]
        return concerned, await self._read({place for _, places in concerned for place in places}, reading)

    async def _read(self, places: set[Place], reading: Reading) -> dict[Place, Subject]:
        seen: dict[Place, Subject] = {}
        for table in sorted({table for table, _ in places}):
            statement = reading.statement(table)
            keys = sorted(key for of, key in places if of == table)
            rows = await self._runner.rows(self.viewer, statement, reading.values._replace(subjects=keys))
            heard = heard_about(reading.leads, table)
            for row in rows:
                seen[table, row["key$"]] = self._finished(read_subject(row, heard), statement)
        return seen

    def _finished(self, subject: Subject, statement: Statement) -> Subject:
        if subject.body is None or not statement.seals:
            return subject
        return replace(subject, body=self._runner.sealer.finish(subject.body, self.viewer))

    def _hearing(self, event: Logged, place: Place, subject: Subject | None) -> Hearing:
        table, key = place
        return Hearing(
            event,
            self._secrets.public_id("event", event.id),
            self.cursors.seal(event.position),
            table,
            self._secrets.public_id(table, key) if subject is None else subject.public_id,
            subject,
        )


def _places(event: Logged, lead: Lead) -> list[Place]:
    """The rows that must be seen to hear of an event: its own subject, and last the one that it is told of."""
    own = (event.kind, event.key)
    return [own] if lead.by is None else [own, (lead.table, UUID(event.payload[lead.by]))]


def _is_heard(event: Logged, places: Sequence[Place], seen: Mapping[Place, Subject]) -> bool:
    if any(place not in seen for place in places):
        return False
    own = seen[places[0]]
    state = may_hear_of_state(event.kind, event.payload, near=own.near, exact=own.exact)
    return state and event.type in own.told
