"""What all figures tell together that are about some of the same persons: of different datasets, periods and releases.

Whoever combines figures computes a sum of them, each with a weight. It tells of a few persons when it gives 0 for all
but a few. So we look for weights with that effect, and prove that there are none, in two steps that are repeated:

- Persons for whom the same weights add up to the same sum: where they are enough, that sum must be 0, and one of the
  weights follows from the others.
- Two weights that are tied to each other by persons along enough different ways must be equal (or opposite): a few
  persons cannot cut all ways. This is found as in the minimum cut of a graph: groups are its nodes, and each person
  who is in two of them is an edge.

What is left unproved is in doubt, and not told. For persons in two groups at most that is exact; where more groups meet
it is on the safe side.

Source: Nagamochi and Ibaraki, Computing edge-connectivity in multigraphs and capacitated graphs (1992), section 2.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from fractions import Fraction
from itertools import combinations, pairwise

from policy.small_counts import THRESHOLD

GroupId = int
Overlaps = Mapping[frozenset[GroupId], int]
"""Which groups have persons in common, who are in no other, and how many of those are unknown; it may be none."""

_Weight = int | Fraction
_Vector = tuple[tuple[GroupId, _Weight], ...]
"""Weights by group, in the order of groups, the first of them 1: what must be 0 for some persons."""
_Known = dict[GroupId, dict[GroupId, _Weight]]
"""Weights that follow from others."""

_MOST_ALIKE = 100
"""So many groups are compared at most of which persons differ in one only."""
_NOTHING = 0
"""Stands beside the groups for what has no weight: persons who are in one group only are tied to it."""


Choose = Callable[[Set[GroupId]], Iterable[GroupId]]
"""From groups that are in doubt together to those of them that are not to be told."""


def left_out(overlaps: Overlaps, new: Set[GroupId], choose: Choose) -> set[GroupId]:
    """The new groups that are chosen not to be told, so that the others tell of no few persons.

    They are chosen as long as any are in doubt. Groups are numbered from 1.
    """
    out: set[GroupId] = set()
    persons = _unproved(_together((dict.fromkeys(groups, 1), number) for groups, number in overlaps.items()), new)
    while doubts := _tangles(persons, new):
        chosen = {group for together in doubts for group in choose(together)}
        out |= chosen
        persons = _unproved(_after(persons, {group: {} for group in chosen}), new)
    return out


def in_doubt(overlaps: Overlaps, new: Set[GroupId]) -> list[set[GroupId]]:
    """The new groups whose figures could tell of a few persons, together with all others; none when all may be told.

    Groups that are in doubt together are in one set: it may be enough to leave one of them out. What the old groups
    tell among each other is told already, and not looked for.
    """
    persons = _together((dict.fromkeys(groups, 1), number) for groups, number in overlaps.items())
    return _tangles(_unproved(persons, new), new)


def _unproved(persons: Mapping[_Vector, int], new: Set[GroupId]) -> Mapping[_Vector, int]:
    """What is left when all that follows is known."""
    while known := _from_many(persons, new) or _from_ways(persons, new) or _from_pairs(persons, new):
        persons = _after(persons, known)
    return persons


def _tangles(persons: Mapping[_Vector, int], new: Set[GroupId]) -> list[set[GroupId]]:
    """The new groups that are left, those together that have to do with each other."""
    together: list[set[GroupId]] = []
    for vector in persons:
        tangled = {group for group, _ in vector}
        apart = [others for others in together if not others & tangled]
        together = [*apart, tangled.union(*(others for others in together if others & tangled))]
    return [found for tangled in together if (found := tangled & new)]


def _after(persons: Mapping[_Vector, int], known: _Known) -> dict[_Vector, int]:
    """What must be 0 for the same persons when some weights are known."""
    found = defaultdict(int, {v: number for v, number in persons.items() if not any(group in known for group, _ in v)})
    touched = ((v, number) for v, number in persons.items() if any(group in known for group, _ in v))
    for vector, number in _together((_reduced(dict(v), known), number) for v, number in touched).items():
        found[vector] += number
    return found


def _together(parts: Iterable[tuple[Mapping[GroupId, _Weight], int]]) -> dict[_Vector, int]:
    """Persons by what must be 0 for them; those for whom it is are left out."""
    found: defaultdict[_Vector, int] = defaultdict(int)
    for weights, number in parts:
        if weights:
            first = weights[min(weights)]
            found[tuple((group, _divided(weights[group], first)) for group in sorted(weights))] += number
    return found


def _from_many(persons: Mapping[_Vector, int], new: Set[GroupId]) -> _Known:
    """What follows from each sum that concerns enough persons."""
    known: _Known = {}
    for vector in sorted(vector for vector, number in persons.items() if number >= THRESHOLD):
        if weights := _reduced(dict(vector), known):
            _settle(weights, known, new)
    return known


def _from_ways(persons: Mapping[_Vector, int], new: Set[GroupId]) -> _Known:
    """What follows from enough ways between two groups."""
    known: _Known = {}
    for one, other, sign in _tied(_ties(persons)):
        tied: dict[GroupId, _Weight] = {one: 1, **({other: -sign} if other != _NOTHING else {})}
        if weights := _reduced(tied, known):
            _settle(weights, known, new)
    return known


def _from_pairs(persons: Mapping[_Vector, int], new: Set[GroupId]) -> _Known:
    """What follows from enough pairs of persons who differ in one group: it is in the place of another, or of none."""
    beside: defaultdict[_Vector, list[tuple[GroupId, _Weight, int]]] = defaultdict(list)
    for vector, number in persons.items():
        if number:
            beside[vector].append((_NOTHING, 1, number))
            for at, (group, weight) in enumerate(vector):
                beside[vector[:at] + vector[at + 1 :]].append((group, weight, number))
    pairs: defaultdict[tuple[GroupId, GroupId, _Weight], int] = defaultdict(int)
    for alike in beside.values():
        for (one, weight, number), (other, against, others) in combinations(sorted(alike)[:_MOST_ALIKE], 2):
            if one != other:
                pairs[one, other, _divided(weight, against)] += min(number, others)
    known: _Known = {}
    for (one, other, weight), number in sorted(pairs.items()):
        if number >= THRESHOLD:
            differ: dict[GroupId, _Weight] = {other: -1, **({one: weight} if one != _NOTHING else {})}
            if weights := _reduced(differ, known):
                _settle(weights, known, new)
    return known


def _settle(weights: dict[GroupId, _Weight], known: _Known, new: Set[GroupId]) -> None:
    """Let one weight follow from the others: one of an old group if there is any, so that doubts show in new ones."""
    chosen = min(weights, key=lambda group: (group in new, group))
    factor = -weights.pop(chosen)
    known[chosen] = {group: _divided(number, factor) for group, number in weights.items()}


def _reduced(weights: dict[GroupId, _Weight], known: _Known) -> dict[GroupId, _Weight]:
    """The same sum without the weights that are known."""
    while following := [group for group in weights if group in known]:
        for group in following:
            factor = weights.pop(group)
            for other, number in known[group].items():
                weights[other] = weights.get(other, 0) + factor * number
        weights = {group: number for group, number in weights.items() if number}
    return weights


def _divided(number: _Weight, by: _Weight) -> _Weight:
    """Exact; most weights are whole, and quick."""
    return number * by if by == 1 or by == -1 else Fraction(number) / by


_Ties = dict[GroupId, dict[GroupId, tuple[int, int]]]
"""By node and neighbour: 1 where their weights are equal, -1 where they are opposite, for how many persons."""


def _ties(persons: Mapping[_Vector, int]) -> _Ties:
    """The graph of what ties two weights; of two that are tied both ways, nothing follows."""
    ties: _Ties = defaultdict(dict)
    for vector, number in persons.items():
        nodes = [group for group, _ in vector]
        if len(nodes) > 2 or abs(vector[-1][1]) != 1:
            continue
        one, other = (*nodes, _NOTHING)[:2]
        sign = 1 if other == _NOTHING else int(-vector[1][1])
        known_sign, known_number = ties[one].get(other, (sign, 0))
        ties[one][other] = ties[other][one] = (sign, known_number + number) if known_sign == sign else (0, 0)
    return ties


def _tied(ties: _Ties) -> Iterator[tuple[GroupId, GroupId, int]]:
    """Pairs of nodes between which enough ways lead, with the sign of their weights; the second may be nothing."""
    seen: set[GroupId] = set()
    for start in sorted(ties.keys() - {_NOTHING}):
        if start not in seen:
            signs = _signs(ties, start)
            seen |= signs.keys()
            for (before, _), (node, attached) in pairwise(_by_attachment(ties, signs)):
                if attached >= THRESHOLD:
                    yield node, before, signs[node] * signs.get(before, 1)


def _signs(ties: _Ties, start: GroupId) -> dict[GroupId, int]:
    """The sign of each weight that is tied to that of `start`, by the strongest ties."""
    signs: dict[GroupId, int] = {}
    waiting = [(0, start, 1)]
    while waiting:
        _, node, sign = heapq.heappop(waiting)
        if node not in signs:
            signs[node] = sign
            for other, (same, persons) in ties[node].items():
                if same and other not in signs and other != _NOTHING:
                    heapq.heappush(waiting, (-persons, other, sign * same))
    return signs


def _by_attachment(ties: _Ties, signs: Mapping[GroupId, int]) -> list[tuple[GroupId, int]]:
    """Nothing and the nodes, so that each is the one with the most persons tied to those before it, and how many.

    Between a node and the one before it there are as many ways as that. Ties that do not agree with the signs are left
    out.
    """
    attached = dict.fromkeys([_NOTHING, *signs], 0)
    waiting = [(0, _NOTHING)]
    order = []
    while attached:
        number, node = heapq.heappop(waiting) if waiting else (0, min(attached))
        if attached.get(node) != -number:
            continue
        order.append((node, attached.pop(node)))
        for other, (sign, persons) in ties.get(node, {}).items():
            agrees = _NOTHING in {node, other} or sign == signs[node] * signs.get(other, 0)
            if sign and agrees and other in attached:
                attached[other] += persons
                heapq.heappush(waiting, (-attached[other], other))
    return order
