"""A small city of its own, for tests that bring things to a state by commands alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from models.server import Server
from tests.commands.lives import Lives
from tests.folders import a_data_folder
from tests.sequences.world import a_world, sequence_settings, the_city


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lives() -> AsyncIterator[Lives]:
    """The lives of a world that a module has for itself."""
    with a_data_folder() as folder:
        settings = sequence_settings(folder)
        with Server.open(settings) as server:
            await the_city(settings, server)
            async with a_world(settings, server) as world:
                yield Lives(world)
