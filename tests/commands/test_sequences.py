"""Random sequences of commands by many actors: every invariant holds after each, and money sums to zero.

Hypothesis draws one number per step, and each step is played with the luck of its number; 0 is a step that does
nothing, so a failing sequence shrinks to the few steps that matter. No `RuleBasedStateMachine`: its rules are not
coroutines, and what a step may do is in PostgreSQL anyhow, where the steps look it up.

After each command that was carried out all invariants are asked, over the whole of the smallest city that there is, and
the ledger of every collaboration is summed. After each refusal not a row of any table may be another one: no more rows,
none fewer, none written since. Both are done each time, not at the end only.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commands.all import REGISTRY
from commands.command import Command
from commands.facts import FACTS, subject_of
from commands.refusal import KeyUsedForAnother, Refusal
from kernel.settings import Settings
from models.server import Server
from policy.viewer import Viewer
from tests.folders import a_data_folder
from tests.sequences.all import NOT_DRIVEN, steps
from tests.sequences.steps import an_order
from tests.sequences.world import World, a_world, sequence_settings, the_city

LONG = bool(os.environ.get("TEST_LONG"))
SEQUENCES, STEPS = (26, 600) if LONG else (5, 600)
"""The first sequence that Hypothesis draws is the empty one."""
TICKS, REPEATS = 0.06, 0.06
"""Shares of the steps in which time goes on, and in which a command comes a second time."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city() -> Iterator[tuple[Settings, Server]]:
    """A server with the city that each sequence gets a copy of; not filled yet."""
    with a_data_folder() as folder:
        made = sequence_settings(folder)
        with Server.open(made) as server:
            yield made, server


_filled: list[Server] = []
_seen: Counter[str] = Counter()


def test_every_command_is_driven_by_a_step_or_has_a_reason() -> None:
    driven = {command.__name__ for command in steps()}
    assert driven | set(NOT_DRIVEN) == {registered.name for registered in REGISTRY.values()}
    assert not driven & set(NOT_DRIVEN)
    assert all(reason.strip() for reason in NOT_DRIVEN.values())


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink) if LONG else (Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(numbers=st.lists(st.integers(0, 2**32 - 1), min_size=STEPS, max_size=STEPS))
async def test_no_sequence_of_commands_breaks_an_invariant(city: tuple[Settings, Server], numbers: list[int]) -> None:
    made, server = city
    if server not in _filled:
        await the_city(made, server)
        _filled.append(server)
    async with a_world(made, server) as world:
        for place, number in enumerate(numbers):
            if number == 0:
                continue
            world.random = Random(place << 32 | number)
            world.clock.move(dt.timedelta(seconds=1))
            await _step(world)
        assert all(tables == {subject_of(FACTS[name])} for name, tables in (await world.told()).items())


async def _step(world: World) -> None:
    luck = world.random.random()
    if luck < TICKS:
        await _time_passes(world)
    elif luck < TICKS + REPEATS and world.kept:
        await _again(world)
    else:
        order = await an_order(world)
        if order is not None:
            await _carried_out_or_refused(world, *order)


async def _time_passes(world: World) -> None:
    world.clock.move(dt.timedelta(days=world.random.randint(0, 12)))
    await world.bus.tick()
    assert await world.broken() == []
    assert set((await world.bus.tick()).values()) == {0}


async def _carried_out_or_refused(world: World, who: Viewer, command: Command) -> None:
    before = await world.print()
    try:
        outcome = await world.bus.carry_out(who, command)
    except Refusal as refused:
        _seen[refused.code] += 1
        assert await world.print() == before, ("a refused command wrote something", who, command)
        return
    except Exception as failure:
        failure.add_note(f"{who} {command}")
        raise
    _seen[type(command).__name__] += 1
    if "trackingCode" in outcome.reply:
        world.codes[outcome.subject] = str(outcome.reply["trackingCode"])
    if command.idempotency_key is not None:
        world.kept.append((who, command, outcome))
    assert await world.broken() == [], (who, command)


async def _again(world: World) -> None:
    """A key that was used: the same command has the same answer, another is refused, and nothing is written."""
    who, command, outcome = world.random.choice(world.kept)
    before = await world.print()
    assert await world.bus.carry_out(who, command) == outcome
    assert await world.print() == before
    bare = replace(command, idempotency_key=None)
    others = (o for w, o, _ in world.kept if w == who and replace(o, idempotency_key=None) != bare)
    if (other := next(others, None)) is not None:
        with pytest.raises(KeyUsedForAnother):
            await world.bus.carry_out(who, replace(other, idempotency_key=command.idempotency_key))
        assert await world.print() == before


def test_the_sequences_carried_out_every_command_and_met_many_refusals() -> None:
    """Comes after them: a step that never succeeds proves nothing about its command."""
    names = {command.__name__ for command in steps()}
    assert len(names - set(_seen)) <= (0 if LONG else 3), names - set(_seen)
    assert len(set(_seen) - names) >= 25
