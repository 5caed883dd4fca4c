"""How long a release takes: `python -m bench.publish` (`make bench-publish`); results in `bench/results/publish.json`.

A city of so many recipients is made in a database of its own and released, in a process of its own: every stage is
timed, and its memory taken at the peak. Beside it stands the limit, a plain COPY of the same recipients to a CSV file,
and what one would use instead: ANJANA over pandas and frictionless (in an environment of its own, where a package index
is at hand), on a size that it can finish.

    python -m bench.publish                          # 10,000, 100,000 and 1,000,000 recipients
    python -m bench.publish --recipients 10000000    # one size
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import resource
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Enum, LargeBinary, Table, Text, Uuid

from bench.report import RESULTS, machine
from datapackages.publish import catalogue, publish
from geo.regions import Level, at_level
from imports.reference import load_reference
from kernel.clock import FixedClock, start_of_day
from kernel.settings import Settings
from models import migrate
from models.base import Point
from models.business import Business
from models.collaboration import Collaboration, Pledge
from models.collaborator import Collaborator
from models.delivery import Delivery, DeliveryRecipient
from models.owner import Owner
from models.server import Server
from policy import wall
from policy.secrets import Secrets

SIZES = (10_000, 100_000, 1_000_000)
OTHERS_UP_TO = 100_000
"""What one would use instead is not asked for more recipients than this."""
PER_DELIVERY = 500

_AFTER = dt.date(2022, 2, 1)
"""A day on which all of their half-years are sealed."""

_KELURAHAN = "array[" + ",".join(f"'{region.code}'" for region in at_level(Level.KELURAHAN)) + "]"
_ROWS = """
select b.region_code, b.kbli_section, b.scale, o.sex, d.validated_on
from ksbb.delivery_recipient r
join ksbb.business b on b.id = r.business_id
join ksbb.owner o on o.id = r.owner_id
join ksbb.delivery d on d.id = r.delivery_id
"""


async def found(uri: str, recipients: int) -> None:
    """Fill an empty database with recipients, each with one business, helped once in one of four half-years.

    The tables are filled side by side and indexed afterwards, which is not part of what is measured.
    """
    await load_reference(uri)
    connection = await asyncpg.connect(uri)
    try:
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"drop index {index['name']}")
        await asyncio.gather(*(_executed(uri, statement) for statement in _city(recipients)))
        await asyncio.gather(*(_executed(uri, index["definition"]) for index in indexes))
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i
where i.indrelid in ('ksbb.owner'::regclass, 'ksbb.business'::regclass, 'ksbb.delivery_recipient'::regclass)
and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
"""


async def _executed(uri: str, statement: str) -> None:
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute("set session_replication_role = replica")  # the rows fit each other as they are made
        await connection.execute(statement, timeout=7200)
    finally:
        await connection.close()


