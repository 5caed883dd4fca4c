"""Boundaries are reported as what they are, and cleaned where they can be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping

from geo.area import area_m2
from geo.boundaries import Feature, UnreadableBoundaries, boundary_set, inspect, read_features
from geo.illustrative import illustrative_boundaries
from geo.regions import Level, regions
from imports.boundaries import read_boundaries, report_text

FIRST = "31.71.01.1001"


def a_document(key: str = "code") -> dict[str, Any]:
    """A clean FeatureCollection: the illustrative boundaries."""
    shapes = illustrative_boundaries().shapes
    features = [{"type": "Feature", "properties": {key: code}, "geometry": mapping(s)} for code, s in shapes.items()]
    return {"type": "FeatureCollection", "features": features}


def a_list(**replaced: shapely.geometry.base.BaseGeometry | None) -> list[Feature]:
    """Clean features, some of them replaced or (None) left out; codes are written with underscores."""
    changes = {name.strip("_").replace("_", "."): boundary for name, boundary in replaced.items()}
    shapes = {**illustrative_boundaries().shapes, **changes}
    return [Feature(code, boundary) for code, boundary in shapes.items() if boundary is not None]


@pytest.mark.parametrize("key", ["code", "kode_kemendagri"])
def test_a_complete_coverage_is_clean_whichever_property_holds_the_code(key: str) -> None:
    report = inspect(read_features(a_document(key)))
    assert (report.features, report.usable, report.clean) == (267, True, True)


def test_missing_unknown_and_doubled_codes_are_named() -> None:
    features = a_list(_31_71_01_1001=None)
    features += [Feature("31.71.99.1001", features[0].shape), features[5]]
    report = inspect(features)
    assert (report.missing, report.unknown) == ((FIRST,), ("31.71.99.1001",))
    assert report.duplicates == (features[5].code,)
    assert not report.usable


def test_a_shape_that_crosses_itself_is_named_with_the_reason() -> None:
    bow = shapely.Polygon([(106.82, -6.18), (106.83, -6.17), (106.83, -6.18), (106.82, -6.17)])
    report = inspect(a_list(_31_71_01_1001=bow))
    assert [code for code, _ in report.invalid] == [FIRST]
    assert "Self-intersection" in report.invalid[0][1]
    assert not report.usable


def test_a_boundary_that_carries_the_code_of_another_region_is_misplaced() -> None:
    far = illustrative_boundaries().shapes["31.75.10.1001"]
    report = inspect(a_list(_31_71_01_1001=far))
    assert report.misplaced == (FIRST,)


@pytest.mark.parametrize(("margin", "what"), [(-3e-5, "gaps"), (3e-5, "overlaps")])
def test_a_thin_gap_or_overlap_is_measured_and_cleaned(margin: float, what: str) -> None:
    features = a_list(_31_71_01_1001=illustrative_boundaries().shapes[FIRST].buffer(margin))
    report = inspect(features)
    assert (report.usable, report.clean) == (True, False)
    assert report.as_json()[what] != 0
    assert report.gap_area_m2 + report.overlap_area_m2 > 1_000
    cleaned = boundary_set(features).cleaned()
    assert inspect([Feature(code, shape) for code, shape in cleaned.shapes.items()]).clean


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(type="Feature"),
        lambda d: d.update(features=[]),
        lambda d: d["features"].insert(0, "nonsense"),
        lambda d: d["features"][0].update(geometry=None),
        lambda d: d["features"][0].update(geometry={"type": "Point", "coordinates": [106.8, -6.2]}),
        lambda d: d["features"][0].update(geometry={"type": "Polygon", "coordinates": [[[106.8, -6.2]]]}),
        lambda d: d["features"][0].update(geometry={"type": "Polygon", "coordinates": "nonsense"}),
        lambda d: d["features"][0].update(geometry={"type": "Polygon", "coordinates": []}),
    ],
)
def test_a_document_of_another_kind_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    document = a_document()
    change(document)
    with pytest.raises(UnreadableBoundaries):
        read_features(document)


def test_a_feature_without_a_code_is_reported_not_lost() -> None:
    document = a_document()
    document["features"][0]["properties"] = None
    assert inspect(read_features(document)).unknown == ("",)


def test_files_that_are_no_json_are_refused_with_their_name(tmp_path: Path) -> None:
    (tmp_path / "broken.geojson").write_bytes(b"\xff{")
    for name in ("broken.geojson", "absent.geojson"):
        with pytest.raises(UnreadableBoundaries, match=name):
            read_boundaries(tmp_path / name)


def test_an_unusable_file_gives_a_report_and_no_boundaries(tmp_path: Path) -> None:
    document = a_document()
    del document["features"][0]
    path = tmp_path / "city.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    read = read_boundaries(path)
    assert read.boundaries is None
    assert "1 kelurahan without a boundary" in report_text(read.report)
    assert "cannot be used" in report_text(read.report)


def test_the_real_file_is_complete_and_clean(clean_file: Path) -> None:
    read = read_boundaries(clean_file)
    assert read.report.clean
    assert read.report.area_m2 / 1e6 == pytest.approx(663.7, abs=0.05)
    assert "complete and clean" in report_text(read.report)


def test_the_published_file_is_reported_as_what_it_is(raw_file: Path) -> None:
    report = read_boundaries(raw_file).report
    assert (report.usable, report.clean, report.invalid) == (True, False, ())
    assert (report.gaps, report.overlaps, report.noise_overlaps) == (902, 458, 3)
    assert report.overlap_area_m2 / 1e6 == pytest.approx(0.366, abs=0.0005)
    assert report.worst_overlaps[0].codes == ("31.74.09.1004", "31.75.05.1002")
    assert all(number in report_text(report) for number in ("902 gaps", "458 overlapping pairs", "0.366 km2"))
    assert json.loads(json.dumps(report.as_json()))["overlaps"] == 458


def test_cleaning_turns_the_published_file_into_a_coverage(raw_file: Path) -> None:
    boundaries = read_boundaries(raw_file, clean=True).boundaries
    assert boundaries is not None
    assert inspect([Feature(code, shape) for code, shape in boundaries.shapes.items()]).clean
    assert shapely.coverage_is_valid(list(boundaries.shapes.values()))


def test_wider_regions_are_the_union_of_their_kelurahan(clean_file: Path) -> None:
    boundaries = read_boundaries(clean_file).boundaries
    assert boundaries is not None
    everything = boundaries.all_levels()
    assert everything.keys() == regions().keys()
    for level in Level:
        shapes = boundaries.at_level(level)
        assert all(shape.is_valid for shape in shapes.values())
        assert sum(map(area_m2, shapes.values())) == pytest.approx(663_708_440, abs=10)


def test_every_centre_point_lies_in_its_region(clean_file: Path) -> None:
    boundaries = read_boundaries(clean_file).boundaries
    assert boundaries is not None
    outside = [
        code
        for code, shape in boundaries.all_levels().items()
        if not shape.contains(shapely.Point(regions()[code].lon, regions()[code].lat))
    ]
    assert outside == []
