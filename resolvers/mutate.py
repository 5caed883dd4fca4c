"""Mutations: each root field one command for the bus, then what its payload asks, read as the viewer.

Fields run one after the other. A refusal is data (`userErrors`); what a payload shows of a row is read after the
commit, through the viewer's own role, by one statement.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import FieldNode, ValueNode

from commands.bus import Outcome
from commands.command import Command
from commands.refusal import Refusal
from policy.viewer import Viewer
from resolvers.binds import Leaf, Subject, Values
from resolvers.catalogue import Catalogue
from resolvers.meaning import ById, Does
from resolvers.orders import command_of, given
from resolvers.plan import Planner, Selection
from resolvers.shown import shown
from resolvers.statement import Statement

CarryOut = Callable[[Viewer, Command], Awaitable[Outcome]]
Read = Callable[[Viewer, Statement, Values], Awaitable[bytes]]
Compile = Callable[[list[Selection]], Statement]


@dataclass(frozen=True)
class Step:
    """One root field: its command, where its input stands, what is selected of its payload, and how rows are read."""

    key: str
    type_name: str
    command: type[Command] | None
    """None for `__typename`."""
    input: ValueNode | None
    selections: list[Selection]
    statement: Statement | None
    """Reads what the payload shows of the row; None when it shows nothing of it."""


@dataclass(frozen=True)
class Steps:
    """A mutation operation, planned."""

    steps: tuple[Step, ...]

    @property
    def shows_rows(self) -> bool:
        """Whether a payload shows anything of a row, which is a reading."""
        return any(step.statement is not None for step in self.steps)

    @property
    def weight(self) -> int:
        """What remembering it costs, in characters of SQL."""
        return sum(step.statement.weight for step in self.steps if step.statement is not None)


def planned(planner: Planner, compile_: Compile) -> Steps:
    """The steps of a mutation operation, in the order of the document."""
    return Steps(tuple(_step(key, node, s, compile_) for key, node, s in planner.root_selections()))


def _step(key: str, node: FieldNode, s: Selection, compile_: Compile) -> Step:
    if not isinstance(s.meaning, Does):
        return Step(key, "Mutation", None, None, [], None)
    (payload_type, selections), *_ = s.children.items()
    (argument,) = node.arguments or ()
    subject = Leaf(Subject(), "ID")
    rows = [replace(c, arguments={"id": subject}) for c in selections if isinstance(c.meaning, ById)]
    statement = compile_(rows) if rows else None
    return Step(key, payload_type, s.meaning.command, argument.value, selections, statement)


@dataclass(frozen=True)
class Mutator:
    """Runs planned mutations for one request."""

    viewer: Viewer
    values: Values
    catalogue: Catalogue
    carry_out: CarryOut
    read: Read

    async def run(self, steps: Steps, literal_at: Mapping[int, int]) -> bytes:
        """The JSON of `data`. All inputs are read before the first command is carried out."""
        orders = [self._order(step, literal_at) for step in steps.steps]
        data = {}
        for step, order in zip(steps.steps, orders, strict=True):
            data[step.key] = "Mutation" if order is None else await self._payload(step, order)
        return json.dumps(data, ensure_ascii=False).encode()

    def _order(self, step: Step, literal_at: Mapping[int, int]) -> Command | Refusal | None:
        if step.command is None or step.input is None:
            return None
        try:
            return command_of(step.command, given(step.input, self.values, literal_at), self.catalogue, self.values)
        except Refusal as refused:
            return refused

    async def _payload(self, step: Step, order: Command | Refusal) -> dict[str, Any]:
        try:
            if isinstance(order, Refusal):
                raise order
            outcome = await self.carry_out(self.viewer, order)
        except Refusal as refused:
            return self._assembled(step, list(map(_user_error, refused.each)), {}, {})
        rows: dict[str, Any] = {}
        if step.statement is not None:
            body = await self.read(self.viewer, step.statement, self.values._replace(made=outcome.subject))
            rows = json.loads(body)
        return self._assembled(step, [], rows, outcome.reply)

    @staticmethod
    def _assembled(
        step: Step, errors: list[dict[str, Any]], rows: Mapping[str, Any], reply: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The payload's fields in the order of the document."""
        payload: dict[str, Any] = {}
        for s in step.selections:
            match s.name:
                case "__typename":
                    payload[s.key] = step.type_name
                case "userErrors":
                    payload[s.key] = [_selected(error, s.only) for error in errors]
                case _ if isinstance(s.meaning, ById):
                    payload[s.key] = rows.get(s.key)
                case _:
                    payload[s.key] = shown(reply.get(s.name), s)
        return payload


def _user_error(refused: Refusal) -> dict[str, Any]:
    return {
        "__typename": "UserError",
        "code": refused.code,
        "message": refused.message,
        "messageId": refused.indonesian,
        "path": [str(step) for step in refused.path],
    }


def _selected(entry: Mapping[str, Any], selections: list[Selection]) -> dict[str, Any]:
    return {s.key: entry[s.name] for s in selections}
