"""The register of told groups, as the publisher uses it: who was counted is kept in the database and never read out.

The functions are those of `policy/register.py`; they work in the snapshot in which persons are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Count, Key
from publishing.control.measures import Cell
from publishing.control.microdata import Microdata


@dataclass(frozen=True)
class Proposal:
    """A group of which a figure is to tell: its place in the ledger, the cells that it counts, and what makes its
    digest there."""

    place: str
    cells: Collection[Key]
    persons: int
    members: int


@dataclass(frozen=True)
class ToldGroup:
    """A group that stands in the register; `unlisted` are the persons in it whom nobody knew then."""

    id: int
    dataset: str
    cohort: str
    place: str
    persons: int
    unlisted: int
    members: int


class Register:
    """The register over a connection of the publisher."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def groups(self) -> list[ToldGroup]:
        """All groups, in the order in which they were noted."""
        rows = await self._connection.fetch(
            "SELECT id, dataset, cohort, place, persons, unlisted, members FROM told_group ORDER BY id"
        )
        return [ToldGroup(**{**row, "members": int(row["members"])}) for row in rows]

    async def gather(self, sources: Collection[str], cohorts: Collection[str]) -> None:
        """Put aside whom some views count in some cohorts; once in a snapshot."""
        await self._connection.execute("SELECT gather_persons($1, $2)", list(sources), list(cohorts))

    async def counts(self, dataset: PersonCounts | Microdata, periods: Iterable[str]) -> dict[str, dict[Key, Cell]]:
        """Those who were put aside for a dataset of which nothing else is told, in some periods."""
        names = _names(dataset)
        found: dict[str, dict[Key, Cell]] = {period: {} for period in periods}
        for row in await self._connection.fetch("SELECT * FROM gathered_counts($1)", source_of(dataset)):
            if (cells := found.get(row["cohort"])) is not None:
                values = dict(zip(names, f"{row['cell']}|{row['split']}".split("|"), strict=False))
                key = tuple(values[dimension.field.source] for dimension in dataset.dimensions)
                cell = Cell(Count(row["persons"], row["unlisted"]), (), int(row["members"]))
                cells[key] = cells[key] + cell if key in cells else cell
        return found

    async def seal(self, dataset: PersonCounts | Microdata, cohort: str, proposals: Sequence[Proposal]) -> None:
        """Note who is in groups of a period that is counted now, of those who were put aside."""
        cells = [(_text(dataset, key), at) for at, one in enumerate(proposals, 1) for key in one.cells]
        await self._connection.execute(
            "SELECT seal_groups($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *(source_of(dataset), dataset.name, cohort, [one.place for one in proposals]),
            *([one.persons for one in proposals], [one.members for one in proposals]),
            *([text for text, _ in cells], [at for _, at in cells], isinstance(dataset, Microdata)),
        )

    async def revise(self, dataset: PersonCounts, groups: Sequence[ToldGroup], others: Sequence[ToldGroup]) -> None:
        """Note who would be in groups today; who is in one of the others stays there."""
        may, stay = ([[one.id, _part(dataset, one)] for one in some] for some in (groups, others))
        await self._connection.execute(
            "SELECT revise_groups($1, $2, $3, $4, $5)",
            *(dataset.view, [id_ for id_, _ in may], [part for _, part in may]),
            *([id_ for id_, _ in stay], [part for _, part in stay]),
        )

    async def forget(self, groups: Iterable[int]) -> None:
        """Take groups out that are not told after all."""
        await self._connection.execute("SELECT forget_groups($1)", list(groups))

    async def overlaps(self) -> dict[frozenset[int], int]:
        """Which groups have persons in common, and how many of those nobody knows."""
        rows = await self._connection.fetch("SELECT groups, persons FROM overlaps()")
        return {frozenset(row["groups"]): row["persons"] for row in rows}


def detail_key(group: ToldGroup) -> Key:
    """The key of a group of the detail."""
    return tuple(group.place.split("|")[1:])


def _part(dataset: PersonCounts, group: ToldGroup) -> str:
    """Among which groups a person is in one only: those of a cohort that agree on what never gives way."""
    key = detail_key(group)
    return "|".join([group.cohort, *(key[at] for at in dataset.fixed)])


def source_of(dataset: PersonCounts | Microdata) -> str:
    """The view whose persons a dataset is about: rows of persons are about those counted beside them."""
    return dataset.beside.view if isinstance(dataset, Microdata) else dataset.view


def _names(dataset: PersonCounts | Microdata) -> list[str]:
    """The columns whose values make a cell in the register: in the order of their names, those of its split last."""
    beside = dataset.beside if isinstance(dataset, Microdata) else dataset
    split = (dataset.sex, dataset.sensitive) if isinstance(dataset, Microdata) else ()
    counted = (dimension.field for dimension in beside.dimensions)
    return [*sorted(field.source for field in counted), *sorted(field.source for field in split)]


def _text(dataset: PersonCounts | Microdata, key: Key) -> str:
    """A cell as the register has it."""
    values = dict(zip((dimension.field.source for dimension in dataset.dimensions), key, strict=True))
    return "|".join(values[name] for name in _names(dataset))
