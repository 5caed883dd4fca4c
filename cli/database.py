"""The database: opened for a command, upgraded, checked, entered."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import typer

from cli.answer import answer, note
from cli.options import AsJson, DryRun
from kernel.settings import Settings

if TYPE_CHECKING:
    from models.server import Server

db = typer.Typer(help="The database: upgrade, check, back up, restore, address, psql.", no_args_is_help=True)


def open_server(settings: Settings) -> Server:
    """The server that the settings name, for the time of a command."""
    from models.server import Server

    return Server.open(settings)


async def upgrade(settings: Settings, uri: str) -> list[str]:
    """Migrations, reference data, then the wall; the steps that were taken."""
    from imports.reference import load_reference
    from models import migrate
    from policy import wall
    from policy.secrets import Secrets

    steps = await migrate.upgrade(uri)
    await load_reference(uri)
    await wall.build(uri, settings.role_prefix, Secrets.of(settings).role_password)
    return steps


async def _differences(uri: str) -> list[str]:
    from models import migrate
    from policy import wall

    tables = await migrate.check(uri)
    if await wall.stored_hash(uri) == wall.current_hash():
        return tables
    return [*tables, "The roles and views are not those of this release's policy."]


@db.command("upgrade")
def db_upgrade(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Bring the database to the tables, roles and views of this release."""
    from models import migrate

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        work = migrate.pending(server.uri()) if dry_run else upgrade(settings, server.uri())
        steps = asyncio.run(work)
    answer({"steps": steps}, as_json, steps)
    note(f"{len(steps)} steps {'would run' if dry_run else 'ran'}.")


@db.command("check")
def db_check(as_json: AsJson = False) -> None:
    """Tell where the database differs from this release; exit 1 if it does."""
    with open_server(Settings.read(os.environ)) as server:
        differences = asyncio.run(_differences(server.uri()))
    answer({"differences": differences}, as_json, differences)
    if differences:
        note("Run `ksbb db upgrade`.")
        raise typer.Exit(1)


@db.command("uri")
def db_uri(as_json: AsJson = False) -> None:
    """Print the libpq URI of the running database, as its owner."""
    from models.server import Server

    uri = Server.running(Settings.read(os.environ)).uri()
    answer({"uri": uri}, as_json, [uri])


@db.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db_psql(context: typer.Context) -> None:
    """Open psql on the database as its owner; arguments after `--` go to psql."""
    import subprocess

    from models.embedded import binary

    with open_server(Settings.read(os.environ)) as server:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql
        done = subprocess.run([binary("psql"), server.uri(), *context.args], check=False)  # noqa: S603
    raise typer.Exit(1 if done.returncode else 0)
