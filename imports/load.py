"""One import from file to registry: read, check, stage, compare, write, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.imported_file import FileImported
from commands.work import event_values
from imports.context import Context, stored_boundaries, stored_kbli
from imports.kind import Kind, RowReader
from imports.rules import Verdict
from imports.staging import INSERT, UNCHANGED, UPDATE, Finding, Options, Stage, blocks
from imports.table import Row, Survey, is_blank, rows_of, survey
from imports.unreadable import ColumnsMissing, UnreadableFile
from kernel.clock import Clock, today
from kernel.kbli import KbliVersion
from kernel.keys import KeyMaker
from models.audit import AuditEntry
from models.event import Event
from models.imported_file import ImportedFile
from models.writing import connected
from policy.secrets import Secrets
from policy.viewer import Role

BLOCK = 5_000  # rows that are in memory at once

Progress = Callable[[int, int], None]
"""Told how many rows were read, and about how many there are."""


@dataclass(frozen=True)
class Order:
    """What is to be imported, and how."""

    kind: Kind
    file: Path
    source: str = "IMPOR"
    options: Options = field(default_factory=Options)
    institution_id: UUID | None = None
    kbli_version: KbliVersion = KbliVersion.V2020


@dataclass(frozen=True)
class Result:
    """What became of a file: counts only. `kept`: its good rows are in the registry now."""

    kind: Kind
    sha256: str
    encoding: str
    rows: int
    verdicts: dict[Verdict, int]
    effects: dict[str, int]
    columns: dict[int, str]
    unread: tuple[int, ...]
    kept: bool
    dry_run: bool

    @property
    def bad_rows(self) -> int:
        """Rows that were not and will not be kept as they are."""
        return sum(count for verdict, count in self.verdicts.items() if not verdict.is_kept)


@asynccontextmanager
async def importing(
    uri: str, order: Order, secrets: Secrets, clock: Clock, progress: Progress = lambda _, __: None
) -> AsyncIterator[tuple[Result, Stage]]:
    """Carry an import out; inside the block, the stage tells the findings.

    Raises:
        UnreadableFile: nothing of the file can be read, or it breaks off; nothing is kept.
        ColumnsMissing: the header lacks columns.
    """
    found = survey(order.file)
    async with connected(uri) as connection:
        async with connection.begin():
            stage = Stage(
                connection, order.kind.keeping.table, await _context(connection, order, secrets, clock), order.options
            )
            result = await _carry_out(stage, order, found, progress)
        async with connection.begin():
            yield result, stage


async def _context(connection: AsyncConnection, order: Order, secrets: Secrets, clock: Clock) -> Context:
    return Context(
        today=today(clock),
        now=clock.now(),
        secrets=secrets,
        keys=KeyMaker(SystemRandom(), clock),
        source=order.source,
        boundaries=await stored_boundaries(connection),
        kbli=await stored_kbli(connection, order.kbli_version),
        kbli_version=order.kbli_version,
        institution_id=order.institution_id,
    )


async def _carry_out(stage: Stage, order: Order, found: Survey, progress: Progress) -> Result:
    kind, options = order.kind, order.options
    await stage.open()
    with rows_of(order.file, found) as rows:
        header = _header(rows)
        columns = kind.recognise(header)
        if missing := kind.missing(list(columns.values())):
            raise ColumnsMissing(kind.name, missing)
        reader = RowReader(kind, columns, stage.context)
        count = await _stage_rows(stage, reader, rows, len(header), lambda done: progress(done, found.lines))
    if not count:
        raise UnreadableFile("BERKAS_TANPA_BARIS")
    await stage.gather_statistics()
    await kind.keeping.compare(stage)
    verdicts, effects = await stage.verdicts(count), await stage.effects()
    result = Result(
        kind=kind,
        sha256=found.sha256,
        encoding="xlsx" if found.is_spreadsheet else found.encoding,
        rows=count,
        verdicts=verdicts,
        effects={name: effects.get(name, 0) for name in (INSERT, UPDATE, UNCHANGED)},
        columns={at: column.name for at, column in columns.items()},
        unread=tuple(at for at in range(len(header)) if at not in columns),
        kept=options.keeps(await stage.bad_rows()),
        dry_run=options.dry_run,
    )
    if result.kept and (effects.get(INSERT) or effects.get(UPDATE)):
        await kind.keeping.write(stage)
        await _remember(stage, result)
    return result


def _header(rows: Iterator[Row]) -> list[str]:
    for _, cells in rows:
        if not is_blank(cells):
            return cells
    raise UnreadableFile("BERKAS_KOSONG")


async def _stage_rows(
    stage: Stage, reader: RowReader, rows: Iterator[Row], width: int, progress: Callable[[int], None]
) -> int:
    """Check every row and write what came of it, block by block; how many rows there are."""
    count = 0
    for block in blocks((row for row in rows if not is_blank(row[1])), BLOCK):
        records: list[tuple[Any, ...]] = []
        findings: list[Finding] = []
        for number, cells in block:
            if len(cells) > width and not is_blank(cells[width:]):
                findings.append((number, "", "SEL_BERLEBIH", ""))
                continue
            record, verdict = reader.read(cells)
            findings += [(number, column, rule, found) for rule, column, found in reader.findings]
            if record is not None and verdict.is_kept:
                records.append((number, *record))
        await stage.copy(records, findings)
        count += len(block)
        progress(count)
    return count


async def _remember(stage: Stage, result: Result) -> None:
    """The file as a row, an event and an audit entry: fingerprint and counts, nothing of its content."""
    context = stage.context
    key = context.keys.new()
    public_id = context.secrets.public_id("imported_file", key)
    counts = {
        "rows": result.rows,
        "inserted": result.effects[INSERT],
        "updated": result.effects[UPDATE],
        "unchanged": result.effects[UNCHANGED],
        "held": result.bad_rows,
    }
    told: dict[str, Any] = {"kind": result.kind.name, **counts}
    row = {
        "id": key,
        "public_id": public_id,
        "at": context.now,
        "source": context.source,
        "sha256": result.sha256,
        **told,
    }
    fact = FileImported(
        subject=ImportedFile(**row),  # type: ignore[arg-type]  # no noun of the API, so no `Entity`
        institutions=(context.institution_id,),
        **told,
    )
    event = event_values(fact, context.keys.new(), context.now)
    entry = {
        "id": context.keys.new(),
        "at": context.now,
        "subject": stage.options.actor,
        "role": Role.FINTECH if context.institution_id else Role.ADMIN,
        "act": "ImportFile",
        "about_kind": "imported_file",
        "about_id": public_id,
        "details": {"id": public_id, **told, "sha256": result.sha256},
    }
    for table, values in ((ImportedFile, row), (Event, event), (AuditEntry, entry)):
        await stage.connection.execute(insert(table).values(values))
