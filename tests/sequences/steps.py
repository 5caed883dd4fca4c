"""The table of steps: per command how a sequence makes one that mostly can be carried out, and what spoils it.

A new command joins by one function in a module of `tests/sequences/`, marked `@drives(TheCommand)`, its module named in
`tests/sequences/all.py`. It looks into the tables by `World.pick` and gives the caller and the command, or None when
there is nothing to do it with. Wrong fields, wrong callers and keys that come again are added here, for all alike.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from commands.command import Command, Spelling
from models.vocabulary import Code
from policy.viewer import Viewer
from resolvers.scalars import INTS, RUPIAHS
from tests.sequences.world import World

Order = tuple[Viewer, Command]
Maker = Callable[[World], Awaitable[Order | None]]


@dataclass(frozen=True)
class Step:
    """How one command is made; `often` is its share beside the others."""

    command: type[Command]
    make: Maker
    often: int


STEPS: dict[type[Command], Step] = {}
"""Filled by `drives`."""


def drives(command: type[Command], *, often: int = 2) -> Callable[[Maker], Maker]:
    """Mark the function that makes a command."""

    def put_down(make: Maker) -> Maker:
        assert command not in STEPS, command
        STEPS[command] = Step(command, make, often)
        return make

    return put_down


MOST_LOOKS = 8
"""How many commands are thought of before a step does nothing, because there is nothing to do them with."""


async def an_order(world: World) -> Order | None:
    """A caller and a command by the luck of the step: right in most cases, spoiled in the others."""
    steps = list(STEPS.values())
    made = None
    for step in world.random.choices(steps, [step.often for step in steps], k=MOST_LOOKS):
        if (made := await step.make(world)) is not None:
            break
    if made is None:
        return None
    who, command = made
    if world.chance(0.08):
        who = world.anybody()
    if world.chance(0.12):
        command = spoiled(world, command)
    if world.chance(0.3):
        command = replace(command, idempotency_key=f"contoh-kunci-{world.next():08}")
    return who, command


def spoiled(world: World, command: Command) -> Command:
    """The command with one field changed to something that GraphQL lets through and nobody should send."""
    hints = typing.get_type_hints(type(command), include_extras=True)
    given = [f for f in fields(command) if f.name != "idempotency_key"]
    if not given:
        return command
    field = world.random.choice(given)
    now = getattr(command, field.name)
    return replace(command, **{field.name: _another(world, now, hints[field.name])})


def _another(world: World, now: Any, hint: Any) -> Any:
    """Another value of the same type."""
    random, rupiah = world.random, any(isinstance(n, Spelling) and n.type == "Rupiah" for n in _notes(hint))
    match now:
        case bool():
            return not now
        case int():
            allowed = RUPIAHS if rupiah else INTS
            return random.choice([0, -1, 1, now - 1, now + 1, -now, allowed[0], allowed[-1]])
        case UUID():
            return UUID(int=random.getrandbits(128), version=4)
        case dt.datetime():
            ends = [dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)]
            return random.choice([*ends, now - dt.timedelta(days=400), now + dt.timedelta(days=400)])
        case dt.date():
            days = [dt.date.min, dt.date.max]
            return random.choice([*days, now - dt.timedelta(400), now + dt.timedelta(400), now - dt.timedelta(1)])
        case tuple():
            return random.choice([(), now * 2, now[:1], now + tuple(_another(world, v, hint) for v in now[:1])])
        case str() if any(isinstance(n, Spelling) and n.type == "RegionCode" for n in _notes(hint)):
            return random.choice(["31", "31.73", "31.73.03.1008", "31.01.02"])
        case Code():
            return random.choice(list(type(now)))
        case str():
            return random.choice(["", "  ", "5e" * 32, "x" * 5_000, "'; --", "\u202e☃"])
        case None:
            return None
    part = random.choice(fields(now))
    return replace(now, **{part.name: _another(world, getattr(now, part.name), _hint(now, part))})


def _hint(of: Any, field: Any) -> Any:
    return typing.get_type_hints(type(of), include_extras=True)[field.name]


def _notes(hint: Any) -> tuple[Any, ...]:
    notes = getattr(hint, "__metadata__", ())
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return (*notes, *(n for part in typing.get_args(hint) for n in _notes(part))) if is_union else notes
