"""Map layers: what is needed, pledged and delivered, by region (lapisan target, komitmen dan penyaluran)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select, true

from resolvers.building import Building
from resolvers.plan import Selection
from resolvers.sql import as_geojson_point, const, json_list

_LENGTH = {"KOTA": 5, "KECAMATAN": 8, "KELURAHAN": 13}
_TABLES: Mapping[str, tuple[str, str]] = {
    "TARGET": ("need", "estimated_value"),
    "PLEDGE": ("pledge", "estimated_value"),
    "DISTRIBUTION": ("delivery", "value"),
}


def layer(b: Building, s: Selection) -> ColumnElement[Any]:
    """One cell per region of the level, those without anything left out, ordered by region code."""
    table, value = _TABLES[str(s.arguments["layer"])]
    row = b.views[table].alias(b.name(table))
    region = b.views["region"].alias(b.name("region"))
    code = func.left(row.c.region_code, const(_LENGTH[str(s.arguments["level"])]))
    package = s.arguments.get("packageKind")
    kind = true() if not isinstance(package, str) else row.c.package_kind == const(package)
    cells = (
        select(code.label("code"), func.sum(row.c.quantity).label("quantity"), func.sum(row.c[value]).label("value"))
        .where(kind)
        .group_by(code)
        .subquery(b.name("cells"))
    )
    columns = {
        "regionCode": region.c.code,
        "regionName": region.c.name,
        "centre": as_geojson_point(region.c.centre),
        "quantity": cells.c.quantity,
        "value": cells.c.value,
        "__typename": const("MapCell"),
    }
    shown = select(*(columns[part.name].label(part.key) for part in s.only))
    listed = shown.select_from(cells.join(region, region.c.code == cells.c.code)).order_by(region.c.code)
    page = listed.subquery(b.name("layer"))
    return select(json_list(page)).select_from(page).scalar_subquery()
