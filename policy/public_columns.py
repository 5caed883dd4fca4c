"""Which columns may go into open data, and how the public reads them: the gate that every dataset passes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from kernel.errors import KsbbError
from models.privacy import Privacy, privacy_of
from policy.expressions import expression
from policy.treatment import Kind
from policy.viewer import Role
from policy.visibility import treatment


class NotForThePublic(KsbbError):
    """A dataset wants to publish a column that the public may not read."""

    code = "NOT_FOR_THE_PUBLIC"

    def __init__(self, column: Column[Any]) -> None:
        name = f"{column.table}.{column.key}"
        super().__init__(f"{name} cannot be published: the public may not read it as it is.", column=name)


def public_column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    """The column behind an attribute, if the public may read it of every row, clear or generalised.

    Facts of a business are not among them: the public reads those of consenting businesses only, in the API.

    Raises:
        NotForThePublic: any other column.
    """
    column = _column(attribute)
    how = treatment(column, Role.PUBLIK)
    of_persons = privacy_of(column) not in {Privacy.PUBLIC, Privacy.DONOR}
    if of_persons or how.condition is not None or how.kind not in {Kind.CLEAR, Kind.GENERALISED}:
        raise NotForThePublic(column)
    return column


def countable_column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    """The column behind an attribute, if persons may be counted by it under disclosure control.

    Raises:
        NotForThePublic: it is neither public nor a general fact of a business.
    """
    column = _column(attribute)
    if privacy_of(column) not in {Privacy.PUBLIC, Privacy.BUSINESS}:
        raise NotForThePublic(column)
    return column


def as_the_public_reads(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The value of a column that the public reads: clear or generalised.

    Raises:
        NotForThePublic: the public may not read it.
    """
    shown = expression(public_column(attribute), Role.PUBLIK)
    assert shown is not None
    return shown


def under_own_name(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column as the public reads it, under its own name in a view."""
    return as_the_public_reads(attribute).label(_column(attribute).key)


def _column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    column = attribute.property.columns[0]
    assert isinstance(column, Column)
    return column
