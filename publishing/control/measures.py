"""What is told of a group beside its number: sums, how many are in a state, medians; and in which tables.

A number of persons is told of every group. A measure is told only where it is safe, and never in a way that a
difference of two tables would tell of those where it is not: see `told`.

Source: DESIGN section 8 (p% rule, adverse share, rounding to Rp 5 million); DOMAIN section 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Protocol, Self

from policy.small_counts import AMOUNT_STEP, MOST_ADVERSE, THRESHOLD, nearest, rounded
from publishing.control.disclosure import Count, Group, Key
from publishing.control.dominance import dominates
from publishing.dataset import Field

Row = Mapping[str, Any]
"""A row of a counting view: by the names of its columns (`policy/published_persons.py`)."""


class Value(Protocol):
    """What is known of a measure in a cell; adds up over cells."""

    def __add__(self, other: Self) -> Self:
        """The same over both."""
        ...

    @property
    def is_safe(self) -> bool:
        """Whether it may be told."""
        ...

    @property
    def text(self) -> str:
        """As it is told."""
        ...


@dataclass(frozen=True)
class Amount:
    """A sum over persons in rupiah, the two largest parts of it, and how many unlisted persons have a part in it."""

    total: int = 0
    largest: int = 0
    second: int = 0
    unlisted: int = 0

    def __add__(self, other: Self) -> Self:
        first, second, *_ = sorted((self.largest, self.second, other.largest, other.second), reverse=True)
        return type(self)(self.total + other.total, first, second, self.unlisted + other.unlisted)

    @property
    def is_dominated(self) -> bool:
        """Whether the second largest could estimate the largest to within `DOMINANCE_PERCENT` (p% rule)."""
        return dominates(self.total, self.largest, self.second)

    @property
    def is_safe(self) -> bool:
        """Whether enough unknown persons have a part in it, and none dominates it."""
        return self.unlisted >= THRESHOLD and not self.is_dominated

    @property
    def text(self) -> str:
        """Rounded."""
        return str(nearest(self.total, AMOUNT_STEP))


@dataclass(frozen=True)
class Change(Amount):
    """By how much persons are not where they were when a figure on them was told before, each in absolute rupiah."""

    @property
    def is_safe(self) -> bool:
        """Whether nobody moved, or enough unknown persons did and none dominates: the difference of two tells it."""
        return self.total == 0 or super().is_safe


@dataclass(frozen=True)
class Share:
    """How many of a group are in a state that they may not want to be known to be in."""

    inside: Count
    among: Count

    def __add__(self, other: Share) -> Share:
        return Share(self.inside + other.inside, self.among + other.among)

    @property
    def is_safe(self) -> bool:
        """Whether enough are in it, enough are not, and not too large a share is."""
        outside = Count(self.among.persons - self.inside.persons, self.among.unlisted - self.inside.unlisted)
        few = Fraction(self.inside.persons, self.among.persons) <= MOST_ADVERSE
        return self.inside.is_safe and outside.is_safe and few

    @property
    def text(self) -> str:
        """Rounded."""
        return str(rounded(self.inside.persons))


@dataclass(frozen=True)
class Percent:
    """What is left of 100 % beside the share of a part in a whole.

    Told of the rounded sums, so that it tells no more than they do: safe where they are, in the family of which it is.
    Empty where the whole rounds to 0.
    """

    part: int
    whole: int
    is_safe: ClassVar[bool] = True

    def __add__(self, other: Percent) -> Percent:
        return Percent(self.part + other.part, self.whole + other.whole)

    @property
    def text(self) -> str:
        """Two decimals, half up."""
        part, whole = nearest(self.part, AMOUNT_STEP), nearest(self.whole, AMOUNT_STEP)
        if whole == 0:
            return ""
        hundredths = (20_000 * (whole - part) + whole) // (2 * whole)
        return f"{hundredths // 100}.{hundredths % 100:02}"


@dataclass(frozen=True)
class Spread:
    """How often each number occurs, and with how many unlisted persons."""

    counts: Counter[int]
    unlisted: int

    def __add__(self, other: Spread) -> Spread:
        return Spread(self.counts + other.counts, self.unlisted + other.unlisted)

    @property
    def is_safe(self) -> bool:
        """Whether it is about enough unknown persons."""
        return self.unlisted >= THRESHOLD

    @property
    def text(self) -> str:
        """The median, the lower one of two."""
        numbers = sorted(self.counts.elements())
        return str(numbers[(len(numbers) - 1) // 2])


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something told of a group; `source` names it in the publisher's view.

    Measures of the same `family` are told together or not at all: so what follows from the others is never told of a
    group that hides it. A measure without `field` is not published; it must be safe for its family to be told.
    """

    source: str
    field: Field | None = None
    family: str = ""

    @property
    def kin(self) -> str:
        """The name of its family; its own when it is alone."""
        return self.family or self.source

    @property
    def columns(self) -> Sequence[str]:
        """Its columns in the publisher's view."""
        return (self.source,)

    def read(self, row: Row) -> Value:
        """Its value in a row of the view."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Sum(Measure):
    """A sum over persons in rupiah."""

    @property
    def columns(self) -> Sequence[str]:
        """The sum, its two largest parts, and how many unlisted persons have a part in it."""
        return (self.source, f"{self.source}_1", f"{self.source}_2", f"{self.source}_of")

    def read(self, row: Row) -> Amount:
        """The sum of a row."""
        return Amount(*(int(row[name] or 0) for name in self.columns))


@dataclass(frozen=True, kw_only=True)
class Moved(Sum):
    """What persons moved since a figure of the same family was told of them before; it is not published itself."""

    def read(self, row: Row) -> Change:
        """The change of a row."""
        return Change(*(int(row[name] or 0) for name in self.columns))


@dataclass(frozen=True, kw_only=True)
class InState(Measure):
    """How many are in a state that harms who is known to be in it."""

    @property
    def columns(self) -> Sequence[str]:
        """How many are, and how many of them are unlisted."""
        return (self.source, f"{self.source}_unlisted")

    def read(self, row: Row) -> Share:
        """The share of a row."""
        return Share(Count(*(row[name] for name in self.columns)), Count(row["persons"], row["unlisted"]))


@dataclass(frozen=True, kw_only=True)
class PercentBeside(Measure):
    """100 % less the share of the sum `part` in the sum `source`; of a family of which both sums are."""

    part: str

    def read(self, row: Row) -> Percent:
        """The share of a row."""
        return Percent(int(row[self.part] or 0), int(row[self.source] or 0))


@dataclass(frozen=True, kw_only=True)
class Median(Measure):
    """The middle of a whole number that each has; the view counts by it."""

    def read(self, row: Row) -> Spread:
        """The number of a row, as often as it has persons."""
        return Spread(Counter({row[self.source]: row["persons"]}), row["unlisted"])


@dataclass(frozen=True)
class Cell:
    """What is known of the persons with one key: their number, the value of each measure, and who they are.

    `members` is a sum over them that the database makes of their keys: the same for the same persons only.
    """

    count: Count
    values: tuple[Value, ...] = ()
    members: int = 0

    def __add__(self, other: Cell) -> Cell:
        values = tuple(one + another for one, another in zip(self.values, other.values, strict=True))
        return Cell(self.count + other.count, values, self.members + other.members)


def united(cells: Iterable[Cell]) -> Cell:
    """Cells taken together; there is at least one."""
    first, *others = cells
    for other in others:
        first += other
    return first


Told = Mapping[tuple[str, Key], frozenset[str]]
"""By table and key of a row: the families of measures that are told of it."""


def told(
    measures: Sequence[Measure], tables: Mapping[str, Sequence[Group]], cells: Mapping[Key, Cell], fixed: Sequence[int]
) -> Told:
    """Where each family of measures is told; `tables` from fine to coarse, `fixed`: dimensions that never give way.

    Within each value of the fixed dimensions a family is told in the finest table in which all rows are safe, and in
    the coarser ones. There the rows are sums of rows in which it is told, and of a rest that must be safe as well: so
    every difference is a sum of safe parts.
    """
    found: dict[tuple[str, Key], set[str]] = {}
    for family in dict.fromkeys(measure.kin for measure in measures):
        kin = [at for at, measure in enumerate(measures) if measure.kin == family]
        for table, group in _safe_rows(kin, tables, cells, fixed):
            found.setdefault((table, group.key), set()).add(family)
    return {where: frozenset(families) for where, families in found.items()}


_Kin = Sequence[int]
_Rows = list[tuple[str, Group]]


def _safe_rows(
    kin: _Kin, tables: Mapping[str, Sequence[Group]], cells: Mapping[Key, Cell], fixed: Sequence[int]
) -> _Rows:
    parts: dict[Key, dict[str, list[Group]]] = {}
    for name, groups in tables.items():
        for group in groups:
            part = tuple(group.key[at] for at in fixed)
            parts.setdefault(part, {}).setdefault(name, []).append(group)
    return [row for levels in parts.values() for row in _from_the_finest(kin, list(levels.items()), cells)]


def _from_the_finest(kin: _Kin, levels: Sequence[tuple[str, list[Group]]], cells: Mapping[Key, Cell]) -> _Rows:
    for at, (_, finest) in enumerate(levels):
        inside = frozenset[Key]().union(*(group.cells for group in finest))
        coarser = [group.cells - inside for _, groups in levels[at + 1 :] for group in groups]
        parts = [*(group.cells for group in finest), *(rest for rest in coarser if rest)]
        if all(_is_safe(kin, united(cells[key] for key in sorted(part))) for part in parts):
            return [(name, group) for name, groups in levels[at:] for group in groups]
    return []


def _is_safe(kin: _Kin, cell: Cell) -> bool:
    return all(cell.values[at].is_safe for at in kin)
