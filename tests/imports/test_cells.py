"""What people write in cells is read one way, or not at all."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.regions import regions
from imports import cells
from imports.context import Context
from imports.kind import Tell
from imports.recipients import owner, place
from imports.rules import RULES, Verdict
from imports.spreadsheet import ANumber
from tests.imports.importing import CLOCK, SECRETS
from tests.imports.importing import context as a_context

MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def context() -> Context:
    return a_context()


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        ("5000000", "5000000", ()),
        ("Rp 5.000.000,00", "5000000", ("ANGKA_DINORMALKAN",)),
        ("Rp. 5.000.000,-", "5000000", ("ANGKA_DINORMALKAN",)),
        ("5,000,000.00", "5000000", ("ANGKA_DINORMALKAN",)),
        ("5 000 000", "5000000", ("ANGKA_DINORMALKAN",)),
        ("180 juta", "180000000", ("ANGKA_SATUAN",)),
        ("1,5 jt", "1500000", ("ANGKA_SATUAN",)),
        ("2,75 Miliar", "2750000000", ("ANGKA_SATUAN",)),
        ("1.500 juta", "", ("ANGKA_TAKSA",)),
        ("-5000000", "-5000000", ()),
        ("1.5", "", ("ANGKA_TAK_TERBACA",)),
        ("12,34", "", ("ANGKA_TAK_TERBACA",)),
        ("1.00.000", "", ("ANGKA_TAK_TERBACA",)),
        ("lima juta", "", ("ANGKA_TAK_TERBACA",)),
        ("9007199254740992", "", ("ANGKA_TERLALU_BESAR",)),
        ("99999999 triliun", "", ("ANGKA_TERLALU_BESAR",)),
        ("9" * 400, "", ("ANGKA_TERLALU_BESAR",)),
        ("-", "", ()),
        ("", "", ()),
    ],
)
def test_numbers_as_indonesians_write_them(text: str, value: str, rules: tuple[str, ...]) -> None:
    assert cells.number(text) == (value, rules)


@given(st.integers(0, 2**53 - 1))
def test_every_amount_is_read_in_each_of_its_spellings(amount: int) -> None:
    plain = f"{amount:,}"
    for text in (str(amount), plain, plain.replace(",", "."), f"Rp {plain.replace(',', '.')},00", f"Rp{amount},-"):
        assert cells.number(text)[0] == str(amount)


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        ("2020-08-17", "2020-08-17", ()),
        ("17 Agustus 2020", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("Senin, 17 Agt 2020", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("17-Peb-2020", "2020-02-17", ("TANGGAL_DINORMALKAN",)),
        ("17/08/2020", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("08/17/2020", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("8/8/2020", "2020-08-08", ("TANGGAL_DINORMALKAN",)),
        ("2020/8/17", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("2020-08-17 00:00:00", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("44060", "2020-08-17", ("TANGGAL_DINORMALKAN",)),
        ("07/08/2020", "", ("TANGGAL_TAKSA",)),
        ("31/02/2020", "", ("TANGGAL_TAK_TERBACA",)),
        ("17/08/20", "", ("TANGGAL_TAK_TERBACA",)),
        ("kemarin", "", ("TANGGAL_TAK_TERBACA",)),
        ("9" * 400, "", ("TANGGAL_TAK_TERBACA",)),
        ("tidak ada", "", ()),
    ],
)
def test_days_as_people_and_spreadsheets_write_them(text: str, value: str, rules: tuple[str, ...]) -> None:
    assert cells.day(text) == (value, rules)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)))
def test_every_day_is_read_as_an_iso_day_and_in_words(day: dt.date) -> None:
    months = [
        "januari",
        "februari",
        "maret",
        "april",
        "mei",
        "juni",
        "juli",
        "agustus",
        "september",
        "oktober",
        "november",
        "desember",
    ]
    assert cells.day(day.isoformat()) == (day.isoformat(), ())
    assert cells.day(f"{day.day} {months[day.month - 1].title()} {day.year}")[0] == day.isoformat()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("081200000001", "081200000001"),
        ("+62 812-0000-0001", "081200000001"),
        ("62812 0000 0001", "081200000001"),
        ("81200000001", "081200000001"),
        ("(021) 555 0101", "0215550101"),
        ("12345", ""),
        ("081200000001 / 081200000002", ""),
    ],
)
def test_telephones_begin_with_zero(text: str, value: str) -> None:
    assert cells.telephone(text)[0] == value


@given(st.text(max_size=60))
def test_whatever_stands_in_a_cell_is_read_or_refused_by_a_rule_that_there_is(text: str) -> None:
    for read in (cells.number, cells.day, cells.telephone, cells.words, cells.degrees, cells.nib, cells.agency):
        _, rules = read(text)
        assert set(rules) <= RULES.keys()


def _noting(told: list[str]) -> Tell:
    def tell(rule: str, _: str) -> None:
        told.append(rule)

    return tell


def test_the_niks_of_the_vectors_are_taken_or_refused_with_their_reason(context: Context) -> None:
    with (DATA / "nik_uji.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            told: list[str] = []
            nik = owner({"nik": row["nik"]}, _noting(told), CLOCK.now().date())
            if row["sah"] == "ya":
                assert nik is not None
                assert all(RULES[rule].verdict.is_kept for rule in told)
            else:
                assert nik is None
                assert told[0].removeprefix("NIK_") in row["alasan"].split("|")


def test_a_number_that_a_spreadsheet_rounded_is_no_nik_but_the_same_text_is_one() -> None:
    told: list[str] = []
    assert owner({"nik": ANumber("3171011708809900")}, lambda rule, _: told.append(rule), CLOCK.now().date()) is None
    assert told == ["NIK_DIBULATKAN"]
    assert owner({"nik": "3171011708809900"}, lambda rule, _: told.append(rule), CLOCK.now().date()) is not None


_OUTCOMES = {
    "konflik": "WILAYAH_KONFLIK",
    "kurang": "WILAYAH_KURANG",
    "luar": "WILAYAH_LUAR_DKI",
    "taksa": "WILAYAH_TAKSA",
}


def test_the_places_of_the_vectors_are_found_or_refused_with_their_reason(context: Context) -> None:
    with (DATA / "nama_wilayah_uji.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            told: list[str] = []
            code = place(dict(row), context, _noting(told))
            if row["hasil"] == "pasti" and len(row["kode_harapan"]) == 13:
                assert code == row["kode_harapan"]
                assert all(RULES[rule].verdict.is_kept for rule in told)
            else:
                assert code == ""
                assert told == [_OUTCOMES.get(row["hasil"], "WILAYAH_KURANG")]


def test_a_bare_four_digit_code_is_refused_with_both_meanings() -> None:
    rule = RULES["WILAYAH_TAKSA"]
    assert rule.verdict is Verdict.TOLAK
    for told in (rule.allowed_en, rule.allowed_id):
        for n in range(1, 6):
            assert told.count(f"317{n} ") >= 2
    assert regions()["31.71"].bps_code == "3173"


def test_a_four_digit_business_field_gets_its_zero_only_where_it_has_one_reading(context: Context) -> None:
    assert context.kbli_code("1111") == ("01111", "A", "KBLI_NOL_DEPAN")
    assert context.kbli_code("5610") == ("", "", "KBLI_KURANG_DIGIT")
    without = Context(context.today, context.now, SECRETS, context.keys, "uji")
    assert without.kbli_code("1111") == ("", "", "KBLI_KURANG_DIGIT")
    assert without.kbli_code("56102") == ("56102", "I", "")
