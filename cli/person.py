"""The rights of a person who stands at the desk."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.database import open_server
from cli.viewers import login
from kernel.errors import BadInput
from kernel.settings import Settings
from policy.viewer import Role, Viewer

if TYPE_CHECKING:
    from models.server import Server

person = typer.Typer(help="The rights of a person who stands at the desk.", no_args_is_help=True)


@person.command("export")
def person_export(
    purpose: Annotated[str, typer.Option(help="What for, in a few words (tujuan); name nobody.")],
    case_number: Annotated[str, typer.Option("--case", help="Number of the case (nomor berkas).")],
    nik_from_stdin: Annotated[
        bool, typer.Option("--nik-from-stdin", help="Read the NIK from standard input; it is never an argument.")
    ] = False,
) -> None:
    """Print everything that is held on the person with a NIK, as JSON, for that person; logged with its purpose."""
    if not nik_from_stdin:
        raise typer.BadParameter("write the NIK to standard input", param_hint="--nik-from-stdin")
    if not (purpose.strip() and case_number.strip()):
        raise BadInput("Say what for (--purpose) and under which number (--case).")
    settings, nik = Settings.read(os.environ), sys.stdin.readline().strip()
    with open_server(settings) as server:
        print(asyncio.run(_export_at_the_desk(settings, server, nik, purpose.strip(), case_number.strip())))


async def _export_at_the_desk(settings: Settings, server: Server, nik: str, purpose: str, case_number: str) -> str:
    from commands.export import export_at_the_desk
    from kernel.clock import SystemClock
    from schema.nouns import CATALOGUE
    from schema.words import labels
    from server import bus_of

    bus = bus_of(settings, server, SystemClock())
    desk = Viewer(Role.DINAS, f"ksbb-person:{login()}")
    try:
        words = labels(CATALOGUE)
        copy = await export_at_the_desk(bus, desk, nik, words, purpose=purpose, case_number=case_number)
    finally:
        await bus.close()
    return copy.decode()
