"""The compiler against plain graphql-core execution over the same views, on random documents."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from edge.guard import DocumentNotParsed, DocumentTooLarge
from kernel.errors import KsbbError
from policy.viewer import Role
from resolvers.request import GraphQLRequest
from tests.conftest import Asking
from tests.fuzz.comparison import differences
from tests.fuzz.grammar import Grammar
from tests.fuzz.reference import Reference
from tests.fuzz.rows import read_rows

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = 60
"""Documents per role in the suite, so that it asks the same on every machine."""
LONG_S = float(os.environ.get("FUZZ_SECONDS", "600"))
SEED = 2020
"""Of the documents in the suite; `make fuzz` draws others every time."""
RENDERINGS = 3
_BEFORE_READING = "refused by the guard, which plain execution does not have"
_NOT_COMPARED = {"QUERY_TOO_SLOW", _BEFORE_READING}


class Disagreement(AssertionError):
    """The two implementations answer a document differently."""


@dataclass
class Fuzzer:
    """Asks both and compares."""

    ask: Asking
    reference: Reference
    grammar: Grammar
    counts: Counter[str] = field(default_factory=Counter)
    cursors: dict[str, str] = field(default_factory=dict)

    async def run(self, documents: int, until: float = 0.0) -> None:
        """So many documents, and more until a moment."""
        while time.monotonic() < until or self.counts["documents"] < documents:
            document = self.grammar.document()
            self.counts["documents"] += 1
            for _ in range(RENDERINGS):
                text, variables, may_be_refused = document.render()
                await self.compare(text, variables, may_be_refused)

    async def compare(self, text: str, variables: dict[str, Any], may_be_refused: bool) -> None:
        """One document with its variables."""
        mine, code = await self._compiled(text, variables)
        theirs, errors = self.reference.answer(text, variables)
        where = f"{self.reference.viewer.role}\n{text}\n{variables!r}"
        if code in _NOT_COMPARED:
            self.counts["not compared"] += 1
        elif mine is None or errors:
            self.counts["refused"] += 1
            is_unread = mine is not None and not self.reference.is_valid(text)  # see there
            if not may_be_refused or (mine is not None and not is_unread):
                raise Disagreement(f"{where}\ncompiler: {code or mine}\nreference: {errors or theirs}")
        else:
            self.counts["answered"] += 1
            for difference in differences(mine, theirs, self.cursors):
                raise Disagreement(f"{where}\n{difference}")
            self._note_cursors()

    async def _compiled(self, text: str, variables: dict[str, Any]) -> tuple[Any, str]:
        """The data, or the code of what refused it; whatever is no `KsbbError` fails the test."""
        try:
            request = GraphQLRequest(text, variables=variables)
            answer = json.loads((await self.ask.reader.answer(self.reference.viewer, request)).body)
        except (DocumentTooLarge, DocumentNotParsed):
            return None, _BEFORE_READING
        except KsbbError as refused:
            return None, refused.code if refused.message else "no sentence"
        except Exception as broken:
            raise Disagreement(f"{self.reference.viewer.role}\n{text}\n{variables!r}") from broken
        if "errors" in answer:
            return None, str(answer["errors"][0]["extensions"]["code"]) + answer["errors"][0]["message"]
        return answer["data"], ""

    def _note_cursors(self) -> None:
        for cursor, place in self.cursors.items():
            if cursor not in self.reference.places:
                self.reference.places[cursor] = self.reference.written[place]


async def a_fuzzer(ask: Asking, role: Role, seed: int) -> Fuzzer:
    """A fuzzer for one role."""
    viewer = ask.city.viewer(role)
    reference = Reference(viewer, await read_rows(ask.city, viewer), ask.city.secrets)
    return Fuzzer(ask, reference, Grammar(Random(f"{role}{seed}"), reference))


@pytest.mark.parametrize("role", list(Role))
async def test_the_compiler_answers_as_plain_execution_does(ask: Asking, role: Role) -> None:
    fuzzer = await a_fuzzer(ask, role, SEED)
    await fuzzer.run(SHORT)
    assert fuzzer.counts["answered"] > fuzzer.counts["refused"]


@pytest.mark.fuzz
@pytest.mark.parametrize("role", list(Role))
async def test_the_compiler_answers_as_plain_execution_does_for_long(ask: Asking, role: Role) -> None:
    fuzzer = await a_fuzzer(ask, role, time.time_ns())
    await fuzzer.run(SHORT, until=time.monotonic() + LONG_S / len(Role))
