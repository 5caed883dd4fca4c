"""`ksbb import` from the command line: the report on stdout, and what is kept in the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from geo.illustrative import illustrative_boundaries
from models.server import Server
from tests.imports.conftest import KLENDER, BoundaryFile

ROOT = Path(__file__).parents[2]

Ksbb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ksbb(database: Server) -> Ksbb:
    """Run `ksbb` on the database of these tests."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
        environment |= {"KSBB_DATABASE_URL": database.uri()}
        command = [sys.executable, "-m", "cli", "import", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    return run


async def _sources(tables: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await tables.fetch("select distinct source from boundary")]


async def test_clean_boundaries_are_reported_and_kept(
    ksbb: Ksbb, tables: asyncpg.Connection, boundary_file: BoundaryFile
) -> None:
    await tables.execute("delete from boundary")
    file = boundary_file({})
    assert ksbb("boundaries", file, "--dry-run").returncode == 0
    assert await _sources(tables) == []
    done = ksbb("boundaries", file)
    assert (done.returncode, done.stderr) == (0, "318 boundaries of all levels are kept.\n")
    assert "complete and clean." in done.stdout
    assert await _sources(tables) == ["batas_contoh.geojson"]


async def test_boundaries_with_gaps_are_kept_only_when_cleaned(
    ksbb: Ksbb, tables: asyncpg.Connection, boundary_file: BoundaryFile
) -> None:
    await tables.execute("delete from boundary")
    file = boundary_file({KLENDER: illustrative_boundaries().shapes[KLENDER].buffer(-2e-5)})
    done = ksbb("boundaries", file, "--json")
    assert (done.returncode, done.stderr) == (1, "Nothing is kept. Close gaps and settle overlaps with --clean.\n")
    report = json.loads(done.stdout)
    assert (report["usable"], report["clean"], report["gaps"]) == (True, False, 1)
    assert await _sources(tables) == []
    assert ksbb("boundaries", file, "--clean").returncode == 0
    assert await _sources(tables) == ["batas_contoh.geojson"]


async def test_boundaries_that_cannot_be_used_are_not_kept_whatever_is_asked(
    ksbb: Ksbb, boundary_file: BoundaryFile
) -> None:
    file = boundary_file({KLENDER: illustrative_boundaries().shapes["31.01.01.1001"]})
    done = ksbb("boundaries", file, "--clean")
    assert (done.returncode, done.stderr) == (1, "Nothing is kept.\n")
    assert f"1 boundaries far from their region: {KLENDER}" in done.stdout


async def test_the_raw_file_is_reported_as_what_it_is_and_kept_when_cleaned(
    ksbb: Ksbb, tables: asyncpg.Connection, shared: Callable[[str], Path]
) -> None:
    await tables.execute("delete from boundary")
    raw = shared("jakarta_kelurahan_mentah.geojson")
    done = ksbb("boundaries", raw)
    assert done.returncode == 1
    assert "complete, but not a clean coverage; import with cleaning." in done.stdout
    assert "902 gaps" in done.stdout
    assert "458 overlapping pairs" in done.stdout
    assert await _sources(tables) == []
    assert ksbb("boundaries", raw, "--clean").returncode == 0
    assert await _sources(tables) == [raw.name]


async def test_codes_are_kept_and_wrong_rows_make_exit_code_1(
    ksbb: Ksbb, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "kbli.csv").write_text("kode,judul\n56102,Warung makan\n5610,Rusak\n", encoding="utf-8")
    done = ksbb("codes", "kbli", tmp_path / "kbli.csv")
    assert done.returncode == 1
    assert done.stdout.startswith("KBLI 2020: 1 codes kept, 1 rows refused.\n  line 3: ")
    assert await tables.fetchval("select title from kbli_code where id = '2020:56102'") == "Warung makan"
    assert json.loads(ksbb("codes", "kbli", tmp_path / "kbli.csv", "--json").stdout)["refused"][0]["line"] == 3
