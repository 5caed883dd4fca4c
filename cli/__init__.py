"""The command line `ksbb`: thin commands over the modules that do the work.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 refused, 2 wrongly called. Engines are imported
inside the commands, so that `ksbb --help` stays fast.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.audit import audit
from cli.backup import backup
from cli.database import db
from cli.documents import documents
from cli.events import events
from cli.imports import imports
from cli.key import key
from cli.person import person
from cli.policy import policy
from cli.release import release
from cli.releases import releases
from cli.serving import serving
from cli.supervision import supervision
from cli.webhook import webhook
from cli.working import working
from kernel.errors import KsbbError

app = typer.Typer(
    name="ksbb",
    help="KSBB Terbuka: the open system of record of Jakarta's KSBB UMKM.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (serving, release, working, supervision):
    app.add_typer(commands)
db.add_typer(backup)
app.add_typer(audit, name="audit")
app.add_typer(db, name="db")
app.add_typer(documents, name="documents")
app.add_typer(events, name="events")
app.add_typer(imports, name="import")
app.add_typer(key, name="key")
app.add_typer(person, name="person")
app.add_typer(policy, name="policy")
app.add_typer(releases, name="release")
app.add_typer(webhook, name="webhook")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"ksbb {version('ksbb-terbuka')}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")] = False,
) -> None:
    """KSBB Terbuka: the open system of record of Jakarta's KSBB UMKM."""


def main() -> None:
    """Run one command; a refusal is a line on stderr for each reason and exit code 1."""
    try:
        app()
    except KsbbError as refusal:
        for line in refusal.message.splitlines():
            print(f"ksbb: {line}", file=sys.stderr)
        sys.exit(1)
