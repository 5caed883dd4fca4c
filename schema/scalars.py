"""The API's own scalars."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from resolvers import scalars as read
from resolvers.geojson import parse_polygon

Rupiah = NewType("Rupiah", int)
Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
RegionCode = NewType("RegionCode", str)
GeoJSON = NewType("GeoJSON", object)
JSON = NewType("JSON", object)


def _same(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Rupiah: strawberry.scalar(
        name="Rupiah",
        description="Whole rupiah, an integer up to 2^53 - 1.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
        serialize=_same,
        parse_value=read.parse_rupiah,
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A day in Asia/Jakarta, YYYY-MM-DD (tanggal).",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=_same,
        parse_value=read.parse_date,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant with its offset from UTC (waktu).",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=_same,
        parse_value=read.parse_datetime,
    ),
    RegionCode: strawberry.scalar(
        name="RegionCode",
        description="A dotted Kemendagri region code of any level, e.g. 31.73.03 (kode wilayah).",
        serialize=_same,
        parse_value=read.parse_region_code,
    ),
    GeoJSON: strawberry.scalar(
        name="GeoJSON",
        description="A geometry in WGS84, [longitude, latitude].",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc7946#section-3.1",
        serialize=_same,
        parse_value=parse_polygon,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="An object of values by name, as JSON has it; only in answers.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-4",
        serialize=_same,
        parse_value=_same,
    ),
}

NAMESPACE: dict[str, Any] = {
    "Int": int,
    "Float": float,
    "String": str,
    "Boolean": bool,
    "ID": strawberry.ID,
    "Rupiah": Rupiah,
    "Date": Date,
    "DateTime": DateTime,
    "RegionCode": RegionCode,
    "GeoJSON": GeoJSON,
    "JSON": JSON,
}
"""GraphQL names of the scalars and what Strawberry calls them."""
