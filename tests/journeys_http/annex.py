"""A journey through the steps of an annex: each is named by its code and said in its own sentence.

How a journey is written: `ROUTE` lists the codes of `models/reference/steps.json` in the order in which they happen.
The test takes them one after the other by `journey.step(code, sentence)`, or passes what happens outside the system by
`journey.outside(code, why)`. The sentence in the test is compared with the one of the reference, so that the test
reads like the annex and stays so. What fails names the step. At the end no step of the route may be left. A new
journey is a file `test_<package>.py` beside this one that asks for the fixture `http`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.reference.flow import step_rows

SENTENCES = {row["code"]: row["text_english"] for row in step_rows()}


class Journey:
    """Walks a route and keeps to its order."""

    def __init__(self, route: tuple[str, ...]) -> None:
        self._left = list(route)

    @contextmanager
    def step(self, code: str, sentence: str) -> Iterator[None]:
        """The next step, played in the block."""
        self._next(code)
        assert SENTENCES[code] == sentence, code
        try:
            yield
        except Exception as failure:
            failure.add_note(f"at step {code}: {sentence}")
            raise

    def outside(self, code: str, why: str) -> None:
        """The next step, of which the system sees nothing."""
        self._next(code)
        assert why.strip()

    def _next(self, code: str) -> None:
        assert self._left[:1] == [code], f"{code} does not come next: {self._left}"
        del self._left[0]

    def arrive(self) -> None:
        """The end of the route."""
        assert self._left == []


def numbered(prefix: str, first: int, last: int) -> set[str]:
    """The codes of the reference with a prefix and a number in a range."""
    numbers = {f"{prefix}{number:0{2 if prefix == 'I-' else 1}}" for number in range(first, last + 1)}
    assert numbers <= set(SENTENCES)
    return numbers
