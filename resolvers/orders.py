"""From the input of a mutation to a command: every value checked, every identifier opened."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from commands.command import LONGEST_INPUT, Command, Ref, Spelling
from commands.refusal import NotFound, Path, TextTooLong
from models.vocabulary import Code
from resolvers.binds import Values, checked
from resolvers.catalogue import Catalogue, camel
from resolvers.scalars import PARSE

SCALAR_OF: Mapping[object, str] = {
    str: "String",
    int: "Int",
    float: "Float",
    bool: "Boolean",
    dt.date: "Date",
    dt.datetime: "DateTime",
    UUID: "ID",
}
"""How GraphQL spells the Python types of a command\'s fields."""
_COMMANDS_KEPT = 256


def given(node: ValueNode, values: Values, literal_at: Mapping[int, int]) -> Any:
    """What a caller gave as an argument, as JSON would have it; variables that were not sent leave their fields out."""
    match node:
        case VariableNode():
            return values.variables.get(node.name.value, MISSING)
        case NullValueNode():
            return None
        case EnumValueNode() | BooleanValueNode():
            return node.value
        case ListValueNode():
            items = (given(item, values, literal_at) for item in node.values)
            return [None if item is MISSING else item for item in items]
        case ObjectValueNode():
            found = {f.name.value: given(f.value, values, literal_at) for f in node.fields}
            return {name: value for name, value in found.items() if value is not MISSING}
        case _:
            assert node.loc is not None
            return values.literals[literal_at[node.loc.start]]


def command_of(declared: type[Command], sent: Any, catalogue: Catalogue, values: Values) -> Command:
    """The command that an input stands for.

    Raises:
        BadInput: a value is not of its type; the sentence names where it stands.
        NotFound: an identifier is of another noun.
        TextTooLong: a text has more characters than are taken.
    """
    made: Command = _Reader(catalogue, values).object(declared, sent, ())
    return made


class _Reader:
    """Reads one input."""

    def __init__(self, catalogue: Catalogue, values: Values) -> None:
        self._catalogue = catalogue
        self._values = values

    def object(self, declared: type, sent: Mapping[str, Any], path: Path) -> Any:
        """A dataclass from its input object."""
        read: dict[str, Any] = {}
        for name, spelled, hint, has_default in _fields(declared):
            value = sent.get(spelled, MISSING)
            if value is MISSING or (value is None and has_default):
                continue
            read[name] = self._value(hint, value, (*path, spelled))
        return declared(**read)

    def _value(self, hint: Any, value: Any, path: Path) -> Any:
        notes: tuple[Any, ...] = getattr(hint, "__metadata__", ())
        inner = typing.get_args(hint)[0] if notes else hint
        if isinstance(inner, types.UnionType):
            if value is None:
                return None
            inner = next(a for a in typing.get_args(inner) if a is not types.NoneType)
        if typing.get_origin(inner) is tuple:
            return self._items(typing.get_args(inner)[0], notes, value, path)
        if isinstance(inner, type) and issubclass(inner, Code):
            return inner[value]
        if is_dataclass(inner) and isinstance(inner, type):
            return self.object(inner, value, path)
        return self._scalar(inner, notes, value, path)

    def _items(self, item: Any, notes: tuple[Any, ...], value: Any, path: Path) -> tuple[Any, ...]:
        hint = typing.Annotated[item, *notes] if notes else item
        items = value if isinstance(value, list) else [value]
        return tuple(self._value(hint, one, (*path, i)) for i, one in enumerate(items))

    def _scalar(self, inner: Any, notes: tuple[Any, ...], value: Any, path: Path) -> Any:
        spelled = next((n.type for n in notes if isinstance(n, Spelling)), None) or SCALAR_OF[inner]
        where = ".".join(map(str, ("input", *path)))
        read = checked(lambda: PARSE[spelled](value), where, "a value of the input")
        if isinstance(read, str) and len(read) > LONGEST_INPUT:
            raise TextTooLong(LONGEST_INPUT, path)
        ref = next((n for n in notes if isinstance(n, Ref)), None)
        return read if ref is None else self._key(read, ref, path)

    def _key(self, identifier: str, ref: Ref, path: Path) -> UUID:
        where = ".".join(map(str, ("input", *path)))
        kind, key = checked(lambda: self._values.internal_key(identifier), where, "a value of the input")
        if kind != self._catalogue.nouns[ref.noun].kind:
            raise NotFound(ref.noun, path)
        found: UUID = key
        return found


@lru_cache(_COMMANDS_KEPT)
def _fields(declared: type) -> tuple[tuple[str, str, Any, bool], ...]:
    """Per field its name, how GraphQL spells it, its annotation, and whether it may be left out."""
    hints = typing.get_type_hints(declared, include_extras=True)
    return tuple((f.name, camel(f.name), hints[f.name], f.default is not MISSING) for f in fields(declared))
