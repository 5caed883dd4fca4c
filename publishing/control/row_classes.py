"""Classes of rows that look alike: what may be in one, so that k, l and the dataset beside hold.

Pure functions on counts. The rows of a class are about the persons of whole *groups* of the dataset beside, so that no
difference of the two datasets cuts a group. Within a class they tell of each sex how many have each sensitive value:
columns of a table whose rows, the groups, the other dataset tells. What follows from both is what follows from the
margins of that table. A class is *closed* where they leave too little room for a small number of persons of one sex in
one group (`leaves_room`); then it is coarsened like one that is too small or too much alike.

Whoever knows which groups have only one sex, and the exact numbers behind the rounded ones, is assumed to be asking.
Decision 0018 has the proof.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policy.small_counts import REQUIRED_WIDTH, SMALLEST_CLASS, THRESHOLD, rounded
from publishing.control.disclosure import NOBODY, Count, Group, Key
from publishing.control.homogeneity import Sensitivity, StateCount, too_alike
from publishing.control.microdata import BOTH_SEXES

Values = Mapping[str, Count]
"""Persons by their sensitive value."""


@dataclass(frozen=True)
class Part:
    """A whole group of the dataset beside: its key and cells, and its persons by sex and sensitive value."""

    key: Key
    cells: frozenset[Key]
    persons: Mapping[tuple[str, str], Count]

    @property
    def size(self) -> int:
        """How many persons are in it."""
        return sum(count.persons for count in self.persons.values())


def parts_of(groups: Iterable[Group], cells: Mapping[Key, Count]) -> list[Part]:
    """The groups with what `cells` knows of them: keys there end in sex and sensitive value."""
    inside: defaultdict[Key, dict[tuple[str, str], Count]] = defaultdict(dict)
    for key, count in cells.items():
        inside[key[:-2]][key[-2], key[-1]] = count
    return [Part(group.key, group.cells, _added(inside[cell] for cell in sorted(group.cells))) for group in groups]


def by_sex_and_value(parts: Iterable[Part], *, by_sex: bool) -> dict[str, dict[str, Count]]:
    """The persons of some parts by sex, or of both sexes together, and sensitive value."""
    found: dict[str, dict[str, Count]] = {}
    for part in parts:
        for (sex, value), count in part.persons.items():
            if count.persons:
                values = found.setdefault(sex if by_sex else BOTH_SEXES, {})
                values[value] = values.get(value, NOBODY) + count
    return found


def may_be_told(parts: Sequence[Part], sensitivity: Sensitivity, *, by_sex: bool) -> bool:
    """Whether rows about the persons of some parts may be published as a class, or as one of each sex."""
    told = by_sex_and_value(parts, by_sex=by_sex).values()
    return all(differ_enough(values, sensitivity) for values in told) and (not by_sex or leaves_room(parts))


def leaves_room(parts: Sequence[Part]) -> bool:
    """Whether the numbers of groups and of sexes leave every small number of one sex in one group open."""
    return all(width >= REQUIRED_WIDTH for width in widths(parts))


def widths(parts: Sequence[Part]) -> list[int]:
    """How open each small number of persons of one sex in one group is, for one who knows the exact margins.

    A group of one sex is known. Of the others, the persons of a sex in a group are at least what the group has above
    all of the other sex, and at most what the group or the sex has; every number between is possible.
    """
    mixed = [row for row in map(_unlisted_by_sex, parts) if len(row) > 1]
    of_sex = Counter[str]()
    for row in mixed:
        of_sex.update(row)
    return [
        min(row.total(), of_sex[sex]) - max(0, row.total() - (of_sex.total() - of_sex[sex]))
        for row in mixed
        for sex, persons in row.items()
        if persons < THRESHOLD
    ]


def differ_enough(values: Values, sensitivity: Sensitivity) -> bool:
    """Whether k, l and the shares hold: of all, of those whom nobody knows, and of the rows as they are published."""
    everybody = {value: count.persons for value, count in values.items()}
    unknown = {value: count.unlisted for value, count in values.items()}
    told = {value: rounded(count.persons) for value, count in values.items()}
    return all(
        sum(numbers.values()) >= SMALLEST_CLASS
        and not too_alike((StateCount((), value, number) for value, number in numbers.items()), sensitivity)
        for numbers in (everybody, unknown, told)
    )


def _unlisted_by_sex(part: Part) -> Counter[str]:
    """The unlisted persons of each sex that there is, even where all of them are listed."""
    found = Counter[str]()
    for (sex, _), count in part.persons.items():
        if count.persons:
            found[sex] += count.unlisted
    return found


def _added(cells: Iterable[Mapping[tuple[str, str], Count]]) -> dict[tuple[str, str], Count]:
    found: dict[tuple[str, str], Count] = {}
    for cell in cells:
        for key, count in cell.items():
            found[key] = found.get(key, NOBODY) + count
    return found
