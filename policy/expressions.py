"""The SQL of a treated value: what a role's view holds in place of a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    LargeBinary,
    Table,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, TSVECTOR
from sqlalchemy.sql.elements import False_

from models.base import Point, RupiahAmount
from models.region import Region
from models.vocabulary import CollaborationStatus, CollaboratorKind, PackageKind, PledgeStatus
from policy.small_counts import AMOUNT_STEP as AMOUNT_STEP
from policy.treatment import Kind
from policy.viewer import Role
from policy.visibility import treatment

Expression = ColumnElement[Any]


def expression(column: Column[Any], role: Role) -> Expression | None:
    """What a role reads in place of a column; None when it does not have the column at all."""
    how = treatment(column, role)
    shown = _SHOWN[how.kind](column, role)
    if how.condition is None or shown is None:
        return shown
    table = column.table
    assert isinstance(table, Table)
    rest = _SHOWN[how.otherwise](column, role)
    condition = how.condition(table)
    if isinstance(condition, False_):
        return rest
    return case((condition, shown), else_=null() if rest is None else rest)


def _clear(column: Column[Any], _: Role) -> Expression | None:
    if isinstance(column.type, LargeBinary):
        return func.encode(column, "hex")
    return cast(column, Text) if isinstance(column.type, JSON) else column


def _masked(column: Column[Any], _: Role) -> Expression | None:
    special = _MASKS.get((_table_name(column), column.key))
    if special is not None:
        return special(column)
    match column.type:
        case LargeBinary():
            return literal("************") + column.table.c[f"{column.key}_last4"]
        case Date():
            return cast(func.date_trunc("year", column), Date)
        case TSVECTOR() | Enum():
            return None
        case Text():
            return func.regexp_replace(column, r"(\w)\w*", r"\1***", "g")
        case _:
            return None


def _generalised(column: Column[Any], role: Role) -> Expression | None:
    special = _GENERAL.get((_table_name(column), column.key))
    if special is not None:
        return special(column)
    match column.type:
        case RupiahAmount():
            return column - func.mod(column, AMOUNT_STEP)
        case Date():
            return cast(func.date_trunc("quarter", column), Date)
        case DateTime():
            return func.date_trunc("quarter", column)
        case Point():
            return _centre(column, role)
        case _:
            return None


def _absent(_: Column[Any], __: Role) -> Expression | None:
    return None


def _centre(column: Column[Any], role: Role) -> Expression | None:
    """The centre of the region that the role reads beside it: a finer one would tell what its code does not."""
    code = expression(column.table.c.region_code, role)
    return None if code is None else select(Region.centre).where(Region.code == code).scalar_subquery()


_SHOWN: Mapping[Kind, Callable[[Column[Any], Role], Expression | None]] = {
    Kind.CLEAR: _clear,
    Kind.MASKED: _masked,
    Kind.GENERALISED: _generalised,
    Kind.ABSENT: _absent,
}


def _table_name(column: Column[Any]) -> str:
    assert isinstance(column.table, Table)
    return column.table.name


def _last_three(column: Column[Any]) -> Expression:
    return literal("******") + func.right(column, 3)


def _kecamatan(column: Column[Any]) -> Expression:
    return func.left(column, 8)


def _kecamatan_of_a_business(column: Column[Any]) -> Expression:
    return case((column.table.c.business_id.is_not(None), _kecamatan(column)), else_=column)


def _donor_name(column: Column[Any]) -> Expression:
    row = column.table.c
    unnamed_person = (row.kind == CollaboratorKind.PERORANGAN) & ~row.name_consented
    return case((row.anonymous, "Anonim"), (unnamed_person, "Perorangan"), else_=column)


def _of_organisations(column: Column[Any], instead: Any) -> Expression:
    """The value, but for loans from the acceptance of the pledge on: there it would tell how many persons were paid."""
    row = column.table.c
    tells_of_loans = (row.package_kind == PackageKind.PINJAMAN_MODAL) & row.status.in_(UNDER_WAY[_table_name(column)])
    return case((tells_of_loans, cast(instead, column.type)), else_=column)


UNDER_WAY: Mapping[str, list[CollaborationStatus | PledgeStatus]] = {
    "collaboration": [
        CollaborationStatus.BERJALAN,
        CollaborationStatus.DILAPORKAN,
        CollaborationStatus.TERVALIDASI,
        CollaborationStatus.SELESAI,
        CollaborationStatus.KEDALUWARSA,
    ],
    "pledge": [
        PledgeStatus.DITERIMA,
        PledgeStatus.TERPENUHI_SEBAGIAN,
        PledgeStatus.TERPENUHI,
        PledgeStatus.KEDALUWARSA,
    ],
}

_MASKS: Mapping[tuple[str, str], Callable[[Column[Any]], Expression | None]] = {
    ("owner", "phone"): _last_three,
    ("place", "pic_phone"): _last_three,
    ("collaborator", "contact_phone"): _last_three,
    ("complaint", "reporter_contact"): _last_three,
    ("intake_application", "applicant_phone"): _last_three,
    ("permit", "number"): _last_three,
    ("intake_application", "permit_number"): _last_three,
}

_GENERAL: Mapping[tuple[str, str], Callable[[Column[Any]], Expression | None]] = {
    ("collaborator", "name"): _donor_name,
    ("collaboration", "status"): lambda c: _of_organisations(c, CollaborationStatus.DIKONFIRMASI),
    ("collaboration", "closed_on"): lambda c: _of_organisations(c, null()),
    ("pledge", "status"): lambda c: _of_organisations(c, PledgeStatus.DITERIMA),
    ("pledge", "delivered_quantity"): lambda c: _of_organisations(c, null()),
    **{
        (table, "region_code"): _kecamatan
        for table in ("business", "owner", "consent", "permit", "delivery_recipient", "attendance", "loan")
    },
    ("loan", "kecamatan_code"): _kecamatan,
    ("need", "region_code"): _kecamatan_of_a_business,
}
