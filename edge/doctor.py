"""The doctor: what stops a start, its cause and its cure (`ksbb doctor`)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import asyncpg

from edge.address import AddressTaken, require_free
from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting
from models import migrate
from models.embedded import EmbeddedPostgres, binary
from models.server import Server
from policy.claimed_role import RoleClaims
from policy.issuer import download, is_elsewhere, published_keys, require_usable
from policy.token_errors import IssuerUnusable

NEEDED_PYTHON = (3, 11)

_MEGABYTE = 1_000_000
_DISK_FAIL = 200 * _MEGABYTE  # the demo city needs about this much
_DISK_WARN = 1_000 * _MEGABYTE


class State(StrEnum):
    """How a check came out: `fail` stops a start, `warn` does not yet."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing looked at; where it is not well, why and what to do."""

    name: str
    state: State
    cause: str
    cure: str = ""


def examine(environment: Mapping[str, str]) -> list[Check]:
    """Look at everything a start needs, in the order in which a start needs it.

    Changes nothing: an embedded database that exists is started for the look and stopped again; none is made.
    """
    checks = [_python()]
    try:
        settings = Settings.read(environment)
    except KsbbError as refusal:
        return [*checks, _failed("settings", refusal, "Correct or unset the variable; docs/settings.md has them all.")]
    checks += [Check("settings", State.OK, "Every KSBB_ variable is a setting with a usable value."), _port(settings)]
    checks += [_issuer(settings)] if is_elsewhere(settings) else []
    if not settings.database_url:
        checks += [_data_folder(settings.data_dir), _disk(settings.data_dir), _programs(), _leftovers(settings)]
        if not EmbeddedPostgres(settings.data_dir).folder.exists():
            return [*checks, Check("database", State.OK, "None yet; the first start makes it.")]
    return [*checks, *_database(settings)]


def is_healthy(checks: list[Check]) -> bool:
    """Whether nothing stops a start."""
    return all(check.state is not State.FAIL for check in checks)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < NEEDED_PYTHON:
        return Check(
            "python", State.FAIL, f"This is Python {found}.", "Use Python 3.11 or newer: make PYTHON=python3.11."
        )
    return Check("python", State.OK, f"This is Python {found}.")


def _port(settings: Settings) -> Check:
    where = f"{settings.host}:{settings.port}"
    try:
        require_free(settings.host, settings.port)
    except AddressTaken as taken:
        if _is_ours(settings):
            return Check("port", State.WARN, f"ksbb itself serves {where} already.", "Set KSBB_PORT to serve a second.")
        return Check("port", State.FAIL, taken.cause, taken.cure)
    return Check("port", State.OK, f"{where} is free.")


def _issuer(settings: Settings) -> Check:
    """Whether tokens can be checked: the server starts without it, and answers them with 503 until it is so."""
    try:
        require_usable(settings)
        RoleClaims.of(settings)
        keys = published_keys(settings, download)
    except UnusableSetting as refusal:
        return _failed("issuer", refusal, "Correct the variable; docs/identity.md says how an issuer is set up.")
    except IssuerUnusable as wrong:
        return Check("issuer", State.WARN, wrong.message, "No token holds until this is right; see docs/identity.md.")
    return Check("issuer", State.OK, f"The issuer publishes {len(keys)} keys that tokens can be checked with.")


