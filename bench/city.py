"""The city that is asked: 200,000 recipients, 20,000 collaborations, 50,000 loans, 500,000 repayments; kept."""

from __future__ import annotations

import asyncpg

from demo.city import BENCHMARK, CityAlreadyThere, CitySize, build
from kernel.errors import KsbbError
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets


async def prepare(settings: Settings, server: Server, size: CitySize = BENCHMARK) -> None:
    """Build the city if it is not there yet, bring wall and tables to this release, and gather statistics."""
    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    try:
        await build(connection, size, secrets)
    except CityAlreadyThere:
        pass
    finally:
        await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)
    connection = await asyncpg.connect(server.uri())
    try:
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")  # or it happens during the first measurements
    finally:
        await connection.close()


class AnotherCity(KsbbError):
    """The data folder holds a city of another size."""

    code = "ANOTHER_CITY"


async def check_size(connection: asyncpg.Connection, size: CitySize) -> None:
    """Make sure that the city is the one that the figures are about.

    Raises:
        AnotherCity: it is not.
    """
    found = await connection.fetchval("select count(*) from ksbb.loan")
    if found != size.loans:
        raise AnotherCity(
            f"The city has {found:,} loans, not {size.loans:,}. Give the benchmark a KSBB_DATA_DIR of its own."
        )
