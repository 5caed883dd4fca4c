"""Mutations, derived from the commands: one each, `verbNoun(input: VerbNounInput!): VerbNounPayload!`."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from commands.all import REGISTRY
from commands.command import Registered, Shape, Spelling
from models.vocabulary import Code
from policy.actions import may_do
from policy.viewer import Role
from resolvers.catalogue import Noun, camel
from resolvers.meaning import ById, Does, Meaning, Part
from resolvers.orders import SCALAR_OF
from schema.types import Argument, Spelled, Types

_USER_ERROR = [
    Spelled("code", "String", "What kind of situation it is, for programs; stable."),
    Spelled("message", "String", "What is wrong and what to do, in English."),
    Spelled("messageId", "String", "What is wrong and what to do, in Indonesian (pesan)."),
    Spelled("path", "list[String]", "Which part of the input it is about; empty for the whole."),
]


def name_of(registered: Registered) -> str:
    """The mutation of a command: `FileComplaint` as `fileComplaint`."""
    return registered.name[0].lower() + registered.name[1:]


def commands_of(role: Role) -> list[Registered]:
    """The commands that a role may give, by name."""
    return sorted((r for r in REGISTRY.values() if may_do(r.name, role)), key=lambda r: r.name)


class Mutations:
    """Adds one role's mutations to the types of its schema."""

    def __init__(self, role: Role, types_: Types, nouns: Mapping[str, Noun], object_: Any, enum: Any) -> None:
        self._commands = commands_of(role)
        self._types = types_
        self._nouns = nouns
        self._object = object_
        self._enum = enum

    def define(self) -> bool:
        """Define `Mutation` and what it needs; whether the role has any."""
        if not self._commands:
            return False
        self._object("UserError", "Why a command was not carried out.", {f: Part(f.name) for f in _USER_ERROR})
        self._object("Mutation", "What may be done.", dict(map(self._mutation, self._commands)))
        return True

    def _mutation(self, registered: Registered) -> tuple[Spelled, Meaning]:
        name = name_of(registered)
        about = " ".join((registered.command.__doc__ or "").split())
        self._input(registered.command, f"{registered.name}Input", about)
        self._object(f"{registered.name}Payload", f"What came of {name}.", dict(self._payload(registered)))
        argument = Argument("input", f"{registered.name}Input", "What to do.")
        return Spelled(name, f"{registered.name}Payload", about, (argument,)), Does(registered.command)

    def _payload(self, registered: Registered) -> Iterator[tuple[Spelled, Meaning]]:
        about = "Why nothing was done; empty when it was."
        yield Spelled("userErrors", "list[UserError]", about), Part("userErrors")
        noun = self._nouns.get(registered.answers)
        if noun is not None:
            yield Spelled(noun.singular, f"{noun.name} | None", f"{noun.about} As this role sees it now."), ById(noun)
        for shape in registered.shapes:
            self._shape(shape)
        for field, (spelled, sentence) in registered.reply.items():
            yield Spelled(field, spelled, sentence), Part(field)

    def _shape(self, shape: Shape) -> None:
        """Define an object inside a reply."""
        for codes in shape.codes:
            self._enum(codes)
        fields = [Spelled(name, spelled, about) for name, (spelled, about) in shape.fields.items()]
        self._object(shape.name, shape.about, {f: Part(f.name) for f in fields})

    def _input(self, declared: type, name: str, about: str) -> None:
        if name in self._types:
            return
        hints = typing.get_type_hints(declared, include_extras=True)
        spelled = [self._field(f, hints[f.name]) for f in fields(declared)]
        self._types.input(name, about, sorted(spelled, key=lambda s: s.name == "idempotencyKey"))

    def _field(self, field: Field[Any], hint: Any) -> Spelled:
        about = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, str)), "")
        spelled = self._spelled(hint)
        if field.default is not MISSING and field.default is not None and "None" not in spelled:
            spelled = f"{spelled} | None"
        return Spelled(camel(field.name), spelled, about)

    def _spelled(self, hint: Any) -> str:
        """A Python annotation as the type of an input."""
        if typing.get_origin(hint) is typing.Annotated:
            inner, *notes = typing.get_args(hint)
            given = next((n.type for n in notes if isinstance(n, Spelling)), None)
            return self._spelled(inner) if given is None else self._with_spelling(inner, given)
        if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
            (inner,) = (a for a in typing.get_args(hint) if a is not types.NoneType)
            return f"{self._spelled(inner)} | None"
        if typing.get_origin(hint) is tuple:
            return f"list[{self._spelled(typing.get_args(hint)[0])}]"
        if isinstance(hint, type) and issubclass(hint, Code):
            self._enum(hint)
            return hint.__name__
        if is_dataclass(hint) and isinstance(hint, type):
            name = f"{hint.__name__}Input"
            self._input(hint, name, " ".join((hint.__doc__ or "").split()))
            return name
        return SCALAR_OF[hint]

    @staticmethod
    def _with_spelling(inner: Any, given: str) -> str:
        is_optional = isinstance(inner, types.UnionType) and types.NoneType in typing.get_args(inner)
        inner = next(a for a in typing.get_args(inner) if a is not types.NoneType) if is_optional else inner
        spelled = f"list[{given}]" if typing.get_origin(inner) is tuple else given
        return f"{spelled} | None" if is_optional else spelled
