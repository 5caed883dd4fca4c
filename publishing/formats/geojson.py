"""A dataset as a layer of a map: GeoJSON (RFC 7946), each row at the point of its region."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from publishing.dataset import Layer
from publishing.formats.cells import Value, columns, texts, values

REGIONS = "data/wilayah.csv"
"""Where a package has its regions."""

_CODE, _LONGITUDE, _LATITUDE = "kode_wilayah", "bujur", "lintang"


class LayerWithoutPlace(KsbbError):
    """A layer cannot be drawn: a region of it has no point in the package."""

    code = "LAYER_WITHOUT_PLACE"


def write_geojson(source: Path, resource: Mapping[str, Any], target: Path, layer: Layer) -> None:
    """Write the rows of a data file as features, one a line, in their order.

    Raises:
        LayerWithoutPlace: the package has no regions, or a row names one that is not among them.
    """
    described = columns(resource)
    names = [column["name"] for column in described]
    if layer.region not in names:
        raise LayerWithoutPlace(
            f"The layer of {resource['name']} needs the column {layer.region}, which it does not have. Declare one of "
            f"its columns in `layer`.",
            dataset=resource["name"],
        )
    places = _places(source.parent.parent / REGIONS, resource["name"])
    with target.open("w", encoding="utf-8", newline="") as out:
        out.write('{"type":"FeatureCollection","features":[')
        for number, row in enumerate(values(source, described)):
            properties = dict(zip(names, row, strict=True))
            out.write(",\n" if number else "\n")
            out.write(_feature(properties, _place(places, properties[layer.region], resource["name"], number + 2)))
        out.write("\n]}\n")


def _places(file: Path, dataset: str) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of every region of a package, by its code."""
    if not file.exists():
        raise LayerWithoutPlace(
            f"{dataset} has a layer, and its package has no {REGIONS}. Add the dataset wilayah, or declare no `layer`.",
            dataset=dataset,
        )
    header, *rows = texts(file)
    code, east, north = (header.index(name) for name in (_CODE, _LONGITUDE, _LATITUDE))
    return {row[code]: (float(row[east]), float(row[north])) for row in rows}


def _place(
    places: Mapping[str, tuple[float, float]], code: Value, dataset: str, line: int
) -> tuple[float, float] | None:
    if code is None:
        return None
    if code not in places:
        raise LayerWithoutPlace(
            f"Row {line} of {dataset} names a region that {REGIONS} does not have. Its column must refer to wilayah.",
            dataset=dataset,
            row=line,
        )
    return places[str(code)]


def _feature(properties: Mapping[str, Value], place: tuple[float, float] | None) -> str:
    geometry = {"type": "Point", "coordinates": list(place)} if place else None
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    return _JSON.encode(feature)


def _text(day: object) -> str:
    assert isinstance(day, dt.date)
    return day.isoformat()


_JSON = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_text
)  # made once, not a row
