"""Backing up, checking a backup, restoring one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli.answer import answer, growing_progress, note
from cli.database import open_server
from cli.options import AsJson
from kernel.errors import BadInput
from kernel.settings import Settings

backup = typer.Typer()

BackupFolder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of the backup.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        exists=True,
        dir_okay=False,
        readable=True,
        help="File with the master secret of the installation that made it; KSBB_SECRET_KEY if left out.",
    ),
]


@backup.command("backup")
def db_backup(
    folder: Annotated[Path, typer.Argument(help="New folder for the backup, such as backups/2021-07-31.")],
    as_json: AsJson = False,
) -> None:
    """Back up rows and files into a new folder, while the server runs. Keys are left out: keep them elsewhere."""
    from backup.make import make
    from kernel.clock import SystemClock

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        made = make(settings, server.uri(), folder.absolute(), SystemClock(), _step)
    rows = sum(table["rows"] for table in made["tables"].values())
    lines = [f"{folder} holds {rows:,} rows of {len(made['tables'])} tables and {made['files']:,} files."]
    answer({"folder": str(folder), **made}, as_json, lines)
    note("The master secret is not in it. Keep it elsewhere: who has both reads encrypted columns.")
    if made["evidence_in_bucket"]:
        note("The files of evidence lie in a bucket and are not in it. Back the bucket up too.")


@backup.command("verify")
def db_verify(
    folder: BackupFolder,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also restore its rows into a database that is thrown away, and compare.")
    ] = False,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Check a backup by its hashes, and by the master secret where that is known; exit 1 if it is not whole."""
    from backup.manifest import check, require_key
    from backup.restore import rehearse
    from policy.secrets import Secrets

    settings = Settings.read(os.environ)
    stated = check(folder, _step("Checking the parts"))
    lines = [f"{folder} is whole: made at {stated['made_at']} by version {stated['version']}."]
    if secret := _secret(settings, key):
        require_key(stated, Secrets.of(Settings(secret_key=secret)))
        lines.append("It was made under this master secret.")
    if deep:
        lines += rehearse(folder, stated, _step)
    answer({"whole": True, "made_at": stated["made_at"], "found": lines}, as_json, lines)


@backup.command("restore")
def db_restore(
    folder: BackupFolder,
    into: Annotated[Path, typer.Option("--into", help="New or empty folder that becomes KSBB_DATA_DIR.")],
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an empty folder, and into KSBB_DATABASE_URL where that is set: all of it or nothing."""
    from backup.restore import restore

    settings = Settings.read(os.environ)
    secret = _secret(settings, key)
    if not secret:
        raise BadInput(
            "Restoring needs the master secret of the installation that made the backup (kunci utama): set "
            "KSBB_SECRET_KEY, or name its file with --key."
        )
    lines = restore(settings, folder, into.absolute(), secret, _step)
    answer({"into": str(into), "found": lines}, as_json, lines)
    note(f"Start it with KSBB_DATA_DIR={into} ksbb serve.")


def _step(about: str) -> Callable[[int, int], None]:
    return growing_progress(about)


def _secret(settings: Settings, file: Path | None) -> str:
    """The master secret in hex: from a file, else from the settings, else from the data folder; empty if unknown."""
    from policy.secrets import KEY_FILE

    here = settings.data_dir / KEY_FILE
    if file is not None:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    return settings.secret_key or (here.read_text(errors="replace").strip() if here.is_file() else "")
