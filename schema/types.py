"""Strawberry types made from declarations, for one role: named once, referring to each other by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import UNRESOLVED, StrawberryField

from schema.scalars import NAMESPACE


@dataclass(frozen=True)
class Argument:
    """An argument of a field; `type` as Python spells it, e.g. `list[Loan] | None`."""

    name: str
    type: str
    about: str


@dataclass(frozen=True)
class Spelled:
    """A field: its name, its type as Python spells it, a sentence, and its arguments."""

    name: str
    type: str
    about: str
    arguments: tuple[Argument, ...] = ()


class _Field(StrawberryField):
    """A field whose type is looked up by name when the schema is built, since types refer to each other."""

    def __init__(self, spelled: Spelled, annotation: Callable[[str], StrawberryAnnotation]) -> None:
        super().__init__(
            python_name=_attribute(spelled.name),
            graphql_name=spelled.name,
            type_annotation=annotation(spelled.type),
            description=spelled.about,
        )
        self._spelled = spelled.type
        self._annotation = annotation
        self.arguments = [
            StrawberryArgument(a.name, a.name, annotation(a.type), description=a.about) for a in spelled.arguments
        ]

    def resolve_type(self, **_: Any) -> Any:
        try:
            return self._annotation(self._spelled).resolve()
        except NameError:
            return UNRESOLVED  # asked too early, while the types are still being named


class Types:
    """The types of one schema while it is built."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = dict(NAMESPACE)
        self._annotations: dict[str, StrawberryAnnotation] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def __getitem__(self, name: str) -> Any:
        return self._named[name]

    def annotation(self, spelled: str) -> StrawberryAnnotation:
        """The type that a spelling names, read once however often it is used."""
        if spelled not in self._annotations:
            self._annotations[spelled] = StrawberryAnnotation(spelled, namespace=self._named)
        return self._annotations[spelled]

    def object(self, name: str, about: str, fields: Iterable[Spelled], *, node: bool = False) -> None:
        """An object type; `node` when it can be refetched by its identifier."""
        bases = (self._named["Node"],) if node else ()
        self._named[name] = strawberry.type(self._class(name, fields, bases), name=name, description=about)

    def interface(self, name: str, about: str, fields: Iterable[Spelled]) -> None:
        """An interface type."""
        self._named[name] = strawberry.interface(self._class(name, fields, ()), name=name, description=about)

    def input(self, name: str, about: str, fields: Iterable[Spelled]) -> None:
        """An input type."""
        self._named[name] = strawberry.input(self._class(name, fields, ()), name=name, description=about)

    def enum(self, name: str, about: str, members: Mapping[str, str]) -> None:
        """An enum type: member names with a sentence each."""
        values = {member: strawberry.enum_value(member, description=text) for member, text in members.items()}
        self._named[name] = strawberry.enum(Enum(name, values), name=name, description=about)  # type: ignore[call-overload]  # made at run time

    def _class(self, name: str, fields: Iterable[Spelled], bases: tuple[type, ...]) -> type:
        made = {_attribute(f.name): _Field(f, self.annotation) for f in fields}
        return type(name, bases, {"__annotations__": dict.fromkeys(made, object), **made})


def _attribute(name: str) -> str:
    """The name of a field inside Python, where `in` and `not` are words of the language."""
    return f"{name}_"
