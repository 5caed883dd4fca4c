"""Two answers, compared as parsed JSON: values, lengths, and the order of keys."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tests.fuzz.reference import PLACE


def differences(mine: Any, theirs: Any, cursors: dict[str, str], path: str = "") -> Iterator[str]:
    """Where two answers differ. Cursors of the one are noted beside what the other writes for the same place."""
    if isinstance(theirs, dict) and isinstance(mine, dict):
        if list(mine) != list(theirs):
            yield f"{path}: keys {list(mine)} and {list(theirs)}"
            return
        for key, value in theirs.items():
            yield from differences(mine[key], value, cursors, f"{path}.{key}")
    elif isinstance(theirs, list) and isinstance(mine, list):
        if len(mine) != len(theirs):
            yield f"{path}: {len(mine)} and {len(theirs)} items"
            return
        for i, value in enumerate(theirs):
            yield from differences(mine[i], value, cursors, f"{path}[{i}]")
    elif isinstance(theirs, str) and theirs.startswith(PLACE) and isinstance(mine, str):
        if cursors.setdefault(mine, theirs) != theirs:
            yield f"{path}: one cursor for two places, {theirs!r} and {cursors[mine]!r}"
    elif not _same(mine, theirs):
        yield f"{path}: {mine!r} and {theirs!r}"


def _same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, bool) or isinstance(theirs, bool):
        return mine is theirs
    if isinstance(mine, float) or isinstance(theirs, float):
        numbers = isinstance(mine, int | float) and isinstance(theirs, int | float)
        return numbers and math.isclose(mine, theirs, rel_tol=1e-9)
    return bool(mine == theirs)
