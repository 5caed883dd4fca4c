"""Steps and guide in a database are those of the release that upgraded it."""

from __future__ import annotations

import asyncio

import asyncpg

from imports.reference import load_reference
from models.reference.articles import articles
from models.reference.flow import step_rows
from models.server import Server


async def test_an_upgrade_brings_the_steps_and_the_guide_of_its_release(
    database: Server, tables: asyncpg.Connection
) -> None:
    await load_reference(database.uri())
    await tables.execute("update guide_article set body = 'old' where id = 'complain:en'")
    await tables.execute("insert into step_form (id, step_code, form) values ('I-01:H', 'I-01', 'H')")
    await load_reference(database.uri())
    assert {r["id"]: r["body"] for r in await tables.fetch("select id, body from guide_article")} == {
        article.id: article.body for article in articles()
    }
    assert await tables.fetchval("select count(*) from step") == len(list(step_rows()))
    assert not await tables.fetchval("select exists (select from step_form where id = 'I-01:H')")


async def test_servers_that_start_at_once_load_it_one_after_the_other(
    database: Server, tables: asyncpg.Connection
) -> None:
    await asyncio.gather(*(load_reference(database.uri()) for _ in range(4)))
    assert await tables.fetchval("select count(*) from guide_article") == len(list(articles()))
