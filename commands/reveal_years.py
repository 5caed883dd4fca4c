"""How many reveals a year had: counted once, some days after its end, and published so (pengungkapan per tahun).

A reveal is an act of the office, so its number is told exactly, also where it is small or nought; how many persons it
was about is told nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import extract, func, select
from sqlalchemy.dialects.postgresql import insert

from commands.job import Job
from commands.work import Work
from models.reveal import Reveal, RevealYear
from models.reveal_codes import RevealPurpose
from policy.counting import BEGAN_ON

GRACE_DAYS = 14
"""As long as other figures stay open after their period (`publishing/period.py`)."""


async def seal_reveal_years(work: Work) -> int:
    """Count the years that are over and not counted yet, from that in which the programme began; a row per purpose."""
    last = (work.today - dt.timedelta(days=GRACE_DAYS)).year - 1
    known = set((await work.session.execute(select(RevealYear.year))).scalars())
    years = [year for year in range(BEGAN_ON.year, last + 1) if year not in known]
    if not years:
        return 0
    year = extract("year", Reveal.granted_on)
    counted = select(year, Reveal.purpose, func.count()).where(year.in_(years)).group_by(year, Reveal.purpose)
    found = {(int(y), purpose): number for y, purpose, number in await work.session.execute(counted)}
    rows = [
        {"id": f"{y}:{p}", "year": y, "purpose": p, "reveals": found.get((y, p), 0)}
        for y in years
        for p in RevealPurpose
    ]
    made = insert(RevealYear).values(rows).on_conflict_do_nothing().returning(RevealYear.year)
    return len((await work.session.execute(made)).scalars().all())


REVEAL_YEARS: Mapping[str, Job] = {"years of reveals sealed": seal_reveal_years}
