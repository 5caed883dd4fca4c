"""The demo city: from an empty, migrated database to a year and a half of KSBB UMKM in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import asyncpg

from demo.accounts import account_rows
from demo.businesses import business_rows
from demo.collaboration_plan import collaborations
from demo.collaborations import Numbers, collaboration_rows
from demo.collaborators import collaborator_rows
from demo.complaints import complaint_rows
from demo.findings import finding_rows
from demo.handovers import handover_rows, periodic_report_rows
from demo.institutions import institution_rows
from demo.intake import intake_rows
from demo.kbli import kbli_rows
from demo.ledger import Bookkeeper
from demo.loading import Loader, unbalanced_for_now
from demo.loans import Repaid, loan_rows
from demo.outreach import announcement_rows, office_contact_rows, outreach_rows
from demo.places import place_rows
from demo.plan import CityPlan
from demo.planted import Planter
from demo.population import population_rows
from demo.red_flags import found_in, red_flag_rows
from demo.rights import rights_rows
from demo.rows import Row
from demo.sekda_reports import sekda_report_rows
from demo.size import BENCHMARK as BENCHMARK
from demo.size import SMALL as SMALL
from demo.size import CitySize as CitySize
from demo.survey import Survey
from demo.uploads import upload_rows
from imports.reference import reference_rows
from kernel.errors import KsbbError
from models.base import SCHEMA
from policy.secrets import Secrets


class CityAlreadyThere(KsbbError):
    """The database is not empty: a city is built once, and never into somebody's data."""

    code = "CITY_ALREADY_THERE"

    def __init__(self) -> None:
        super().__init__("The database holds businesses already; give the demo an empty one (KSBB_DATA_DIR).")


@dataclass(frozen=True)
class CitySummary:
    """What was written: rows by table."""

    rows: Mapping[str, int]


def _nothing(_: int) -> None:
    return None


async def build(
    connection: asyncpg.Connection,
    size: CitySize,
    secrets: Secrets,
    progress: Callable[[int], None] = _nothing,
) -> CitySummary:
    """Fill an empty, migrated database in one transaction, and gather its statistics.

    The same size, seed and secrets give the same rows. `progress` is told the number of rows written so far.
    Memory: some bytes for each business, and two blocks of rows. The connection must be the owner of the tables.

    Raises:
        CityAlreadyThere: there are businesses in the database.
    """
    if await connection.fetchval("select exists (select from ksbb.business)"):
        raise CityAlreadyThere
    plan = CityPlan(size)
    async with connection.transaction():
        loader = Loader(connection, secrets, progress)
        if not await connection.fetchval("select exists (select from ksbb.region)"):
            await loader.load(reference_rows())
        async with unbalanced_for_now(connection):
            await loader.load(_rows(plan, secrets))
            await loader.finish()
        await _gather_statistics(connection, loader.rows)
        await loader.load(red_flag_rows(plan, await found_in(connection)))
        await loader.finish()
    await _gather_statistics(connection, ["red_flag"])
    return CitySummary(dict(loader.rows))


async def _gather_statistics(connection: asyncpg.Connection, tables: Iterable[str]) -> None:
    await connection.execute(f"analyze {', '.join(f'{SCHEMA}.{table}' for table in sorted(tables))}")


def _rows(plan: CityPlan, secrets: Secrets) -> Iterator[Row]:
    """Every row of the city, parents before children."""
    survey, planter = Survey(plan), Planter(plan)
    yield from kbli_rows()
    yield from institution_rows(plan)
    yield from account_rows(plan)
    yield from office_contact_rows(plan)
    yield from outreach_rows(plan)
    yield from collaborator_rows(plan)
    yield from announcement_rows(plan)
    yield from place_rows(plan)
    yield from business_rows(plan, survey, secrets)
    bookkeeper = Bookkeeper(plan)
    yield from bookkeeper.booked(handover_rows(plan, survey, planter))
    yield from bookkeeper.booked(_programme_rows(plan, survey, planter))
    yield from complaint_rows(plan, secrets)
    yield from intake_rows(plan, secrets)
    yield from sekda_report_rows(plan)
    yield from rights_rows(plan, secrets)
    yield from finding_rows(plan)
    yield from population_rows(plan)
    yield from planter.rows
    yield from upload_rows(plan)


def _programme_rows(plan: CityPlan, survey: Survey, planter: Planter) -> Iterator[Row]:
    numbers, repaid = Numbers(plan.chance("collaboration numbers")), Repaid()
    for made in collaborations(plan):
        yield from collaboration_rows(plan, survey, planter, numbers, made)
        for life in made.loans:
            yield from loan_rows(plan, survey, planter, repaid, made, life)
    yield from periodic_report_rows(plan, repaid.months(), planter)
