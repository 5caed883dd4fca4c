"""`ksbb import permits`: IUMK, NIB and other permits of businesses that are in the registry (izin)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    LargeBinary,
    Text,
    Uuid,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from imports import cells
from imports import kind as declared
from imports.context import Context
from imports.kind import Kind, Tell, Values
from imports.recipients import nik_column, owner, until_today
from imports.staging import INSERT, UNCHANGED, UPDATE, Keeping, Stage, differs, later_in_file, said, staged_table
from models.business import Business, Permit
from models.owner import Owner
from models.vocabulary import BusinessStatus, PermitKind

_KINDS = cells.spellings(PermitKind)

STAGED = staged_table(
    "permit",
    Column("permit_id", Uuid),
    Column("public_id", Text),
    Column("nik_hash", LargeBinary),
    Column("trade_key", Text),
    Column("kind", Text),
    Column("number", Text),
    Column("issued_by", Text),
    Column("issued_on", Date),
    Column("valid_until", Date),
    Column("jakpreneur", Boolean),
    Column("known_owner", Uuid),
    Column("known_business", Uuid),
    Column("known_permit", Uuid),
)
_S = STAGED.c


def _assemble(values: Values, context: Context, tell: Tell) -> tuple[Any, ...] | None:
    issued_on, valid_until = until_today(values, context, tell, "tgl_terbit"), values["berlaku_sampai"]
    nik = owner(values, tell, context.today)
    if issued_on and valid_until and valid_until < issued_on:
        tell("TANGGAL_URUTAN", "berlaku_sampai")
    number = values["nomor"]
    if number and values["jenis"] == PermitKind.NIB:
        number, rules = cells.nib(number)
        for rule in rules:
            tell(rule, "nomor")
    if nik is None or not (number and values["jenis"] and values["penerbit"] and issued_on):
        return None
    key = context.keys.new()
    return (
        *(key, context.secrets.public_id("permit", key), context.secrets.blind(nik.digits, "owner.nik")),
        *((values["nama_usaha"] or "").lower() or None, values["jenis"], number, values["penerbit"]),
        *(issued_on, valid_until, values["jakpreneur"]),
    )


async def _compare(stage: Stage) -> None:
    await stage.find_rows("BARIS_GANDA", "nomor", later_in_file(STAGED, _S.kind, _S.number))
    known = update(STAGED).where(Owner.nik_hash == _S.nik_hash).values(known_owner=Owner.id)
    await stage.connection.execute(known)
    await stage.find("NIK_TIDAK_TERDAFTAR", "nik", _S.known_owner.is_(None))
    await _know_businesses(stage)
    await stage.find("USAHA_TIDAK_JELAS", "nama_usaha", _S.known_business.is_(None))
    same = (Permit.business_id == _S.known_business, Permit.kind == _S.kind, Permit.number == _S.number)
    await stage.connection.execute(update(STAGED).where(*same).values(known_permit=Permit.id))
    others = exists().where(Permit.kind == _S.kind, Permit.number == _S.number, Permit.business_id != _S.known_business)
    await stage.find("IZIN_MILIK_LAIN", "nomor", others)
    changed = or_(
        *(differs(_S[name], getattr(Permit, name)) for name in ("issued_by", "issued_on", "valid_until", "jakpreneur"))
    )
    await stage.set_effect(INSERT, _S.known_permit.is_(None))
    await stage.set_effect(UPDATE, exists().where(Permit.id == _S.known_permit, changed))
    await stage.set_effect(UNCHANGED)


async def _know_businesses(stage: Stage) -> None:
    """The owner's business of the name; without a name the only one that the owner has."""
    named = update(STAGED).where(
        Business.owner_id == _S.known_owner,
        Business.status != BusinessStatus.DUPLIKAT,
        func.lower(func.btrim(Business.trade_name)) == _S.trade_key,
    )
    await stage.connection.execute(named.values(known_business=Business.id))
    only = (
        select(Business.owner_id, func.min(Business.public_id).label("public_id"))
        .where(Business.status != BusinessStatus.DUPLIKAT)
        .group_by(Business.owner_id)
        .having(func.count() == 1)
        .subquery()
    )
    unnamed = update(STAGED).where(
        _S.trade_key.is_(None), only.c.owner_id == _S.known_owner, Business.public_id == only.c.public_id
    )
    await stage.connection.execute(unnamed.values(known_business=Business.id))


