"""The tables of a dataset that counts persons: its ladder of coarsening, its menu, and its rows for one period."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from geo.regions import CODE_LENGTH, Level, code_at
from publishing.dataset import ALL, DETAIL, REST, PersonCounts
from publishing.disclosure import Count, Group, Key, Rung, audit, groups, rounded, totals
from publishing.period import HalfYear

Row = tuple[str, ...]

_LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}


def rows(dataset: PersonCounts, period: HalfYear, counts: Mapping[Key, Count]) -> list[Row]:
    """What may be published of one period, as rows of text in the order of the dataset's columns and keys.

    Raises:
        DisclosureRefused: the audit of the finished tables does not hold.
    """
    tables = menu(dataset, counts)
    audit(counts, [group for table in tables.values() for group in table])
    region = _region_at(dataset)
    return sorted(
        (
            name,
            str(period),
            *group.key,
            _LEVEL_OF_LENGTH[len(group.key[region])].value,
            str(rounded(group.count.persons)),
        )
        for name, table in tables.items()
        for group in table
    )


def menu(dataset: PersonCounts, counts: Mapping[Key, Count]) -> dict[str, list[Group]]:
    """The tables of the fixed menu by name: the detail, and those totals that consist of whole groups of it."""
    detail = groups(counts, ladder(dataset))
    tables = {DETAIL: detail}
    for total in dataset.totals:
        tables[total.name] = totals(counts, detail, _wider(dataset, total.level, ALL, _last_rank(dataset)))
    return tables


def ladder(dataset: PersonCounts) -> list[Rung]:
    """From kelurahan to kecamatan to kota; there what gives way becomes "the rest"; at last all of Jakarta.

    A kota keeps its own: its last small group takes in a neighbour before it would leave the kota.
    """
    last = _last_rank(dataset)
    return [
        Rung(_wider(dataset, Level.KECAMATAN, REST, 0)),
        *(Rung(_wider(dataset, Level.KOTA, REST, rank), gathers=rank == last) for rank in range(last + 1)),
        Rung(_wider(dataset, Level.PROVINSI, REST, last), gathers=True),
    ]


def _last_rank(dataset: PersonCounts) -> int:
    return max(dimension.gives_way for dimension in dataset.dimensions)


def _wider(dataset: PersonCounts, level: Level, value: str, rank: int) -> Callable[[Key], Key]:
    """From a cell's key to one with the region at a level, and a value in the dimensions that gave way up to a rank."""
    region = _region_at(dataset)
    given_way = {at for at, dimension in enumerate(dataset.dimensions) if 0 < dimension.gives_way <= rank}

    def wider(key: Key) -> Key:
        return tuple(
            code_at(level, part) if at == region else value if at in given_way else part for at, part in enumerate(key)
        )

    return wider


def _region_at(dataset: PersonCounts) -> int:
    """The position of the region among the dimensions."""
    return next(at for at, dimension in enumerate(dataset.dimensions) if dimension.climbs)
