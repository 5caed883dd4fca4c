"""What an attacker sees of a population: figures over sets of cells, and which cells the figures tell apart.

Cells that stand in the same figures form a *class*: no combination of figures tells one of them from another. So the
rank test and the intervals work on classes, of which there are far fewer than cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publishing.control.disclosure import NOBODY, Count, Key


@dataclass(frozen=True)
class Figure:
    """A published number: the cells whose persons it counts, and what was told (rounded)."""

    cells: frozenset[Key]
    told: int


@dataclass(frozen=True)
class CellClass:
    """Cells that stand in the same figures (their positions), with the true number of persons in all of them."""

    cells: tuple[Key, ...]
    figures: tuple[int, ...]
    count: Count

    @property
    def listed(self) -> int:
        """Persons whom everybody can see in the public list of consenting businesses."""
        return self.count.persons - self.count.unlisted

    @property
    def hides(self) -> bool:
        """Whether a number must stay open: it is too small, or it is published together with others only."""
        return len(self.cells) > 1 or not self.count.is_safe


def cell_classes(counts: Mapping[Key, Count], figures: Sequence[Figure]) -> list[CellClass]:
    """The cells that stand in a figure, by the figures in which they stand; linear in all memberships.

    The attacker knows of a cell without `counts` that it is empty, but not of one that counts nobody.
    """
    stands_in: defaultdict[Key, list[int]] = defaultdict(list)
    for number, figure in enumerate(figures):
        for cell in figure.cells:
            stands_in[cell].append(number)
    alike: defaultdict[tuple[int, ...], list[Key]] = defaultdict(list)
    for cell in sorted(stands_in):
        if cell in counts:
            alike[tuple(stands_in[cell])].append(cell)
    return [
        CellClass(tuple(cells), numbers, sum((counts[cell] for cell in cells), NOBODY))
        for numbers, cells in sorted(alike.items())
    ]


def members(classes: Sequence[CellClass], figures: Sequence[Figure]) -> list[list[int]]:
    """For each figure, the positions of its classes."""
    inside: list[list[int]] = [[] for _ in figures]
    for position, one in enumerate(classes):
        for number in one.figures:
            inside[number].append(position)
    return inside
