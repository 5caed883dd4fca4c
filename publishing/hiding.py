"""Which of the groups that a release would tell of stay hidden, because all figures together could tell of a few.

Pure functions on what the register says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from policy.small_counts import THRESHOLD
from publishing.audit.overlaps import Overlaps, left_out
from publishing.control.anonymous_rows import class_of
from publishing.control.counts import PersonCounts
from publishing.control.microdata import Microdata
from publishing.period import Revision
from publishing.register import ToldGroup

Datasets = Mapping[str, PersonCounts | Microdata]
"""Those that tell of persons, by name."""


@dataclass(frozen=True)
class Proposed:
    """The groups that a release would tell of: `new` ones, and `revised` ones with those that they would replace."""

    new: Sequence[ToldGroup]
    revised: Sequence[tuple[ToldGroup, ToldGroup]] = ()

    @property
    def all(self) -> list[ToldGroup]:
        """Every group that was not told before."""
        return [*self.new, *(after for _, after in self.revised)]


def hidden_groups(overlaps: Overlaps, proposed: Proposed, datasets: Datasets) -> list[ToldGroup]:
    """Groups that may not be told: left out one after the other, until what is left may be.

    Revised ones that hardly change first, and of a count that goes on also those that move it by few. Then, of those
    that are in doubt together, revised ones before new ones, rows of persons before counts, and datasets about few
    before those about many.
    """
    left = {group.id: group for group in proposed.all}
    hidden = [left.pop(group.id) for group in _little_changed(overlaps, proposed.revised, datasets)]
    new, sizes = {group.id for group in proposed.new}, _sizes(proposed.all)

    def rank(number: int) -> tuple[bool, bool, int, int, str]:
        group = left[number]
        is_rows = isinstance(datasets[group.dataset], Microdata)
        return (number in new, not is_rows, sizes[group.dataset], group.persons, group.place)

    def chosen(together: Set[int]) -> list[int]:
        if not (waiting := together & left.keys()):
            return []
        group = left[min(waiting, key=rank)]
        found = [one for one in left.values() if one == group or _goes_with(one, group, datasets)]
        hidden.extend(left.pop(one.id) for one in found)
        return [one.id for one in found]

    left_out(_without(overlaps, {group.id for group in hidden}), set(left), chosen)
    return hidden


def _little_changed(
    overlaps: Overlaps, revised: Sequence[tuple[ToldGroup, ToldGroup]], datasets: Datasets
) -> Iterator[ToldGroup]:
    """Revised groups in which, as against before, few unknown persons are others; linear in all memberships."""
    other = {one.id: another.id for pair in revised for one, another in (pair, pair[::-1])}
    apart: Counter[int] = Counter()
    for groups, number in overlaps.items():
        for group in groups:
            if group in other and other[group] not in groups:
                apart[group] += number
    for before, after in revised:
        goes_on = datasets[after.dataset].revision is Revision.MONTHLY
        moves = abs(after.persons - before.persons) if goes_on else THRESHOLD
        if min(apart[before.id] + apart[after.id], moves) < THRESHOLD:
            yield after


def _goes_with(one: ToldGroup, hidden: ToldGroup, datasets: Datasets) -> bool:
    """Whether a group cannot be told without another: rows of persons of the same class, or beside it."""
    rows = datasets[one.dataset]
    if not isinstance(rows, Microdata) or one.cohort != hidden.cohort:
        return False
    is_same_class = one.dataset == hidden.dataset and class_of(one.place) == class_of(hidden.place)
    return is_same_class or rows.beside.name == hidden.dataset


def _sizes(groups: Sequence[ToldGroup]) -> Mapping[str, int]:
    sizes: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        sizes[group.dataset] += group.persons
    return sizes


def _without(overlaps: Overlaps, hidden: Set[int]) -> Overlaps:
    found: defaultdict[frozenset[int], int] = defaultdict(int)
    for groups, persons in overlaps.items():
        found[groups - hidden] += persons
    return found
