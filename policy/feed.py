"""Who hears of what: an event is a use of the columns that it tells of, and reaches only who reads them clearly.

It tells when, too: a role that may not know the days of a table's rows hears nothing of them. That the role sees the
row at all is the business of its view. What cannot be decided is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, false, or_, true

from models.collaboration import Collaboration, Pledge
from models.privacy import Privacy, privacy_of
from models.vocabulary import CollaborationStatus, DeliveryStatus, PackageKind
from policy import conditions as c
from policy.expressions import UNDER_WAY, expression
from policy.rows import COUNTED_PERSONS, ROWS
from policy.treatment import CLEAR, Kind, Treatment
from policy.uses import hides_its_days
from policy.viewer import Role, Scope
from policy.visibility import SEES, treatment

_TELLS_OF_LOANS = (Collaboration.status, Collaboration.closed_on, Pledge.status, Pledge.delivered_quantity)
_OF_ORGANISATIONS = {(a.class_.__tablename__, a.key) for a in _TELLS_OF_LOANS}
"""Columns whose general form is the value itself, but for loans under way (`policy/expressions.py`)."""


def may_hear(tells: Sequence[Column[Any]], role: Role) -> bool:
    """Whether a role may hear of events that tell these columns of one table, of some rows at least."""
    if not tells:
        return False
    table = tells[0].table
    assert isinstance(table, Table)
    if role not in ROWS.get(table.name, {}) or expression(table.c.id, role) is None:
        return False
    if table.name in COUNTED_PERSONS and (role is Role.PUBLIK or SEES[Privacy.BUSINESS].get(role) != CLEAR):
        return False  # who reads persons in general form would learn from each event when one of them did something
    return not hides_its_days(table, role) and all(_is_readable(column, role) for column in tells)


def _is_readable(column: Column[Any], role: Role) -> bool:
    """Whether some rows give the role the clear value, and the others are told apart."""
    if privacy_of(column) in {Privacy.KEY, Privacy.INTERNAL} or expression(column, role) is None:
        return False
    how = treatment(column, role)
    return how.kinds <= {Kind.CLEAR} or _is_clear_or_nothing(how) or _names(column) in _OF_ORGANISATIONS


def _is_clear_or_nothing(how: Treatment) -> bool:
    return how.kind is Kind.CLEAR and how.otherwise is Kind.ABSENT


def is_told(view: FromClause, tells: Sequence[Column[Any]], role: Role) -> ColumnElement[bool]:
    """Whether a row of the role's view gives it the told columns clearly, whatever the event says."""
    return and_(true(), *(_is_clear(view, column, role) for column in tells if _names(column) not in _OF_ORGANISATIONS))


def _is_clear(view: FromClause, column: Column[Any], role: Role) -> ColumnElement[bool]:
    unconditional = treatment(column, role).unlogged == CLEAR
    return true() if unconditional else view.c[column.key].is_not(None)


def is_exact(view: FromClause, table: Table, role: Role) -> ColumnElement[bool]:
    """Whether how far a row has come is told exactly: of loans only to those who read the status itself."""
    if "package_kind" not in view.c or table.name not in UNDER_WAY:
        return true()
    how = treatment(table.c.status, role)
    if how.unlogged == CLEAR:
        return true()
    of_goods = view.c.package_kind != PackageKind.PINJAMAN_MODAL
    if how.kind is not Kind.CLEAR or how.condition is None:
        return of_goods
    return or_(of_goods, how.condition(view))  # type: ignore[arg-type]  # the view has the columns of its table


def is_near(view: FromClause, table: Table, role: Role) -> ColumnElement[bool]:
    """Whether the role follows a row from its beginning, not only from the day on which everybody sees it."""
    if table.name not in _SEEN_BY_ALL or ROWS[table.name][role] is c.all_rows:
        return true()
    condition = _NEAR.get(role)
    return false() if condition is None else condition(view)  # type: ignore[arg-type]  # as above


def _distributed(view: Table) -> ColumnElement[bool]:
    return view.c.distributor_id == c.setting(Scope.INSTITUTION) if "distributor_id" in view.c else false()


def _scheduled(view: Table) -> ColumnElement[bool]:
    return and_(c.in_area(view), view.c.delivered_on.is_(None)) if "delivered_on" in view.c else false()


_NEAR: Mapping[Role, Callable[[Table], ColumnElement[bool]]] = {
    Role.KOLABORATOR: c.own_collaborator,
    Role.AGREGATOR: _distributed,
    Role.FINTECH: _distributed,
    Role.PENDAMPING: c.in_area,
    Role.WILAYAH: c.in_area,
    Role.SATPOL_PP: _scheduled,
}
"""Whose rows, of those that everybody sees once they are issued, are whose own (as `policy/rows.py` has it)."""

_BEFORE = {CollaborationStatus.DRAF, CollaborationStatus.DIAJUKAN, CollaborationStatus.DITOLAK}
_SEEN_BY_ALL: Mapping[str, frozenset[str]] = {
    "collaboration": frozenset(set(CollaborationStatus) - _BEFORE),
    "pledge": frozenset(UNDER_WAY["pledge"]),
    "delivery": frozenset({DeliveryStatus.TERVALIDASI, DeliveryStatus.DIBALIK}),
}
"""The states in which everybody sees the rows of a table; what happened before is for those who are near."""


def may_hear_of_state(table: str, payload: Mapping[str, Any], *, near: bool, exact: bool) -> bool:
    """Whether the state that an event tells (`status` of its payload) may be told to who is near, or exact, or neither.

    An event that tells no state tells of the row as it is, which is what the view decides.
    """
    status = payload.get("status")
    if not near and status is not None and status not in _SEEN_BY_ALL.get(table, {status}):
        return False
    return exact or (status is not None and status not in UNDER_WAY.get(table, ()))


def _names(column: Column[Any]) -> tuple[str, str]:
    table = column.table
    assert isinstance(table, Table)
    return table.name, column.key