def _is_ours(settings: Settings) -> bool:
    """Whether it is a ksbb that listens there."""
    connection = HTTPConnection(settings.host, settings.port, timeout=1)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().read() == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _data_folder(folder: Path) -> Check:
    there = _nearest(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        cure = "Set KSBB_DATA_DIR to a folder you may write, or give this one to the user who runs ksbb."
        return Check("data folder", State.FAIL, f"{there} cannot be written.", cure)
    return Check("data folder", State.OK, f"{folder.absolute()} can be written.")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    told = f"{free // _MEGABYTE:,} MB are free for {folder.absolute()}."
    if free >= _DISK_WARN:
        return Check("disk", State.OK, told)
    state = State.FAIL if free < _DISK_FAIL else State.WARN
    return Check("disk", state, told, "Make room, or set KSBB_DATA_DIR to a folder on another disk.")


def _programs() -> Check:
    cure = "Install again (rm -r .venv; make demo), or set KSBB_DATABASE_URL to a PostgreSQL of your own."
    try:
        said = subprocess.run([binary("postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    except KsbbError as refusal:
        return _failed("postgres", refusal, cure)
    except (OSError, subprocess.CalledProcessError) as cause:
        return Check("postgres", State.FAIL, f"The PostgreSQL of the wheel does not run here: {cause}.", cure)
    return Check("postgres", State.OK, said.stdout.strip())


def _leftovers(settings: Settings) -> Check:
    postgres = EmbeddedPostgres(settings.data_dir)
    try:
        if postgres.has_leftovers():
            cause = "A PostgreSQL that was killed left its process file (postmaster.pid)."
            return Check("stale lock", State.WARN, cause, "Nothing to do: the next start removes it and recovers.")
        if postgres.is_abandoned():
            cause = "A PostgreSQL runs that nobody uses: the ksbb that started it was killed."
            return Check("stale lock", State.WARN, cause, "Nothing to do: the next ksbb that ends stops it.")
    except PermissionError as cause:
        cure = "Run ksbb as the user who made the data folder, or set KSBB_DATA_DIR."
        return Check("stale lock", State.FAIL, f"{cause.filename} belongs to another user.", cure)
    return Check("stale lock", State.OK, "Nothing was left over.")


def _database(settings: Settings) -> Iterator[Check]:
    try:
        server = Server.open(settings)
    except KsbbError as refusal:
        yield _failed("database", refusal, "")
        return
    with server:
        yield Check("database", State.OK, "It answers.")
        yield _asked("migrations", server, _migrations)
        yield _asked("policy", server, _policy)
        yield _asked("logins", server, lambda uri: _logins(uri, settings.role_prefix))


def _asked(name: str, server: Server, question: Callable[[str], Check]) -> Check:
    try:
        return question(server.uri())
    except KsbbError as refusal:
        return _failed(name, refusal, "")
    except (OSError, asyncpg.PostgresError) as cause:
        return Check(name, State.FAIL, f"The database did not answer: {cause}.", "See the log of PostgreSQL.")


def _migrations(uri: str) -> Check:
    found = asyncio.run(migrate.check(uri))
    if not found:
        return Check("migrations", State.OK, "The tables are those of this release.")
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return Check("migrations", State.FAIL, found[0] + more, "Run `ksbb db upgrade`; `ksbb db check` shows all.")


def _policy(uri: str) -> Check:
    from policy import wall  # the heaviest import of all, and only here

    stored, current = asyncio.run(wall.stored_hash(uri)), wall.current_hash()
    if stored == current:
        return Check("policy", State.OK, f"The views are those of policy {current[:12]}.")
    cause = "The database has no views yet." if stored is None else f"The views are of another policy ({stored[:12]})."
    return Check("policy", State.FAIL, cause, "Run `ksbb db upgrade`, which makes the views of this release.")


def _logins(uri: str, prefix: str) -> Check:
    from policy import wall  # the heaviest import of all, and only here

    changed = asyncio.run(wall.changed_logins(uri, prefix))
    if not changed:
        return Check("logins", State.OK, "The logins of the roles have the settings of the wall.")
    cause = f"{', '.join(changed)}: settings that the wall did not give. Somebody logged in as a role and changed them."
    return Check("logins", State.WARN, cause, "Start the server or run `ksbb db upgrade`: both give them again.")


def _failed(name: str, refusal: KsbbError, cure: str) -> Check:
    """A refusal as a check. Our sentences name their cure at the end; `cure` stands where one does not."""
    return Check(name, State.FAIL, refusal.message, cure)


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that exists."""
    absolute = folder.absolute()
    return next(candidate for candidate in (absolute, *absolute.parents) if candidate.exists())
