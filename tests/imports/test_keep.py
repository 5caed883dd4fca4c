"""Imported boundaries take the place of drawn ones, all levels in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import shapely

from geo.boundaries import BoundarySet
from geo.illustrative import illustrative_boundaries
from imports.boundaries import read_boundaries
from imports.keep import RegionsMissing, keep_boundaries
from models.server import Server
from tests.imports.conftest import KLENDER, BoundaryFile


async def test_all_levels_are_kept_and_are_no_longer_illustrative(
    database: Server, tables: asyncpg.Connection, boundary_file: BoundaryFile
) -> None:
    await keep_boundaries(database.uri(), illustrative_boundaries(), "gambar sendiri")
    assert await tables.fetchval("select bool_and(illustrative) from boundary")
    found = read_boundaries(boundary_file({})).boundaries
    assert found is not None
    assert await keep_boundaries(database.uri(), found, "batas_contoh.geojson") == 318
    rows = await tables.fetch("select * from boundary join region on code = region_code")
    assert len(rows) == await tables.fetchval("select count(*) from region") == 318
    assert {(r["illustrative"], r["source"]) for r in rows} == {(False, "batas_contoh.geojson")}
    areas = {r["code"]: r["area_m2"] for r in rows}
    for code, area in areas.items():
        inside = [a for other, a in areas.items() if other.startswith(f"{code}.") and other.count(".") == 3]
        assert not inside or area == pytest.approx(sum(inside), rel=1e-6)
    shapes = {r["code"]: shapely.from_geojson(r["geojson"]) for r in rows}
    assert all(shape.is_valid for shape in shapes.values())
    assert shapes["31.75.07"].buffer(1e-9).covers(shapes[KLENDER])


async def test_the_centres_of_regions_stay_where_they_are(
    database: Server, tables: asyncpg.Connection, boundary_file: BoundaryFile
) -> None:
    before = await tables.fetch("select code, centre from region order by code")
    found = read_boundaries(boundary_file({})).boundaries
    assert found is not None
    await keep_boundaries(database.uri(), found, "batas_contoh.geojson")
    assert await tables.fetch("select code, centre from region order by code") == before


async def test_a_database_without_the_regions_keeps_what_it_had(database: Server, tables: asyncpg.Connection) -> None:
    await keep_boundaries(database.uri(), illustrative_boundaries(), "sebelumnya")
    drawn = illustrative_boundaries().shapes
    more = BoundarySet({**drawn, "31.99.99.1001": drawn[KLENDER]})
    with pytest.raises(RegionsMissing, match="lacks 3 of the regions"):
        await keep_boundaries(database.uri(), more, "baru")
    assert await tables.fetchval("select distinct source from boundary") == "sebelumnya"


def test_the_real_boundaries_are_complete_and_clean(shared: Callable[[str], Path]) -> None:
    assert read_boundaries(shared("jakarta_kelurahan.geojson")).report.clean


async def test_the_real_boundaries_are_kept_whole(
    database: Server, tables: asyncpg.Connection, shared: Callable[[str], Path]
) -> None:
    found = read_boundaries(shared("jakarta_kelurahan.geojson")).boundaries
    assert found is not None
    await keep_boundaries(database.uri(), found, "jakarta_kelurahan.geojson")
    row = await tables.fetchrow("select * from boundary where region_code = '31'")
    assert row["area_m2"] == pytest.approx(663.7e6, rel=1e-3)
    assert json.loads(row["geojson"])["type"] == "MultiPolygon"
