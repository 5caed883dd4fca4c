"""A NIK is right or refused with the reason that the test vectors name, and never echoed."""

import csv
import datetime as dt
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.nik import Sex, UnusableNik, read_nik
from kernel.population_number import PROVINCES, Fault

DATA = Path(__file__).parents[1] / "data"
AS_OF = dt.date(2020, 12, 31)
JAKARTA = frozenset({"31", "31.01", "31.71", "31.74", "31.75", "31.01.01", "31.71.01", "31.74.06", "31.75.09"})

with (DATA / "nik_uji.csv").open(encoding="utf-8") as file:
    VECTORS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", [v for v in VECTORS if v["sah"] == "ya"], ids=lambda row: row["catatan"][:30])
def test_a_good_nik_tells_sex_and_birth_date(row: dict[str, str]) -> None:
    nik = read_nik(row["nik"], JAKARTA, AS_OF)
    assert (nik.sex, nik.birth_date.isoformat()) == (Sex(row["jenis_kelamin"]), row["tanggal_lahir"])
    assert nik.digits == "".join(c for c in row["nik"] if c.isdigit())


@pytest.mark.parametrize("row", [v for v in VECTORS if v["sah"] == "tidak"], ids=lambda row: row["catatan"][:30])
def test_a_bad_nik_is_refused_with_its_reason(row: dict[str, str]) -> None:
    with pytest.raises(UnusableNik) as refused:
        read_nik(row["nik"], JAKARTA, AS_OF)
    assert refused.value.fault in row["alasan"].split("|")


def test_all_31_vectors_were_read() -> None:
    assert len(VECTORS) == 31


@st.composite
def niks(draw: st.DrawFn) -> tuple[str, Sex, dt.date]:
    """A NIK from outside Jakarta with what it must tell; the owner is 17 to 99 years old at the end of 2020."""
    born = draw(st.dates(dt.date(1921, 1, 1), dt.date(2003, 12, 31)))
    sex = draw(st.sampled_from(Sex))
    province = draw(st.sampled_from(sorted(PROVINCES - {"31"})))
    place = f"{province}{draw(st.integers(1, 79)):02}{draw(st.integers(1, 60)):02}"
    day = born.day + (40 if sex is Sex.P else 0)
    return f"{place}{day:02}{born:%m%y}{draw(st.integers(9900, 9999))}", sex, born


@given(niks())
def test_what_was_written_into_a_nik_is_read_from_it(made: tuple[str, Sex, dt.date]) -> None:
    digits, sex, born = made
    nik = read_nik(f" {digits[:6]} {digits[6:12]}-{digits[12:]} ", JAKARTA, AS_OF)
    assert (nik.digits, nik.sex, nik.birth_date) == (digits, sex, born)
    assert nik.region_code == f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}"


@given(niks())
def test_a_nik_never_shows_in_its_repr(made: tuple[str, Sex, dt.date]) -> None:
    assert repr(read_nik(made[0], JAKARTA, AS_OF)) == "Nik()"


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    nik = None
    with suppress(UnusableNik):
        nik = read_nik(text, JAKARTA, AS_OF)
    assert nik is None or len(nik.digits) == 16


@given(st.from_regex(r"99[0-9]{14}|[0-9]{15}", fullmatch=True))
def test_a_refused_nik_is_never_repeated(text: str) -> None:
    with pytest.raises(UnusableNik) as refused:
        read_nik(text, JAKARTA, AS_OF)
    assert text not in refused.value.message + str(refused.value.details)
    assert refused.value.fault in {Fault.PROVINSI, Fault.SEMU, Fault.PANJANG}
