"""Constants inside statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.types import TypeEngine


def const(value: Any, type_: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """A constant that stands in the statement's text; never for anything a caller sent."""
    return literal(value, type_ if type_ is not None else _type_of(value), literal_execute=True)


def _type_of(value: Any) -> TypeEngine[Any] | None:
    return Text() if isinstance(value, str) else None
