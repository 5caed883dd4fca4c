"""Out of the database: rows of organisations as the database writes them, persons as counts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, ColumnElement, Date, Select, all_, bindparam, column, select, table
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from publishing.dataset import Facts, PersonCounts
from publishing.disclosure import Count, Key
from publishing.period import HalfYear, half_year_of

_SESSION = {
    "search_path": '"$user"',  # the wall names the schema of a login like the login
    "default_transaction_read_only": "on",
    "datestyle": "ISO",
    "timezone": "Asia/Jakarta",
    "application_name": "ksbb publish",
}
_DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor is untyped


@asynccontextmanager
async def snapshot(uri: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the publisher that sees one state of the database from the first dataset to the last."""
    connection = await asyncpg.connect(uri, server_settings=_SESSION)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()


async def write_facts(connection: asyncpg.Connection, dataset: Facts, file: Path) -> int:
    """Let the database write a dataset into a CSV file (COPY); the number of rows.

    UTF-8, comma, LF, header; rows in the order of their keys by code point, whatever the collation of the database.
    """
    answer: str = await connection.copy_from_query(_sql(_facts(dataset)), output=file, format="csv", header=True)
    return int(answer.rpartition(" ")[2])


async def person_counts(
    connection: asyncpg.Connection, dataset: PersonCounts, until: HalfYear, besides: Iterable[HalfYear]
) -> dict[HalfYear, dict[Key, Count]]:
    """Persons by the dimensions of a dataset, per period up to `until`, without those in `besides`."""
    known = [period.starts_on for period in besides]
    counts: defaultdict[HalfYear, dict[Key, Count]] = defaultdict(dict)
    for half_year, *key, persons, unlisted in await connection.fetch(_sql(_counts(dataset)), until.starts_on, known):
        counts[half_year_of(half_year)][tuple(str(part) for part in key)] = Count(persons, unlisted)
    return dict(sorted(counts.items()))


def _facts(dataset: Facts) -> Select[Any]:
    order = [column(key.source).collate("C") for key in dataset.keys]
    columns: list[ColumnElement[Any]] = [column(field.source).label(field.name) for field in dataset.fields]
    return select(*columns).select_from(table(dataset.view)).order_by(*order)


def _counts(dataset: PersonCounts) -> Select[Any]:
    sources: list[ColumnElement[Any]] = [column(dimension.field.source) for dimension in dataset.dimensions]
    half_year = column("half_year", Date)
    return (
        select(half_year, *sources, column("persons"), column("unlisted"))
        .select_from(table(dataset.view))
        .where(half_year <= bindparam("until", type_=Date))
        .where(half_year != all_(bindparam("known", type_=ARRAY(Date))))
    )


def _sql(statement: Select[Any]) -> str:
    return str(statement.compile(dialect=_DIALECT))
