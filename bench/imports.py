"""How fast files come in: `python -m bench.imports [ROWS]`; results in `bench/results/imports.json`.

A file of synthetic recipients is imported into an empty registry, imported again (nothing changes), and beside that
copied by a plain COPY into a table of text columns without index: what PostgreSQL can do with the same file.
"""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from bench.report import RESULTS, machine
from demo.identity import identity
from demo.kbli import KBLI
from geo.regions import Level, at_level, regions
from imports.kinds import KINDS
from imports.load import Order, Result, importing
from imports.reference import load_reference
from kernel.clock import SystemClock
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy.secrets import Secrets

ROWS = 1_000_000
HEADER = (
    *("nik", "nama_pemilik", "nama_usaha", "wilayah", "kecamatan", "kelurahan", "lat", "lon", "kbli", "skala"),
    *("omzet_per_tahun", "nib", "telepon", "binaan", "tgl_daftar"),
)


def main() -> None:
    """Measure and write down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with TemporaryDirectory() as folder:
        file = write_file(Path(folder) / "penerima.csv", rows)
        settings = Settings(data_dir=Path(folder) / "data")
        with Server.open(settings) as server:
            measured = asyncio.run(_measure(settings, server, file, rows))
        found = {**machine(), "rows": rows, "file_mb": round(file.stat().st_size / 1e6, 1), **measured}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "imports.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


def write_file(file: Path, rows: int) -> Path:
    """A file of good recipients who do not exist."""
    places = at_level(Level.KELURAHAN)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows(_row(number, places[number % len(places)].code) for number in range(rows))
    return file


def _row(number: int, code: str) -> list[Any]:
    here, kbli = regions()[code], KBLI[number % len(KBLI)][0]
    named = [regions()[code[:length]].name for length in (5, 8, 13)]
    return [
        *(identity(number).nik, f"Contoh Orang {number}", f"Usaha Contoh {number}", *named, here.lat, here.lon, kbli),
        *("MIKRO", 1_000_000 + number, f"99{number:011}", f"08120{number:07}", "Dinas PPKUKM", "2020-07-15"),
    ]


async def _measure(settings: Settings, server: Server, file: Path, rows: int) -> dict[str, Any]:
    await migrate.upgrade(server.uri())
    await load_reference(server.uri())
    order, secrets = Order(KINDS["recipients"], file, "bench"), Secrets.of(settings)
    before = _peak_mb()
    plain = rows / await _seconds(_plain_copy(server, file))
    first = rows / await _seconds(_import(server, order, secrets, "INSERT", rows))
    print(f"plain COPY {plain:,.0f} rows/s, import {first:,.0f} rows/s, RSS {_peak_mb()} MB", file=sys.stderr)
    again = rows / await _seconds(_import(server, order, secrets, "UNCHANGED", rows))
    return {
        "plain_copy_rows_s": round(plain),
        "import_rows_s": round(first),
        "import_again_rows_s": round(again),
        "import_of_copy": round(first / plain, 4),
        "rss_before_mb": before,
        "rss_peak_mb": _peak_mb(),
        "cpu_s_of_this_process": round(time.process_time()),
    }


async def _seconds(work: Awaitable[None]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


async def _plain_copy(server: Server, file: Path) -> None:
    connection = await asyncpg.connect(server.uri())
    try:
        await connection.execute(f"create table plain ({', '.join(f'{name} text' for name in HEADER)})")
        await connection.copy_to_table("plain", source=file, format="csv", header=True)
        await connection.execute("drop table plain")
    finally:
        await connection.close()


async def _import(server: Server, order: Order, secrets: Secrets, effect: str, rows: int) -> None:
    async with importing(server.uri(), order, secrets, SystemClock(), _show) as (result, _):
        _check(result, effect, rows)


def _check(result: Result, effect: str, rows: int) -> None:
    if result.effects[effect] != rows:
        raise RuntimeError(f"{result.verdicts} {result.effects}")


def _show(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {whole:,}", end="", file=sys.stderr)


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
