"""The rows of microdata for one sealed period, made from counts: of a class, so many equal rows for each value.

Groups of the dataset beside are gathered into classes (`publishing/control/row_classes.py`): as they are first, then
with wider columns, without their sexes, with a neighbour, and in a wider region at last. What is too small or too much
alike even then is withheld. The number of rows of a class with one value is rounded like any count of persons, so that
no exact number stands beside a rounded one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from geo.regions import Level
from policy.small_counts import rounded
from publishing.control.counts import DETAIL, REST
from publishing.control.disclosure import Count, Key
from publishing.control.homogeneity import Sensitivity
from publishing.control.ledger import Ledger, place
from publishing.control.measures import Cell, united
from publishing.control.microdata import BOTH_SEXES, Microdata
from publishing.control.persons import LEVEL_OF_LENGTH, Row, last_rank, menu, wider
from publishing.control.row_classes import Part, by_sex_and_value, may_be_told, parts_of

T = TypeVar("T", Count, Cell)

ROWS = "BARIS"
"""What stands for a table where rows are meant: in the ledger and the risk report."""

_FROM_NARROW_TO_WIDE = (Level.KELURAHAN, Level.KECAMATAN, Level.KOTA, Level.PROVINSI)
_TAKE_FROM_BELOW = (Level.KOTA, Level.PROVINSI)
"""Where what is left may take in a class of a narrower region: before it would leave the kota, and at last."""


@dataclass(frozen=True, order=True)
class Look:
    """How the rows of a class look: a key of the dataset beside, and whether sexes are told apart."""

    key: Key
    by_sex: bool


Classes = Mapping[Look, Sequence[Part]]


def anonymous_rows(
    dataset: Microdata, period: str, cells: Mapping[Key, Cell], ledger: Ledger, hidden: Collection[str] = ()
) -> list[Row]:
    """What may be published of a period; the persons behind equal rows are noted in the ledger.

    Not those of whom no row tells: the ledger is published, and would say that they are there. Nothing is told of
    classes of which a place, as `sexes` names it, is `hidden`.
    """
    without = {class_of(place_) for place_ in hidden}
    found = {
        look: parts
        for look, parts in classes(dataset, {key: cell.count for key, cell in cells.items()}).items()
        if place(ROWS, look.key) not in without
    }
    alike: defaultdict[Key, list[Cell]] = defaultdict(list)
    for (*look, sex), inside in _cells_by_look(found, cells):
        for key in inside:
            alike[(*look, sex, key[-1])].append(cells[key])
    digests = {}
    for values, here in alike.items():
        together = united(here)
        if rounded(together.count.persons):
            digests[place(ROWS, values)] = ledger.digest(dataset.name, together.count.persons, together.members)
    ledger.note(dataset.name, period, digests)
    return rows(period, found)


def sexes(dataset: Microdata, cells: Mapping[Key, Cell]) -> Iterator[tuple[str, Collection[Key]]]:
    """Of each class the sexes that it tells but for one: by a place as in the ledger, the cells of its persons.

    With the groups of the dataset beside, of which a class is made, that is all that numbers of rows tell of who is in
    which class; what the persons received is another matter (decision 0018).
    """
    found = classes(dataset, {key: cell.count for key, cell in cells.items()})
    first = dict[Key, Key]()
    for values, inside in _cells_by_look(found, cells):
        if values[-1] != BOTH_SEXES and first.setdefault(values[:-1], values) != values:
            yield place(ROWS, values), inside


def class_of(place_: str) -> str:
    """The class of a place that `sexes` names."""
    return place_.rpartition("|")[0]


def _cells_by_look(found: Classes, cells: Mapping[Key, Cell]) -> Iterator[tuple[Key, list[Key]]]:
    """Cells by the key of their class and the sex that it tells."""
    look_of = {cell: look for look, parts in found.items() for part in parts for cell in part.cells}
    inside: defaultdict[Key, list[Key]] = defaultdict(list)
    for key in sorted(cells):
        if look := look_of.get(key[:-2]):
            inside[(*look.key, key[-2] if look.by_sex else BOTH_SEXES)].append(key)
    yield from inside.items()


def classes(dataset: Microdata, cells: Mapping[Key, Count]) -> Classes:
    """The persons of a period in classes that may be told; who is in none is withheld."""
    beside = beside_rows(cells)
    parts = parts_of(menu(dataset.beside, beside)[DETAIL], cells)
    return _Gathering(dataset, dataset.sensitivity, {part.key: part for part in parts}).done()


def beside_rows(cells: Mapping[Key, T]) -> dict[Key, T]:
    """What the dataset beside knows of the same persons: without sex and sensitive value, which end a key."""
    found: dict[Key, T] = {}
    for key, known in cells.items():
        found[key[:-2]] = found[key[:-2]] + known if key[:-2] in found else known
    return found


def rows(period: str, found: Classes) -> list[Row]:
    """The rows of the classes of a period, in the order of their values."""
    made: list[Row] = []
    for look, parts in found.items():
        for sex, values in by_sex_and_value(parts, by_sex=look.by_sex).items():
            for value, count in values.items():
                made += [_row(period, look.key, sex, value)] * rounded(count.persons)
    return sorted(made)


def _row(period: str, key: Key, sex: str, value: str) -> Row:
    region, *others = key
    return (*period.split("/"), region, LEVEL_OF_LENGTH[len(region)].value, *others, sex, value)


@dataclass
class _Gathering:
    """Classes while they are made: `waiting` are the parts that are in none yet, by their keys."""

    dataset: Microdata
    sensitivity: Sensitivity
    waiting: dict[Key, Part]
    classes: dict[Look, list[Part]] = field(default_factory=dict)

    def done(self) -> Classes:
        """All that can be told, as narrow as it can be."""
        last = last_rank(self.dataset.beside)
        for level in _FROM_NARROW_TO_WIDE:
            for rank in range(last + 1):
                self._join(level, rank, by_sex=True)
            self._join(level, last, by_sex=False)
            self._take_in_neighbours(level, last)
        return {look: self.classes[look] for look in sorted(self.classes)}

    def _join(self, level: Level, rank: int, *, by_sex: bool) -> None:
        """Make classes of those that look alike at a level, where they may be told."""
        for key, parts in self._alike(level, rank):
            self._settle(Look(key, by_sex), parts)

    def _take_in_neighbours(self, level: Level, rank: int) -> None:
        """What is left at a level, with the smallest class with which it may be told."""
        for key, parts in self._alike(level, rank):
            any(
                self._settle(Look(key, by_sex), [*parts, *self.classes[near]], instead_of=near)
                for near in self._neighbours(key, level)
                for by_sex in (True, False)
                if near != Look(key, by_sex)
            )

    def _alike(self, level: Level, rank: int) -> list[tuple[Key, list[Part]]]:
        """The parts that wait, by their keys at a level."""
        widened, found = wider(self.dataset.beside, level, REST, rank), defaultdict[Key, list[Part]](list)
        for key in sorted(self.waiting):
            found[widened(key)].append(self.waiting[key])
        return list(found.items())

    def _neighbours(self, key: Key, level: Level) -> Iterator[Look]:
        """Classes in the same region that agree on what never gives way, small ones first."""
        fixed = [at for at in self.dataset.beside.fixed if at]
        inside = [
            look
            for look in self.classes
            if all(look.key[at] == key[at] for at in fixed)
            and (look.key[0] == key[0] or (level in _TAKE_FROM_BELOW and look.key[0].startswith(key[0])))
        ]
        sizes = {look: sum(part.size for part in self.classes[look]) for look in inside}
        yield from sorted(inside, key=lambda look: (look.key[0] != key[0], sizes[look], look))

    def _settle(self, look: Look, parts: Sequence[Part], instead_of: Look | None = None) -> bool:
        """A class of these parts and of those that look the same already, if it may be told."""
        together = [*self.classes.get(look, ()), *parts]
        if not may_be_told(together, self.sensitivity, by_sex=look.by_sex):
            return False
        if instead_of is not None:
            del self.classes[instead_of]
        self.classes[look] = together
        for part in parts:
            self.waiting.pop(part.key, None)
        return True
