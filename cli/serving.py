"""Serving the API, with a synthetic city or without one."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answer import answer, note, progress
from cli.database import open_server, upgrade
from cli.options import AgencyName, AnyRole, AreaCode, AsJson, InstitutionId, LevelName, PersonId
from cli.viewers import login, viewer_of
from kernel.settings import Settings
from policy.viewer import Role, Viewer

if TYPE_CHECKING:
    from models.server import Server

serving = typer.Typer()


@serving.command()
def serve() -> None:
    """Serve the API until interrupted."""
    from edge.address import require_free

    settings = Settings.read(os.environ)
    require_free(settings.host, settings.port)
    with open_server(settings) as server:
        asyncio.run(upgrade(settings, server.uri()))
        _serve(settings, server)


@serving.command()
def demo(
    recipients: Annotated[int, typer.Option(min=100, help="Businesses in the city.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 2020,
    clean: Annotated[bool, typer.Option("--clean", help="A city in which all reports agree.")] = False,
) -> None:
    """Build a synthetic Jakarta if there is none yet, serve it, and make a first release beside that."""
    from functools import partial

    from edge.address import require_free

    settings = Settings.read(os.environ)
    require_free(settings.host, settings.port)
    with open_server(settings) as server:
        asyncio.run(_build_city(settings, server, recipients, seed, clean))
        _serve(settings, server, partial(_first_release, settings, server))


@serving.command()
def doctor(as_json: AsJson = False) -> None:
    """Name what stops a start: its cause and its cure."""
    from edge.doctor import examine, is_healthy

    checks = examine(os.environ)
    rows = [{"check": c.name, "state": c.state.value, "cause": c.cause, "cure": c.cure} for c in checks]
    answer(
        rows, as_json, (f"{r['state']:4}  {r['check']:12} {' '.join((r['cause'], r['cure'])).strip()}" for r in rows)
    )
    if not is_healthy(checks):
        raise typer.Exit(1)


@serving.command()
def token(
    role: AnyRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    person: PersonId = "",
    level: LevelName = "",
    agency: AgencyName = None,
    hours: Annotated[int, typer.Option(min=1, help="How long it holds.")] = 12,
) -> None:
    """Print a bearer token for a role, signed with this installation's own key."""

    from kernel.clock import SystemClock
    from policy.tokens import issue

    settings = Settings.read(os.environ)
    viewer = viewer_of(settings, "ksbb-token", role, institution, area, person, level, agency)
    print(issue(settings, SystemClock(), viewer, dt.timedelta(hours=hours)))


@serving.command()
def revoke(
    subject: Annotated[str, typer.Argument(help="Login, as the tokens name it (sub).")],
    role: Annotated[Role | None, typer.Option(case_sensitive=False, help="Only tokens of this role.")] = None,
) -> None:
    """Let no token hold that a login was given until now; running servers know it within seconds."""
    from commands.token import RevokeTokens
    from kernel.clock import SystemClock
    from server import bus_of

    async def ordered() -> None:
        bus = bus_of(settings, server, SystemClock())
        try:
            command = RevokeTokens(subject=subject, role=role and role.value)
            await bus.carry_out(Viewer(Role.ADMIN, f"ksbb-revoke:{login()}"), command)
        finally:
            await bus.close()

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        asyncio.run(ordered())


async def _build_city(settings: Settings, server: Server, recipients: int, seed: int, clean: bool) -> None:
    """Migrations, city, then the wall; a city that is there already stays as it is."""
    import asyncpg

    from demo.city import CityAlreadyThere, CitySize, build
    from models import migrate
    from policy import wall
    from policy.secrets import Secrets

    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    size = CitySize.of_recipients(recipients, seed=seed, clean=clean)
    try:
        summary = await build(connection, size, secrets, progress("Building the city", size.about_rows))
        note(f"The city has {sum(summary.rows.values()):,} rows.")
    except CityAlreadyThere:
        note("The city is there already.")
    finally:
        await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)


async def _first_release(settings: Settings, server: Server) -> None:
    from datapackages.publish import publish as run
    from kernel.clock import SystemClock

    await run(settings, server, clock=SystemClock())


def _serve(settings: Settings, server: Server, background: Callable[[], Awaitable[None]] | None = None) -> None:
    from edge.listening import listen
    from server import create_app

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the database is left in order too
    note(f"Serving http://{settings.host}:{settings.port}/graphql")
    listen(create_app(settings, server, background), settings.host, settings.port, settings.trusted_proxies)
