"""What an import does to the registry: all or nothing, once, and never over what was verified."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from demo.identity import identity
from imports.rules import RULES, Verdict
from models.server import Server
from tests.conftest import City
from tests.databases import a_database
from tests.imports.importing import LATER, SECRETS, a_file, a_row, codes, import_rows, kbli_list

MESSY = Path(__file__).parents[1] / "data" / "impor_kotor_uji.csv"
WATCHED = ("owner", "business", "permit", "place", "population", "imported_file", "event", "audit_entry")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def registry(walled_city: City) -> Server:
    """A registry without businesses."""
    return await a_database(walled_city.server, "registry")


@pytest_asyncio.fixture(loop_scope="session")
async def rows(registry: Server) -> AsyncIterator[asyncpg.Connection]:
    """Its tables, emptied."""
    connection = await asyncpg.connect(registry.uri(), server_settings={"search_path": "ksbb"})
    await connection.execute("delete from permit; delete from business; delete from owner; delete from place")
    await kbli_list(connection)
    yield connection
    await connection.close()


async def _state(rows: asyncpg.Connection) -> dict[str, str]:
    found = {}
    for table in WATCHED:
        query = f"select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t"
        found[table] = await rows.fetchval(query)
    return found


async def test_a_file_with_a_bad_row_changes_nothing(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    before = await _state(rows)
    file = a_file(tmp_path, [a_row(), a_row(nik="3171011708809921", nama_usaha="", nama_pemilik="")])
    result, findings = await import_rows(registry, "recipients", file)
    assert (result.kept, result.bad_rows, result.rows) == (False, 1, 2)
    assert codes(findings)[0] == "NAMA_KOSONG"
    assert await _state(rows) == before


async def test_the_valid_rows_are_taken_when_that_is_asked_and_the_others_are_named(
    registry: Server, rows: asyncpg.Connection
) -> None:
    result, findings = await import_rows(registry, "recipients", MESSY, accept_valid=True)
    assert result.kept
    good = result.verdicts[Verdict.TERIMA] + result.verdicts[Verdict.TERIMA_NORMAL]
    assert result.effects == {"INSERT": good, "UPDATE": 0, "UNCHANGED": 0}
    assert await rows.fetchval("select count(*) from business") == good == 10
    bad = {row for row, _, rule, _ in findings if not rule.verdict.is_kept}
    assert len(bad) == result.bad_rows == 20
    kept = await rows.fetchrow(
        "select o.*, b.kbli_code, b.yearly_turnover from owner o join business b on b.owner_id = o.id"
        " where nik_last4 = '9951'"
    )
    assert (kept["name"], kept["sex"], kept["born_on"].isoformat()) == ("CONTOH DUA", "L", "1980-08-17")
    assert SECRETS.decrypt(kept["nik"], "owner.nik") == "3171011708809951"
    assert {r[0] for r in await rows.fetch("select source from business")} == {"uji"}
    assert not await rows.fetchval("select bool_or(verified_on is not null or listed) from business")


async def test_the_same_file_again_changes_nothing(registry: Server, rows: asyncpg.Connection) -> None:
    first, _ = await import_rows(registry, "recipients", MESSY, accept_valid=True)
    before = await _state(rows)
    again, _ = await import_rows(registry, "recipients", MESSY, accept_valid=True)
    assert again.effects == {"INSERT": 0, "UPDATE": 0, "UNCHANGED": first.effects["INSERT"]}
    assert again.verdicts == first.verdicts
    assert await _state(rows) == before


async def test_a_dry_run_tells_what_would_be_done_and_changes_nothing(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    before = await _state(rows)
    result, _ = await import_rows(registry, "recipients", a_file(tmp_path, [a_row()]), dry_run=True)
    assert (result.kept, result.effects["INSERT"]) == (False, 1)
    assert await _state(rows) == before


async def test_only_what_the_file_says_changes(registry: Server, rows: asyncpg.Connection, tmp_path: Path) -> None:
    await import_rows(registry, "recipients", a_file(tmp_path, [a_row(alamat="Jalan Contoh 1", lat="", lon="")]))
    changed = a_row(telepon="", omzet_per_tahun="200 juta", skala="mikro", kelurahan="Cideng")
    result, _ = await import_rows(registry, "recipients", a_file(tmp_path, [changed]))
    assert result.effects == {"INSERT": 0, "UPDATE": 1, "UNCHANGED": 0}
    row = await rows.fetchrow("select b.*, o.phone from business b join owner o on o.id = owner_id")
    assert (row["yearly_turnover"], row["address"], row["phone"]) == (200_000_000, "Jalan Contoh 1", "081200000001")
    assert row["region_code"] == "31.71.01.1002"


async def test_what_was_verified_is_never_overwritten(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    await import_rows(registry, "recipients", a_file(tmp_path, [a_row()]))
    await rows.execute("update business set verified_on = '2020-09-01'")
    before = await _state(rows)
    other = [a_row(kelurahan="Cideng", kbli="47112", lat="-6.17", lon="106.81")]
    result, findings = await import_rows(registry, "recipients", a_file(tmp_path, other), accept_valid=True)
    assert set(codes(findings)) >= {"FAKTA_TERVERIFIKASI"}
    assert result.effects == {"INSERT": 0, "UPDATE": 0, "UNCHANGED": 0}
    assert await _state(rows) == before


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"nama_pemilik": "Contoh Lain"}, "NAMA_LAIN_UNTUK_NIK"),
        ({"nama_usaha": "Warung Lain"}, "USAHA_NAMA_LAIN"),
        ({"nik": "3171011708809931"}, "GANDA_MUNGKIN"),
    ],
)
async def test_what_contradicts_the_registry_waits_for_a_person(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path, changed: dict[str, str], rule: str
) -> None:
    await import_rows(registry, "recipients", a_file(tmp_path, [a_row()]))
    before = await _state(rows)
    result, findings = await import_rows(
        registry, "recipients", a_file(tmp_path, [a_row(**changed)]), accept_valid=True
    )
    assert codes(findings) == [rule]
    assert result.verdicts[Verdict.PERIKSA] == 1
    assert await _state(rows) == before


async def test_a_second_business_is_added_to_an_owner_when_the_file_says_so(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    await import_rows(registry, "recipients", a_file(tmp_path, [a_row()]))
    second = a_row(nama_usaha="Warung Lain", usaha_baru="ya")
    result, _ = await import_rows(registry, "recipients", a_file(tmp_path, [second]))
    assert result.effects["INSERT"] == 1
    assert await rows.fetchval("select count(*) from owner") == 1
    assert await rows.fetchval("select count(distinct trade_name) from business") == 2


async def test_a_wave_of_niks_that_end_in_zero_is_taken_for_damage(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    niks = [identity(n).nik for n in range(4_000)]
    zeros = [nik for nik in niks if nik[-1] == "0"][:8]
    others = [nik for nik in niks if nik[-1] != "0"]
    made = [a_row(nik=nik, nama_usaha=f"Usaha {nik[-6:]} {n}") for n, nik in enumerate([*zeros, *others[:8]])]
    result, findings = await import_rows(registry, "recipients", a_file(tmp_path, made), dry_run=True)
    assert codes(findings) == ["NIK_GELOMBANG_NOL"] * 8
    few = [a_row(nik=nik, nama_usaha=f"Usaha {n}") for n, nik in enumerate([*zeros[:2], *others[:18]])]
    result, findings = await import_rows(registry, "recipients", a_file(tmp_path, few), dry_run=True)
    assert (result.bad_rows, findings) == (0, [])


async def test_permits_find_their_business_by_nik_and_name(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    await import_rows(registry, "recipients", a_file(tmp_path, [a_row()]))
    permit = {
        "NIK": "3171011708809901",
        "Jenis Izin": "nib",
        "Nomor": "1234567890123",
        "Penerbit": "OSS",
        "Tanggal Terbit": "17 Agustus 2020",
    }
    file = a_file(tmp_path, [permit], delimiter=";")
    result, _ = await import_rows(registry, "permits", file)
    assert result.effects["INSERT"] == 1
    row = await rows.fetchrow("select * from permit")
    assert (row["kind"], row["number"], row["issued_on"].isoformat()) == ("NIB", "1234567890123", "2020-08-17")
    before = await _state(rows)
    again, _ = await import_rows(registry, "permits", file)
    assert again.effects["UNCHANGED"] == 1
    assert await _state(rows) == before
    stranger = permit | {"NIK": "3171011708809931", "Nomor": "1234567890124"}
    _, findings = await import_rows(registry, "permits", a_file(tmp_path, [stranger]))
    assert "NIK_TIDAK_TERDAFTAR" in codes(findings)


async def test_places_are_known_by_kind_kelurahan_and_name(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    place = {
        "jenis": "Lokasi Sementara",
        "nama": "Loksem Contoh",
        "kelurahan": "Gambir",
        "kapasitas": "40",
        "pic": "Contoh Dua",
        "hp_pic": "0812 0000 0002",
    }
    assert (await import_rows(registry, "places", a_file(tmp_path, [place])))[0].effects["INSERT"] == 1
    assert (await import_rows(registry, "places", a_file(tmp_path, [place])))[0].effects["UNCHANGED"] == 1
    wider = a_file(tmp_path, [place | {"kapasitas": "60", "pic": ""}])
    assert (await import_rows(registry, "places", wider))[0].effects["UPDATE"] == 1
    row = await rows.fetchrow("select * from place")
    assert (row["kind"], row["capacity"], row["pic_name"], row["pic_phone"]) == (
        "LOKSEM",
        60,
        "Contoh Dua",
        "081200000002",
    )


async def test_the_population_of_the_real_table_sums_to_its_official_figure(
    registry: Server, rows: asyncpg.Connection, shared: Callable[[str], Path]
) -> None:
    file = shared("penduduk_kelurahan_2024.csv")
    result, findings = await import_rows(registry, "population", file, clock=LATER)
    assert [rule.code for _, _, rule, _ in findings if not rule.verdict.is_kept] == []
    assert result.effects["INSERT"] == 267
    assert await rows.fetchval("select sum(inhabitants) from population where year = 2024") == 11_038_216
    again, _ = await import_rows(registry, "population", file, clock=LATER)
    assert again.effects == {"INSERT": 0, "UPDATE": 0, "UNCHANGED": 267}


async def test_a_year_that_is_not_over_in_the_registry_is_refused(registry: Server, tmp_path: Path) -> None:
    figure = {"tahun": "2030", "kelurahan": "Gambir", "jumlah penduduk": "1.234"}
    _, findings = await import_rows(registry, "population", a_file(tmp_path, [figure]), dry_run=True)
    assert "TAHUN_TIDAK_MUNGKIN" in codes(findings)


async def test_every_shape_of_report_names_every_finding_in_both_languages(
    registry: Server, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    for name in ("t.csv", "t.html"):
        await import_rows(registry, "recipients", MESSY, dry_run=True, report=tmp_path / name)
    result, findings = await import_rows(registry, "recipients", MESSY, dry_run=True, report=tmp_path / "t.json")
    told = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [(f["row"], f["rule"]) for f in told["findings"]] == [(row, rule.code) for row, _, rule, _ in findings]
    assert told["verdicts"]["TOLAK"] == result.verdicts[Verdict.TOLAK]
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(findings)
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    for _, _, rule, _ in findings:
        assert rule.code in page
        assert rule.cure_id in page
    assert '<html lang="id">' in page
    assert 'lang="en"' in page
    assert "<script" not in page
    assert page.count('scope="col"') == 6


def test_every_rule_speaks_both_languages() -> None:
    for rule in RULES.values():
        for text in (rule.allowed_en, rule.allowed_id, rule.cure_en, rule.cure_id):
            assert text.endswith((".", "?"))
