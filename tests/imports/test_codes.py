"""A code list is read row by row: what is right is kept, what is wrong is named with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from imports.codes import UnreadableCodes, import_kbli
from kernel.kbli import UnusableKbli
from models.server import Server


async def _kept(tables: asyncpg.Connection, version: int = 2020) -> dict[str, tuple[str, str, str]]:
    rows = await tables.fetch("select code, title, section, id from kbli_code where version = $1", version)
    assert all(row["id"] == f"{version}:{row['code']}" for row in rows)
    return {row["code"]: (row["title"], row["section"], row["id"]) for row in rows}


@pytest.fixture(autouse=True)
async def _no_codes(tables: asyncpg.Connection) -> None:
    await tables.execute("delete from kbli_code")


@pytest.mark.parametrize(
    "text",
    [
        "code,title\n03221,Kolam ikan\n56102,Warung makan\n",
        "kode,kategori,judul\n03221,A,Kolam ikan\n56102,I,Warung makan\n",
        "\ufeffKODE;Judul;Kategori\r\n03221;Kolam ikan;a\r\n'56102;Warung makan;\r\n",
    ],
)
async def test_codes_are_kept_whatever_the_spelling_of_the_columns(
    database: Server, tables: asyncpg.Connection, tmp_path: Path, text: str
) -> None:
    (tmp_path / "kbli.csv").write_text(text, encoding="utf-8", newline="")
    report = await import_kbli(database.uri(), tmp_path / "kbli.csv", version=2020)
    assert (report.accepted, report.refused) == (2, ())
    assert await _kept(tables) == {
        "03221": ("Kolam ikan", "A", "2020:03221"),
        "56102": ("Warung makan", "I", "2020:56102"),
    }


async def test_rows_that_are_wrong_are_named_by_line_and_the_others_kept(
    database: Server, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    rows = ['56102,"Warung\nmakan",I', "3221,Kolam ikan,A", "04000,Tidak ada,A", "56303,,I", "47112,Toko,I"]
    rows += ["56102,Lagi,I", "abcde,Huruf,A", "10710,Roti,C"]
    (tmp_path / "kbli.csv").write_text("\n".join(["kode,judul,kategori", *rows]), encoding="utf-8")
    report = await import_kbli(database.uri(), tmp_path / "kbli.csv", version=2020)
    assert [row.line for row in report.refused] == [4, 5, 6, 7, 8, 9]
    told = [row.reason for row in report.refused]
    for reason, part in zip(
        told, ("leading zero", "does not have", "no title", "section G", "twice", "5 digits"), strict=True
    ):
        assert part in reason
    assert set(await _kept(tables)) == {"56102", "10710"}
    assert report.lines()[0] == "KBLI 2020: 2 codes kept, 6 rows refused."
    assert report.lines()[1].startswith("  line 4: KBLI code '3221' must have 5 digits.")
    assert report.as_dict()["accepted"] == 2


async def test_a_second_import_takes_the_new_titles_and_keeps_other_versions(
    database: Server, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "kbli.csv"
    for version, text in ((2020, "56102,Lama"), (2020, "56102,Baru"), (2025, "56102,Lain")):
        file.write_text(f"kode,judul\n{text}\n", encoding="utf-8")
        await import_kbli(database.uri(), file, version=version)
    assert (await _kept(tables, 2020))["56102"][0] == "Baru"
    assert (await _kept(tables, 2025))["56102"][0] == "Lain"


async def test_a_dry_run_reports_and_keeps_nothing(
    database: Server, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "kbli.csv").write_text("kode,judul\n56102,Warung\n", encoding="utf-8")
    report = await import_kbli(database.uri(), tmp_path / "kbli.csv", version=2020, dry_run=True)
    assert report.lines() == ["KBLI 2020: 1 codes would be kept, 0 rows refused."]
    assert await _kept(tables) == {}


@pytest.mark.parametrize("content", [b"", b"nama\nWarung\n", b"\xff\xfe\x00", b"kode\n56102\n"])
async def test_a_file_of_another_kind_is_refused_whole(database: Server, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kbli.csv").write_bytes(content)
    with pytest.raises(UnreadableCodes, match=r"kbli\.csv"):
        await import_kbli(database.uri(), tmp_path / "kbli.csv", version=2020)


async def test_an_unknown_version_is_refused(database: Server, tmp_path: Path) -> None:
    (tmp_path / "kbli.csv").write_text("kode,judul\n", encoding="utf-8")
    with pytest.raises(UnusableKbli, match="2017, 2020, 2025"):
        await import_kbli(database.uri(), tmp_path / "kbli.csv", version=1990)


async def test_the_real_list_of_2020_is_kept_whole(
    database: Server, tables: asyncpg.Connection, shared: Callable[[str], Path]
) -> None:
    file = shared("kbli_2020.csv")
    report = await import_kbli(database.uri(), file, version=2020)
    with file.open(encoding="utf-8", newline="") as text:
        expected = {row["kode"]: (row["judul"], row["kategori"]) for row in csv.DictReader(text)}
    assert report.refused == ()
    assert {code: kept[:2] for code, kept in (await _kept(tables)).items()} == expected
    assert len(expected) == 1_790
