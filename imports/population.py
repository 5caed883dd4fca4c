"""`ksbb import population`: inhabitants by kelurahan and year, as Satu Data Jakarta has them (jumlah penduduk)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, Text, exists, insert, literal, select, update

from imports import cells
from imports import kind as declared
from imports.context import Context
from imports.kind import Kind, Tell, Values
from imports.recipients import place, place_columns
from imports.staging import INSERT, UNCHANGED, UPDATE, Keeping, Stage, later_in_file, staged_table
from models.population import Population

FIRST_YEAR = 1960
MOST_INHABITANTS = 10_000_000  # of one kelurahan: a slip of two digits more than the largest has

STAGED = staged_table(
    "population",
    Column("id", Text(collation="C")),
    Column("region_code", Text(collation="C")),
    Column("year", Integer),
    Column("inhabitants", Integer),
)
_S = STAGED.c


def _assemble(values: Values, context: Context, tell: Tell) -> tuple[Any, ...] | None:
    code = values["kode_kemendagri"]
    kelurahan = place(values if not code else {**values, "kelurahan": code}, context, tell)
    period = values["periode_data"]
    year = None if period is None else period // 100 if period > 9_999 else period
    if year is not None and not FIRST_YEAR <= year <= context.today.year:
        tell("TAHUN_TIDAK_MUNGKIN", "periode_data")
        return None
    if not kelurahan or year is None or values["jumlah_penduduk"] is None:
        return None
    return f"{kelurahan}:{year}", kelurahan, year, values["jumlah_penduduk"]


async def _compare(stage: Stage) -> None:
    await stage.find_rows("BARIS_GANDA", "kelurahan", later_in_file(STAGED, _S.id))
    known = Population.id == _S.id
    await stage.set_effect(INSERT, ~exists().where(known))
    await stage.set_effect(UPDATE, exists().where(known, Population.inhabitants != _S.inhabitants))
    await stage.set_effect(UNCHANGED)


async def _write(stage: Stage) -> None:
    told = select(_S.id, _S.region_code, _S.year, _S.inhabitants, literal(stage.context.source))
    columns = ["id", "region_code", "year", "inhabitants", "source"]
    await stage.connection.execute(insert(Population).from_select(columns, told.where(_S.effect == INSERT)))
    changed = update(Population).where(Population.id == _S.id, _S.effect == UPDATE)
    await stage.connection.execute(changed.values(inhabitants=_S.inhabitants, source=stage.context.source))


POPULATION = Kind(
    name="population",
    title_id="Jumlah penduduk per kelurahan",
    title_en="Inhabitants by kelurahan",
    about_id="Satu baris untuk setiap kelurahan dan tahun; tulis asal tabel dengan --source.",
    about_en="One row for each kelurahan and year; say with --source where the table comes from.",
    columns=(
        declared.Column(
            "periode_data",
            "Periode (YYYY atau YYYYMM)",
            "Period (YYYY or YYYYMM)",
            cells.number,
            aliases=("tahun", "periode", "year"),
            type="integer",
            constraints={"minimum": 0, "maximum": 999_999},
            empty="ISIAN_KOSONG",
            example="2024",
        ),
        *place_columns(),
        declared.Column(
            "kode_kemendagri",
            "Kode Kemendagri kelurahan",
            "Kemendagri code of the kelurahan",
            cells.as_written,
            aliases=("kode",),
            example="31.71.01.1001",
        ),
        declared.Column(
            "jumlah_penduduk",
            "Jumlah penduduk",
            "Inhabitants",
            cells.number,
            aliases=("penduduk", "jumlah", "population"),
            type="integer",
            constraints={"minimum": 0, "maximum": MOST_INHABITANTS},
            empty="ISIAN_KOSONG",
            example="12345",
        ),
    ),
    needed=(("periode_data",), ("kelurahan", "kode_kemendagri"), ("jumlah_penduduk",)),
    assemble=_assemble,
    keeping=Keeping(STAGED, _compare, _write),
)
