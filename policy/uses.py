"""What a role may do with a column beyond reading it: any use is a use of the role's own treated value."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, LargeBinary, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSON, TSVECTOR

from models.base import Point
from models.privacy import Privacy, privacy_of
from models.release import ReportedFigure
from policy.expressions import expression
from policy.rows import ROWS
from policy.treatment import CLEAR, Kind
from policy.viewer import Role
from policy.visibility import treatment


class Use(StrEnum):
    """A use of a field in a query."""

    SELECT = "select"
    FILTER = "filter"
    ORDER = "order"
    GROUP = "group"
    AGGREGATE = "aggregate"
    CURSOR = "cursor"
    """Its value stands, sealed, in the cursors of an order by it: wherever it may be ordered by, and nowhere else."""


NONE: frozenset[Use] = frozenset()
_READ = frozenset({Use.SELECT})
_COMPARE = _READ | {Use.FILTER, Use.ORDER, Use.CURSOR}
_NEVER_SUMMED = ReportedFigure.__table__.c.number  # figures of sources that contradict each other have no mean
_NOT_GROUPED = {Privacy.CONTACT, Privacy.IDENTITY, Privacy.DONOR, Privacy.FREE_TEXT, Privacy.PLACE}


def uses(column: Column[Any], role: Role) -> frozenset[Use]:
    """The uses a role has of a column: none when it does not see it, reading only when it sees it masked."""
    privacy = privacy_of(column)
    if privacy in {Privacy.KEY, Privacy.INTERNAL} or role not in ROWS.get(column.table.name, {}):
        return NONE
    if expression(column, role) is None:
        return NONE
    if Kind.MASKED in treatment(column, role).kinds or privacy is Privacy.FREE_TEXT:
        return _READ
    kept_back = {Use.GROUP} if privacy in _NOT_GROUPED else set()
    return _uses_of_type(column) - kept_back - ({Use.AGGREGATE} if column is _NEVER_SUMMED else set())


def hides_its_days(table: Table, role: Role) -> bool:
    """Whether a role does not read, clearly and of every row, the days on which the rows of a table came about.

    Then no list may be in the order of their keys, which tell the time: a list of loans would date them to the day.
    """
    return any(
        isinstance(column.type, Date | DateTime)
        and privacy_of(column) in {Privacy.FINANCE, Privacy.BUSINESS}
        and treatment(column, role).unlogged != CLEAR
        for column in table.columns
    )


def _uses_of_type(column: Column[Any]) -> frozenset[Use]:
    if column.key == "public_id":
        return _READ
    match column.type:
        case Enum() | Boolean():
            return _COMPARE | {Use.GROUP}
        case Text():
            return _COMPARE | {Use.GROUP}
        case Integer() | Numeric():
            return _COMPARE | {Use.AGGREGATE}
        case Date():
            return _COMPARE | {Use.GROUP, Use.AGGREGATE}
        case DateTime():
            return _COMPARE | {Use.AGGREGATE}
        case Point():
            return _READ | {Use.FILTER}
        case LargeBinary() | JSON():
            return _READ
        case TSVECTOR():
            return frozenset({Use.FILTER})
        case _:
            return NONE
