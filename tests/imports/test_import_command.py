"""`ksbb import`: exit codes, reports, nothing personal anywhere, nothing left of an import that was killed."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest
import pytest_asyncio

from bench.imports import write_file
from imports.unreadable import ColumnsMissing
from models.server import Server
from tests.conftest import City
from tests.databases import a_database
from tests.imports.importing import a_file, a_row, import_rows, kbli_list

ROOT = Path(__file__).parents[2]
MESSY = ROOT / "tests" / "data" / "impor_kotor_uji.csv"
Ksbb = Callable[..., "subprocess.CompletedProcess[str]"]
PERSONAL = ("nik", "nama_pemilik", "nama_usaha", "telepon", "nib")
MOST_GROWTH = 48 << 20  # bytes between 40,000 rows and 200,000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def registry(walled_city: City) -> Server:
    """A registry without businesses."""
    return await a_database(walled_city.server, "import_command")


@pytest_asyncio.fixture(loop_scope="session")
async def rows(registry: Server) -> AsyncIterator[asyncpg.Connection]:
    """Its tables, emptied."""
    connection = await asyncpg.connect(registry.uri(), server_settings={"search_path": "ksbb"})
    await connection.execute("delete from business; delete from owner")
    await kbli_list(connection)
    yield connection
    await connection.close()


def _command(registry: Server, *arguments: object) -> tuple[list[str], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    environment |= {"KSBB_DATABASE_URL": registry.uri(), "KSBB_SECRET_KEY": "5e" * 32}
    return [sys.executable, "-m", "cli", "import", *map(str, arguments)], environment


@pytest.fixture
def ksbb(registry: Server) -> Ksbb:
    """The command line on the registry."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command, environment = _command(registry, *arguments)
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)

    return run


def _canaries() -> set[str]:
    with MESSY.open(encoding="utf-8", newline="") as file:
        found = {row[name].strip() for row in csv.DictReader(file) for name in PERSONAL}
    return {text for text in found if len(text) > 5}


async def test_nothing_of_a_person_is_in_a_report_a_line_or_a_log_of_what_was_done(
    registry: Server, ksbb: Ksbb, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    lines = MESSY.read_text(encoding="utf-8").splitlines()
    shifted, bare = tmp_path / "geser.csv", tmp_path / "tanpa_judul.csv"
    shifted.write_text("\n".join([lines[0], *(f"x,{line}" for line in lines[1:])]), encoding="utf-8")
    bare.write_text("\n".join(lines[1:]), encoding="utf-8")
    out: list[str] = []
    for file in (MESSY, shifted):
        for report in (tmp_path / f"temuan_{file.stem}.{shape}" for shape in ("json", "csv", "html")):
            result, findings = await import_rows(registry, "recipients", file, accept_valid=True, report=report)
            out += [report.read_text(encoding="utf-8"), str(findings), str(result.columns)]
    with pytest.raises(ColumnsMissing) as refused:
        await import_rows(registry, "recipients", bare)
    done = ksbb("recipients", shifted, "--dry-run")
    assert done.returncode == 1
    out += [refused.value.message, str(refused.value.details), done.stdout, done.stderr]
    for table in ("audit_entry", "event", "imported_file"):
        out += [row[0] for row in await rows.fetch(f"select t::text from {table} t")]
    assert await rows.fetchval("select count(*) from imported_file") == 1
    text = "\n".join(out)
    assert [canary for canary in _canaries() if canary in text] == []


async def test_exit_codes_and_answers(ksbb: Ksbb, rows: asyncpg.Connection, tmp_path: Path) -> None:
    good = a_file(tmp_path, [a_row()])
    tried = ksbb("recipients", good, "--dry-run", "--json")
    assert (tried.returncode, tried.stderr) == (0, "")
    told = json.loads(tried.stdout)
    assert (told["kept"], told["effects"]["insert"], told["findings"]) == (False, 1, [])
    assert ksbb("recipients", good).returncode == 0
    assert await rows.fetchval("select count(*) from business") == 1
    bad = ksbb("recipients", a_file(tmp_path, [a_row(nik="")], "buruk.csv"))
    assert bad.returncode == 1
    assert "NIK_KOSONG" in bad.stdout
    assert ksbb("recipients", good, "--report", tmp_path / "x.pdf").returncode == 1
    assert ksbb("recipients", tmp_path / "missing.csv").returncode == 2
    assert ksbb("population", good).returncode == 2
    assert ksbb("recipients", good, "--kbli", "1999").returncode == 2
    (tmp_path / "kosong.csv").touch()
    empty = ksbb("recipients", tmp_path / "kosong.csv")
    assert (empty.returncode, empty.stderr.count("ksbb: ")) == (1, 2)


@pytest.mark.slow
async def test_an_import_that_is_killed_leaves_nothing(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    await rows.execute("delete from kbli_code")
    command, environment = _command(registry, "recipients", write_file(tmp_path / "banyak.csv", 10_000))
    running = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.DEVNULL)
    writing = (
        "select pid from pg_stat_activity where query like 'INSERT INTO ksbb.business%' and pid <> pg_backend_pid()"
    )
    while not (pid := await rows.fetchval(writing)):
        assert running.returncode is None, "it ended before it could be killed"
        await asyncio.sleep(0.005)
    running.kill()
    await running.wait()
    alive = "select exists (select from pg_stat_activity where pid = $1)"
    while await rows.fetchval(alive, pid):  # noqa: ASYNC110  # PostgreSQL tells nobody that a backend is gone
        await asyncio.sleep(0.05)
    assert await rows.fetchval("select (select count(*) from owner) + (select count(*) from business)") == 0
    assert not await rows.fetchval("select exists (select from pg_class where relname like 'import\\_%')")


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_rows(registry: Server, rows: asyncpg.Connection, tmp_path: Path) -> None:
    await rows.execute("delete from kbli_code")
    file, process = write_file(tmp_path / "banyak.csv", 200_000), psutil.Process()
    seen: dict[int, int] = {}
    result, _ = await import_rows(
        registry,
        "recipients",
        file,
        dry_run=True,
        progress=lambda done, _: seen.update({done: process.memory_info().rss}),
    )
    assert result.effects["INSERT"] == 200_000
    assert max(seen.values()) - seen[40_000] < MOST_GROWTH
