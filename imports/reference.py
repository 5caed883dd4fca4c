"""Reference data that every installation starts with: regions, drawn boundaries, reported figures, the guide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import shapely
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from geo.area import area_m2
from geo.illustrative import illustrative_boundaries
from geo.regions import regions
from models.all import METADATA
from models.base import SCHEMA
from models.reference import figure_check_rows, figure_mention_rows, reported_figure_rows
from models.reference.articles import article_step_rows, guide_article_rows
from models.reference.flow import step_actor_rows, step_form_rows, step_rows
from models.reference.form_g import requirement_rows
from models.vocabulary import RegionLevel
from models.writing import writing

BOUNDARY_SOURCE = "Ilustrasi: sel Voronoi dari titik pusat wilayah, bukan batas resmi"

FOLLOW_THE_RELEASE = ("article_step", "guide_article", "step_form", "step_actor", "step", "accreditation_requirement")
"""Tables whose rows are those of this release and no others, children before parents."""

_ONE_AT_A_TIME = 57_132_021
"""The advisory lock of the reference data: several servers may start at once on one database."""

Row = tuple[str, dict[str, Any]]
"""Name of a table and a row of it, in the order in which rows may be written."""


async def load_reference(uri: str) -> None:
    """Write the reference rows that a database lacks; what is there stays, imported boundaries among it.

    Steps and guide are written anew, so that a database tells what its release tells.
    """
    async with writing(uri) as connection:
        await connection.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        for table in FOLLOW_THE_RELEASE:
            await connection.execute(delete(METADATA.tables[f"{SCHEMA}.{table}"]))
        for table, rows in groupby(reference_rows(), key=itemgetter(0)):
            statement = insert(METADATA.tables[f"{SCHEMA}.{table}"]).on_conflict_do_nothing()
            await connection.execute(statement, [row for _, row in rows])


def reference_rows() -> Iterator[Row]:
    """All reference rows, wide regions before narrow ones, checks before what they mention."""
    yield from _regions()
    yield from _boundaries()
    for table, rows in {
        "reported_figure": reported_figure_rows(),
        "figure_check": figure_check_rows(),
        "figure_mention": figure_mention_rows(),
        "step": step_rows(),
        "step_actor": step_actor_rows(),
        "step_form": step_form_rows(),
        "guide_article": guide_article_rows(),
        "article_step": article_step_rows(),
        "accreditation_requirement": requirement_rows(),
    }.items():
        yield from ((table, row) for row in rows)


def _regions() -> Iterator[Row]:
    for region in regions().values():
        yield (
            "region",
            {
                "code": region.code,
                "level": RegionLevel[region.level.name],
                "name": region.name,
                "bps_code": region.bps_code,
                "parent_code": region.parent_code or None,
                "centre": (region.lon, region.lat),
            },
        )


def _boundaries() -> Iterator[Row]:
    for code, shape in illustrative_boundaries().all_levels().items():
        yield (
            "boundary",
            {
                "region_code": code,
                "geojson": shapely.to_geojson(shape),
                "area_m2": round(area_m2(shape)),
                "illustrative": True,
                "source": BOUNDARY_SOURCE,
            },
        )
