"""Messy names and codes lead to one region, or to the question that must be asked."""

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names import (
    AmbiguousRegion,
    ConflictingRegion,
    IncompleteRegion,
    RegionOutside,
    find_region,
    region_code,
)
from geo.regions import Level, Region, UnknownRegion, at_level, region, regions
from kernel.errors import KsbbError

SITUATIONS = {"taksa": AmbiguousRegion, "konflik": ConflictingRegion, "kurang": IncompleteRegion, "luar": RegionOutside}
KELURAHAN = st.sampled_from(at_level(Level.KELURAHAN))

with (Path(__file__).parents[1] / "data" / "nama_wilayah_uji.csv").open(encoding="utf-8") as file:
    VECTORS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['hasil']}: {row['catatan'][:30]}")
def test_each_row_of_messy_names_has_its_verdict(row: dict[str, str]) -> None:
    cells = row["wilayah"], row["kecamatan"], row["kelurahan"]
    if row["hasil"] == "pasti":
        assert find_region(*cells) == row["kode_harapan"]
    else:
        with pytest.raises(SITUATIONS[row["hasil"]]):
            find_region(*cells)


def test_all_25_rows_were_read() -> None:
    assert len(VECTORS) == 25


@given(KELURAHAN, st.booleans())
def test_official_names_find_their_kelurahan_in_any_case_and_spacing(kelurahan: Region, shout: bool) -> None:
    kecamatan = region(kelurahan.parent_code)
    names = [region(kecamatan.parent_code).name, f"Kec. {kecamatan.name}", f"  kel. {kelurahan.name} "]
    assert find_region(*(name.upper() if shout else name.lower() for name in names)) == kelurahan.code
    assert find_region(kelurahan=kelurahan.name.replace(" ", "")) == kelurahan.code


@given(KELURAHAN)
def test_codes_of_both_systems_find_their_kelurahan(kelurahan: Region) -> None:
    assert find_region(kelurahan=kelurahan.bps_code) == kelurahan.code
    assert find_region(kelurahan=kelurahan.code.replace(".", "")) == kelurahan.code
    kecamatan = region(kelurahan.parent_code)
    kota = region(kecamatan.parent_code)
    assert find_region(kota.bps_code, kecamatan.bps_code, kelurahan.bps_code) == kelurahan.code


@pytest.mark.parametrize("bare", ["3171", "3172", "3173", "3174", "3175"])
def test_a_bare_four_digit_code_is_refused_and_both_cities_are_named(bare: str) -> None:
    with pytest.raises(AmbiguousRegion) as refused:
        region_code(bare)
    kemendagri, bps = f"{bare[:2]}.{bare[2:]}", next(r for r in regions().values() if r.bps_code == bare)
    for expected in (bare, kemendagri, regions()[kemendagri].name, bps.code, bps.name, "kode wilayah"):
        assert expected in refused.value.message


@pytest.mark.parametrize("code", regions())
def test_every_dotted_code_is_taken_as_it_is(code: str) -> None:
    assert region_code(f" {code} ") == code


@pytest.mark.parametrize(("text", "dotted"), [("3101", "31.01"), ("317101", "31.71.01"), ("3173080", "31.71.01")])
def test_bare_digits_with_one_reading_are_refused_with_the_dotted_code(text: str, dotted: str) -> None:
    with pytest.raises(UnknownRegion, match=dotted):
        region_code(text)


@pytest.mark.parametrize("text", ["32.01", "3201", "99"])
def test_a_code_of_another_province_is_outside(text: str) -> None:
    with pytest.raises(RegionOutside):
        region_code(text)


def test_a_name_written_nearly_right_gets_a_suggestion() -> None:
    with pytest.raises(UnknownRegion, match="Did you mean Cengkareng Barat"):
        find_region("Jakarta Barat", "Cengkareng", "Cengkarang Barat")
    with pytest.raises(UnknownRegion, match="Did you mean Kota Administrasi Jakarta Pusat"):
        find_region("Jakrta Pusat")


@pytest.mark.parametrize(
    ("name", "code"), [("Jaksel", "31.74"), ("DKI Jakarta Pusat", "31.71"), ("Kab. Kep. Seribu", "31.01")]
)
def test_short_names_of_cities_are_understood(name: str, code: str) -> None:
    if name.endswith("Seribu"):
        assert find_region(kecamatan="Kep. Seribu Utara") == f"{code}.01"
    assert find_region(name) == code


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_three_cells_give_a_region_or_a_situation(wilayah: str, kecamatan: str, kelurahan: str) -> None:
    found = None
    with suppress(KsbbError):
        found = find_region(wilayah, kecamatan, kelurahan)
    assert found is None or found in regions()


def test_a_number_that_may_be_a_persons_is_not_repeated() -> None:
    for refuse in (region_code, find_region):
        with pytest.raises(KsbbError) as refused:
            refuse("3171011708809901")
        assert "3171011708809901" not in refused.value.message + str(refused.value.details)
