"""Old events go to files: the log keeps what somebody may still go on from, the archive keeps everything.

A file holds the events of a range of positions, in their order, as gzipped JSON Lines; the same events make the same
bytes. It is complete on the disk before they leave the table.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
import logging
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commands.storage import to_disk
from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.settings import Settings
from models.event import Event, EventLogState

ARCHIVE_LOCK = 0x6B736261
"""The advisory lock of the one that archives."""
PART = 10_000
"""Events of one file, and of one transaction."""
AGAIN_AFTER_S = 3_600

_NAME = re.compile(r"(\d{20})-(\d{20})\.jsonl\.gz")

_log = logging.getLogger("ksbb.archive")


class ArchivedOtherwise(KsbbError):
    """A file of the archive holds other events than the table has at its positions."""

    code = "ARCHIVED_OTHERWISE"

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} holds other events than the database has at these positions, as when the database was restored "
            "from an older backup. Nothing was archived. Keep the file elsewhere, and try again.",
            file=str(file),
        )


def archive_folder(settings: Settings) -> Path:
    """Where the files are."""
    return settings.data_dir / "events"


class Archive:
    """Moves events that are older than the retention to files, on the sequencer's login."""

    def __init__(self, settings: Settings, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._folder = archive_folder(settings)
        self._keep = dt.timedelta(days=settings.event_retention_days)

    async def due(self) -> range:
        """The positions that would be archived now."""
        young = select(func.min(Event.position)).where(Event.at >= self._cut_off())
        async with self._engine.connect() as connection:
            state = (await connection.execute(_STATE)).one()
            first_young = (await connection.execute(young)).scalar_one()
        return range(state.archived_until + 1, first_young or state.last_position + 1)

    async def part(self, limit: int = PART) -> range:
        """Archive the oldest events, at most so many; the positions that it did, none when there is nothing to do.

        After a crash between file and table the same positions are done again, into the same file.

        Raises:
            ArchivedOtherwise: a file is there that holds something else.
        """
        async with self._engine.begin() as connection:
            if not (await connection.execute(select(func.pg_try_advisory_xact_lock(ARCHIVE_LOCK)))).scalar_one():
                return range(0)
            rows = await self._oldest(connection, limit)
            if not rows:
                return range(0)
            done = range(rows[0].position, rows[-1].position + 1)
            await asyncio.to_thread(_write, _file(self._folder, done), rows)
            await _forget(connection, done)
        return done

    async def keep_up(self) -> None:
        """Archive what has become old, each hour; what fails is logged, and tried the next time."""
        while True:
            try:
                while done := await self.part():
                    _log.info("archived", extra={"facts": {"from": done[0], "to": done[-1]}})
            except (KsbbError, SQLAlchemyError, OSError) as failure:
                _log.exception("events could not be archived", exc_info=failure)
            await asyncio.sleep(AGAIN_AFTER_S)

    def _cut_off(self) -> dt.datetime:
        return self._clock.now() - self._keep

    async def _oldest(self, connection: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
        """The first events of the table: those of a file that is there already, or those that are old."""
        until = (await connection.execute(_STATE)).one().archived_until
        rows = select(*_COLUMNS).where(Event.position > until).order_by(Event.position)
        if there := _file_that_begins_at(self._folder, until + 1):
            return (await connection.execute(rows.where(Event.position <= there[-1]))).all()
        cut_off = self._cut_off()
        first = (await connection.execute(rows.limit(1))).one_or_none()
        if first is None or first.at >= cut_off:
            return []
        found = await connection.execute(rows.limit(limit))
        return list(takewhile(lambda row: row.at < cut_off, found))


_STATE = select(EventLogState.last_position, EventLogState.archived_until)
_COLUMNS = (
    *(Event.position, Event.id, Event.at, Event.type, Event.version, Event.subject_kind, Event.subject_id),
    *(Event.region_code, Event.institutions, Event.payload, Event.entry),
)


async def _forget(connection: AsyncConnection, done: range) -> None:
    """Take events out of the table, and say until where it was done."""
    await connection.execute(_STATE.with_for_update())
    await connection.execute(delete(Event).where(Event.position.between(done[0], done[-1])))
    await connection.execute(update(EventLogState).values(archived_until=done[-1]))


def read(folder: Path, after: int = 0) -> Iterator[dict[str, Any]]:
    """The archived events that follow a position, in order, each once."""
    for file, positions in _files(folder):
        if positions[-1] > after:
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                for line in lines:
                    event: dict[str, Any] = json.loads(line)
                    if event["position"] > after:
                        after = event["position"]
                        yield event


def _files(folder: Path) -> list[tuple[Path, range]]:
    """The files by their positions."""
    found = ((file, _NAME.fullmatch(file.name)) for file in folder.glob("*.jsonl.gz"))
    return sorted((file, range(int(name[1]), int(name[2]) + 1)) for file, name in found if name is not None)


def _file_that_begins_at(folder: Path, position: int) -> range | None:
    return next((positions for _, positions in _files(folder) if positions[0] == position), None)


def _file(folder: Path, positions: range) -> Path:
    return folder / f"{positions[0]:020}-{positions[-1]:020}.jsonl.gz"


def _write(file: Path, rows: Sequence[Row[Any]]) -> None:
    """Keep events: on the disk first, then under the name in one step."""
    content = "".join(json.dumps(row._asdict(), ensure_ascii=False, default=_text) + "\n" for row in rows).encode()
    if file.exists():
        if _content(file) != content:
            raise ArchivedOtherwise(file)
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(gzip.compress(content, mtime=0))
    to_disk(draft)
    draft.replace(file)
    to_disk(file.parent)


def _content(file: Path) -> bytes | None:
    """What a file holds; None when it is damaged."""
    try:
        return gzip.decompress(file.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None


def _text(value: object) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)
