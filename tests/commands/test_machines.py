"""Every state machine, whole: each listed step works for each who may, every other is refused with the allowed list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import pytest

from commands.refusal import NotPossibleNow
from commands.work import Work
from kernel.clock import FixedClock
from kernel.keys import KeyMaker
from kernel.settings import Settings
from models.states import MACHINES, StateMachine
from models.vocabulary import Actor, Code
from policy.secrets import Secrets
from policy.viewer import PUBLIC

NOW = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))


@dataclass
class Thing:
    """Something that has a state."""

    status: Code | None
    public_id: str = "thing_1"
    __tablename__ = "thing"


def work() -> Work:
    keys = KeyMaker(Random(1), FixedClock(NOW))
    return Work(PUBLIC, cast("Any", None), NOW, keys, Secrets(bytes(32)), Settings())


@every_machine
def test_a_step_is_possible_exactly_where_the_machine_lists_it_and_for_whom(machine: StateMachine) -> None:
    for before in (None, *sorted(machine.states)):
        for after in sorted(machine.states):
            for actor in Actor:
                thing, doing = Thing(before), work()
                step = machine.step(before, after)
                if step is not None and actor in step.by:
                    doing.move(thing, machine, after, by=actor)
                    assert thing.status is after
                    assert doing.steps[0]["from"] is before
                    continue
                with pytest.raises(NotPossibleNow) as refused:
                    doing.move(thing, machine, after, by=actor)
                allowed = [t.after.value for t in machine.allowed(before) if actor in t.by]
                assert refused.value.details["allowed"] == allowed
                assert all(code in refused.value.message and code in refused.value.indonesian for code in allowed)
                assert thing.status is before
                assert doing.steps == []
