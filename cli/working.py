"""What time makes due, and the comparison of reports."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from cli.answer import answer
from cli.database import open_server
from cli.options import AsJson, DryRun, OnDay, clock_at
from kernel.settings import Settings

if TYPE_CHECKING:
    from commands.job import Job
    from commands.reconcile import Compared
    from kernel.clock import Clock
    from models.server import Server

working = typer.Typer()


@working.command()
def tick(at: OnDay = "", as_json: AsJson = False) -> None:
    """Do what is due: end what has run out, compare reports, raise red flags, tell what is late, publish, withdraw."""
    settings, clock = Settings.read(os.environ), clock_at(at)
    with open_server(settings) as server:
        done = asyncio.run(_all_that_is_due(settings, server, clock))
    answer(done, as_json, (f"{count:7,}  {name}" for name, count in done.items()))


async def _all_that_is_due(settings: Settings, server: Server, clock: Clock) -> dict[str, int]:
    """What time makes due, and then what was decided about releases."""
    from datapackages.due import carry_out

    done = await _ticked(settings, server, clock)
    return {**done, **await carry_out(settings, server, clock)}


async def _ticked(
    settings: Settings, server: Server, clock: Clock, jobs: Mapping[str, Job] | None = None
) -> dict[str, int]:
    """Carry out some jobs; without any, all that there are."""
    from server import bus_of

    bus = bus_of(settings, server, clock)
    try:
        return await (bus.tick() if jobs is None else bus.tick(jobs))
    finally:
        await bus.close()


@working.command()
def reconcile(at: OnDay = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Compare what donors, fintechs, fund managers and officers report, and open a discrepancy where it differs."""
    from commands.reconcile import RECONCILIATION, lines

    settings, clock = Settings.read(os.environ), clock_at(at)
    with open_server(settings) as server:
        compared = asyncio.run(_compared(server.uri(), clock))
        done = {} if dry_run else asyncio.run(_ticked(settings, server, clock, RECONCILIATION))
    told = {"rules": [one.as_dict() for one in compared], "done": done}
    answer(told, as_json, (*lines(compared), *(f"{count:7,}  {name}" for name, count in done.items())))


async def _compared(uri: str, clock: Clock) -> list[Compared]:
    from commands.reconcile import compare
    from kernel.clock import today
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await compare(connection, today(clock))
