"""The boundaries of the kelurahan: read, checked as a coverage, cleaned, joined to wider regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2
from geo.regions import CODE_LENGTH, Level, at_level, regions
from kernel.errors import KsbbError

CODE_PROPERTIES = ("kode_kemendagri", "code")
"""The properties of a feature that may hold its region code, in order of preference."""

WORST = 5  # examples of each kind that a report names
NOISE_M2 = 0.4  # two shapes that share less ground than this touch; they overlap by the rounding of coordinates
FAR_DEGREES = 0.02  # about 2 km: a boundary this far from the centre point of its region belongs to another one
THIN_DEGREES = 1e-4  # about 11 m: gaps narrower than this are drawing errors, which cleaning closes


class UnreadableBoundaries(KsbbError):
    """A file that is no GeoJSON FeatureCollection of areas."""

    code = "UNREADABLE_BOUNDARIES"


@dataclass(frozen=True)
class Feature:
    """One boundary as the file has it, before any check."""

    code: str
    shape: BaseGeometry


@dataclass(frozen=True)
class BoundarySet:
    """A boundary for each kelurahan, by code. `illustrative`: drawn by us around centre points, not surveyed."""

    shapes: Mapping[str, BaseGeometry]
    illustrative: bool = False

    def cleaned(self) -> BoundarySet:
        """The same boundaries as a coverage: thin gaps closed, overlaps given to the neighbour with the longer edge."""
        shapes = shapely.coverage_clean(list(self.shapes.values()), gap_width=THIN_DEGREES)
        return BoundarySet(dict(zip(self.shapes, shapes, strict=True)), self.illustrative)

    def at_level(self, level: Level) -> dict[str, BaseGeometry]:
        """The boundaries of all regions of a level, by code: the union of the kelurahan in each."""
        parts: dict[str, list[BaseGeometry]] = {}
        for code, boundary in self.shapes.items():
            parts.setdefault(code[: CODE_LENGTH[level]], []).append(boundary)
        return {code: shapely.union_all(shapes) for code, shapes in sorted(parts.items())}

    def all_levels(self) -> dict[str, BaseGeometry]:
        """The boundaries of all regions, wide before narrow."""
        return {code: boundary for level in Level for code, boundary in self.at_level(level).items()}


@dataclass(frozen=True)
class Overlap:
    """Two kelurahan that claim the same ground."""

    codes: tuple[str, str]
    area_m2: float


@dataclass(frozen=True)
class Gap:
    """A hole between kelurahan that none of them claims, with a point inside it."""

    lon: float
    lat: float
    area_m2: float


@dataclass(frozen=True)
class BoundaryReport:
    """What a file of boundaries is worth. Lists of examples hold the worst few; numbers count all.

    `noise_overlaps` are pairs that share less than `NOISE_M2`; they are not among the `overlaps`.
    """

    features: int
    area_m2: float
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    duplicates: tuple[str, ...]
    invalid: tuple[tuple[str, str], ...]
    misplaced: tuple[str, ...]
    gaps: int
    gap_area_m2: float
    worst_gaps: tuple[Gap, ...]
    overlaps: int
    noise_overlaps: int
    overlap_area_m2: float
    worst_overlaps: tuple[Overlap, ...]

    @property
    def usable(self) -> bool:
        """Whether there is exactly one valid boundary for every kelurahan; gaps and overlaps can be cleaned."""
        return not (self.missing or self.unknown or self.duplicates or self.invalid or self.misplaced)

    @property
    def clean(self) -> bool:
        """Whether, besides, the boundaries leave no gap and never overlap."""
        return self.usable and not (self.gaps or self.overlaps or self.noise_overlaps)

    def as_json(self) -> dict[str, object]:
        """The report as values that JSON can hold."""
        return {"usable": self.usable, "clean": self.clean, **asdict(self)}


def read_features(document: object) -> list[Feature]:
    """The boundaries in a parsed GeoJSON FeatureCollection (lon/lat, WGS84), in the order of the file.

    A feature without a code is kept with an empty one, so that the report shows it as unknown.

    Raises:
        UnreadableBoundaries: another kind of document, or a feature whose geometry is not an area.
    """
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise UnreadableBoundaries("A file of boundaries must be a GeoJSON FeatureCollection.")
    features = document.get("features")
    if not isinstance(features, Sequence) or not features:
        raise UnreadableBoundaries("The FeatureCollection has no features.")
    return [_feature(number, raw) for number, raw in enumerate(features, start=1)]


def inspect(features: Sequence[Feature]) -> BoundaryReport:
    """Check boundaries against the list of kelurahan, the rules of geometry, and each other."""
    counted = Counter(feature.code for feature in features)
    expected = {region.code for region in at_level(Level.KELURAHAN)}
    sound = [Feature(feature.code, shapely.make_valid(feature.shape)) for feature in features]
    gaps = _gaps(sound)
    shared = _overlaps(sound)
    overlaps = [overlap for overlap in shared if overlap.area_m2 >= NOISE_M2]
    return BoundaryReport(
        features=len(features),
        area_m2=round(sum(area_m2(feature.shape) for feature in sound), 1),
        missing=tuple(sorted(expected - counted.keys())),
        unknown=tuple(sorted(counted.keys() - expected)),
        duplicates=tuple(sorted(code for code, times in counted.items() if times > 1)),
        invalid=tuple((f.code, shapely.is_valid_reason(f.shape)) for f in features if not f.shape.is_valid),
        misplaced=tuple(sorted(f.code for f in sound if f.code in expected and _is_misplaced(f))),
        gaps=len(gaps),
        gap_area_m2=round(sum(gap.area_m2 for gap in gaps), 1),
        worst_gaps=tuple(gaps[:WORST]),
        overlaps=len(overlaps),
        noise_overlaps=len(shared) - len(overlaps),
        overlap_area_m2=round(sum(overlap.area_m2 for overlap in shared), 1),
        worst_overlaps=tuple(overlaps[:WORST]),
    )


def boundary_set(features: Sequence[Feature]) -> BoundarySet:
    """The boundaries in the order of their codes. For features whose report says `usable`."""
    return BoundarySet({f.code: f.shape for f in sorted(features, key=lambda feature: feature.code)})


def _feature(number: int, raw: object) -> Feature:
    if not isinstance(raw, Mapping):
        raise UnreadableBoundaries(f"Feature {number} is not a GeoJSON object.", feature=number)
    properties = raw.get("properties") or {}
    code = next((str(properties[name]) for name in CODE_PROPERTIES if properties.get(name)), "")
    try:
        geometry = shape(raw["geometry"])
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise UnreadableBoundaries(f"Feature {number} has no geometry that can be read.", feature=number) from None
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise UnreadableBoundaries(f"Feature {number} has a coordinate that is no number.", feature=number)
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise UnreadableBoundaries(f"Feature {number} must be a Polygon or MultiPolygon with points.", feature=number)
    return Feature(code, geometry)


def _is_misplaced(feature: Feature) -> bool:
    centre = regions()[feature.code]
    return bool(feature.shape.distance(shapely.Point(centre.lon, centre.lat)) > FAR_DEGREES)


def _gaps(features: Sequence[Feature]) -> list[Gap]:
    """The holes in the union of all boundaries, the largest first."""
    union = shapely.get_parts(shapely.union_all([feature.shape for feature in features]))
    holes = [shapely.Polygon(ring) for part in union if part.geom_type == "Polygon" for ring in part.interiors]
    return sorted(map(_gap, holes), key=lambda gap: (-gap.area_m2, gap.lon, gap.lat))


def _gap(hole: BaseGeometry) -> Gap:
    inside = hole.representative_point()
    return Gap(round(inside.x, 6), round(inside.y, 6), round(area_m2(hole), 1))


def _overlaps(features: Sequence[Feature]) -> list[Overlap]:
    """The pairs of boundaries that share ground, the largest shares first."""
    shapes = [feature.shape for feature in features]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(int(i), int(j)) for i, j in zip(left, right, strict=True) if i < j]
    shared = [
        Overlap((features[i].code, features[j].code), round(area, 3))
        for i, j in pairs
        if (area := area_m2(shapely.intersection(shapes[i], shapes[j]))) > 0
    ]
    return sorted(shared, key=lambda overlap: (-overlap.area_m2, overlap.codes))
