"""Every fact says what it tells: columns of the table of its subjects, whoever writes its events."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from commands.command import Fact
from commands.facts import FACTS, subject_of
from commands.refusal import Refusal
from models.privacy import privacy_of
from tests.commands.lives import Lives
from tests.sequences.all import steps
from tests.sequences.steps import an_order

STEPS = 120


def _all(kind: type[Fact]) -> list[type[Fact]]:
    return [kind, *(lower for below in kind.__subclasses__() for lower in _all(below))]


def test_every_fact_is_in_the_registry_under_a_name_of_its_own() -> None:
    declared = [
        kind for kind in _all(Fact) if kind is not Fact and kind.__module__.startswith(("commands.", "imports."))
    ]
    assert sorted(kind.__name__ for kind in declared) == sorted(FACTS)
    assert set(declared) == set(FACTS.values())


def test_every_fact_tells_columns_of_one_table() -> None:
    for name, kind in FACTS.items():
        assert kind.tells, name
        assert len({column.class_ for column in kind.tells}) == 1, name
        assert len(set(kind.tells)) == len(kind.tells), name
        assert all(privacy_of(column.property.columns[0]) for column in kind.tells), name


def test_every_fact_describes_itself_with_its_indonesian_term() -> None:
    for name, kind in FACTS.items():
        first = (kind.__doc__ or "").splitlines()[0]
        assert "(" in first, name
        assert first.endswith("."), name


async def test_events_are_facts_about_what_these_tell_of(lives: Lives) -> None:
    assert steps()
    await lives.received()
    world = lives.world
    for number in range(STEPS):
        world.random = Random(number)
        if (order := await an_order(world)) is not None:
            with suppress(Refusal):
                await world.bus.carry_out(*order)
    told = await world.told()
    assert len(told) > len(FACTS) / 3
    assert told == {name: {subject_of(FACTS[name])} for name in told}
