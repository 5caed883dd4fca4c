"""Databases of their own for tests that write, on a server that runs already."""

from __future__ import annotations

import asyncpg

from models import migrate
from models.server import Server
from models.writing import writing
from tests.publishing.rows import City


async def a_database(server: Server, name: str) -> Server:
    """A new database with all tables, and the regions of Jakarta in it."""
    owner = await asyncpg.connect(server.uri("postgres"))
    try:
        await owner.execute(f"create database {name}")
    finally:
        await owner.close()
    made = Server(server.uri(name))
    await migrate.upgrade(made.uri())
    async with writing(made.uri()) as connection:
        await City(connection).regions()
    return made
