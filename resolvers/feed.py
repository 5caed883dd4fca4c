"""Subscriptions: a document follows the event log and shows what it selects of each event, as its subscriber's role."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from events.hub import Hub
from events.log import EventLog, Logged
from events.shown import Filter, Shown
from events.sight import Sights
from events.stream import CannotRead, Delivery, Stream
from kernel.clock import Clock
from kernel.errors import BadInput
from models.event import DISCONTINUITY
from policy.secrets import Secrets
from policy.viewer import Act, Role, Viewer
from resolvers.audience import Audience, Hearing, Reading
from resolvers.binds import Leaf, Leaves, Tree, Values, checked
from resolvers.catalogue import Noun
from resolvers.cost import within_budget
from resolvers.execute import QueryReader
from resolvers.hearing import Lead, heard_about, leads
from resolvers.literals import Lifted
from resolvers.meaning import Follows
from resolvers.plan import Planner, Selection
from resolvers.prepare import Invalid, Prepared
from resolvers.request import Answer, GraphQLRequest
from resolvers.statement import Statement
from resolvers.subjects import subjects

_BODIES = ("institution", "collaborator")

FETCH_INSTEAD = (
    "The log does not hold what follows your cursor (arsip atau pemulihan): fetch the lists that you follow anew by "
    "queries, then go on after this cursor."
)


@dataclass(frozen=True)
class _Followed:
    """What a subscription document selects: its one root field."""

    root: Selection
    weight: int = 1_000


class Feeds:
    """Opens subscriptions on the log."""

    def __init__(
        self, reader: QueryReader, secrets: Secrets, clock: Clock, log: EventLog, sights: Sights, hub: Hub
    ) -> None:
        self._reader = reader
        self._secrets = secrets
        self._clock = clock
        self._log = log
        self._sights = sights
        self._hub = hub
        self._bare: dict[tuple[Role, str], Statement] = {}

    async def subscribe(self, viewer: Viewer, request: GraphQLRequest, after: str | None = None) -> Stream | Answer:
        """A new stream of what a subscription selects, or the answer to a document that does not fit the schema.

        `after` is a cursor to go on after; it overrides the document's own argument.

        Raises:
            KeyMayNot: the caller's API key is not for subscriptions.
            BadCursor: the cursor was not given to this role and scope.
            KsbbError: the request cannot be answered; the sentence says why.
        """
        try:
            prepared, lifted = await self._reader.preparing.prepared(viewer.role, request)
        except Invalid as invalid:
            return self._reader.refused(viewer.role, invalid)
        viewer.require(Act.SUBSCRIBE)
        values = self._reader.values(viewer, request, prepared, lifted)
        root = self._reader.preparing.planned(viewer.role, prepared, values, _plan).root
        audience = self.audience(viewer)
        arguments = _Arguments(root.arguments, values)
        begin = after or arguments.text("after")
        position = None if begin is None else audience.cursors.open(begin, "after")
        first: Delivery | None = None
        document = self._document(audience, prepared, lifted, values, root)
        if position is not None:
            last, archived = await self._state()
            if not archived <= position <= last:  # beyond: the database was restored from an older state
                position = min(max(position, archived), last)
                first = document.discontinuity(position)
        return self._hub.open(document, arguments.filter(), position, first)

    async def _state(self) -> tuple[int, int]:
        try:
            return await self._log.state()
        except (DBAPIError, OSError):
            raise CannotRead from None

    def start_cursor(self, viewer: Viewer) -> str:
        """The cursor of now: a subscription that begins after it misses nothing from now on."""
        return self.audience(viewer).cursors.seal(self._hub.position)

    def audience(self, viewer: Viewer) -> Audience:
        """Who hears as a viewer does."""
        return Audience(viewer, self._reader.runner, self._secrets, self._sights)

    def references(self, audience: Audience) -> Reading:
        """A reading of all that an audience may hear, which shows nothing of the subjects but that they are seen."""
        role = audience.viewer.role
        types = leads(role, None, None)
        nothing = Values({}, (), _no_cursor, self._secrets.internal_key, self._secrets.blind, audience.viewer.subject)
        return Reading(types, partial(self._bare_statement, role, types), nothing)

    def _bare_statement(self, role: Role, types: Mapping[str, Lead], table: str) -> Statement:
        found = self._bare.get((role, table))
        if found is None:
            building = self._reader.building(role, _nothing)
            found = self._bare[role, table] = subjects(building, self._noun(role, table), heard_about(types, table), [])
        return found

    def _document(
        self, audience: Audience, prepared: Prepared, lifted: Lifted, values: Values, root: Selection
    ) -> _Document:
        role, meaning = audience.viewer.role, root.meaning
        assert isinstance(meaning, Follows)
        target = meaning.target
        types = leads(role, target.name if target else None, target.table.name if target else None)

        def statement(table: str) -> Statement:
            compile_ = partial(self._compiled, types, table)
            return self._reader.preparing.planned(role, prepared, values, compile_, table)

        shape = (prepared.key, _inner_values(prepared, lifted, values))
        return _Document(audience, Reading(types, statement, values), root, shape, self._clock)

    def _compiled(self, types: Mapping[str, Lead], table: str, role: Role, planner: Planner) -> Statement:
        noun = self._noun(role, table)
        wanted = _subject_of(planner.plan()[0], noun.name)
        building = self._reader.building(role, planner.fix)
        within_budget(building, wanted)
        return subjects(building, noun, heard_about(types, table), wanted)

    def _noun(self, role: Role, table: str) -> Noun:
        noun = self._reader.preparing.schema_of(role).catalogue.of_table(table)
        assert noun is not None  # a role hears of nothing but what it sees
        return noun


def _plan(_: Role, planner: Planner) -> _Followed:
    (root,) = planner.plan()
    return _Followed(root)


def _subject_of(root: Selection, noun: str) -> list[Selection]:
    (children,) = root.children.values()
    return [s for child in children if child.name == "subject" for s in child.of(noun)]


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a subscription field."""

    given: dict[str, Tree]
    values: Values

    def text(self, name: str) -> str | None:
        """One that is a text; None where it is not given."""
        tree = self.given.get(name)
        if not isinstance(tree, Leaf):
            return None
        text: str = tree.read(self.values)
        return text

    def filter(self) -> Filter | None:
        """Which events are wanted; None for all."""
        types, regions, bodies = self._texts("types"), self._texts("regions"), self._texts("institutions")
        if types is None and regions is None and bodies is None:
            return None
        return Filter(
            None if types is None else frozenset(types),
            None if regions is None else tuple(regions),
            None if bodies is None else checked(lambda: self._keys(bodies), "institutions", "an identifier"),
        )

    def _keys(self, bodies: list[str]) -> frozenset[UUID]:
        keys = list(map(self.values.internal_key, bodies))
        if any(kind not in _BODIES for kind, _ in keys):
            raise BadInput("Name institutions (lembaga) or collaborators (kolaborator) by their `id`.")
        return frozenset(key for _, key in keys)

    def _texts(self, name: str) -> list[str] | None:
        tree = self.given.get(name)
        if isinstance(tree, Leaves):
            return tree.read(self.values)
        if not isinstance(tree, list):
            return None
        return [leaf.read(self.values) if isinstance(leaf, Leaf) else str(leaf) for leaf in tree]


