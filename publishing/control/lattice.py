"""The full-domain lattice: every way to generalise whole columns at once, and what each costs.

`penerima_anonim` is generalised class by class, which loses less. This search shows what one rule for all rows would
cost, to compare and to choose a cadence by. Pure functions on counts.

A node says for each column how far it is generalised. It is *safe* when no more than a share of the persons is in
classes that may not be told (and would be withheld). Sought are the safe nodes below which nothing is safe. Two things
prune the lattice:

- a class that has too few persons or values stays so in every finer node: with it all that is finer falls;
- what is coarser than a safe node is not minimal.

The share of adverse values is not monotone, so it never prunes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from policy.small_counts import DISTINCT_STATES, SMALLEST_CLASS
from publishing.control.disclosure import NOBODY, Count, Key
from publishing.control.homogeneity import Sensitivity
from publishing.control.row_classes import Values, differ_enough

Node = tuple[int, ...]
"""For each column the step of its hierarchy, 0 for as it is."""


@dataclass(frozen=True)
class Hierarchy:
    """A column and the steps of its generalisation, from fine to coarse, each with its name."""

    column: str
    steps: Sequence[tuple[str, Callable[[str], str]]]


@dataclass(frozen=True)
class Loss:
    """What a node costs: of all persons the share withheld, and how coarse the others are.

    `discernibility` adds up for each person with how many it is confused: its class, or everybody where it is withheld.
    """

    steps: Mapping[str, str]
    withheld: Fraction
    classes: int
    average_class: float
    discernibility: int


@dataclass(frozen=True)
class Search:
    """The minimal safe nodes with their losses, least discernibility first, and how many nodes had to be looked at."""

    minimal: tuple[tuple[Node, Loss], ...]
    looked_at: int
    nodes: int


def search(
    cells: Mapping[Key, Count], hierarchies: Sequence[Hierarchy], sensitivity: Sensitivity, most_withheld: Fraction
) -> Search:
    """All minimal safe nodes; the keys of `cells` end in the sensitive value."""
    unknown = nodes(hierarchies)
    number, looked_at, safe = len(unknown), 0, dict[Node, Loss]()
    while unknown:
        node = _most_telling(unknown)
        looked_at += 1
        seen = _Seen(generalised(cells, hierarchies, node), sensitivity)
        unknown.discard(node)
        if seen.too_small > most_withheld:
            unknown -= {other for other in unknown if is_finer(other, node)}
        elif seen.withheld <= most_withheld:
            safe[node] = seen.loss(hierarchies, node)
            unknown -= {other for other in unknown if is_finer(node, other)}
    minimal = [node for node in safe if not any(is_finer(other, node) for other in safe)]
    ordered = sorted(minimal, key=lambda node: (safe[node].discernibility, node))
    return Search(tuple((node, safe[node]) for node in ordered), looked_at, number)


def nodes(hierarchies: Sequence[Hierarchy]) -> set[Node]:
    """Every node of the lattice."""
    return set(product(*(range(len(hierarchy.steps)) for hierarchy in hierarchies)))


def is_finer(node: Node, other: Node) -> bool:
    """Whether a node lies below another one."""
    return node != other and all(step <= wider for step, wider in zip(node, other, strict=True))


def generalised(cells: Mapping[Key, Count], hierarchies: Sequence[Hierarchy], node: Node) -> list[Values]:
    """The classes of a node: of each, persons by sensitive value."""
    wider = [hierarchy.steps[step][1] for hierarchy, step in zip(hierarchies, node, strict=True)]
    classes: defaultdict[Key, dict[str, Count]] = defaultdict(dict)
    for key, count in cells.items():
        values = classes[tuple(widen(part) for widen, part in zip(wider, key, strict=False))]
        values[key[-1]] = values.get(key[-1], NOBODY) + count
    return [classes[key] for key in sorted(classes)]


class _Seen:
    """The classes of a node as they were found: the shares of persons in those that are too small, or withheld."""

    def __init__(self, classes: Sequence[Values], sensitivity: Sensitivity) -> None:
        self._all = sum(map(_persons, classes))
        self._told = [_persons(values) for values in classes if differ_enough(values, sensitivity)]
        self.withheld = self._share(self._all - sum(self._told))
        self.too_small = self._share(sum(_persons(values) for values in classes if _is_too_small(values)))

    def loss(self, hierarchies: Sequence[Hierarchy], node: Node) -> Loss:
        """What the node costs."""
        told = sum(self._told)
        return Loss(
            {hierarchy.column: hierarchy.steps[step][0] for hierarchy, step in zip(hierarchies, node, strict=True)},
            self.withheld,
            len(self._told),
            round(told / len(self._told), 1) if self._told else 0.0,
            sum(size * size for size in self._told) + (self._all - told) * self._all,
        )

    def _share(self, persons: int) -> Fraction:
        return Fraction(persons, self._all) if self._all else Fraction(0)


def _most_telling(unknown: set[Node]) -> Node:
    """The node after which most is known, whatever is found: with many finer and many coarser ones."""
    return max(sorted(unknown), key=lambda node: _spared(node, unknown))


def _spared(node: Node, unknown: set[Node]) -> int:
    finer = sum(is_finer(other, node) for other in unknown)
    coarser = sum(is_finer(node, other) for other in unknown)
    return min(finer, coarser)


def _is_too_small(values: Values) -> bool:
    """Whether a class fails in a way in which every part of it fails too."""
    there = [count for count in values.values() if count.persons]
    return sum(count.unlisted for count in there) < SMALLEST_CLASS or len(there) < DISTINCT_STATES


def _persons(values: Values) -> int:
    return sum(count.persons for count in values.values())
