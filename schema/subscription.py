"""Subscriptions: `events`, of all that a role hears of, and one field each for the nouns that are followed most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.event import DISCONTINUITY
from policy.viewer import Role
from resolvers.catalogue import Noun
from resolvers.hearing import ROOTS, heard_by, leads
from resolvers.meaning import Follows, Meaning, Part
from schema.types import Argument, Spelled, Types

_EVENT = [
    Spelled("id", "ID", "Identifier of the event, the same whenever it is delivered: drop what you have already."),
    Spelled("cursor", "String", "What to go on after; sealed, for this role and scope only."),
    Spelled("type", "EventType", "What happened (jenis peristiwa)."),
    Spelled("version", "Int", "Version of this type of event."),
    Spelled("at", "DateTime", "When it happened (waktu)."),
    Spelled("left", "Boolean", "Whether it tells only that its subject left your sight; told once, without data."),
    Spelled("subjectId", "ID | None", "Identifier of what it is about; empty for a discontinuity."),
    Spelled("regionCode", "String | None", "Kemendagri code of the place, as you read it (kode wilayah)."),
    Spelled("fetchInstead", "String | None", "Of a discontinuity: what to do instead."),
]
_ARGUMENTS = (
    Argument("after", "String | None", "Cursor after which to go on, or BEGINNING; from now on if left out."),
    Argument("types", "list[EventType] | None", "Only these types."),
    Argument("regions", "list[RegionCode] | None", "Only in these regions and below them (wilayah)."),
    Argument("institutions", "list[ID] | None", "Only what concerns these institutions or collaborators (lembaga)."),
)
_ABOUT = {
    "events": "Everything that happens, as far as this role may hear of it (peristiwa).",
    "loanUpdated": "What happens to loans (pinjaman).",
    "collaborationUpdated": "What happens to collaborations (kolaborasi).",
    "complaintUpdated": "What happens to complaints (pengaduan).",
    "releasePublished": "Open data that was published (rilis).",
}


class Subscriptions:
    """Adds one role's subscriptions to the types of its schema."""

    def __init__(self, role: Role, types: Types, nouns: Mapping[str, Noun], object_: Any) -> None:
        self._role = role
        self._types = types
        self._nouns = nouns
        self._object = object_

    def define(self) -> bool:
        """Define `Subscription` and what it needs; whether the role has any."""
        heard = heard_by(self._role)
        if not heard:
            return False
        members = {name: _sentence(h.fact.__doc__) for name, h in heard.items()}
        members[DISCONTINUITY] = (
            "The log does not hold all that follows your cursor: it was archived, or restored (diskontinuitas)."
        )
        self._types.enum("EventType", "What happened (jenis peristiwa).", members)
        self._object("Subscription", "What may be followed.", dict(self._fields()))
        return True

    def _fields(self) -> Iterator[tuple[Spelled, Meaning]]:
        for field, name in ROOTS.items():
            noun = None if name is None else self._nouns.get(name)
            if name is not None and (noun is None or not leads(self._role, name, noun.table.name)):
                continue
            type_name = "Event" if noun is None else f"{field[0].upper()}{field[1:]}"
            subject = "Node | None" if noun is None else f"{noun.name} | None"
            about = "What it is about, as this role reads it now; empty if it left your sight."
            fields = [*_EVENT, Spelled("subject", subject, about)]
            self._object(type_name, f"An event. {_ABOUT[field]}", {f: Part(f.name) for f in fields})
            yield Spelled(field, type_name, _ABOUT[field], _ARGUMENTS), Follows(noun)


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())
