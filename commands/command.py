"""How a command and an event are declared: frozen dataclasses, from which the mutations and the log are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from models.base import Entity
from models.vocabulary import Code

if TYPE_CHECKING:
    from commands.work import Work

LONGEST_INPUT = 10_000
"""Characters of any text of a command, so that each can be kept, indexed and searched; many have less."""
IDEMPOTENCY_KEY_LENGTHS = range(16, 201)
"""Characters: long enough that nobody guesses another caller's."""


@dataclass(frozen=True)
class Ref:
    """An `UUID` field that callers write as the public identifier of a noun."""

    noun: str


@dataclass(frozen=True)
class Spelling:
    """How GraphQL spells a field's type where the Python type does not say it, such as `Rupiah` or `RegionCode`."""

    type: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """An order to do something. Each field is annotated with a sentence for the API: `Annotated[str, "..."]`."""

    idempotency_key: Annotated[
        str | None,
        "Key of your own (16 to 200 characters): sent again with the same content, the command is carried out once.",
    ] = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened, as the event log keeps it: references and codes, never a value of a person.

    `tells`: the columns of the subject that the event speaks of, such as `(Loan.status,)`. Only who reads them clearly
    hears of the event (`policy/feed.py`); what tells nothing is heard by nobody.
    """

    version: ClassVar[int] = 1
    tells: ClassVar[tuple[InstrumentedAttribute[Any], ...]] = ()

    subject: Entity
    region_code: str | None = None
    institutions: tuple[UUID | None, ...] = ()

    def payload(self) -> dict[str, Any]:
        """What the event says beside its subject."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in _ENVELOPE}


_ENVELOPE = frozenset({"subject", "region_code", "institutions"})


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)


Handler = Callable[[Any, "Work"], Awaitable[Entity | None]]
"""Carries a command out and gives back the row that the answer is about, None where it is about no row."""


@dataclass(frozen=True)
class Shape:
    """An object inside a reply: its GraphQL type's name, a sentence, and per field its GraphQL type and a sentence."""

    name: str
    about: str
    fields: Mapping[str, tuple[str, str]]
    codes: tuple[type[Code], ...] = ()
    """The lists of codes that its fields take values from."""


@dataclass(frozen=True)
class Registered:
    """A command with its handler, the noun that the answer shows, and what the answer says beside it.

    `answers` is empty when the answer is about no row. `reply`: per field of the payload its GraphQL type and a
    sentence; `shapes` are the objects that it has inside.
    """

    command: type[Command]
    handler: Handler
    answers: str
    reply: Mapping[str, tuple[str, str]]
    shapes: tuple[Shape, ...] = ()

    @property
    def name(self) -> str:
        """The name under which `policy/actions.py` and the log know it."""
        return self.command.__name__


def registered(
    command: type[Command],
    handler: Handler,
    *,
    answers: str,
    reply: Mapping[str, tuple[str, str]] | None = None,
    shapes: tuple[Shape, ...] = (),
) -> Registered:
    """Declare that a handler carries out a command."""
    return Registered(command, handler, answers, reply or {}, shapes)
