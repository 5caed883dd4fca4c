"""The event log: how far it has come, and what of it goes to files."""

from __future__ import annotations

import asyncio
import os
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answer import answer, note
from cli.database import open_server
from cli.options import AsJson, DryRun
from kernel.settings import Settings

if TYPE_CHECKING:
    from events.status import LogStatus
    from models.server import Server

events = typer.Typer(help="The event log: status, archive, read.", no_args_is_help=True)


@events.command("status")
def events_status(as_json: AsJson = False) -> None:
    """Print the last position, how many events wait for one, until where it is archived, and who gives positions."""
    from dataclasses import asdict

    with open_server(Settings.read(os.environ)) as server:
        told = asdict(asyncio.run(_status(server)))
    answer(told, as_json, (f"{name:14}  {'nobody' if value is None else value}" for name, value in told.items()))


async def _status(server: Server) -> LogStatus:
    from events.status import status
    from models.migrate import require_current
    from models.writing import connected

    await require_current(server.uri())
    async with connected(server.uri()) as connection:
        return await status(connection)


@events.command("archive")
def events_archive(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Move the events that are older than KSBB_EVENT_RETENTION_DAYS to files in the data folder."""
    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        done = asyncio.run(_archived(settings, server, dry_run))
    parts = [{"from": part[0], "to": part[-1], "events": len(part)} for part in done]
    answer({"parts": parts}, as_json, (f"{p['from']} to {p['to']}" for p in parts))
    note(f"{sum(map(len, done)):,} events {'would be' if dry_run else 'were'} archived.")


async def _archived(settings: Settings, server: Server, dry_run: bool) -> list[range]:
    """The ranges of positions that were archived, or the one that would be."""
    from events.archive import Archive
    from events.database import sequencer_engine
    from kernel.clock import SystemClock
    from models.migrate import require_current
    from server import sequencer_dsn

    await require_current(server.uri())
    engine = sequencer_engine(settings, sequencer_dsn(settings, server))
    try:
        archive = Archive(settings, engine, SystemClock())
        if dry_run:
            return [due] if (due := await archive.due()) else []
        done: list[range] = []
        while part := await archive.part():
            done.append(part)
        return done
    finally:
        await engine.dispose()


@events.command("read")
def events_read(
    after: Annotated[int, typer.Option(min=0, help="Position to go on after.")] = 0,
    first: Annotated[int, typer.Option(min=1, help="How many events.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Print archived events in the order of their positions."""
    from events.archive import archive_folder, read

    found = list(islice(read(archive_folder(Settings.read(os.environ)), after), first))
    answer(found, as_json, (f"{e['position']:>12}  {e['at']}  {e['type']}  {e['subject_id']}" for e in found))
