"""Rows on their way in: two temporary tables, filled by COPY and compared with the registry by SQL alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    Table,
    Text,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from imports.context import Context
from imports.rules import RULES, Verdict

INSERT, UPDATE, UNCHANGED = "INSERT", "UPDATE", "UNCHANGED"

_STAGED = MetaData()

FINDING = Table(
    "import_finding",
    _STAGED,
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("found", Text, nullable=False),
    prefixes=["TEMPORARY"],
)
"""What was found, without a value of a person: row, column, rule, how bad it is, the shape of what stood there."""

Finding = tuple[int, str, str, str]
"""Row, column, rule, shape of what was found."""


def staged_table(name: str, *columns: Column[Any]) -> Table:
    """A temporary table for the records of a kind: what `assemble` gives, then what the comparison finds out."""
    return Table(
        f"import_{name}",
        _STAGED,
        Column("row", Integer, primary_key=True),
        *columns,
        Column("held", Boolean, nullable=False, server_default="false"),
        Column("effect", Text),
        prefixes=["TEMPORARY"],
    )


@dataclass(frozen=True)
class Options:
    """How an import is carried out."""

    dry_run: bool = False
    accept_valid: bool = False
    actor: str = "ksbb-import"

    def keeps(self, bad_rows: int) -> bool:
        """Whether a file with so many rows that are not kept is written."""
        return not self.dry_run and (self.accept_valid or not bad_rows)


@dataclass
class Stage:
    """One import under way: its connection, tables, and what checks and writers need."""

    connection: AsyncConnection
    table: Table
    context: Context
    options: Options

    async def open(self) -> None:
        """Make both tables."""
        for table in (self.table, FINDING):
            await self.connection.execute(CreateTable(table))

    async def copy(self, records: Sequence[tuple[Any, ...]], findings: Sequence[Finding]) -> None:
        """Write a block of records and findings."""
        driver: Any = (await self.connection.get_raw_connection()).driver_connection
        names = [c.name for c in self.table.columns][: len(records[0])] if records else []
        if records:
            await driver.copy_records_to_table(self.table.name, columns=names, records=records)
        if findings:
            made = ((row, column, rule, *_weight(rule), found) for row, column, rule, found in findings)
            await driver.copy_records_to_table(FINDING.name, columns=[c.name for c in FINDING.columns], records=made)

    async def gather_statistics(self) -> None:
        """Let the planner know how many rows there are: temporary tables are seen by no daemon."""
        for table in (self.table, FINDING):
            await self.connection.exec_driver_sql(f"analyze {table.name}")

    async def find(self, rule: str, column: str, *conditions: ColumnElement[bool]) -> None:
        """Note a finding on each staged row that is not held and meets conditions."""
        await self.find_rows(rule, column, select(self.table.c.row).where(~self.table.c.held, *conditions))

    async def find_rows(self, rule: str, column: str, rows: Select[Any]) -> None:
        """Note a finding on each row of a query, and hold back those rows that it stops."""
        found = rows.subquery()
        verdict, rank = _weight(rule)
        noted = select(found.c.row, *(literal(v) for v in (column, rule)), literal(verdict), literal(rank), literal(""))
        columns = [FINDING.c[name] for name in ("row", "column", "rule", "verdict", "rank", "found")]
        await self.connection.execute(insert(FINDING).from_select(columns, noted))
        if not Verdict(verdict).is_kept:
            staged = self.table
            stopped = exists().where(FINDING.c.row == staged.c.row, FINDING.c.rule == rule)
            await self.connection.execute(update(staged).where(~staged.c.held, stopped).values(held=True))

    async def bad_rows(self) -> int:
        """How many rows are not kept, as far as is found by now."""
        stopped = select(func.count(FINDING.c.row.distinct())).where(FINDING.c.verdict > Verdict.TERIMA_NORMAL)
        return int((await self.connection.execute(stopped)).scalar_one())

    async def set_effect(self, effect: str, *conditions: ColumnElement[bool]) -> None:
        """What becomes of the staged rows that are not held and have no effect yet."""
        staged = self.table
        rows = update(staged).where(~staged.c.held, staged.c.effect.is_(None), *conditions)
        await self.connection.execute(rows.values(effect=effect))

    async def findings(self, most: int | None = None) -> AsyncIterator[Finding]:
        """What was found, row by row, the worst of a row first; a block in memory at a time."""
        f = FINDING.c
        query = select(f.row, f.column, f.rule, f.found).order_by(f.row, f.verdict.desc(), f.rank, f.column).limit(most)
        async with self.connection.stream(query) as rows:
            async for row, column, rule, found in rows:
                yield row, column, rule, found

    async def rules(self) -> list[tuple[str, int]]:
        """How many findings of each rule, the worst and most telling rules first."""
        f = FINDING.c
        query = select(f.rule, func.count()).group_by(f.rule, f.verdict, f.rank).order_by(f.verdict.desc(), f.rank)
        return [(rule, count) for rule, count in await self.connection.execute(query)]

    async def effects(self) -> dict[str, int]:
        """How many rows of each effect."""
        staged = self.table
        query = select(staged.c.effect, func.count()).where(~staged.c.held).group_by(staged.c.effect)
        return {effect: count for effect, count in await self.connection.execute(query) if effect}

    async def verdicts(self, rows: int) -> dict[Verdict, int]:
        """How many of all rows got each verdict."""
        worst = select(func.max(FINDING.c.verdict).label("worst")).where(FINDING.c.row > 0).group_by(FINDING.c.row)
        found = worst.subquery()
        query = select(found.c.worst, func.count()).group_by(found.c.worst)
        counts = {Verdict(verdict): count for verdict, count in await self.connection.execute(query)}
        return {verdict: counts.get(verdict, 0) for verdict in Verdict} | {Verdict.TERIMA: rows - sum(counts.values())}


def _weight(rule: str) -> tuple[int, int]:
    return int(RULES[rule].verdict), RULES[rule].rank


def later_in_file(table: Table, *key: ColumnElement[Any]) -> Select[Any]:
    """The staged rows, not held, whose key an earlier one has."""
    place = func.row_number().over(partition_by=key, order_by=table.c.row).label("place")
    placed = select(table.c.row, place).where(~table.c.held, *(part.is_not(None) for part in key)).subquery()
    return select(placed.c.row).where(placed.c.place > 1)


def said(column: ColumnElement[Any], stored: Any) -> ColumnElement[Any]:
    """What the file says, or what is stored where it says nothing."""
    return func.coalesce(column, stored)


def differs(column: ColumnElement[Any], stored: Any) -> ColumnElement[bool]:
    """The file says something, and something else is stored."""
    return column.is_not(None) & column.is_distinct_from(stored)


@dataclass(frozen=True)
class Keeping:
    """How records of a kind meet the registry.

    `compare` finds duplicates and conflicts and sets the effects; `write` writes by effect.
    """

    table: Table
    compare: Callable[[Stage], Awaitable[None]]
    write: Callable[[Stage], Awaitable[None]]


def blocks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Items in lists of a size."""
    block: list[Any] = []
    for item in items:
        block.append(item)
        if len(block) >= size:
            yield block
            block = []
    if block:
        yield block
