"""The list of regions is complete and consistent."""

from collections import Counter

import pytest

from geo.regions import (
    Level,
    UnknownRegion,
    ancestors,
    at_level,
    children,
    code_at,
    contains,
    region,
    regions,
    subtree,
)


def test_jakarta_has_1_province_6_cities_44_kecamatan_and_267_kelurahan() -> None:
    assert Counter(r.level for r in regions().values()) == {
        Level.PROVINSI: 1,
        Level.KOTA: 6,
        Level.KECAMATAN: 44,
        Level.KELURAHAN: 267,
    }


def test_every_region_but_the_province_lies_in_a_region_one_level_wider() -> None:
    levels = list(Level)
    for r in regions().values():
        if r.level is Level.PROVINSI:
            assert r.parent_code == ""
        else:
            assert region(r.parent_code).level is levels[levels.index(r.level) - 1]
            assert contains(r.parent_code, r.code)


def test_codes_of_bps_and_centre_points_of_kelurahan_are_unique() -> None:
    assert len({r.bps_code for r in regions().values()}) == 318
    assert len({(r.lon, r.lat) for r in at_level(Level.KELURAHAN)}) == 267


def test_a_region_knows_what_is_above_and_below_it() -> None:
    assert [r.code for r in ancestors("31.73.03.1008")] == ["31.73.03", "31.73", "31"]
    assert [r.code for r in children("31.01")] == ["31.01.01", "31.01.02"]
    assert [r.code for r in subtree("31.01.01")] == ["31.01.01", "31.01.01.1001", "31.01.01.1002", "31.01.01.1003"]
    assert len(subtree("31")) == 318
    assert subtree("31.7") == ()
    assert sum(len(children(kecamatan.code)) for kecamatan in at_level(Level.KECAMATAN)) == 267


def test_a_code_is_cut_to_a_wider_level_and_never_to_a_narrower_one() -> None:
    assert [code_at(level, "31.73.03.1008") for level in Level] == ["31", "31.73", "31.73.03", "31.73.03.1008"]
    with pytest.raises(ValueError, match="wider"):
        code_at(Level.KELURAHAN, "31.73")


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownRegion, match="wilayah"):
        region("31.99")
