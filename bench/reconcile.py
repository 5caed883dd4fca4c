"""What reconciliation and red flags cost: `python -m bench.reconcile 20000 100000` (businesses of each city).

Builds each city in a database of its own below `.ksbb-bench` (or KSBB_DATA_DIR), or takes the one that is there, and
tells the seconds of every rule, of every sign, and of all jobs together when nothing is new.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.city import prepare
from commands.reconcile import RECONCILIATION
from commands.red_flags import RED_FLAGS, SIGNS
from commands.rules import COMPARISONS
from demo.city import CitySize
from demo.plan import CUT_OFF
from kernel.clock import FixedClock, start_of_day
from kernel.settings import Settings
from models.server import Server
from models.writing import writing
from server import bus_of


async def measure(settings: Settings, server: Server, businesses: int) -> None:
    """Print the figures of one city."""
    await prepare(settings, server, CitySize.of_recipients(businesses))
    asked = {comparison.measure.value: comparison.differing.params(today=CUT_OFF) for comparison in COMPARISONS}
    asked |= {kind.value: sign(CUT_OFF, settings) for kind, sign in SIGNS.items()}
    print(f"{businesses:,} businesses")
    async with writing(server.uri()) as connection:
        for name, query in asked.items():
            counted = connection.execute(select(func.count()).select_from(query.subquery("found")))
            seconds, found = await _timed(counted)
            print(f"{seconds:8.3f} s  {found.scalar_one():7,}  {name}")
    bus = bus_of(settings, server, FixedClock(start_of_day(CUT_OFF)))
    try:
        for turn in ("first", "again"):
            for name, jobs in {"reconciliation": RECONCILIATION, "red flags": RED_FLAGS}.items():
                seconds, done = await _timed(bus.tick(jobs))
                print(f"{seconds:8.3f} s  {sum(done.values()):7,}  {name}, {turn}")
    finally:
        await bus.close()


async def _timed(work: Awaitable[Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    done = await work
    return time.perf_counter() - began, done


def main() -> None:
    """One city after the other."""
    settings = Settings.read({"KSBB_DATA_DIR": ".ksbb-bench", **os.environ})
    for businesses in map(int, sys.argv[1:] or ["20000", "100000"]):
        of_city = replace(settings, data_dir=Path(f"{settings.data_dir}-reconcile-{businesses}"))
        with Server.open(of_city) as server:
            asyncio.run(measure(of_city, server, businesses))


if __name__ == "__main__":
    main()
