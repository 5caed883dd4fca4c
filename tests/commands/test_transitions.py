"""Every transition of every machine is carried out by each who may, and refused to all from everywhere else.

What performs which step is declared in `tests/transitions/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest
import pytest_asyncio

from commands.all import REGISTRY
from commands.clocks import JOBS
from commands.command import Command, Ref
from commands.refusal import Refusal
from models.states import MACHINES
from policy.viewer import Viewer
from tests.acting import Acting
from tests.transitions.aiming import TRIES, Aiming, aiming_in, performed, prepared, steps_in
from tests.transitions.all import PERFORMED_BY_NONE, REFUSED_OTHERWISE, TABLE
from tests.transitions.performed import Performed


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(acting: Acting) -> Aiming:
    return await aiming_in(acting)


def test_everything_that_the_machines_allow_is_performed_by_something_or_has_a_reason() -> None:
    allowed = {
        (machine.noun, "-" if t.before is None else t.before.value, t.after.value, actor)
        for machine in MACHINES.values()
        for t in machine.transitions
        for actor in t.by
    }
    performed_ = {one.step for one in TABLE}
    assert performed_ | set(PERFORMED_BY_NONE) == allowed
    assert not performed_ & set(PERFORMED_BY_NONE)
    assert all(reason.strip() for reason in PERFORMED_BY_NONE.values())


def test_the_table_names_commands_and_jobs_that_there_are() -> None:
    assert {one.by for one in TABLE} <= {registered.name for registered in REGISTRY.values()} | set(JOBS)


@pytest.mark.parametrize("one", TABLE, ids=str)
async def test_a_step_is_carried_out_and_told_in_the_audit_trail(world: Aiming, one: Performed) -> None:
    moved = await performed(world, one)
    steps = [(s["id"], s["to"]) for s in steps_in(await world.last_entry())]
    last = [to for identifier, to in steps if identifier == moved][-1]
    status = await world.tables.fetchval(f"select status from ksbb.{one.noun} where public_id = $1", moved)
    assert status == last


def _nouns_named(command: type[Command]) -> set[str]:
    """The nouns whose rows a command names."""
    hints = get_type_hints(command, include_extras=True)
    notes = (note for part in fields(command) for note in get_args(hints[part.name]))
    return {NOUNS[note.noun] for note in notes if isinstance(note, Ref) and note.noun in NOUNS}


NOUNS = {"".join(part.title() for part in noun.split("_")): noun for noun in MACHINES}
WRITTEN = "select count(*), max(xmin::text::bigint) from {}"
"""Rows of a table and its youngest change."""
COMMANDS = {registered.name: registered.command for registered in REGISTRY.values()}


def _moving() -> Iterator[Performed]:
    """One entry per command and actor that moves a row that it names."""
    seen = set()
    for one in TABLE:
        moves = one.by in COMMANDS and one.before != "-" and one.noun in _nouns_named(COMMANDS[one.by])
        if moves and (one.by, one.noun, one.actor) not in seen:
            seen.add((one.by, one.noun, one.actor))
            yield one


def _is_right(refused: Refusal, one: Performed, state: str) -> bool:
    machine = MACHINES[one.noun]
    before = next(s for s in machine.states if s.value == state)
    allowed = [t.after.value for t in machine.allowed(before) if one.actor in t.by]
    told = all(code in refused.message and code in refused.indonesian for code in [*allowed, state])
    if refused.code == "NOT_POSSIBLE_NOW":
        return told and (refused.details["state"], refused.details["allowed"]) == (state, allowed)
    return refused.code in REFUSED_OTHERWISE.get(one.by, ())


def _states_not_for(one: Performed) -> list[str]:
    """States from which nothing that a command does is possible by the actor, or where something else does it."""
    done = {o.after for o in TABLE if (o.by, o.noun, o.actor) == (one.by, one.noun, one.actor)}
    right = {o.before for o in TABLE if (o.by, o.noun, o.actor) == (one.by, one.noun, one.actor)}
    right |= {s for noun, s, after, who in PERFORMED_BY_NONE if (noun, who) == (one.noun, one.actor) and after in done}
    return sorted({state.value for state in MACHINES[one.noun].states} - right)


async def _wrong(world: Aiming, one: Performed, who: Viewer, command: Command) -> list[Any]:
    """What is wrong with what a command says to a row in the states that are not for it."""
    wrong: list[Any] = []
    key = world.met[one.noun]["id"]
    table = f"ksbb.{one.noun}"
    others = [each for each in await world.print() if each[0] != table]
    for state in _states_not_for(one):
        await world.brought(one.noun, key, state)
        before = await world.tables.fetchrow(WRITTEN.format(table))
        try:
            await world.bus.carry_out(who, command)
        except Refusal as refused:
            if not _is_right(refused, one, state):
                wrong.append((state, refused.code, refused.message))
        else:
            wrong.append((state, "carried out"))
        if await world.tables.fetchrow(WRITTEN.format(table)) != before:
            wrong.append((state, "wrote something"))
    if [each for each in await world.print() if each[0] != table] != others:
        wrong.append("wrote something")
    await world.brought(one.noun, key, one.before)
    return wrong


@pytest.mark.parametrize("one", [*_moving()], ids=lambda one: f"{one.by}-{one.actor}")
async def test_a_command_is_refused_from_every_other_state_with_what_is_allowed(world: Aiming, one: Performed) -> None:
    said = []
    for luck in range(TRIES):
        order = await prepared(world, one, luck)
        if order is None:
            continue
        wrong = await _wrong(world, one, *order)
        try:  # what was refused only for the state is carried out in the right one
            await world.bus.carry_out(*order)
        except Refusal as refused:
            said.append(refused.message)
            continue
        assert wrong == []
        return
    raise AssertionError(said)
