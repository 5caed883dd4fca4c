"""Releases of open data."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from cli.answer import answer, note
from cli.database import open_server
from cli.options import AsJson, DryRun
from cli.viewers import login
from kernel.settings import Settings

release = typer.Typer()
publishing = typer.Typer()
release.add_typer(publishing, name="publish")


@publishing.callback(invoke_without_command=True)
def publish(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="Where to: folder, ckan, satu-data:FOLDER, or the path of another folder. A release that waits "
            "for approval goes to the catalogue and the portal of the settings; to a folder, publish again after that.",
        ),
    ] = "folder",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a release of the open data: anonymised, validated, in an immutable folder."""
    if context.invoked_subcommand:
        return
    from datapackages.publish import after_approval
    from datapackages.publish import publish as run
    from kernel.clock import SystemClock

    settings = Settings.read(os.environ)
    progress = note if sys.stderr.isatty() else None
    with open_server(settings) as server:
        made = run(settings, server, clock=SystemClock(), to=to, by=login(), dry_run=dry_run, progress=progress)
        release = asyncio.run(made)
    waits = after_approval(settings, to) if release.is_held else []
    answer(release.as_dict(), as_json, [*release.lines(), *waits])


@publishing.command()
def plan(as_json: AsJson = False) -> None:
    """Show what rows on recipients lose by each way to make them safe; publishes nothing."""
    from datapackages.plan import plan as run
    from kernel.clock import SystemClock

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        found = asyncio.run(run(settings, server, SystemClock()))
    answer(found.as_dict(), as_json, found.lines())
