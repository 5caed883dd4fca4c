"""The rank test: what anybody could compute from the published figures if they were not even rounded.

A number of persons is derivable exactly when the set of its cells, as a vector, lies in the row space of the figures.
Exact arithmetic: no tolerance decides.

Sets below the threshold consist of classes below the threshold. So the large classes are eliminated first; what is left
of the row space speaks of small classes alone, and is mostly nothing. Cost: a sparse elimination over the classes; one
pass over all memberships where figures are nested.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy.small_counts import THRESHOLD
from publishing.audit.cell_classes import CellClass, Figure, members

Vector = dict[int, Fraction]
"""Coefficients of classes, by their positions; no zeros."""

_MOST_SETS = 20_000
"""So many combinations of small classes are tried before we refuse, being in doubt."""


@dataclass(frozen=True)
class RankTest:
    """The rank of the figures, and the sets of classes below the threshold that they determine.

    `is_certain` is false where too many combinations were left to try.
    """

    rank: int
    determined: tuple[frozenset[int], ...]
    is_certain: bool

    @property
    def holds(self) -> bool:
        """Whether nothing small can be derived, for certain."""
        return self.is_certain and not self.determined


def rank_test(classes: Sequence[CellClass], figures: Sequence[Figure]) -> RankTest:
    """Which sets of fewer than `THRESHOLD` unlisted persons the exact figures would tell."""
    small = {position for position, one in enumerate(classes) if not one.count.is_safe}
    place = {column: at for at, column in enumerate(sorted(range(len(classes)), key=lambda c: (c in small, c)))}
    rows = sorted((row for row in members(classes, figures) if row), key=len)
    basis = _echelon([dict.fromkeys(row, Fraction(1)) for row in rows], place)
    of_small = _reduced({lead: row for lead, row in basis.items() if lead in small}, place)
    found: list[frozenset[int]] = []
    for tried, (chosen, vector) in enumerate(_sums(of_small, classes)):
        if tried >= _MOST_SETS:
            return RankTest(len(basis), tuple(found), is_certain=False)
        if chosen and set(vector.values()) == {1} and sum(classes[c].count.unlisted for c in vector) < THRESHOLD:
            found.append(frozenset(vector))
    return RankTest(len(basis), tuple(found), is_certain=True)


def _echelon(rows: Sequence[Vector], place: Mapping[int, int]) -> dict[int, Vector]:
    """A basis of the row space by leading class: the first of a row, in the order of `place`, with coefficient 1."""
    basis: dict[int, Vector] = {}
    columns = {at: column for column, at in place.items()}
    for row in rows:
        rest = dict(row)
        waiting = [place[column] for column in rest]
        heapq.heapify(waiting)
        while waiting:
            lead = columns[heapq.heappop(waiting)]
            factor = rest.get(lead)
            if factor is None:
                continue
            if lead not in basis:
                basis[lead] = {column: number / factor for column, number in rest.items()}
                break
            for new in _subtract(rest, basis[lead], factor):
                heapq.heappush(waiting, place[new])
    return basis


def _reduced(basis: dict[int, Vector], place: Mapping[int, int]) -> dict[int, Vector]:
    """The same space, with each leading class in its own row only: of a sum of rows these tell which were added."""
    for lead in sorted(basis, key=place.__getitem__, reverse=True):
        for other, row in basis.items():
            if other != lead and lead in row:
                _subtract(row, basis[lead], row[lead])
    return basis


def _subtract(row: Vector, other: Vector, factor: Fraction) -> list[int]:
    """Take a multiple of another row away; the columns that came in."""
    came = []
    for column, number in other.items():
        if column not in row:
            came.append(column)
        rest = row.get(column, Fraction(0)) - factor * number
        if rest:
            row[column] = rest
        else:
            del row[column]
    return came


def _sums(basis: Mapping[int, Vector], classes: Sequence[CellClass]) -> Iterator[tuple[tuple[int, ...], Vector]]:
    """All sums of rows whose leading classes have fewer than `THRESHOLD` unlisted persons together.

    A set of classes in the space is the sum of the rows of its leading classes, so none is missed.
    """
    leads = sorted(basis)
    waiting: list[tuple[int, int, tuple[int, ...], Vector]] = [(0, 0, (), {})]
    while waiting:
        start, persons, chosen, vector = waiting.pop()
        yield chosen, vector
        for at in range(start, len(leads)):
            more = persons + classes[leads[at]].count.unlisted
            if more < THRESHOLD:
                added = dict(vector)
                _subtract(added, basis[leads[at]], Fraction(-1))
                waiting.append((at + 1, more, (*chosen, leads[at]), added))
