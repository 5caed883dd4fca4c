"""A city's own PostgreSQL, where the steward of the database is no superuser."""

from __future__ import annotations

import asyncpg

from models import migrate
from policy import wall
from policy.viewer import Role
from tests.conftest import City

PREFIX = "own_"


async def test_a_steward_without_superuser_builds_the_whole_wall(walled_city: City) -> None:
    server = walled_city.server
    owner = await asyncpg.connect(server.uri())
    await owner.execute("CREATE ROLE steward LOGIN CREATEROLE CREATEDB")
    await owner.execute("CREATE DATABASE own_city OWNER steward")
    await owner.close()

    uri = server.uri("own_city", "steward")
    await migrate.upgrade(uri)
    await wall.build(uri, PREFIX, walled_city.secrets.role_password)

    for role in Role:
        reader = await asyncpg.connect(server.uri("own_city", f"{PREFIX}{role.lower()}"))
        assert await reader.fetchval("SELECT count(*) FROM region") == 0
        assert await reader.fetchval("SELECT current_setting('search_path')") == f"{PREFIX}{role.lower()}"
        await reader.close()
    await _drop(walled_city)


async def _drop(city: City) -> None:
    owner = await asyncpg.connect(city.server.uri())
    await owner.execute("DROP DATABASE own_city")
    names = await owner.fetch("SELECT rolname FROM pg_roles WHERE rolname LIKE 'own\\_%' OR rolname = 'steward'")
    for (name,) in names:
        await owner.execute(f"DROP ROLE {name}")
    await owner.close()