def _inner_values(prepared: Prepared, lifted: Lifted, values: Values) -> str:
    """What a request brings for what it selects; the arguments of the field are each subscriber's own."""
    inner = prepared.inner
    sent = {name: values.variables[name] for name in inner.variables if name in values.variables}
    return json.dumps([sent, [lifted.values[place] for place in inner.literals]], default=str, sort_keys=True)


class _Document:
    """One subscription document for one audience, as the hub follows it."""

    def __init__(
        self, audience: Audience, reading: Reading, root: Selection, shape: tuple[Any, ...], clock: Clock
    ) -> None:
        self._audience = audience
        self._reading = reading
        self._clock = clock
        self.key: Hashable = (audience.key, shape)
        ((self._type, self._selected),) = root.children.items()
        self._head = f'{{"data":{{{json.dumps(root.key)}:{{'.encode()

    def cursor(self, position: int) -> str:
        """A position as the audience gets it."""
        return self._audience.cursors.seal(position)

    async def shown(self, events: Sequence[Logged]) -> Sequence[Shown]:
        """Those of the events that the audience may hear of."""
        return [self._shown(hearing) for hearing in await self._audience.hear(events, self._reading)]

    def discontinuity(self, position: int) -> Delivery:
        """That the log cannot tell what came between the subscriber's cursor and a position."""
        cursor = self.cursor(position)
        facts = {
            "id": f"discontinuity_{cursor[:16]}",
            "cursor": cursor,
            "type": DISCONTINUITY,
            "version": 1,
            "at": self._clock.now().isoformat(),
            "left": False,
            "fetchInstead": FETCH_INSTEAD,
        }
        return Delivery(cursor, self._body(facts, None))

    def _shown(self, hearing: Hearing) -> Shown:
        event, subject = hearing.event, hearing.subject
        facts = {
            "id": hearing.id,
            "cursor": hearing.cursor,
            "type": event.type,
            "version": event.version,
            "at": event.at.isoformat(),
            "left": hearing.left,
            "subjectId": hearing.subject_id,
            "regionCode": None if subject is None else subject.region,
        }
        body = self._body(facts, None if subject is None else subject.body)
        region = None if subject is None else subject.region
        institutions = frozenset[Any]() if subject is None else subject.institutions
        return Shown(
            event.position, event.type, hearing.kind, region, institutions, hearing.left, Delivery(hearing.cursor, body)
        )

    def _body(self, facts: dict[str, Any], subject: bytes | None) -> bytes:
        parts = []
        for s in self._selected:
            if s.name == "subject":
                value = subject or b"null"
            else:
                value = json.dumps(self._type if s.name == "__typename" else facts.get(s.name)).encode()
            parts.append(f"{json.dumps(s.key)}:".encode() + value)
        return self._head + b",".join(parts) + b"}}}"


def _no_cursor(*_: str) -> list[Any]:
    raise AssertionError("a reading without a document has no cursors")


def _nothing(_: Any) -> Any:
    raise AssertionError("a reading without a document has no values")
