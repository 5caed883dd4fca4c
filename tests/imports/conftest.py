"""A database to import into, files made up for the tests, and the real ones, which stay outside the repository."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import shapely
from shapely.geometry.base import BaseGeometry

from geo.illustrative import illustrative_boundaries
from models.server import Server
from tests.conftest import City
from tests.databases import a_database

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
KLENDER = "31.75.07.1005"

BoundaryFile = Callable[[Mapping[str, BaseGeometry]], Path]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(walled_city: City) -> Server:
    """A database with the regions of Jakarta and nothing else."""
    return await a_database(walled_city.server, "imports")


@pytest_asyncio.fixture(loop_scope="session")
async def tables(database: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection to its tables."""
    connection = await asyncpg.connect(database.uri(), server_settings={"search_path": "ksbb"})
    yield connection
    await connection.close()


@pytest.fixture
def boundary_file(tmp_path: Path) -> BoundaryFile:
    """A file of boundaries for the whole city, drawn by us, with some of them changed."""

    def write(changed: Mapping[str, BaseGeometry]) -> Path:
        features = [
            {
                "type": "Feature",
                "properties": {"kode_kemendagri": code},
                "geometry": json.loads(shapely.to_geojson(changed.get(code, shape))),
            }
            for code, shape in illustrative_boundaries().shapes.items()
        ]
        file = tmp_path / "batas_contoh.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """A real file, or the end of the test that needs it."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is third-party data outside the repository; set SHARED_DATA to its folder")
        return path

    return find
