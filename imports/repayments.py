"""`ksbb import repayments`: what borrowers paid back, in the name of a fintech, by the rules of form E (pembayaran)."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Column, Date, Text, Uuid, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from commands.bus import audit_entry, set_scope
from commands.periodic_report import MOST_ROWS
from commands.refusal import Refusal
from commands.repayment import RepaymentRow, record_rows
from commands.work import Work
from imports import cells
from imports import kind as declared
from imports.context import Context
from imports.kind import Kind, Tell, Values
from imports.recipients import until_today
from imports.staging import FINDING, INSERT, UNCHANGED, Finding, Keeping, Stage, later_in_file, staged_table
from kernel.settings import Settings
from models.base import RupiahAmount
from models.loan import Repayment
from policy.secrets import NotAnId
from policy.viewer import Role, Viewer

STAGED = staged_table(
    "repayment",
    Column("loan_id", Uuid),
    Column("amount", RupiahAmount),
    Column("paid_on", Date),
    Column("invoice", Text),
    Column("report_key", Text),
)
_S = STAGED.c

COLUMN_OF = {"loanId": "id_pinjaman", "amount": "jumlah", "paidOn": "tgl_bayar", "reportKey": "kunci"}
"""Column of the file by the field that a refusal names."""


def _assemble(values: Values, context: Context, tell: Tell) -> tuple[Any, ...] | None:
    paid_on = until_today(values, context, tell, "tgl_bayar")
    loan_id = None
    if values["id_pinjaman"]:
        try:
            kind, loan_id = context.secrets.internal_key(values["id_pinjaman"])
        except NotAnId:
            kind = ""
        if kind != "loan":
            tell("KODE_TIDAK_DIKENAL", "id_pinjaman")
            return None
    if loan_id is None or paid_on is None or values["jumlah"] is None or not values["invoice"]:
        return None
    return loan_id, values["jumlah"], paid_on, values["invoice"], values["kunci"] or values["invoice"]


async def _compare(stage: Stage) -> None:
    """Record the rows as form E would; what is refused is found, and all of it is taken back if it may not stay."""
    await stage.find_rows("BARIS_GANDA", "kunci", later_in_file(STAGED, _S.report_key))
    refused: list[Finding] = []
    savepoint = await stage.connection.begin_nested()
    new_rows = await _record(stage, refused)
    if stage.options.keeps(await stage.bad_rows() + len(refused)):
        await savepoint.commit()
    else:
        await savepoint.rollback()
    await stage.copy([], refused)
    stopped = select(FINDING.c.row).where(FINDING.c.rule == "PEMBAYARAN_DITOLAK")
    await stage.connection.execute(update(STAGED).where(_S.row.in_(stopped)).values(held=True))
    for first in range(0, len(new_rows), MOST_ROWS):
        await stage.set_effect(INSERT, _S.row.in_(new_rows[first : first + MOST_ROWS]))
    await stage.set_effect(UNCHANGED)


async def _record(stage: Stage, refused: list[Finding]) -> list[int]:
    """Rows that made a repayment."""
    context, fintech = stage.context, str(stage.context.institution_id)
    viewer = Viewer(Role.FINTECH, stage.options.actor, institution_id=fintech)
    made: list[int] = []
    async for block in _blocks(stage.connection):
        session = AsyncSession(stage.connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        work = Work(viewer, session, context.now, context.keys, context.secrets, Settings())
        await set_scope(session, viewer)
        known = await _known(stage, [row.report_key for _, row in block])

        def note(index: int, refusal: Refusal, block: Sequence[tuple[int, RepaymentRow]] = block) -> None:
            name = COLUMN_OF.get(str(refusal.path[-1]) if refusal.path else "", "invoice")
            refused.append((block[index][0], name, "PEMBAYARAN_DITOLAK", refusal.code))

        before = len(refused)
        await record_rows(work, [row for _, row in block], lambda index: ("rows", index), note)
        stopped = {row for row, *_ in refused[before:]}
        made += [row for row, reported in block if row not in stopped and reported.report_key not in known]
        if work.facts:
            session.add_all([*work.events(), audit_entry(work, "ImportRepayments", None)])
        await session.flush()
        session.expunge_all()
    return made


async def _known(stage: Stage, keys: Sequence[str]) -> set[str]:
    of_fintech = Repayment.fintech_id == stage.context.institution_id
    query = select(Repayment.idempotency_key).where(of_fintech, Repayment.idempotency_key.in_(keys))
    return set((await stage.connection.execute(query)).scalars())


async def _blocks(connection: AsyncConnection) -> AsyncIterator[list[tuple[int, RepaymentRow]]]:
    """The staged rows in the order of their days, in reports as large as one may be."""
    place = func.row_number().over(order_by=(_S.paid_on, _S.row)).label("place")
    names = (_S.row, _S.loan_id, _S.amount, _S.paid_on, _S.invoice, _S.report_key)
    placed = select(*names, place).where(~_S.held).subquery()
    first = 0
    while True:
        query = select(placed).where(placed.c.place > first, placed.c.place <= first + MOST_ROWS)
        rows = (await connection.execute(query.order_by(placed.c.place))).all()
        if not rows:
            return
        yield [(row.row, _reported(row)) for row in rows]
        first += MOST_ROWS


def _reported(row: Any) -> RepaymentRow:
    paid_on: dt.date = row.paid_on
    return RepaymentRow(
        loan_id=row.loan_id, amount=row.amount, paid_on=paid_on, invoice=row.invoice, report_key=row.report_key
    )


async def _write(_: Stage) -> None:
    """Nothing is left to do: the comparison recorded."""


REPAYMENTS = Kind(
    name="repayments",
    title_id="Pembayaran pinjaman",
    title_en="Repayments of loans",
    about_id="Satu baris untuk setiap pembayaran pokok, atas nama fintech pada --institution, dengan aturan formulir "
    "E. Kunci yang sama tidak mencatat dua kali; tanpa kolom kunci, nomor invoice menjadi kuncinya.",
    about_en="One row for each repayment of principal, in the name of the fintech given by --institution, by the "
    "rules of form E. The same key is never recorded twice; without a column for it, the number of the invoice is "
    "the key.",
    columns=(
        declared.Column(
            "id_pinjaman",
            "Id pinjaman",
            "Id of the loan",
            cells.words,
            aliases=("pinjaman", "loan_id"),
            empty="ISIAN_KOSONG",
            is_personal=True,
            example="loan_01h455vb4pex5vsknk084sn02q",
        ),
        declared.Column(
            "jumlah",
            "Pokok yang dibayar (rupiah)",
            "Principal paid back (rupiah)",
            cells.number,
            aliases=("pembayaran", "pokok", "nominal", "amount"),
            type="integer",
            constraints={"minimum": 1},
            empty="ISIAN_KOSONG",
            is_personal=True,
            example="500000",
        ),
        declared.Column(
            "tgl_bayar",
            "Tanggal bayar",
            "Day of the payment",
            cells.day,
            aliases=("tanggal_bayar", "tanggal", "paid_on"),
            type="date",
            empty="ISIAN_KOSONG",
            is_personal=True,
            example="2021-02-15",
        ),
        declared.Column(
            "invoice",
            "Nomor bukti",
            "Number of the proof",
            cells.words,
            aliases=("no_invoice", "nomor_invoice", "bukti"),
            empty="ISIAN_KOSONG",
            is_personal=True,
            example="CONTOH/1",
        ),
        declared.Column(
            "kunci",
            "Kunci laporan",
            "Key of the report",
            cells.words,
            aliases=("report_key", "id_transaksi"),
            is_personal=True,
            example="contoh-0001",
        ),
    ),
    needed=(("id_pinjaman",), ("jumlah",), ("tgl_bayar",), ("invoice",)),
    assemble=_assemble,
    keeping=Keeping(STAGED, _compare, _write),
)
