"""Boundaries drawn around centre points are complete, and say that they are drawn."""

import shapely

from geo.boundaries import Feature, inspect
from geo.illustrative import illustrative_boundaries
from geo.locate import Locator
from geo.regions import Level, at_level, regions


def test_drawn_boundaries_say_that_they_are_illustrative() -> None:
    assert illustrative_boundaries().illustrative
    assert illustrative_boundaries().cleaned().illustrative
    assert Locator(illustrative_boundaries()).illustrative


def test_drawn_boundaries_are_a_clean_coverage_with_every_region() -> None:
    boundaries = illustrative_boundaries()
    assert inspect([Feature(code, shape) for code, shape in boundaries.shapes.items()]).clean
    assert shapely.coverage_is_valid(list(boundaries.shapes.values()))
    assert boundaries.all_levels().keys() == regions().keys()


def test_every_centre_point_lies_in_its_own_cell() -> None:
    locator = Locator(illustrative_boundaries())
    kelurahan = at_level(Level.KELURAHAN)
    assert [locator.kelurahan_at(k.lon, k.lat) for k in kelurahan] == [k.code for k in kelurahan]
