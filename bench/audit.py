"""What the audit trail costs: `python -m bench.audit 100000 1000000` (entries of each trail).

Writes entries like those of commands (half of them with a reason) into a database of their own below `.ksbb-bench` (or
KSBB_DATA_DIR), lets them become links, and checks the chain; tells entries per second and the memory of this process.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import asyncpg

from events.audit_chain import seal
from events.audit_trail import verify
from kernel.settings import Settings
from models import migrate
from models.server import Server
from models.writing import connected

_ENTRIES = """
    insert into ksbb.audit_entry
      (id, at, role, subject, act, about_kind, about_id, from_state, to_state, reason, details)
    select gen_random_uuid(), clock_timestamp(), 'FINTECH', 'petugas@contoh.example', 'RecordRepayment', 'loan', a,
           'CAIR', 'BERJALAN', r, json_build_object('id', a, 'steps', json_build_array(json_strip_nulls(
             json_build_object('noun', 'loan', 'id', a, 'from', 'CAIR', 'to', 'BERJALAN', 'actor', 'FINTECH',
                               'reason', r))))
    from (select 'loan_' || md5(n::text) as a, case when n % 2 = 0 then 'Alasan ' || n end as r
          from generate_series(1, $1::int) n) s
"""


async def measure(server: Server, entries: int) -> None:
    """Print the figures of one trail."""
    await migrate.upgrade(server.uri())
    owner = await asyncpg.connect(server.uri())
    began = time.perf_counter()
    await owner.execute(_ENTRIES, entries)
    _tell("written", entries, began)
    async with connected(server.uri()) as connection:
        began, sealed = time.perf_counter(), 0
        while some := await seal(connection):
            sealed += some
        _tell("sealed", sealed, began)
        await owner.execute("vacuum analyze ksbb.audit_entry")
        began = time.perf_counter()
        verdict = await verify(connection, {})
        assert verdict.fault is None, verdict.fault
        _tell("checked", verdict.links, began)
    await owner.close()


def _tell(what: str, entries: int, began: float) -> None:
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:8} {entries:10,} in {seconds:7.1f} s, {entries / seconds:8,.0f} a second, peak {peak:.0f} MB")


def main() -> None:
    """One trail after the other."""
    settings = Settings.read({"KSBB_DATA_DIR": ".ksbb-bench", **os.environ})
    for entries in map(int, sys.argv[1:] or ["100000", "1000000"]):
        of_trail = replace(settings, data_dir=Path(f"{settings.data_dir}-audit-{entries}"))
        with Server.open(of_trail) as server:
            asyncio.run(measure(server, entries))


if __name__ == "__main__":
    main()
