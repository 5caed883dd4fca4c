"""Whether the servers answer alike: only then their speed can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.servers import Served
from bench.shapes import Shape
from kernel.errors import KsbbError

_CURSORS = {"endCursor"}
_SHOWN = 300


class AnswersDiffer(KsbbError):
    """Two servers answered the same question differently."""

    code = "ANSWERS_DIFFER"


def check_equal(
    servers: Mapping[str, Served], shape: Shape, bodies: Mapping[str, list[str]], compared: Mapping[str, int]
) -> None:
    """Compare the answers of the other servers with those of the limit, cursors aside.

    Raises:
        AnswersDiffer: they are not equal, or empty.
    """
    for name, most in compared.items():
        limit, other = (_answers(servers[n], shape, bodies[n][:most]) for n in ("limit", name))
        for number, (expected, found) in enumerate(zip(limit, other, strict=True)):
            if expected != found or not any((expected.get("data") or {}).values()):
                raise AnswersDiffer(
                    f"{shape.name}, draw {number}: `{name}` answers {str(found)[:_SHOWN]}, "
                    f"`limit` {str(expected)[:_SHOWN]}."
                )


def _answers(served: Served, shape: Shape, bodies: list[str]) -> Any:
    return (_without_cursors(answer) for answer in served.ask(served.path(shape.name), bodies))


def _without_cursors(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: key in _CURSORS or _without_cursors(inner) for key, inner in value.items()}
    return [_without_cursors(inner) for inner in value] if isinstance(value, list) else value
