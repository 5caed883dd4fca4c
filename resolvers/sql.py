"""Small SQL expressions that the compiler is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Label,
    Select,
    case,
    cast,
    func,
    null,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float

from models.constant import const as const  # also for the other parts of the compiler


def empty_list() -> ColumnElement[Any]:
    """`[]` as JSON."""
    return cast(const("[]"), JSON)


def json_of(rows: FromClause) -> ColumnElement[Any]:
    """Each row of a subquery as a JSON object, its labels the keys."""
    return func.row_to_json(rows.table_valued())  # type: ignore[attr-defined]  # every named FROM has it


def json_list(rows: FromClause) -> ColumnElement[Any]:
    """All rows of a subquery as a JSON list, in their order."""
    return func.coalesce(func.json_agg(rows.table_valued()), empty_list())  # type: ignore[attr-defined]  # see above


Beside = tuple[FromClause, ColumnElement[bool]]
"""What is joined to a source, and on which condition."""


def json_object(
    columns: list[ColumnElement[Any]], alias: str, *of: FromClause, where: ColumnElement[bool] | None = None
) -> ColumnElement[Any]:
    """A JSON object of labelled expressions over rows that are already there; null where the condition fails."""
    row = select(*columns) if where is None else select(*columns).where(where)
    row = row.correlate(*of) if of else row
    whole = row.subquery(alias)
    return select(json_of(whole)).select_from(whole).scalar_subquery()


def joined(source: FromClause, others: list[Beside]) -> FromClause:
    """A source beside what it may have one of."""
    for other, is_it in others:
        source = source.outerjoin(other, is_it)
    return source


def json_pairs(columns: list[Label[Any]]) -> ColumnElement[Any]:
    """A JSON object of labelled expressions that are aggregates, which cannot stand in a subquery of their own."""
    return func.json_build_object(*(part for column in columns for part in (const(column.name), column.element)))


class longitude(FunctionElement[float]):  # noqa: N801  # named like the SQL functions beside it
    """The first coordinate of a point, in degrees."""

    inherit_cache = True
    type = Float()


class latitude(FunctionElement[float]):  # noqa: N801  # see above
    """The second coordinate of a point, in degrees."""

    inherit_cache = True
    type = Float()


@compiles(longitude)
def _compile_longitude(element: longitude, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})[0]"


@compiles(latitude)
def _compile_latitude(element: latitude, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})[1]"


def as_geojson_point(point: ColumnElement[Any]) -> ColumnElement[Any]:
    """A point as GeoJSON, or null."""
    coordinates = func.json_build_array(longitude(point), latitude(point))
    built = func.json_build_object(const("type"), const("Point"), const("coordinates"), coordinates)
    return case((point.is_(None), null()), else_=built)


def rows_as_list(rows: Select[Any], alias: str) -> ColumnElement[Any]:
    """A select as a JSON list."""
    page = rows.subquery(alias)
    return select(json_list(page)).select_from(page).scalar_subquery()
