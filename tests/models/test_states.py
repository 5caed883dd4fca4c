"""State machines: complete, connected, and drawn as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.all import METADATA
from models.base import SCHEMA
from models.states import LOAN, MACHINES, StateMachine, diagram
from models.vocabulary import Actor, Code, LoanStatus

PAGE = Path("docs/architecture/states.md")


def codes_of(machine: StateMachine) -> type[Code]:
    """The code list of a noun's status column."""
    found: type[Code] = METADATA.tables[f"{SCHEMA}.{machine.noun}"].c.status.type.enum_class  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_a_machine_knows_every_code_of_its_status_and_no_other(machine: StateMachine) -> None:
    assert machine.states == frozenset(codes_of(machine))


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_state_can_be_reached_from_birth(machine: StateMachine) -> None:
    reached: set[Code] = set()
    waiting = [t.after for t in machine.allowed(None)]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [t.after for t in machine.allowed(state)]
    assert reached == machine.states


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_a_step_is_listed_once_and_somebody_may_take_it(machine: StateMachine) -> None:
    steps = [(t.before, t.after) for t in machine.transitions]
    assert len(steps) == len(set(steps))
    assert all(t.by for t in machine.transitions)


def test_what_is_not_listed_is_refused_with_the_allowed_list() -> None:
    assert LOAN.step(LoanStatus.DIUSULKAN, LoanStatus.CAIR) is None
    assert {t.after for t in LOAN.allowed(LoanStatus.DISARING)} == {
        LoanStatus.TIDAK_LOLOS,
        LoanStatus.DITAWARKAN,
        LoanStatus.BATAL,
    }
    step = LOAN.step(LoanStatus.LUNAS, LoanStatus.DISERAHKAN)
    assert step is not None
    assert step.by == {Actor.SISTEM}


def test_the_drawn_machines_are_those_of_the_code(renew: bool) -> None:
    drawn = ["# State machines\n", "Drawn from `models/states.py`; what is not drawn is refused.\n"]
    for machine in MACHINES.values():
        drawn.append(f"## {machine.noun}\n\n```mermaid\n{diagram(machine)}\n```\n")
        rows = [
            f"| {t.before or '-'} | {t.after} | {', '.join(sorted(t.by))} | {t.guard} |" for t in machine.transitions
        ]
        drawn.append("| from | to | by | guard |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")
    text = "\n".join(drawn)
    if renew:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text
