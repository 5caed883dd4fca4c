"""The cells of a data file, read back by its Table Schema: what the other formats are made from."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Value = str | int | float | bool | dt.date | None
Described = Mapping[str, Any]
"""A column as the descriptor has it."""

_TRUE = ("true", "True", "TRUE", "1")  # what Table Schema takes for true when a column does not say


def columns(resource: Mapping[str, Any]) -> list[Described]:
    """The columns of a dataset, as its descriptor has them."""
    found: list[Described] = resource["schema"]["fields"]
    return found


def texts(file: Path) -> Iterator[list[str]]:
    """The rows of a data file as they stand there, header first."""
    with file.open(encoding="utf-8", newline="") as opened:
        yield from csv.reader(opened, strict=True)


def values(file: Path, described: Sequence[Described]) -> Iterator[list[Value]]:
    """The rows of a data file without its header, each cell as its column's type has it; None where it is empty."""
    readers = [reader_of(column) for column in described]
    rows = texts(file)
    next(rows)
    for row in rows:
        yield [read(text) if text else None for read, text in zip(readers, row, strict=True)]


def reader_of(column: Described) -> Callable[[str], Value]:
    """How a cell of a column that is not empty is read; a type without numbers or days stays text."""
    match column["type"]:
        case "integer" | "year":
            return int
        case "number":
            return _number
        case "boolean":
            return true_of(column).__contains__
        case "date":
            return dt.date.fromisoformat
        case _:
            return str


def true_of(column: Described) -> frozenset[str]:
    """What stands for true in a column."""
    return frozenset(column.get("trueValues", _TRUE))


def _number(text: str) -> Value:
    number = float(text)
    return number if math.isfinite(number) else text
