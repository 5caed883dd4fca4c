"""Disclosure control on counts of persons: the 10-5 rule, adaptive groups, totals that reveal nothing.

Pure functions: counts in, what may be published out. The one idea: persons are first gathered into *groups* of at least
`THRESHOLD` whom nobody knows already, each person in one group; then every published figure is the sum of whole groups.
Whatever is subtracted from whatever gives sums of whole groups again, so that no smaller number of persons can be
derived, not even by someone who knows which cells are empty and every business that consented to be listed. `audit`
checks that on the finished tables, without trust in how they were made.

Source: the 10-5 rule of the Office for National Statistics; DOMAIN section 10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import KsbbError
from policy.small_counts import ROUNDING as ROUNDING
from policy.small_counts import THRESHOLD as THRESHOLD
from policy.small_counts import rounded as rounded

Key = tuple[str, ...]
"""The values by which persons are counted, in the order of a dataset's dimensions."""


class DisclosureRefused(KsbbError):
    """The tables of a package would tell a number of persons below the threshold."""

    code = "DISCLOSURE_REFUSED"


@dataclass(frozen=True)
class Count:
    """A number of persons, and how many of them are not in the public list of consenting businesses.

    Whoever knows the list can take the others away: the threshold is for those who remain.
    """

    persons: int
    unlisted: int

    def __add__(self, other: Count) -> Count:
        return Count(self.persons + other.persons, self.unlisted + other.unlisted)

    @property
    def is_safe(self) -> bool:
        """Whether enough of them are unknown."""
        return self.unlisted >= THRESHOLD


NOBODY = Count(0, 0)


@dataclass(frozen=True)
class Rung:
    """A step of coarsening: from a cell's key to that of the wider group it joins when its own is too small.

    Each rung is at least as coarse as the one before. Where `gathers`, a group that is still too small takes in its
    smallest neighbour that is large enough; elsewhere it climbs on.
    """

    wider: Callable[[Key], Key]
    gathers: bool = False


@dataclass(frozen=True)
class Group:
    """Cells that are published together, under one key, with the persons in them."""

    key: Key
    cells: frozenset[Key]
    count: Count


def groups(counts: Mapping[Key, Count], ladder: Sequence[Rung]) -> list[Group]:
    """Cells gathered into groups of at least `THRESHOLD` unlisted persons, as fine as the ladder allows.

    In order of their keys. No cell is in two groups. Cells are left out only where the whole of the last rung's group
    is below the threshold.
    """
    cells = [Group(key, frozenset([key]), count) for key, count in counts.items() if count.persons > 0]
    large, small = _split(cells)
    for rung in ladder:
        climbed, small = _split(_joined(small, rung))
        large += climbed
        if rung.gathers:
            large, small = _with_neighbours(large, small, rung)
    return sorted(_one_per_key(large), key=lambda group: group.key)


def totals(counts: Mapping[Key, Count], parts: Iterable[Group], wider: Callable[[Key], Key]) -> list[Group]:
    """Sums over wider cells, of those only that consist of whole groups; in order of their keys."""
    cells: defaultdict[Key, set[Key]] = defaultdict(set)
    for key, count in counts.items():
        if count.persons > 0:
            cells[wider(key)].add(key)
    inside: defaultdict[Key, int] = defaultdict(int)
    for part in parts:
        homes = {wider(cell) for cell in part.cells}
        if len(homes) == 1:
            inside[homes.pop()] += len(part.cells)
    whole = [key for key in cells if inside[key] == len(cells[key])]
    return [Group(key, frozenset(cells[key]), _sum(counts[cell] for cell in cells[key])) for key in sorted(whole)]


def audit(counts: Mapping[Key, Count], published: Sequence[Group]) -> None:
    """Refuse tables from which a number of persons below the threshold could be told.

    Cells that stand in the same published groups cannot be told apart by any sum or difference of them, so every
    derivable number is a sum over whole classes of such cells. It is enough that no class has few unlisted persons:
    sufficient, not necessary, and therefore on the safe side.

    Raises:
        DisclosureRefused: a figure, or a class of cells that the figures tell apart, has too few persons.
    """
    stands_in: defaultdict[Key, list[int]] = defaultdict(list)
    for number, group in enumerate(published):
        for cell in group.cells:
            stands_in[cell].append(number)
    classes: defaultdict[tuple[int, ...], Count] = defaultdict(lambda: NOBODY)
    for cell, numbers in stands_in.items():
        classes[tuple(numbers)] += counts[cell]
    small = sum(not count.is_safe for count in classes.values())
    wrong = sum(group.count != _sum(counts[cell] for cell in group.cells) for group in published)
    if small or wrong:
        raise DisclosureRefused(
            f"{small} groups of fewer than {THRESHOLD} unlisted persons could be told apart, and {wrong} sums are not "
            f"those of their cells. Nothing was published.",
            small=small,
            wrong=wrong,
        )


def _split(candidates: Iterable[Group]) -> tuple[list[Group], list[Group]]:
    """Those that are large enough, and those that are not."""
    large: list[Group] = []
    small: list[Group] = []
    for group in candidates:
        (large if group.count.is_safe else small).append(group)
    return large, small


def _joined(parts: Iterable[Group], rung: Rung) -> list[Group]:
    """Small groups joined under the keys of a rung."""
    by_key: defaultdict[Key, list[Group]] = defaultdict(list)
    for part in parts:
        by_key[_wider(part, rung)].append(part)
    return [_union(key, together) for key, together in by_key.items()]


def _with_neighbours(large: list[Group], small: list[Group], rung: Rung) -> tuple[list[Group], list[Group]]:
    """Each small group with the smallest large one that lies inside the same wider cell; without one it stays small."""
    neighbours: defaultdict[Key, list[Group]] = defaultdict(list)
    for group in large:
        homes = {rung.wider(cell) for cell in group.cells}
        if len(homes) == 1:
            neighbours[homes.pop()].append(group)
    taken: set[Key] = set()
    gathered, alone = [], []
    for group in small:
        if near := neighbours[group.key]:
            nearest = min(near, key=lambda neighbour: (neighbour.count.persons, neighbour.key))
            taken.add(nearest.key)
            gathered.append(_union(group.key, [group, nearest]))
        else:
            alone.append(group)
    return [*(group for group in large if group.key not in taken), *gathered], alone


def _one_per_key(parts: Iterable[Group]) -> list[Group]:
    """Groups with the same key as one: of cells that had a wide key from the start, and of cells that climbed to it."""
    by_key: defaultdict[Key, list[Group]] = defaultdict(list)
    for part in parts:
        by_key[part.key].append(part)
    return [together[0] if len(together) == 1 else _union(key, together) for key, together in by_key.items()]


def _wider(part: Group, rung: Rung) -> Key:
    """The key of the wider cell that a part joins; its cells agree on it, since each rung is coarser than the last."""
    return rung.wider(min(part.cells))


def _union(key: Key, parts: Sequence[Group]) -> Group:
    cells = frozenset[Key]().union(*(part.cells for part in parts))
    return Group(key, cells, _sum(part.count for part in parts))


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, NOBODY)
