"""How much the published figures leave open: the least and most persons that each class of cells can have.

The attacker knows every figure, how it is rounded, which cells are in it, that it counts `THRESHOLD` unlisted persons
or more, and everybody in the public list. What remains unknown are the unlisted persons of each class, whole numbers.

Cost: where the figures of a component are nested (what `publishing/control/disclosure.py` makes), two passes over the
tree give exact bounds, linear in all memberships. Elsewhere HiGHS solves at most two integer programs per class of the
component.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from policy.small_counts import THRESHOLD, before_rounding
from publishing.audit.cell_classes import CellClass, Figure, members

_NODES = 10_000
"""An integer program that needs more ends with the best world found so far: we then know of less room than there is."""


@dataclass(frozen=True)
class Interval:
    """From the least to the most that a number can be."""

    least: int
    most: int

    @property
    def width(self) -> int:
        """How much is left open."""
        return self.most - self.least

    def within(self, other: Interval) -> Interval:
        """What both allow."""
        return Interval(max(self.least, other.least), min(self.most, other.most))


World = Mapping[int, int]
"""Unlisted persons by class, as they could be."""
Known = dict[frozenset[int], Interval]
"""What the figures say: for a set of classes, an interval of its unlisted persons."""


def intervals(classes: Sequence[CellClass], figures: Sequence[Figure], enough: float = inf) -> list[Interval]:
    """The unlisted persons that each class can have, in the order of the classes.

    Exact without `enough`. With it, where figures overlap, only classes that hide something are bounded, and only until
    their intervals are so wide.

    The figures must be true: told as their persons are rounded. Anything else has no world that explains it.
    """
    bounds: dict[int, Interval] = {}
    for known in _components(_known(classes, figures)):
        nested = _parents(known)
        bounds |= _integer_bounds(known, classes, enough) if nested is None else _tree_bounds(known, nested)
    return [bounds[position] for position in range(len(classes))]


def cell_interval(one: CellClass, of_class: Interval) -> Interval:
    """The unlisted persons that each cell of a class can have: nothing tells them apart."""
    return of_class if len(one.cells) == 1 else Interval(0, of_class.most)


def _known(classes: Sequence[CellClass], figures: Sequence[Figure]) -> Known:
    """The figures as intervals of unlisted persons; several of the same classes become one."""
    known: Known = {}
    for figure, inside in zip(figures, members(classes, figures), strict=True):
        least, most = before_rounding(figure.told)
        listed = sum(classes[position].listed for position in inside)
        unlisted = sum(classes[position].count.unlisted for position in inside)
        says = Interval(max(least - listed, min(THRESHOLD, unlisted)), most - listed)
        key = frozenset(inside)
        if key:
            known[key] = says.within(known.get(key, says))
    return known


def _components(known: Known) -> list[Known]:
    """Figures that share no class, directly or through others, say nothing of each other."""
    leader: dict[int, int] = {}

    def find(position: int) -> int:
        while leader.setdefault(position, position) != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    for inside in known:
        first = find(min(inside))
        for position in inside:
            leader[find(position)] = first
    parts: defaultdict[int, Known] = defaultdict(dict)
    for inside, says in known.items():
        parts[find(min(inside))][inside] = says
    return [parts[root] for root in sorted(parts)]


_Part = frozenset[int] | int
"""Of a tree: a figure, or a class."""


def _parents(known: Known) -> dict[_Part, frozenset[int]] | None:
    """The smallest figure around each figure and class, wider ones first; None where two figures overlap otherwise."""
    innermost: dict[int, frozenset[int]] = {}
    parents: dict[_Part, frozenset[int]] = {}
    for inside in sorted(known, key=lambda figure: (-len(figure), min(figure))):
        around = {innermost.get(position) for position in inside}
        if len(around) > 1:
            return None
        if (parent := around.pop()) is not None:
            parents[inside] = parent
        innermost |= dict.fromkeys(inside, inside)
    return parents | innermost


def _tree_bounds(known: Known, parents: Mapping[_Part, frozenset[int]]) -> dict[int, Interval]:
    """Exact bounds of nested figures: sums of parts upwards, then what the others leave to each part downwards."""
    parts: defaultdict[frozenset[int], list[_Part]] = defaultdict(list)
    for part, parent in parents.items():
        parts[parent].append(part)
    bound: dict[_Part, Interval] = {position: Interval(0, known[parents[position]].most) for position in _leaves(known)}
    wider_first = sorted(known, key=len, reverse=True)
    for figure in reversed(wider_first):
        bound[figure] = known[figure].within(_sum([bound[part] for part in parts[figure]]))
    for figure in wider_first:
        all_parts = _sum([bound[part] for part in parts[figure]])
        for part in parts[figure]:
            own = bound[part]
            left = Interval(
                bound[figure].least - (all_parts.most - own.most), bound[figure].most - (all_parts.least - own.least)
            )
            bound[part] = own.within(left)
    return {position: bound[position] for position in _leaves(known)}


def _integer_bounds(known: Known, classes: Sequence[CellClass], enough: float) -> dict[int, Interval]:
    """Bounds of overlapping figures: for each class, the worlds in which it has fewest and most (HiGHS).

    Each world is evidence for all classes, so most need none of their own once `enough` is left open.
    """
    leaves = _leaves(known)
    seen = {
        position: Interval(classes[position].count.unlisted, classes[position].count.unlisted) for position in leaves
    }
    wanted = [position for position in leaves if classes[position].hides or enough == inf]
    extreme = _extreme_worlds(known, leaves)
    for signs in _many_at_once(wanted) if enough < inf else ():
        _widen(seen, extreme(signs))
    for position in wanted:
        for sign in (1, -1):
            if seen[position].width < enough:
                _widen(seen, extreme({position: sign}))
    return seen


def _many_at_once(positions: Sequence[int]) -> Iterator[dict[int, int]]:
    """Pulls half of the classes down and half up, in ever other halves, so that any two are pulled apart once."""
    for bit in range(len(positions).bit_length()):
        up = {position: 1 if at >> bit & 1 else -1 for at, position in enumerate(positions)}
        yield up
        yield {position: -sign for position, sign in up.items()}


def _widen(seen: dict[int, Interval], world: World) -> None:
    """Take a world as evidence of what each class can have."""
    for position, persons in world.items():
        before = seen[position]
        seen[position] = Interval(min(before.least, persons), max(before.most, persons))


def _extreme_worlds(known: Known, leaves: Sequence[int]) -> Callable[[Mapping[int, int]], World]:
    """Asks for a world with the fewest (1) or most (-1) persons in some classes; an empty one where none was found."""
    from scipy.optimize import (
        Bounds,
        LinearConstraint,
        milp,
    )  # takes 0.3 s to import, which only a publisher should pay
    from scipy.sparse import csr_array

    column = {position: at for at, position in enumerate(leaves)}
    rows = sorted(known, key=sorted)
    entries = [column[position] for row in rows for position in sorted(row)]
    starts = [0, *accumulate(len(row) for row in rows)]
    matrix = csr_array(([1.0] * len(entries), entries, starts), shape=(len(rows), len(leaves)))
    figures = LinearConstraint(matrix, [known[row].least for row in rows], [known[row].most for row in rows])

    def extreme(signs: Mapping[int, int]) -> World:
        found = milp(
            [float(signs.get(position, 0)) for position in leaves],
            integrality=[1] * len(leaves),
            bounds=Bounds(0, inf),
            constraints=figures,
            options={"node_limit": _NODES, "mip_rel_gap": 0},
        )
        world = {} if found.x is None else {leaf: round(found.x[at]) for leaf, at in column.items()}
        return world if _explains(world, known) else {}

    return extreme


def _explains(world: World, known: Known) -> bool:
    """Whether a world gives every figure, counted in whole numbers: what the solver says in floats is not trusted."""
    return bool(world) and all(
        says.least <= sum(world[position] for position in inside) <= says.most for inside, says in known.items()
    )


def _leaves(known: Known) -> list[int]:
    return sorted(frozenset[int]().union(*known))


def _sum(parts: Sequence[Interval]) -> Interval:
    return Interval(sum(part.least for part in parts), sum(part.most for part in parts))
