"""Logins of every role, and databases that are copies of one small city."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from kernel.settings import Settings
from models.server import Server
from policy import wall
from policy.secrets import KEY_FILE, Secrets
from policy.viewer import Role, Viewer
from tests.conftest import City, a_walled_city
from tests.folders import a_data_folder, a_folder

ADMINISTRATION = "template1"
"""The database from which others are made."""


@dataclass(frozen=True)
class Copies:
    """Makes copies of a city that nobody is connected to."""

    city: City

    @asynccontextmanager
    async def copy(self, name: str, *roles: Role) -> AsyncIterator[Server]:
        """A copy of the city in a database of its own, open to the logins of some roles and to those of the server."""
        server = self.city.server
        origin = server.uri().partition("?")[0].rpartition("/")[2]
        administration = await asyncpg.connect(server.uri(database=ADMINISTRATION))
        try:
            await administration.execute(f"create database {name} template {origin}")
            for role in (*roles, wall.PUBLISHER, wall.WRITER, wall.SEQUENCER):
                login = f"{self.city.settings.role_prefix}{role.lower()}"
                await administration.execute(
                    f"revoke all on database {name} from public; grant connect on database {name} to {login};"
                    f" alter role {login} in database {name} set search_path = {login}"
                )
            owner = f"{self.city.settings.role_prefix}{wall.PUBLISHER}_owner"
            await administration.execute(f"grant temporary on database {name} to {owner}")
            yield Server(server.uri(database=name))
        finally:
            await administration.execute(f"drop database if exists {name} with (force)")
            await administration.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def copies() -> AsyncIterator[Copies]:
    """A city of its own to be copied."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder)
        with Server.open(settings) as server:
            yield Copies(await a_walled_city(settings, server))


@pytest.fixture(scope="session")
def installation(copies: Copies) -> Iterator[Settings]:
    """Settings of another data folder with the same secrets, for what writes files."""
    key = (copies.city.settings.data_dir / KEY_FILE).read_text().strip()
    with a_folder() as folder:
        yield replace(copies.city.settings, data_dir=folder, secret_key=key)


@asynccontextmanager
async def owner_of(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner of the tables."""
    connection = await asyncpg.connect(server.uri())
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def login(
    server: Server, name: str, secrets: Secrets, viewer: Viewer | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """A connection as a database role, with a viewer's scope."""
    connection = await asyncpg.connect(server.role_dsn(name, secrets.role_password(name)))
    try:
        for scope, value in viewer.scope if viewer is not None else ():
            await connection.execute("select set_config($1, $2, false)", f"ksbb.{scope.value}", value)
        yield connection
    finally:
        await connection.close()


def login_name(city: City, role: Role | str) -> str:
    """The name of a role's login."""
    return f"{city.settings.role_prefix}{role.lower()}"


@asynccontextmanager
async def as_viewer(city: City, viewer: Viewer) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the login of a viewer's role, with the viewer's scope."""
    async with login(city.server, login_name(city, viewer.role), city.secrets, viewer) as connection:
        yield connection


Pairs = Mapping[Role, tuple[Viewer, Viewer]]
"""Per scoped role two viewers who see different rows."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pairs(walled_city: City) -> Pairs:
    """Two viewers of each scoped role: one of the cast, and one with much in a table where the cast has little."""
    async with owner_of(walled_city.server) as owner:
        return {role: await _pair(owner, walled_city.viewer(role)) for role in _SECOND}


_SECOND = {
    Role.FINTECH: ("institution_id", "fintech_id", "loan"),
    Role.AGREGATOR: ("institution_id", "fund_manager_id", "handover"),
    Role.KOLABORATOR: ("institution_id", "collaborator_id", "delivery_recipient"),
    Role.UMKM: ("person_id", "complainant_id", "complaint join ksbb.business on owner_id = complainant_id"),
    Role.PENDAMPING: ("area", "left(region_code, 8)", "complaint"),
    Role.WILAYAH: ("area", "left(region_code, 8)", "complaint"),
    Role.SATPOL_PP: ("area", "left(region_code, 8)", "delivery_recipient where received_on is null"),
    Role.PETUGAS_INTAKE: ("area", "left(region_code, 8)", "intake_application where level = 'KECAMATAN'"),
}


async def _pair(owner: asyncpg.Connection, viewer: Viewer) -> tuple[Viewer, Viewer]:
    attribute, column, source = _SECOND[viewer.role]
    grouped = (
        f"select {column}::text from ksbb.{source} group by 1 having {column}::text <> $1 order by count(*) desc, 1"
    )
    found: dict[str, Any] = {attribute: await owner.fetchval(grouped, getattr(viewer, attribute))}
    return viewer, replace(viewer, subject="somebody else", **found)
