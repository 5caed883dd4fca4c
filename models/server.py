"""The database server of this installation: the embedded PostgreSQL, or one that the city runs itself."""

from __future__ import annotations

import asyncio
import atexit
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from kernel.errors import KsbbError
from kernel.settings import Settings
from models.embedded import EmbeddedPostgres

OLDEST_VERSION = 15

_CONNECT_TIMEOUT_S = 10.0


class DatabaseUnreachable(KsbbError):
    """No connection to the configured PostgreSQL."""

    code = "DATABASE_UNREACHABLE"


class ServerTooOld(KsbbError):
    """The configured PostgreSQL is older than what the policy needs."""

    code = "SERVER_TOO_OLD"


class NoServerRunning(KsbbError):
    """The embedded PostgreSQL is not running."""

    code = "NO_SERVER_RUNNING"


class Server:
    """A PostgreSQL that answers. Get one from `open` or `running`; use it in a `with`, or call `stop` at the end."""

    def __init__(self, uri: str, embedded: EmbeddedPostgres | None = None) -> None:
        self._uri = uri
        self._embedded = embedded

    @classmethod
    def open(cls, settings: Settings) -> Server:
        """The server of this installation, started if it is the embedded one and not yet running.

        Blocks for about 0.1 s, the first time for about 1 s: in an event loop call it by `asyncio.to_thread`.

        Raises:
            KsbbError: a situation of `models.embedded` or of this module; its sentence names the cure.
        """
        if settings.database_url:
            asyncio.run(check_version(settings.database_url))
            return cls(settings.database_url)
        embedded = EmbeddedPostgres(settings.data_dir)
        embedded.open()
        server = cls(embedded.uri, embedded)
        atexit.register(server.stop)
        return server

    @classmethod
    def running(cls, settings: Settings) -> Server:
        """The server as it runs now; starts nothing, and `stop` leaves it alone.

        Raises:
            NoServerRunning: the embedded PostgreSQL is not running.
        """
        if settings.database_url:
            return cls(settings.database_url)
        embedded = EmbeddedPostgres(settings.data_dir)
        if not embedded.is_running():
            raise NoServerRunning(
                f"No PostgreSQL is running in {embedded.folder}. Start one with `ksbb serve` or `ksbb demo`.",
                folder=str(embedded.folder),
            )
        return cls(embedded.uri)

    def uri(self, database: str | None = None, user: str | None = None) -> str:
        """libpq URI as owner of the database, or with another database or user."""
        return _changed(self._uri, database=database, user=user)

    def role_dsn(self, role: str, password: str) -> str:
        """libpq URI for one of the API's database roles. The embedded server trusts its socket: no password is sent."""
        return _changed(self._uri, user=role, password=None if self._embedded else password)

    def stop(self) -> None:
        """Stop using the server; the last user of an embedded one stops it. Safe to repeat."""
        if self._embedded is not None:
            self._embedded.close()
            atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def check_version(uri: str) -> None:
    """Refuse a server that cannot be reached or is too old.

    Raises:
        DatabaseUnreachable: no connection; the sentence holds the server's reason and never the password.
        ServerTooOld: older than version 15.
    """
    where = urlsplit(uri).netloc.rpartition("@")[2] or "the local socket"
    try:
        connection = await asyncpg.connect(uri, timeout=_CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as cause:
        raise DatabaseUnreachable(
            f"No connection to the PostgreSQL of KSBB_DATABASE_URL at {where}: {cause or 'it did not answer in time'}. "
            f"Start it, or correct the address, user, password or database.",
            where=where,
        ) from cause
    try:
        found = connection.get_server_version().major
    finally:
        await connection.close()
    if found < OLDEST_VERSION:
        raise ServerTooOld(
            f"The PostgreSQL at {where} is version {found}; {OLDEST_VERSION} or newer is needed. Upgrade it, or unset "
            f"KSBB_DATABASE_URL to use the embedded one.",
            found=found,
            needed=OLDEST_VERSION,
        )


def _changed(uri: str, *, database: str | None = None, user: str | None = None, password: str | None = None) -> str:
    """The same address with another database or login."""
    parts = urlsplit(uri)
    login, at, host = parts.netloc.rpartition("@")
    if user is not None:
        login, at = quote(user, safe="") + (f":{quote(password, safe='')}" if password else ""), "@"
    path = parts.path if database is None else f"/{quote(database, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}", path=path))
