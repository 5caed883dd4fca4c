"""How often was revealed, as everybody may know it: by year, exactly, once the year is over."""

from __future__ import annotations

import datetime as dt

import asyncpg
import pytest

from commands.reveal_years import REVEAL_YEARS
from datapackages.pengungkapan.dataset import DATASET
from models.reveal_codes import RevealPurpose
from tests.acting import Acting
from tests.commands.test_reveal import inspector, opened, owners

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_year_is_counted_once_it_is_over_and_never_again(acting: Acting) -> None:
    count = "select sum(reveals), count(*) from ksbb.reveal_year where year = $1"
    clock = acting.clock.now()
    opened_in = "select count(*) from ksbb.reveal where granted_on between '2022-01-01' and '2022-12-31'"
    await opened(acting, inspector("counted"), await owners(acting))
    number = await acting.tables.fetchval(opened_in)
    assert number > 0
    try:
        for day, rows in ((dt.date(2023, 1, 14), 0), (dt.date(2023, 1, 15), len(RevealPurpose))):
            acting.clock.instant = dt.datetime.combine(day, dt.time(4), dt.UTC)
            await acting.bus.tick(REVEAL_YEARS)
            told, found = await acting.tables.fetchrow(count, 2022)
            assert (told or 0, found) == ((number, rows) if rows else (0, 0))
        assert tuple(await acting.tables.fetchrow(count, 2021)) == (0, len(RevealPurpose))
        assert (await acting.bus.tick(REVEAL_YEARS)) == {"years of reveals sealed": 0}
    finally:
        acting.clock.instant = clock
    with pytest.raises(asyncpg.RestrictViolationError):
        await acting.tables.execute("update ksbb.reveal_year set reveals = 0")


async def test_the_public_figure_tells_of_no_person() -> None:
    assert [field.source for field in DATASET.fields] == ["year", "purpose", "reveals"]
