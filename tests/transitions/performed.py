"""The table of transitions: for every step of every state machine and each who may take it, what performs it.

A step that joins a machine joins here by one line: what performs it (a command, or a job of the clock), the noun, the
states before (`-` for the birth), the state after, and the actors. `at` says more of the rows that the command needs,
per table; `ready` is done behind the back of the bus to the row, of which $1 is the key, so that it can be carried out;
`first` is a command that is given, or a statement that is done behind the back, before the row is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.vocabulary import Actor

Step = tuple[str, str, str, Actor]
"""Noun, state before (`-` for the birth), state after, actor."""


@dataclass(frozen=True)
class Performed:
    """One step by one actor, and what performs it."""

    by: str
    noun: str
    before: str
    after: str
    actor: Actor
    at: Mapping[str, str] = field(default_factory=dict, hash=False)
    ready: str = ""
    first: str = ""

    @property
    def step(self) -> Step:
        """Which step it is."""
        return self.noun, self.before, self.after, self.actor

    def __str__(self) -> str:
        return f"{self.noun}-{self.before}-{self.after}-{self.actor}"


def does(
    by: str, noun: str, before: str, after: str, actors: str, *, ready: str = "", first: str = "", **at: str
) -> Iterator[Performed]:
    for state in before.split():
        for actor in actors.split():
            own = dict(at)
            if actor == "AGREGATOR" and "pledge" in own:
                own["pledge"] += " and t.distributor_id is not null"
            yield Performed(by, noun, state, after, Actor[actor], own, ready, first)