def _city(recipients: int) -> list[str]:
    deliveries = max(4, recipients // PER_DELIVERY)
    one = {"collaborator_id": _key("collaborator", "1"), "collaboration_id": _key("collaboration", "1")}
    region = f"({_KELURAHAN})[1 + (n::bigint * 104729) % 267]"
    of_owner = {"owner_id": _key("owner", "n"), "region_code": region}
    delivery = {"delivery_id": _key("delivery", f"1 + n % {deliveries}"), "business_id": _key("business", "n")}
    validated = "date '2020-01-15' + (n % 4) * 182"
    section = "(array['I','I','I','I','G','G','G','C','C','S'])[1 + (n::bigint * 7919 / 267) % 10]"
    kbli = {"kbli_code": "'56102'", "kbli_version": "2020", "kbli_section": section, "scale_rule": "'UU 20/2008'"}
    scale = {"scale": "case when (n / 31) % 10 = 0 then 'KECIL' else 'MIKRO' end", "listed": "n % 4 = 0"}
    number = {"number": "'KSBB-UMK-2020-7K3M9K'", "region_code": "'31'", "status": "'BERJALAN'"}
    return [
        _insert(Collaborator.__table__, 1, {}),
        _insert(Collaboration.__table__, 1, {**one, **number, "programme": "'UMKM'"}),
        _insert(Pledge.__table__, 1, {**one, "region_code": "'31'"}),
        _insert(
            Delivery.__table__,
            deliveries,
            {
                **one,
                "pledge_id": _key("pledge", "1"),
                "region_code": "'31.74'",
                "status": "'TERVALIDASI'",
                "validated_on": validated,
            },
        ),
        _insert(
            Owner.__table__,
            recipients,
            {"region_code": region, "sex": "(array['L','P'])[1 + n % 2]"},
        ),
        _insert(Business.__table__, recipients, {**of_owner, **kbli, **scale}),
        _insert(DeliveryRecipient.__table__, recipients, {**one, **delivery, **of_owner, "received_on": validated}),
    ]


def _insert(table: Any, rows: int, given: Mapping[str, str]) -> str:
    """Rows of a table, numbered by n; whatever must be there and is not given is filled in."""
    assert isinstance(table, Table)
    needed = [c for c in table.columns if not c.nullable and c.computed is None and c.server_default is None]
    values = {column.key: _filler(column) for column in needed} | {"id": _key(table.name, "n")}
    values |= {name: value for name, value in given.items() if name in table.columns}
    names, expressions = ", ".join(values), ", ".join(values.values())
    return f"insert into {table.fullname} ({names}) select {expressions} from generate_series(1, {rows}) n"


def _key(table: str, number: str) -> str:
    return f"md5('{table}' || ({number}))::uuid"


def _filler(column: Column[Any]) -> str:
    match column.type:
        case Enum():
            return f"'{column.type.enums[0]}'"
        case Text():
            return f"'{column.table.name} ' || n"
        case Uuid():
            return "md5('any')::uuid"
        case Boolean():
            return "false"
        case Date():
            return "date '2020-01-15'"
        case DateTime():
            return "timestamptz '2020-01-15'"
        case LargeBinary():
            return "sha256(n::text::bytea)"
        case JSON():
            return "'{}'"
        case Point():
            return "point(106.8, -6.2)"
        case _:
            return "1"


async def released(settings: Settings, server: Server) -> dict[str, Any]:
    """Release the city; the seconds of each stage, and the memory of this process at its peak."""
    began = time.perf_counter()
    stages: list[tuple[str, float]] = []
    report = await publish(
        settings,
        server,
        clock=FixedClock(start_of_day(_AFTER)),
        progress=lambda stage: stages.append((stage, time.perf_counter())),
    )
    ended = time.perf_counter()
    ends = [at for _, at in stages[1:]] + [ended]
    return {
        "seconds": round(ended - began, 2),
        "stages": {name: round(end - at, 2) for (name, at), end in zip(stages, ends, strict=True)},
        "rows": sum(row.rows for row in report.datasets),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


async def copied(uri: str, file: Path) -> float:
    """The limit: seconds for a plain COPY of the recipients."""
    connection = await asyncpg.connect(uri)
    try:
        began = time.perf_counter()
        await connection.copy_from_query(_ROWS, output=file, format="csv", header=True)
        return time.perf_counter() - began
    finally:
        await connection.close()


def usual(file: Path, folder: Path) -> dict[str, Any]:
    """What one would use instead, in an environment of its own; empty where it cannot be had."""
    python = folder / "usual" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "usual", with_pip=True)
        made = subprocess.run([python, "-m", "pip", "install", "-q", "anjana", "pandas", "frictionless"], check=False)
        if made.returncode:
            return {}
    script = Path(__file__).with_name("usual_publish.py")
    done = subprocess.run([python, script, file, folder / "out"], capture_output=True, text=True, check=False)
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {"failed": done.stderr[-500:]}


def measure(recipients: int, folder: Path) -> dict[str, Any]:
    """One size: the release in a process of its own, the limit and the others beside it."""
    settings = Settings(data_dir=folder / f"city-{recipients}")
    with Server.open(settings) as server:
        asyncio.run(_prepared(settings, server, recipients))
        file = folder / "recipients.csv"
        copy_s = min(asyncio.run(copied(server.uri(), file)) for _ in range(3))
        child = [sys.executable, "-m", "bench.publish", "--release", str(settings.data_dir)]
        done = subprocess.run(child, capture_output=True, text=True, check=True)
        release = json.loads(done.stdout.splitlines()[-1])
        size = sum(one.stat().st_size for one in catalogue(settings).rglob("*") if one.is_file())
        beside = usual(file, folder) if recipients <= OTHERS_UP_TO else {}
    shutil.rmtree(settings.data_dir)
    shown = {"recipients": recipients, "copy_s": round(copy_s, 2), **release, "catalogue_mb": round(size / 1e6, 1)}
    return {**shown, "of_the_limit": round(release["seconds"] / copy_s, 2), "usual": beside}


async def _prepared(settings: Settings, server: Server, recipients: int) -> None:
    await migrate.upgrade(server.uri())
    await found(server.uri(), recipients)
    await wall.build(server.uri(), settings.role_prefix, Secrets.of(settings).role_password)


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, action="append", help="how many; may be given more than once")
    parser.add_argument("--release", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.release:
        settings = Settings(data_dir=given.release)
        with Server.open(settings) as server:
            print(json.dumps(asyncio.run(released(settings, server))))
        return
    with TemporaryDirectory() as folder:
        rows = []
        for recipients in given.recipients or SIZES:
            rows.append(measure(recipients, Path(folder)))
            print(json.dumps(rows[-1], indent=1))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "publish.json").write_text(json.dumps({**machine(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
