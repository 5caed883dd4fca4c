"""How rows get into the database: by COPY, in blocks, parents before children."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from demo.rows import Row
from kernel.errors import KsbbError
from models.all import METADATA
from models.base import SCHEMA
from policy.secrets import Secrets

BLOCK = 20_000  # rows kept in memory before they are written
_BREATH = 200  # rows between two chances for the connection to send


class LedgerDoesNotBalance(KsbbError):
    """The bulk path wrote postings whose entries do not sum to zero."""

    code = "LEDGER_DOES_NOT_BALANCE"

    def __init__(self) -> None:
        super().__init__(
            "The postings of this city do not balance: nothing was written. `commands/ledger.py` is wrong."
        )


@asynccontextmanager
async def unbalanced_for_now(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Check the balance of all postings once at the end, in place of once for each entry.

    Within a transaction, as the owner of the tables; the check of each entry would be kept in memory until the commit.

    Raises:
        LedgerDoesNotBalance: an entry is missing or wrong.
    """
    table = f"{SCHEMA}.ledger_entry"
    await connection.execute(f"alter table {table} disable trigger ledger_entry_balances")
    yield
    await connection.execute(f"alter table {table} enable trigger ledger_entry_balances")
    wrong = f"select exists (select from {table} group by posting_id having sum(amount) <> 0)"  # noqa: S608  # our names
    if await connection.fetchval(wrong):
        raise LedgerDoesNotBalance


class Loader:
    """Writes rows as they come; use `load` as often as needed, then `finish`.

    While one block is on its way to the database, the next one is being made.
    """

    def __init__(self, connection: asyncpg.Connection, secrets: Secrets, progress: Callable[[int], None]) -> None:
        self._connection = connection
        self._secrets = secrets
        self._progress = progress
        self._order = [table.name for table in METADATA.sorted_tables]
        self._kept: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._count = 0
        self._writing: asyncio.Task[None] | None = None
        self.rows: Counter[str] = Counter()

    async def load(self, rows: Iterable[Row]) -> None:
        """Take rows in any order, as long as a row's parents come no later than in the same block."""
        for table, row in rows:
            self._kept[table].append(row)
            self._count += 1
            if self._count % _BREATH == 0:
                await asyncio.sleep(0)
            if self._count >= BLOCK:
                await self._write()

    async def finish(self) -> None:
        """Write what is left."""
        await self._write()
        await self._written()

    async def _write(self) -> None:
        """Hand the block over, once the one before it is in."""
        await self._written()
        block, self._kept, self._count = self._kept, defaultdict(list), 0
        self._writing = asyncio.create_task(self._copy(block))

    async def _written(self) -> None:
        if self._writing is not None:
            await self._writing
            self._writing = None

    async def _copy(self, block: dict[str, list[dict[str, Any]]]) -> None:
        for table in sorted(block, key=self._order.index):
            rows = block[table]
            columns = tuple(rows[0])
            if "public_id" in METADATA.tables[f"{SCHEMA}.{table}"].columns and isinstance(rows[0].get("id"), UUID):
                columns = (*columns, "public_id")
                for row in rows:
                    row["public_id"] = self._secrets.public_id(table, row["id"])
            records = map(itemgetter(*columns), rows)
            await self._connection.copy_records_to_table(table, schema_name=SCHEMA, columns=columns, records=records)
            self.rows[table] += len(rows)
            self._progress(self.rows.total())
