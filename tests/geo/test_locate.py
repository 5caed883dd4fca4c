"""A point finds its kelurahan, also on a border; a slip is explained without repeating the point."""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.boundaries import BoundarySet
from geo.distance import distance_m
from geo.illustrative import illustrative_boundaries
from geo.locate import Locator, PointOutside
from geo.regions import Level, at_level
from imports.boundaries import read_boundaries

DRAWN = Locator(illustrative_boundaries())

with (Path(__file__).parents[1] / "data" / "titik_uji.csv").open(encoding="utf-8") as file:
    POINTS = list(csv.DictReader(file))


def test_every_point_of_the_list_is_found_in_the_real_boundaries(clean_file: Path) -> None:
    boundaries = read_boundaries(clean_file).boundaries
    assert boundaries is not None
    backwards = BoundarySet(dict(sorted(boundaries.shapes.items(), reverse=True)))
    for locator in (Locator(boundaries), Locator(backwards)):
        found = [locator.kelurahan_at(float(p["lon"]), float(p["lat"])) or "" for p in POINTS]
        assert found == [p["kode_kelurahan_harapan"] for p in POINTS]
    assert len(POINTS) == 152


@pytest.mark.parametrize(
    ("lon", "lat", "says"),
    [
        (-6.17539, 106.82719, "swapped"),
        (106.82719, 6.17539, "minus sign"),
        (0, 0, "empty cell"),
        (10682719, -617539, "no degrees"),
        (math.nan, -6.2, "no degrees"),
        (106.794, -6.595, "neighbouring city"),
        (112.7521, -7.2575, "far from Jakarta"),
    ],
)
def test_a_slip_is_explained_and_the_point_is_not_repeated(lon: float, lat: float, says: str) -> None:
    with pytest.raises(PointOutside, match=says) as refused:
        DRAWN.require(lon, lat)
    assert lon == 0 or str(lon) not in refused.value.message


@given(st.floats(106.6, 107.0), st.floats(-6.4, -6.0))
def test_in_drawn_boundaries_a_point_belongs_to_the_nearest_centre(lon: float, lat: float) -> None:
    code = DRAWN.kelurahan_at(lon, lat)
    if code is not None:
        away = {k.code: math.hypot(k.lon - lon, k.lat - lat) for k in at_level(Level.KELURAHAN)}
        assert away[code] == pytest.approx(min(away.values()), abs=1e-6)


@given(st.floats(), st.floats())
def test_any_two_numbers_give_a_kelurahan_or_none(lon: float, lat: float) -> None:
    code = DRAWN.kelurahan_at(lon, lat)
    assert code is None or DRAWN.require(lon, lat) == code


def test_from_monas_to_the_town_hall_it_is_about_650_metres() -> None:
    assert distance_m(106.82719, -6.17539, 106.82855, -6.18111) == pytest.approx(654, abs=2)


LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@given(LON, LAT, LON, LAT)
def test_a_distance_is_the_same_both_ways_and_never_beyond_half_the_globe(
    a: float, b: float, c: float, d: float
) -> None:
    there, back = distance_m(a, b, c, d), distance_m(c, d, a, b)
    assert there == pytest.approx(back, abs=1e-3)
    assert 0 <= there <= 20_015_200
    assert distance_m(a, b, a, b) == 0
