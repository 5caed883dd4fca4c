"""Who may call what, tried out: every role gives every command, over GraphQL and to the bus."""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from typing import Any
from uuid import UUID

import pytest

from commands.all import REGISTRY
from commands.command import Command, Registered
from commands.refusal import NotAllowed, Refusal
from models.vocabulary import Code
from policy.actions import MAY
from policy.viewer import Role
from schema.mutation import name_of
from tests.acting import Acting

ROLES = list(Role)
NOBODY = UUID(int=7, version=4)
NEVER = dt.date(1999, 1, 1)


def anything(hint: Any) -> Any:
    """A value of a type that no row answers to."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return anything(parts[0])
    if isinstance(hint, types.UnionType) or origin is typing.Union:
        return anything(next(part for part in parts if part is not types.NoneType))
    if origin is tuple:
        return (anything(parts[0]),)
    if isinstance(hint, type) and issubclass(hint, Code):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return filled(hint)
    plain = {str: "31.01", int: -1, bool: False, UUID: NOBODY, dt.date: NEVER}
    return plain.get(hint, dt.datetime(1999, 1, 1, tzinfo=dt.UTC))


def filled(declared: type[Any]) -> Any:
    """A command or a part of one in which everything that must be given is."""
    hints = typing.get_type_hints(declared, include_extras=True)
    must = (f for f in dataclasses.fields(declared) if f.default is dataclasses.MISSING)
    return declared(**{f.name: anything(hints[f.name]) for f in must})


async def count(acting: Acting) -> Any:
    """What each command that is carried out adds to."""
    return await acting.tables.fetchval("select count(*) from ksbb.audit_entry")


@pytest.mark.parametrize("role", ROLES)
async def test_the_bus_knows_a_command_of_exactly_the_roles_of_the_table(acting: Acting, role: Role) -> None:
    viewer = acting.city.viewer(role)
    for registered in REGISTRY.values():
        before = await count(acting)
        command: Command = filled(registered.command)
        try:
            await acting.bus.carry_out(viewer, command)
        except NotAllowed:
            assert role not in MAY[registered.name], registered.name
            assert await count(acting) == before
        except Refusal:
            assert role in MAY[registered.name], registered.name
            assert await count(acting) == before
        else:
            assert role in MAY[registered.name], registered.name


@pytest.mark.parametrize("role", ROLES)
async def test_a_mutation_of_another_role_does_not_exist(acting: Acting, role: Role) -> None:
    """Asked for with an input of nothing known: who has it is told so, who does not have it, that there is none."""
    for registered in REGISTRY.values():
        told = await refused_by_graphql(acting, role, registered)
        does_not_exist = "Cannot query field" in told or "does not exist" in told or "not configured" in told
        assert does_not_exist is (role not in MAY[registered.name]), (registered.name, told)


async def refused_by_graphql(acting: Acting, role: Role, registered: Registered) -> str:
    """What GraphQL says to a mutation whose input says nothing."""
    before = await count(acting)
    name = name_of(registered)
    query = f"mutation {{ {name}(input: {{unknownField: 1}}) {{ userErrors {{ code }} }} }}"
    answer = await acting(role, query)
    assert await count(acting) == before
    assert "errors" in answer, (role, name, answer)
    return " ".join(error["message"] for error in answer["errors"])
