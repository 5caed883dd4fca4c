"""Owners and businesses that were read meet those of the registry."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from imports.staging import INSERT, UNCHANGED, UPDATE, Keeping, Stage, differs, later_in_file, said, staged_table
from models.base import Point, RupiahAmount
from models.business import Business, Need, Permit
from models.owner import Owner
from models.vocabulary import BusinessStatus, PermitKind

WAVE_SHARE, WAVE_ROWS = 0.5, 10
"""A file of 10 NIKs or more of which half end in 0: by chance one in 600 files of 10 does, and none of 30."""

KEEPER = "DINAS_PPKUKM"
"""Who fosters a business when the file does not say: the MSME agency, which keeps the registry."""

STAGED = staged_table(
    "recipient",
    Column("owner_id", Uuid),
    Column("owner_public_id", Text),
    Column("nik", LargeBinary),
    Column("nik_last4", Text),
    Column("nik_hash", LargeBinary),
    Column("nik_ends_in_0", Boolean),
    Column("name", Text),
    Column("name_key", Text),
    Column("phone", Text),
    Column("sex", Text),
    Column("born_on", Date),
    Column("business_id", Uuid),
    Column("business_public_id", Text),
    Column("trade_name", Text),
    Column("trade_key", Text),
    Column("region_code", Text(collation="C")),
    Column("point", Point()),
    Column("centre", Point()),
    Column("address", Text),
    Column("kbli_code", Text(collation="C")),
    Column("kbli_section", Text(collation="C")),
    Column("scale", Text),
    Column("scale_rule", Text),
    Column("yearly_turnover", RupiahAmount),
    Column("assets", RupiahAmount),
    Column("supervising_agency", Text),
    Column("jakpreneur_stage", Text),
    Column("affected", Boolean),
    Column("registered_on", Date),
    Column("nib", Text),
    Column("is_second_business", Boolean),
    Column("known_owner", Uuid),
    Column("known_business", Uuid),
)
_S = STAGED.c
_VERIFIED_ALIKE = (("region_code", "kelurahan"), ("kbli_code", "kbli"), ("scale", "skala"))
_FOLLOWS_THE_FILE = (
    *("region_code", "kbli_code", "kbli_section", "scale", "yearly_turnover", "assets", "address"),
    *("supervising_agency", "jakpreneur_stage", "affected", "registered_on"),
)


def _key(column: Any) -> ColumnElement[str]:
    """A stored name, folded as those of the file are."""
    return func.lower(func.btrim(func.regexp_replace(column, r"\s+", " ", "g")))


def _moved(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.is_not(None) & ~column.op("~=")(Business.point)


async def _compare(stage: Stage) -> None:
    await _rounded_wave(stage)
    await stage.find_rows("NIK_GANDA", "nik", later_in_file(STAGED, _S.nik_hash))
    await _know(stage)
    await _twins(stage)
    await stage.find(
        "USAHA_NAMA_LAIN", "nama_usaha", _has_a_business(), _S.known_business.is_(None), ~_S.is_second_business
    )
    await stage.find("NAMA_LAIN_UNTUK_NIK", "nama_pemilik", _stored_owner(_key(Owner.name) != _S.name_key))
    for name, column in _VERIFIED_ALIKE:
        await stage.find(
            "FAKTA_TERVERIFIKASI", column, _stored_business(differs(_S[name], getattr(Business, name)), verified=True)
        )
    await stage.find("FAKTA_TERVERIFIKASI", "lat", _stored_business(_moved(_S.point), verified=True))
    changed = or_(*(differs(_S[name], getattr(Business, name)) for name in _FOLLOWS_THE_FILE), _moved(_S.point))
    await stage.set_effect(INSERT, _S.known_business.is_(None))
    await stage.set_effect(UPDATE, or_(_stored_business(changed), _stored_owner(differs(_S.phone, Owner.phone))))
    await stage.set_effect(UNCHANGED)


async def _rounded_wave(stage: Stage) -> None:
    """A spreadsheet that rounded a column leaves NIKs that end in 0: too many of them, and none can be trusted."""
    query = select(func.count(), func.count().filter(_S.nik_ends_in_0))
    rows, zeros = (await stage.connection.execute(query)).one()
    if rows >= WAVE_ROWS and zeros >= rows * WAVE_SHARE:
        await stage.find("NIK_GELOMBANG_NOL", "nik", _S.nik_ends_in_0)


async def _know(stage: Stage) -> None:
    """Owners by their NIK; their business by its name."""
    known = update(STAGED).where(Owner.nik_hash == _S.nik_hash).values(known_owner=Owner.id)
    await stage.connection.execute(known)
    named = update(STAGED).where(
        Business.owner_id == _S.known_owner,
        Business.status != BusinessStatus.DUPLIKAT,
        _key(Business.trade_name) == _S.trade_key,
    )
    await stage.connection.execute(named.values(known_business=Business.id))


async def _twins(stage: Stage) -> None:
    """The same business, or the same NIB, under another NIK: in the file, and in the registry."""
    for key in ((_S.nib,), (_S.name_key, _S.trade_key, _S.region_code)):
        first = func.first_value(_S.nik_hash).over(partition_by=key, order_by=_S.row).label("first")
        seen = select(_S.row, _S.nik_hash, first).where(~_S.held, *(part.is_not(None) for part in key)).subquery()
        twins = select(seen.c.row).where(seen.c.nik_hash != seen.c.first)
        await stage.find_rows("GANDA_MUNGKIN", "nib" if len(key) == 1 else "nama_usaha", twins)
    permit = exists().where(
        Permit.kind == PermitKind.NIB,
        Permit.number == _S.nib,
        Permit.owner_id.is_distinct_from(_S.known_owner),
    )
    await stage.find("GANDA_MUNGKIN", "nib", _S.nib.is_not(None), permit)
    same = exists().where(
        Business.region_code == _S.region_code,
        _key(Business.trade_name) == _S.trade_key,
        Owner.id == Business.owner_id,
        _key(Owner.name) == _S.name_key,
    )
    await stage.find("GANDA_MUNGKIN", "nama_usaha", _S.known_owner.is_(None), same)


def _has_a_business() -> ColumnElement[bool]:
    return exists().where(Business.owner_id == _S.known_owner)


def _stored_owner(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Owner.id == _S.known_owner, condition)


def _stored_business(condition: ColumnElement[bool], *, verified: bool = False) -> ColumnElement[bool]:
    checked = or_(Business.verified_on.is_not(None), Business.has_received)
    return exists().where(and_(Business.id == _S.known_business, condition, *([checked] if verified else [])))


async def _write(stage: Stage) -> None:
    await _add_owners(stage)
    await _add_businesses(stage)
    told = update(Owner).where(
        Owner.id == _S.known_owner, _S.effect.in_((INSERT, UPDATE)), differs(_S.phone, Owner.phone)
    )
    await stage.connection.execute(told.values(phone=_S.phone))
    moved = (
        update(table)
        .where(table.business_id == _S.known_business, _S.effect == UPDATE)
        .values(region_code=_S.region_code)
        for table in (Permit, Need)
    )
    for statement in moved:
        await stage.connection.execute(statement.where(statement.table.c.region_code != _S.region_code))
    changed = update(Business).where(Business.id == _S.known_business, _S.effect == UPDATE)
    values = {name: said(_S[name], getattr(Business, name)) for name in (*_FOLLOWS_THE_FILE, "point")}
    await stage.connection.execute(changed.values(**values, scale_rule=_S.scale_rule, kbli_version=_version(stage)))


async def _add_owners(stage: Stage) -> None:
    values = {
        "id": _S.owner_id,
        "public_id": _S.owner_public_id,
        "name": _S.name,
        "phone": _S.phone,
        "sex": _S.sex,
        "nik": _S.nik,
        "nik_last4": _S.nik_last4,
        "nik_hash": _S.nik_hash,
        "born_on": _S.born_on,
        "address": func.coalesce(_S.address, ""),
        "region_code": _S.region_code,
    }
    query = select(*values.values()).where(_S.effect == INSERT, _S.known_owner.is_(None)).order_by(_S.row)
    await stage.connection.execute(insert(Owner).from_select(list(values), query))


async def _add_businesses(stage: Stage) -> None:
    context = stage.context
    values: dict[str, Any] = {
        "id": _S.business_id,
        "public_id": _S.business_public_id,
        "owner_id": func.coalesce(_S.known_owner, _S.owner_id),
        "trade_name": _S.trade_name,
        "region_code": _S.region_code,
        "point": func.coalesce(_S.point, _S.centre),
        "address": func.coalesce(_S.address, ""),
        "kbli_code": _S.kbli_code,
        "kbli_version": literal(_version(stage), Integer),
        "kbli_section": _S.kbli_section,
        "scale": _S.scale,
        "scale_rule": _S.scale_rule,
        "assets": _S.assets,
        "yearly_turnover": _S.yearly_turnover,
        "supervising_agency": func.coalesce(_S.supervising_agency, KEEPER),
        "jakpreneur_stage": _S.jakpreneur_stage,
        "affected": func.coalesce(_S.affected, False),
        "source": literal(context.source),
        "status": literal(BusinessStatus.AKTIF.value),
        "registered_on": func.coalesce(_S.registered_on, literal(context.today, Date)),
        "listed": literal(False),
        "has_received": literal(False),
    }
    query = select(*values.values()).where(_S.effect == INSERT).order_by(_S.row)
    await stage.connection.execute(insert(Business).from_select(list(values), query))


def _version(stage: Stage) -> int:
    return int(stage.context.kbli_version)


KEEPING = Keeping(STAGED, _compare, _write)
