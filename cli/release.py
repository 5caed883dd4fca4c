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
from kernel.settings import Settings

release = typer.Typer()


@release.command()
def publish(
    to: Annotated[
        str,
        typer.Option("--to", help="Where to: folder, ckan, satu-data:FOLDER, or the path of another folder."),
    ] = "folder",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a release of the open data: anonymised, validated, in an immutable folder."""
    from datapackages.publish import publish as run
    from kernel.clock import SystemClock

    settings = Settings.read(os.environ)
    progress = note if sys.stderr.isatty() else None
    with open_server(settings) as server:
        release = asyncio.run(run(settings, server, clock=SystemClock(), to=to, dry_run=dry_run, progress=progress))
    answer(release.as_dict(), as_json, release.lines())
