"""The finished rows of a dataset, read back: which cells each counts, and what it tells of them.

An audit starts from what is published, as it is published: a row that nobody can explain is refused, and a row that is
missing tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publishing.control.counts import DETAIL, PersonCounts
from publishing.control.disclosure import NOBODY, Count, DisclosureRefused, Group, Key
from publishing.control.microdata import Microdata
from publishing.control.persons import Row, by_row, key_of, menu


@dataclass(frozen=True)
class PublishedRow:
    """A row of a table: its key and cells, the number of persons as told, and the text of each measure that is
    told, with its position among those of the dataset.

    `level` is that of its region; empty where the dataset has none.
    """

    key: Key
    cells: frozenset[Key]
    told: int
    level: str = ""
    values: tuple[tuple[int, str], ...] = ()


Tables = Mapping[str, Sequence[PublishedRow]]
"""The rows of a period by the names of their tables, from fine to coarse."""


def period_of(dataset: PersonCounts | Microdata, row: Row) -> str:
    """The period of a row, as the publisher's view writes it."""
    first = 0 if isinstance(dataset, Microdata) else 1  # after the name of the table
    return "/".join(row[first : first + len(dataset.period)])


def published_tables(
    dataset: PersonCounts, period: str, counts: Mapping[Key, Count], rows: Sequence[Row]
) -> dict[str, list[PublishedRow]]:
    """The tables of a period as they stand in the finished rows, each row with the cells it counts.

    Raises:
        DisclosureRefused: a row counts nothing of the menu.
    """
    published = {row[: len(dataset.keys)]: row for row in rows if period_of(dataset, row) == period}
    tables: dict[str, list[PublishedRow]] = {}
    for name, groups in menu(dataset, counts).items():
        keyed = [(group, published.pop((name, *period.split("/"), *group.key), None)) for group in groups]
        tables[name] = [_as_published(dataset, group, row) for group, row in keyed if row]
    if published:
        raise DisclosureRefused(
            f"{dataset.name}: {len(published)} rows of {period} count nothing of the menu. Nothing was published.",
            unexplained=len(published),
        )
    return tables


def revised_tables(
    dataset: PersonCounts, period: str, counts: Mapping[Key, Count], rows: Sequence[Row]
) -> dict[str, list[PublishedRow]]:
    """The tables of a revised period, each row with the groups of the detail that it is about: these are its cells."""
    tables: dict[str, list[PublishedRow]] = {DETAIL: [], **{total.name: [] for total in dataset.totals}}
    groups = by_row(dataset, counts)
    for row in rows:
        if period_of(dataset, row) == period:
            key = key_of(dataset, row)
            inside = frozenset(groups.get((row[0], key), ()))
            count = sum((counts[cell] for cell in inside), NOBODY)
            tables[row[0]].append(_as_published(dataset, Group(key, inside, count), row))
    return tables


def _as_published(dataset: PersonCounts, group: Group, row: Row) -> PublishedRow:
    """A row beside the group it is about; its columns stand in the order in which the dataset declares them."""
    measures = list(row[len(dataset.keys) :])
    level = measures.pop(0) if dataset.has_region else ""
    told = int(measures.pop(0))
    published = [at for at, measure in enumerate(dataset.more) if measure.field]
    values = tuple((at, text) for at, text in zip(published, measures, strict=True) if text)
    return PublishedRow(group.key, group.cells, told, level, values)
