"""Out of the database: rows of organisations as the database writes them, persons as counts only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, bindparam, column, select, table
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Count, Key
from publishing.control.measures import Cell
from publishing.control.microdata import Microdata
from publishing.dataset import Facts

_SESSION = {
    "search_path": '"$user"',  # the wall names the schema of a login like the login
    "default_transaction_read_only": "on",
    "datestyle": "ISO",
    "timezone": "Asia/Jakarta",
    "application_name": "ksbb publish",
    "enable_nestloop": "off",  # all is read, and the planner expects too few of each period
    "work_mem": "64MB",
}
_DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor is untyped


@asynccontextmanager
async def snapshot(uri: str, *, keep: bool | None = None) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the publisher that sees one state of the database from the first dataset to the last.

    It reads only, unless it is said whether to `keep` what the register notes meanwhile; it is kept if nothing fails.
    """
    connection = await asyncpg.connect(uri, server_settings=_SESSION)
    try:
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        try:
            if keep is not None:
                await connection.execute("SET TRANSACTION READ WRITE")
            yield connection
        except BaseException:
            keep = False
            raise
        finally:
            await (transaction.commit() if keep else transaction.rollback())
    finally:
        await connection.close()


async def write_facts(connection: asyncpg.Connection, dataset: Facts, file: Path) -> int:
    """Let the database write a dataset into a CSV file (COPY); the number of rows.

    UTF-8, comma, LF, header; rows in the order of their keys by code point, whatever the collation of the database.
    """
    answer: str = await connection.copy_from_query(_sql(_facts(dataset)), output=file, format="csv", header=True)
    return int(answer.rpartition(" ")[2])


async def person_counts(
    connection: asyncpg.Connection, dataset: PersonCounts | Microdata, periods: Sequence[str]
) -> dict[str, dict[Key, Cell]]:
    """Persons by the dimensions of a dataset in each of some periods, also where there is nobody."""
    found: dict[str, dict[Key, Cell]] = {period: {} for period in periods}
    for row in await connection.fetch(_sql(_counts(dataset)), list(periods)):
        cells, key = found[row["period"]], tuple(str(row[name]) for name in _keys(dataset))
        values = tuple(measure.read(row) for measure in dataset.more)
        cell = Cell(Count(row["persons"], row["unlisted"]), values, int(row["members"]))
        cells[key] = cells[key] + cell if key in cells else cell
    return found


def _facts(dataset: Facts) -> Select[Any]:
    order = [column(key.source).collate("C") for key in dataset.keys]
    columns: list[ColumnElement[Any]] = [column(field.source).label(field.name) for field in dataset.fields]
    return select(*columns).select_from(table(dataset.view)).order_by(*order)


def _counts(dataset: PersonCounts | Microdata) -> Select[Any]:
    measures = [name for measure in dataset.more for name in measure.columns]
    names = dict.fromkeys(["period", *_keys(dataset), "persons", "unlisted", "members", *measures])
    columns: list[ColumnElement[Any]] = [column(name) for name in names]
    return (
        select(*columns)
        .select_from(table(dataset.view))
        .where(column("period", Text) == any_(bindparam("periods", type_=ARRAY(Text))))
    )


def _keys(dataset: PersonCounts | Microdata) -> Sequence[str]:
    return [dimension.field.source for dimension in dataset.dimensions]


def _sql(statement: Select[Any]) -> str:
    return str(statement.compile(dialect=_DIALECT))
