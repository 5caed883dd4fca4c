"""The audit trail: whether it is whole."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answer import answer
from cli.database import open_server
from cli.options import AsJson
from kernel.settings import Settings

if TYPE_CHECKING:
    from events.audit_trail import Verdict
    from models.server import Server

audit = typer.Typer(help="The audit trail: verify.", no_args_is_help=True)

RootsFile = Annotated[
    Path | None,
    typer.Option(
        "--roots",
        exists=True,
        dir_okay=False,
        readable=True,
        help="audit_roots.json of a release that was kept elsewhere; the newest release here if left out.",
    ),
]


@audit.callback()
def _audit() -> None:
    """The audit trail: verify."""


@audit.command("verify")
def audit_verify(roots: RootsFile = None, as_json: AsJson = False) -> None:
    """Check that no entry of the audit trail was removed, altered, reordered or put in, also by released roots."""
    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        verdict = asyncio.run(_verdict(settings, server, roots))
    answer(verdict.as_dict(), as_json, verdict.lines())
    if verdict.fault is not None:
        raise typer.Exit(1)


async def _verdict(settings: Settings, server: Server, roots: Path | None) -> Verdict:
    from datapackages.audit_roots import published_roots
    from datapackages.publish import catalogue
    from events.audit_trail import verify
    from models.migrate import require_current
    from models.writing import connected
    from publishing.release.audit_roots import read_audit_roots

    await require_current(server.uri())
    published = read_audit_roots(roots) if roots is not None else published_roots(catalogue(settings))
    async with connected(server.uri()) as connection:
        return await verify(connection, published)
