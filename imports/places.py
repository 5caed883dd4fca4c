"""`ksbb import places`: sites of traders with their person in charge (lokbin, loksem, lokprom)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, Text, Uuid, exists, func, insert, or_, select, update

from geo.regions import regions
from imports import cells
from imports import kind as declared
from imports.context import Context
from imports.kind import Kind, Tell, Values
from imports.recipients import place, place_columns, point, point_columns
from imports.staging import INSERT, UNCHANGED, UPDATE, Keeping, Stage, differs, later_in_file, said, staged_table
from models.base import Point
from models.place import Place
from models.vocabulary import PlaceKind

_KINDS = cells.spellings(PlaceKind)
_FOLLOWS_THE_FILE = ("capacity", "pic_name", "pic_phone")

STAGED = staged_table(
    "place",
    Column("place_id", Uuid),
    Column("public_id", Text),
    Column("kind", Text),
    Column("name", Text),
    Column("name_key", Text),
    Column("region_code", Text(collation="C")),
    Column("point", Point()),
    Column("centre", Point()),
    Column("capacity", Integer),
    Column("pic_name", Text),
    Column("pic_phone", Text),
    Column("known_place", Uuid),
)
_S = STAGED.c


def _assemble(values: Values, context: Context, tell: Tell) -> tuple[Any, ...] | None:
    kelurahan = place(values, context, tell)
    at = point(values, context, tell, kelurahan)
    if not (kelurahan and values["jenis"] and values["nama"]):
        return None
    key, centre = context.keys.new(), regions()[kelurahan]
    return (
        *(key, context.secrets.public_id("place", key), values["jenis"], values["nama"], values["nama"].lower()),
        *(kelurahan, at, (centre.lon, centre.lat), values["kapasitas"], values["pic_nama"], values["pic_telepon"]),
    )


async def _compare(stage: Stage) -> None:
    await stage.find_rows("BARIS_GANDA", "nama", later_in_file(STAGED, _S.kind, _S.region_code, _S.name_key))
    same = (
        Place.kind == _S.kind,
        Place.region_code == _S.region_code,
        func.lower(func.btrim(Place.name)) == _S.name_key,
    )
    await stage.connection.execute(update(STAGED).where(*same).values(known_place=Place.id))
    moved = _S.point.is_not(None) & ~_S.point.op("~=")(Place.point)
    changed = or_(*(differs(_S[name], getattr(Place, name)) for name in _FOLLOWS_THE_FILE), moved)
    await stage.set_effect(INSERT, _S.known_place.is_(None))
    await stage.set_effect(UPDATE, exists().where(Place.id == _S.known_place, changed))
    await stage.set_effect(UNCHANGED)


async def _write(stage: Stage) -> None:
    values: dict[str, Any] = {
        "id": _S.place_id,
        "public_id": _S.public_id,
        "point": func.coalesce(_S.point, _S.centre),
        **{name: _S[name] for name in ("kind", "name", "region_code", "capacity", "pic_name", "pic_phone")},
    }
    query = select(*values.values()).where(_S.effect == INSERT).order_by(_S.row)
    await stage.connection.execute(insert(Place).from_select(list(values), query))
    changed = update(Place).where(Place.id == _S.known_place, _S.effect == UPDATE)
    told = {name: said(_S[name], getattr(Place, name)) for name in (*_FOLLOWS_THE_FILE, "point")}
    await stage.connection.execute(changed.values(told))


PLACES = Kind(
    name="places",
    title_id="Lokasi (lokbin, loksem, lokprom)",
    title_en="Sites (fostered, temporary, promotion)",
    about_id="Satu baris untuk setiap lokasi; yang sudah ada dikenali dari jenis, kelurahan, dan nama.",
    about_en="One row for each site; those already there are known by kind, kelurahan and name.",
    columns=(
        declared.Column(
            "jenis",
            "Jenis lokasi",
            "Kind of site",
            cells.one_of(_KINDS),
            aliases=("jenis_lokasi",),
            constraints={"enum": [k.value for k in PlaceKind]},
            empty="ISIAN_KOSONG",
            example="LOKSEM",
        ),
        declared.Column(
            "nama",
            "Nama lokasi",
            "Name of the site",
            cells.words,
            aliases=("nama_lokasi", "lokasi"),
            empty="ISIAN_KOSONG",
            example="Loksem Contoh",
        ),
        *place_columns(),
        *point_columns(),
        declared.Column(
            "kapasitas",
            "Kapasitas (pedagang)",
            "Traders that it holds",
            cells.number,
            aliases=("jumlah_pedagang", "daya_tampung"),
            type="integer",
            constraints={"minimum": 0, "maximum": 100_000},
            example="40",
        ),
        declared.Column(
            "pic_nama",
            "Nama narahubung",
            "Person in charge",
            cells.words,
            aliases=("pic", "nama_pic", "narahubung", "koordinator"),
            is_personal=True,
            example="Contoh Dua",
        ),
        declared.Column(
            "pic_telepon",
            "Telepon narahubung",
            "Telephone of that person",
            cells.telephone,
            aliases=("telepon_pic", "hp_pic", "no_hp_pic"),
            is_personal=True,
            example="081200000002",
        ),
    ),
    needed=(("jenis",), ("nama",), ("kelurahan",)),
    assemble=_assemble,
    keeping=Keeping(STAGED, _compare, _write),
)
