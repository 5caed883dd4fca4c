"""The rows of a data file that were added, removed or changed: two sorted files merged by their key, as streams."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from publishing.formats.cells import texts

Key = tuple[str, ...]
Keyed = tuple[Key, list[str]]

_IN_MEMORY = 50_000
"""Rows that are sorted at a time where a file is not in the order of its key."""


@dataclass(frozen=True)
class RowChange:
    """A row that is in one file only, or differs; `old` and `new` hold the columns that differ.

    `withheld` names columns whose earlier value is not repeated.
    """

    change: str
    key: dict[str, str]
    old: dict[str, str]
    new: dict[str, str]
    withheld: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Its values by name; what does not apply is left out."""
        told: dict[str, Any] = {"change": self.change, "key": self.key}
        told |= {"old": self.old} if self.old else {}
        told |= {"new": self.new} if self.new else {}
        return told | ({"old_withheld": list(self.withheld)} if self.withheld else {})


@dataclass(frozen=True)
class _Columns:
    """Which columns two files have, by position, and whose earlier values are withheld."""

    key: Sequence[str]
    old: Sequence[str]
    new: Sequence[str]
    by_consent: frozenset[str]

    def added(self, row: Keyed) -> RowChange:
        return RowChange("added", self._key(row), {}, self._values(self.new, row))

    def removed(self, row: Keyed) -> RowChange:
        values = self._values(self.old, row)
        return RowChange("removed", self._key(row), *self._without_withheld(values, {}))

    def changed(self, old: Keyed, new: Keyed) -> RowChange | None:
        """What differs in the columns that both have; None where nothing does."""
        before, after = self._values(self.old, old), self._values(self.new, new)
        differ = [name for name in after if name in before and before[name] != after[name]]
        if not differ:
            return None
        changed = ({name: side[name] for name in differ} for side in (before, after))
        return RowChange("changed", self._key(new), *self._without_withheld(*changed))

    def _key(self, row: Keyed) -> dict[str, str]:
        return dict(zip(self.key, row[0], strict=True))

    def _values(self, names: Sequence[str], row: Keyed) -> dict[str, str]:
        return {name: value for name, value in zip(names, row[1], strict=True) if name not in self.key}

    def _without_withheld(
        self, old: dict[str, str], new: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
        kept = {name: value for name, value in old.items() if name not in self.by_consent}
        return kept, new, tuple(name for name in old if name not in kept)


def row_changes(
    old: Path, new: Path, key: Sequence[str], by_consent: frozenset[str], workspace: Path
) -> Iterator[RowChange]:
    """The differences between two files in the order of their key, by code point.

    Columns that only one of them has are not compared. Where a file is in another order, it is sorted in `workspace`.
    """
    sides = [_read(file, key, workspace / name) for file, name in ((old, "old"), (new, "new"))]
    (old_header, before), (new_header, after) = sides
    columns = _Columns(key, old_header, new_header, by_consent)
    for left, right in _side_by_side(before, after):
        if right is None:
            assert left is not None
            yield columns.removed(left)
        elif left is None:
            yield columns.added(right)
        elif change := columns.changed(left, right):
            yield change


def _side_by_side(old: Iterable[Keyed], new: Iterable[Keyed]) -> Iterator[tuple[Keyed | None, Keyed | None]]:
    """Rows of two sorted streams with the same key together, the others alone."""
    olds, news = iter(old), iter(new)
    left, right = next(olds, None), next(news, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            yield left, None
            left = next(olds, None)
        elif left is None or right[0] < left[0]:
            yield None, right
            right = next(news, None)
        else:
            yield left, right
            left, right = next(olds, None), next(news, None)


def _read(file: Path, key: Sequence[str], workspace: Path) -> tuple[list[str], Iterator[Keyed]]:
    """The header of a file, and its rows with their keys, in the order of these."""
    header = next(texts(file))
    at = [header.index(name) for name in key]
    if _is_sorted(_keyed(file, at)):
        return header, _keyed(file, at)
    return header, _sorted(_keyed(file, at), at, workspace)


def _keyed(file: Path, at: Sequence[int]) -> Iterator[Keyed]:
    for row in islice(texts(file), 1, None):
        yield tuple(row[position] for position in at), row


def _is_sorted(rows: Iterable[Keyed]) -> bool:
    last: Key = ()
    for key, _ in rows:
        if key < last:
            return False
        last = key
    return True


def _sorted(rows: Iterator[Keyed], at: Sequence[int], workspace: Path) -> Iterator[Keyed]:
    """Rows in the order of their keys, with no more than a part of them in memory at a time."""
    workspace.mkdir(parents=True)
    parts: list[Path] = []
    while part := sorted(islice(rows, _IN_MEMORY), key=itemgetter(0)):
        file = workspace / f"{len(parts)}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(row for _, row in part)
        parts.append(file)
    return heapq.merge(*(_part(file, at) for file in parts), key=itemgetter(0))


def _part(file: Path, at: Sequence[int]) -> Iterator[Keyed]:
    for row in texts(file):
        yield tuple(row[position] for position in at), row
