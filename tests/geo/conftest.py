"""Boundary files for the tests: the real ones, which stay outside the repository, and a small city of squares."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def _shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is third-party data outside the repository; set SHARED_DATA to its folder")
    return path


@pytest.fixture(scope="session")
def clean_file() -> Path:
    """The boundaries of the 267 kelurahan as a clean coverage."""
    return _shared("jakarta_kelurahan.geojson")


@pytest.fixture(scope="session")
def raw_file() -> Path:
    """The same boundaries as published: valid shapes, with gaps and overlaps between them."""
    return _shared("jakarta_kelurahan_mentah.geojson")
