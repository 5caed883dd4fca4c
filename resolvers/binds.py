"""Where the values of a statement come from: literals of the document and variables of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)

from kernel.errors import BadInput, KsbbError
from resolvers.publications import Publications
from resolvers.scalars import PARSE, shown


class Values(NamedTuple):
    """What one request brings: its variables, the literals of its document in order, and who asks."""

    variables: Mapping[str, object]
    literals: Sequence[object]
    open_cursor: Callable[[str, str, str], list[Any]]
    """From (cursor, signature of the order, argument name) to the key values."""
    internal_key: Callable[[str], tuple[str, UUID]]
    """From a public identifier to kind and key."""
    blind: Callable[[str, str], bytes]
    """From (value, column) to the keyed hash by which equal values are found."""
    subject: str = ""
    document_hash: str = ""
    made: str = ""
    """Public identifier of the row that a mutation was about."""
    subjects: Sequence[UUID] = ()
    """Internal keys of the rows that events are about."""
    publications: Publications | None = None
    """What was published; only queries read it."""


@dataclass(frozen=True)
class Literal:
    """A value written in the document."""

    index: int

    def read(self, values: Values) -> object:
        """The value of this request."""
        return values.literals[self.index]

    def __str__(self) -> str:
        return "a value in the document"


@dataclass(frozen=True)
class Variable:
    """A variable, or a value inside one."""

    name: str
    path: tuple[str | int, ...] = ()

    def read(self, values: Values) -> object:
        """The value of this request."""
        found: Any = values.variables[self.name]
        for step in self.path:
            found = found[step]
        return found

    def at(self, step: str | int) -> Variable:
        """A value inside this one."""
        return Variable(self.name, (*self.path, step))

    def __str__(self) -> str:
        return "$" + ".".join([self.name, *map(str, self.path)])


@dataclass(frozen=True)
class Subject:
    """The row that a mutation was about."""

    def read(self, values: Values) -> object:
        """Its public identifier."""
        return values.made

    def __str__(self) -> str:
        return "the row of the mutation"


@dataclass(frozen=True)
class Composite:
    """An object or list written in the document as one scalar value, such as a GeoJSON geometry."""

    parts: tuple[tuple[str, Part], ...] | tuple[Part, ...]

    def read(self, values: Values) -> object:
        """The value of this request."""
        if self.parts and isinstance(self.parts[0], tuple):
            return {key: part.read(values) for key, part in self.parts}
        return [part.read(values) for part in self.parts]  # type: ignore[union-attr]  # single parts, see above

    def __str__(self) -> str:
        return "a value in the document"


@dataclass(frozen=True)
class Constant:
    """A name, boolean or null inside a composite value."""

    value: object

    def read(self, _: Values) -> object:
        """The same for every request."""
        return self.value


Part = Literal | Variable | Composite | Constant
Source = Literal | Variable | Composite | Subject


@dataclass(frozen=True)
class Leaf:
    """A scalar argument whose value is known when a request binds it."""

    source: Source
    scalar: str
    argument: str = ""

    def read(self, values: Values) -> Any:
        """The checked value.

        Raises:
            BadInput: the value does not fit; the sentence names where it stands.
        """
        return checked(lambda: PARSE[self.scalar](self.source.read(values)), self.argument, self.source)


@dataclass(frozen=True)
class Leaves:
    """A list of scalars that comes as one variable."""

    source: Source
    scalar: str
    argument: str = ""

    def read(self, values: Values) -> list[Any]:
        """The checked values."""
        items = self.source.read(values)
        items = items if isinstance(items, list) else [items]
        parse = PARSE[self.scalar]
        read: list[Any] = checked(lambda: [parse(item) for item in items], self.argument, self.source)
        return read


class Null:
    """The value null, written or sent."""


NULL = Null()

Tree = Leaf | Leaves | Null | str | bool | list["Tree"] | dict[str, "Tree"]
"""An argument: leaves bind later; enum values, booleans, lists and input objects are part of the plan."""


def checked(read: Callable[[], Any], argument: str, source: Source | str) -> Any:
    """What `read` gives; a refusal says at which argument and value it happened."""
    try:
        return read()
    except KsbbError as refused:
        where = f"Argument `{argument}` ({source})" if argument else str(source)
        raise BadInput(f"{where}: {refused.message}", argument=argument, **refused.details) from None


@dataclass(frozen=True)
class VariableLimits:
    """The most objects, and the most values in all, that the variables of one request may hold."""

    objects: int
    values: int


def check_variables(variables: Mapping[str, object], limits: VariableLimits) -> None:
    """Refuse variables that would take long to plan with.

    Raises:
        BadInput: more objects or values than the limits.
    """
    objects = values = 0
    waiting: list[object] = list(variables.values())
    while waiting:
        value = waiting.pop()
        values += 1
        if isinstance(value, dict):
            objects += 1
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        if objects > limits.objects or values + len(waiting) > limits.values:
            raise BadInput(
                f"The variables may hold {limits.objects:,} objects and {limits.values:,} values in all. Send less.",
                objects=limits.objects,
                values=limits.values,
            )


def shape_of(value: object, type_: GraphQLInputType, where: str) -> object:
    """What of a variable's value the plan depends on: presence, enum values, booleans, the form of input objects.

    Raises:
        BadInput: the value is not of the type; `where` tells which value.
    """
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            raise BadInput(f"{where} of type {type_} must not be null.")
        type_ = type_.of_type
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        return _shape_of_list(value, type_.of_type, where)
    if isinstance(type_, GraphQLInputObjectType):
        return _shape_of_object(value, type_, where)
    if isinstance(type_, GraphQLEnumType):
        if not isinstance(value, str) or value not in type_.values:
            raise BadInput(f"{where}: {not_a_member(shown(value), type_)}")
        return value
    read = checked(lambda: PARSE[type_.name](value), "", where)
    return read if isinstance(read, bool) else 1


def not_a_member(value: str, codes: GraphQLEnumType) -> str:
    """That a code is not in its list, with the list and its Indonesian name."""
    named, _, _ = (codes.description or "").partition(".")
    return f"{value} is not a {codes.name}: {named}. Allowed: {', '.join(codes.values)}."


def _shape_of_list(value: object, inner: GraphQLInputType, where: str) -> tuple[object, ...]:
    if isinstance(value, list):
        shapes = tuple(shape_of(item, inner, f"{where}.{i}") for i, item in enumerate(value))
    else:
        shapes = ("alone", shape_of(value, inner, where))
    return ("[]",) if _is_scalar(inner) else shapes


def _shape_of_object(value: object, type_: GraphQLInputObjectType, where: str) -> tuple[object, ...]:
    if not isinstance(value, dict):
        raise BadInput(f'{where}: a value of type "{type_.name}" must be an object, not {shown(value)}.')
    for name in value:
        if name not in type_.fields:
            allowed = ", ".join(type_.fields)
            raise BadInput(f'{where}: "{type_.name}" has no field {shown(name)}. Allowed: {allowed}.')
    for name, field in type_.fields.items():
        if name not in value and isinstance(field.type, GraphQLNonNull):
            raise BadInput(f'{where}: "{type_.name}" needs the field `{name}` of type {field.type}.')
    return tuple((k, shape_of(v, type_.fields[k].type, f"{where}.{k}")) for k, v in value.items())


def _is_scalar(type_: GraphQLInputType) -> bool:
    while isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return getattr(type_, "name", "") in PARSE
