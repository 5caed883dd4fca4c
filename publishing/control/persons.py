"""The tables of a dataset that counts persons: its ladder of coarsening, its menu, and its rows for one period."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.regions import CODE_LENGTH, Level
from publishing.control.counts import ALL, DETAIL, REST, PersonCounts, Total
from publishing.control.disclosure import Count, Group, Key, Rung, audit, groups, rounded, totals
from publishing.control.ledger import Ledger, place
from publishing.control.measures import Cell, told, united

Row = tuple[str, ...]

LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}
"""The level of a region by the length of its code."""


@dataclass(frozen=True)
class Figure:
    """A group of which may be told how many it has: its table, its place and digest in the ledger, what is known."""

    table: str
    group: Group
    place: str
    digest: str
    cell: Cell


def rows(
    dataset: PersonCounts, period: str, cells: Mapping[Key, Cell], ledger: Ledger, hidden: Collection[str] = ()
) -> list[Row]:
    """What may be published of one period, as rows of text in the order of the dataset's columns and keys.

    Of a later age of a cohort only rows about the same persons as at its first age, and of what a withdrawn release
    told only rows about the same persons as there; nothing of the places that are `hidden`, and no total in which they
    are. All are noted in the ledger.

    Raises:
        DisclosureRefused: the audit of the finished tables does not hold.
    """
    counts = {key: cell.count for key, cell in cells.items()}
    tables = menu(dataset, counts)
    audit(counts, [group for table in tables.values() for group in table])
    shown = told(dataset.more, tables, cells, dataset.fixed)
    finished, digests = [], {}
    for figure in _without(hidden, _figures(dataset, period, tables, cells, ledger)):
        group, families = figure.group, shown.get((figure.table, figure.group.key), frozenset())
        digests[figure.place] = figure.digest
        keys = (figure.table, *period.split("/"), *group.key, *level(dataset, group.key))
        finished.append((*keys, str(rounded(group.count.persons)), *_more(dataset, figure.cell, families)))
    ledger.note(dataset.name, period, digests)
    return sorted(finished)


def details(dataset: PersonCounts, period: str, cells: Mapping[Key, Cell], ledger: Ledger) -> list[Figure]:
    """The groups of the detail of one period that the ledger lets be told: all else is their sums."""
    tables = menu(dataset, {key: cell.count for key, cell in cells.items()})
    return _figures(dataset, period, {DETAIL: tables[DETAIL]}, cells, ledger)


def _figures(
    dataset: PersonCounts,
    period: str,
    tables: Mapping[str, Sequence[Group]],
    cells: Mapping[Key, Cell],
    ledger: Ledger,
) -> list[Figure]:
    """The groups about the same persons as whatever was told of them before."""
    earlier, found = ledger.earlier(dataset.name, period), []
    for name, group in ((name, group) for name, table in tables.items() for group in table):
        all_, here = united(cells[key] for key in sorted(group.cells)), place(name, group.key)
        digest = ledger.digest(dataset.name, all_.count.persons, all_.members)
        if all(known.get(here) == digest for known in earlier):
            found.append(Figure(name, group, here, digest, all_))
    return found


def _without(hidden: Collection[str], figures: Sequence[Figure]) -> list[Figure]:
    """Figures but for hidden ones and the totals in which not all details are shown."""
    shown = [figure for figure in figures if figure.table == DETAIL and figure.place not in hidden]
    cells = frozenset[Key]().union(*(figure.group.cells for figure in shown))
    return [*shown, *(figure for figure in figures if figure.table != DETAIL and figure.group.cells <= cells)]


def level(dataset: PersonCounts, key: Key) -> Sequence[str]:
    """The level of the region of a row, where the dataset has one."""
    return [LEVEL_OF_LENGTH[len(key[_region_at(dataset)])].value] if dataset.has_region else []


def _more(dataset: PersonCounts, group: Cell, families: frozenset[str]) -> Sequence[str]:
    """The measures of a row; empty where they are not told."""
    pairs = zip(dataset.more, group.values, strict=True)
    return [value.text if measure.kin in families else "" for measure, value in pairs if measure.field]


def menu(dataset: PersonCounts, counts: Mapping[Key, Count]) -> dict[str, list[Group]]:
    """The tables of the fixed menu by name: the detail, and those totals that consist of whole groups of it."""
    detail = groups(counts, ladder(dataset))
    tables = {DETAIL: detail}
    for total in dataset.totals:
        tables[total.name] = totals(counts, detail, _over_all(dataset, total))
    return tables


def key_of(dataset: PersonCounts, row: Row) -> Key:
    """The key of a row: its dimensions, which stand behind table and period."""
    first = 1 + len(dataset.period)
    return row[first : first + len(dataset.dimensions)]


def by_row(dataset: PersonCounts, keys: Iterable[Key]) -> dict[tuple[str, Key], list[Key]]:
    """By table and key of a row the groups of the detail that are in it."""
    found: dict[tuple[str, Key], list[Key]] = {}
    for key in keys:
        for table in (DETAIL, *(total.name for total in dataset.totals)):
            found.setdefault((table, _within(dataset, table, key)), []).append(key)
    return found


def _within(dataset: PersonCounts, table: str, key: Key) -> Key:
    """The key of the row of a table in which a group of the detail is."""
    if table == DETAIL:
        return key
    return _over_all(dataset, next(total for total in dataset.totals if total.name == table))(key)


def _over_all(dataset: PersonCounts, total: Total) -> Callable[[Key], Key]:
    return wider(dataset, total.level, ALL, last_rank(dataset))


def ladder(dataset: PersonCounts) -> list[Rung]:
    """From kelurahan to kecamatan to kota; there what gives way becomes "the rest"; at last all of Jakarta.

    A kota keeps its own: its last small group takes in a neighbour before it would leave the kota. Without a region
    there is nothing wider to climb to.
    """
    if not dataset.has_region:
        return []
    last = last_rank(dataset)
    return [
        Rung(wider(dataset, Level.KECAMATAN, REST, 0)),
        *(Rung(wider(dataset, Level.KOTA, REST, rank), gathers=rank == last) for rank in range(last + 1)),
        Rung(wider(dataset, Level.PROVINSI, REST, last), gathers=True),
    ]


def last_rank(dataset: PersonCounts) -> int:
    """The rank of the dimensions that give way last."""
    return max(dimension.gives_way for dimension in dataset.dimensions)


def wider(dataset: PersonCounts, level: Level, value: str, rank: int) -> Callable[[Key], Key]:
    """From a cell's key to one with the region at a level, and a value in the dimensions that gave way up to a rank.

    A region that is wider already stays.
    """
    region = _region_at(dataset)
    given_way = {at for at, dimension in enumerate(dataset.dimensions) if 0 < dimension.gives_way <= rank}

    def widened(key: Key) -> Key:
        return tuple(
            part[: CODE_LENGTH[level]] if at == region else value if at in given_way else part
            for at, part in enumerate(key)
        )

    return widened


def _region_at(dataset: PersonCounts) -> int:
    """The position of the region among the dimensions."""
    return next(at for at, dimension in enumerate(dataset.dimensions) if dimension.climbs)
