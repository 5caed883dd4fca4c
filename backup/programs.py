"""The programs of PostgreSQL that dump and restore: those of the wheel, or those of an own server on the PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from kernel.errors import KsbbError
from models.embedded import MAJOR_VERSION, binary

_LAST_LINES = 3

Told = Callable[[str], None]
"""Hears each line that a program says about what it does."""


class ProgramMissing(KsbbError):
    """The program for this version of PostgreSQL is not on this machine."""

    code = "POSTGRES_PROGRAM_MISSING"


class ProgramFailed(KsbbError):
    """A program of PostgreSQL ended with an error."""

    code = "POSTGRES_PROGRAM_FAILED"


def program(name: str, major: int) -> Path:
    """Where `pg_dump` or `pg_restore` is that fits a server of a major version.

    A dump of a newer program does not go back into an older server, and an older program refuses a newer server.

    Raises:
        ProgramMissing: there is none of that version.
    """
    if major == int(MAJOR_VERSION):
        return binary(name)
    found = shutil.which(name)
    has = _major_of(found) if found else None
    if found is None or has != major:
        what = "is not on the PATH" if has is None else f"on the PATH is of version {has}"
        raise ProgramMissing(
            f"The database is PostgreSQL {major}, and {name} {what}. Install the client programs of PostgreSQL {major} "
            f"(postgresql-client-{major}) and put them first on the PATH.",
            needed=major,
        )
    return Path(found)


def run(command: Sequence[str | Path], uri: str, told: Told | None = None) -> None:
    """Run a program on a database. A password goes by the environment: the command line is open to everybody here.

    Raises:
        ProgramFailed: its last words say why.
    """
    address, password = without_password(uri)
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}
    whole = [*map(str, command), "--dbname", address]
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603  # the commands are our own
        whole, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors="replace"
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said = [*said[1 - _LAST_LINES :], line.strip()]
            if told is not None:
                told(line)
    if process.returncode != 0:
        name = Path(command[0]).name
        raise ProgramFailed(f"{name} failed: {' '.join(said) or 'it said nothing'}", program=name)


def without_password(uri: str) -> tuple[str, str]:
    """An address without its password, and the password; empty when it has none."""
    parts = urlsplit(uri)
    login, at, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    options = parse_qsl(parts.query, keep_blank_values=True)
    password = unquote(password) or next((value for name, value in options if name == "password"), "")
    query = urlencode([option for option in options if option[0] != "password"])
    return urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=query)), password


def _major_of(path: str) -> int | None:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None