async def _write(stage: Stage) -> None:
    values: dict[str, Any] = {
        "id": _S.permit_id,
        "public_id": _S.public_id,
        "business_id": Business.id,
        "owner_id": Business.owner_id,
        "region_code": Business.region_code,
        "kind": _S.kind,
        "number": _S.number,
        "issued_by": _S.issued_by,
        "issued_on": _S.issued_on,
        "valid_until": _S.valid_until,
        "jakpreneur": func.coalesce(_S.jakpreneur, False),
    }
    query = select(*values.values()).where(_S.effect == INSERT, Business.id == _S.known_business).order_by(_S.row)
    await stage.connection.execute(insert(Permit).from_select(list(values), query))
    changed = update(Permit).where(Permit.id == _S.known_permit, _S.effect == UPDATE)
    told = ("issued_by", "issued_on", "valid_until", "jakpreneur")
    await stage.connection.execute(changed.values({name: said(_S[name], getattr(Permit, name)) for name in told}))


PERMITS = Kind(
    name="permits",
    title_id="Izin usaha",
    title_en="Business permits",
    about_id="Satu baris untuk setiap izin. Pelaku dikenali dari NIK; nama usaha hanya perlu bila usahanya "
    "lebih dari satu.",
    about_en="One row for each permit. The owner is known by the NIK; the name of the business is needed only where "
    "the owner has several.",
    columns=(
        nik_column(),
        declared.Column(
            "nama_usaha",
            "Nama usaha",
            "Name of the business",
            cells.words,
            aliases=("usaha",),
            is_personal=True,
            example="Warung Contoh Satu",
        ),
        declared.Column(
            "jenis",
            "Jenis izin",
            "Kind of permit",
            cells.one_of(_KINDS),
            aliases=("jenis_izin", "izin"),
            constraints={"enum": [k.value for k in PermitKind]},
            empty="ISIAN_KOSONG",
            example="NIB",
        ),
        declared.Column(
            "nomor",
            "Nomor izin",
            "Number of the permit",
            cells.words,
            aliases=("nomor_izin", "no_izin", "no_iumk", "nib"),
            empty="ISIAN_KOSONG",
            is_personal=True,
            example="1234567890123",
        ),
        declared.Column(
            "penerbit",
            "Penerbit",
            "Issued by",
            cells.words,
            aliases=("diterbitkan_oleh", "instansi"),
            empty="ISIAN_KOSONG",
            example="OSS",
        ),
        declared.Column(
            "tgl_terbit",
            "Tanggal terbit",
            "Day of issue",
            cells.day,
            aliases=("tanggal_terbit", "terbit"),
            type="date",
            empty="ISIAN_KOSONG",
            example="2020-08-17",
        ),
        declared.Column(
            "berlaku_sampai",
            "Berlaku sampai",
            "Valid until",
            cells.day,
            aliases=("masa_berlaku",),
            type="date",
            example="2025-08-17",
        ),
        declared.Column(
            "jakpreneur",
            "Binaan Jakpreneur",
            "Within Jakpreneur",
            cells.yes_or_no,
            aliases=("binaan_jakpreneur",),
            type="boolean",
            example="ya",
        ),
    ),
    needed=(("nik",), ("jenis",), ("nomor",), ("penerbit",), ("tgl_terbit",)),
    assemble=_assemble,
    keeping=Keeping(STAGED, _compare, _write),
)
