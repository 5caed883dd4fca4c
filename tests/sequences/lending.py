"""Steps: loans from the recommendation to their end, and the aid that the repaid money becomes."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from commands.collaboration import SubmitLoanPledge
from commands.contract import SignEContract
from commands.disbursement import DisburseLoan, ReportBouncedTransfer, ValidateDisbursement
from commands.handover import ConfirmHandover, DisputeHandover, RecordOnwardAid, SendHandover
from commands.loan import CancelLoan, ConsentToScreening, OfferLoan, RecommendLoan, ScreenLoan, ScreenOutLoan
from commands.periodic_report import FORM_E, SubmitPeriodicReport
from commands.repayment import RecordRepayment, RepaymentRow, ReverseRepayment
from commands.trouble import (
    DeclareDefault,
    ProposeWriteOff,
    ReportLoanProblem,
    RestructureLoan,
    ResumeLoan,
    WriteOffLoan,
)
from models.vocabulary import DocumentKind, Party, Programme
from policy.viewer import Role, Viewer
from tests.sequences.giving import BIRO_KSD, DINAS, REASON
from tests.sequences.steps import Order, drives
from tests.sequences.uploads import evidence
from tests.sequences.world import World, institution, owner

DIGEST = "5e" * 32
_FORM_D = ((DocumentKind.INVOICE_PENCAIRAN,), (DocumentKind.ECONTRACT_UMKM, DocumentKind.ECONTRACT_DONATUR))
_OWES = "t.status in ('CAIR', 'BERJALAN', 'RESTRUKTURISASI', 'GAGAL_BAYAR')"

FREE = (
    "t.status = 'AKTIF' and t.verified_on is not null and starts_with(t.region_code, $1) and not exists (select"
    " from ksbb.loan l where l.owner_id = t.owner_id and l.status not in ('TIDAK_LOLOS', 'BATAL', 'LUNAS',"
    " 'DISERAHKAN', 'HAPUS'))"
)
"""Businesses of an area to which a loan can be proposed."""


@drives(RecommendLoan, often=6)
async def recommend_loan(world: World) -> Order | None:
    officer = world.random.choice(world.players.officers)
    business = await world.pick("business", FREE, officer.area)
    fintech = world.random.choice(world.players.fintechs)
    return business and (
        DINAS,
        RecommendLoan(
            recipient_id=business["id"],
            fintech_id=UUID(fintech.institution_id),
            principal=world.random.randint(5_000_000, 10_000_000),
            tenor_months=world.random.randint(1, 6),
        ),
    )


@drives(ConsentToScreening, often=6)
async def consent_to_screening(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'DIUSULKAN' and t.consented_on is null")
    if loan is None:
        return None
    officer = an_officer(world, loan)
    who = officer if officer and world.chance(0.3) else owner(loan["owner_id"])
    return who, ConsentToScreening(loan_id=loan["id"])


@drives(ScreenLoan, often=6)
async def screen_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'DIUSULKAN' and t.consented_on is not null")
    return loan and (world.lender(loan), ScreenLoan(loan_id=loan["id"]))


@drives(OfferLoan, often=6)
async def offer_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'DISARING'")
    return loan and (world.lender(loan), OfferLoan(loan_id=loan["id"]))


@drives(ScreenOutLoan, often=2)
async def screen_out_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'DISARING'")
    return loan and (world.lender(loan), ScreenOutLoan(loan_id=loan["id"], reason="KEBIJAKAN_LEMBAGA"))


@drives(CancelLoan, often=1)
async def cancel_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status in ('DIUSULKAN', 'DISARING', 'DITAWARKAN', 'TERKONTRAK')")
    who = loan and world.random.choice((world.lender(loan), owner(loan["owner_id"])))
    return loan and (who, CancelLoan(loan_id=loan["id"], reason=REASON))


@drives(SubmitLoanPledge, often=6)
async def submit_loan_pledge(world: World) -> Order | None:
    fintech = world.random.choice(world.players.fintechs)
    on_offer = "t.status = 'DITAWARKAN' and t.collaboration_id is null and t.fintech_id = $1"
    loans = await world.some("loan", on_offer, UUID(fintech.institution_id))
    if not loans and world.chance(0.9):
        return None
    return (
        fintech,
        SubmitLoanPledge(
            collaborator_id=UUID(world.random.choice(world.players.donors).institution_id),
            loan_ids=tuple(loans),
            title="Contoh pinjaman",
            region_code="31",
            admin_fee=world.random.choice((0, 50_000)),
            origination_fee=world.random.choice((0, 99_999)),
            insurance_premium=world.random.choice((0, 1)),
            starts_on=world.today,
            ends_on=world.today + dt.timedelta(20),
            document_ids=await evidence(world, fintech, [(DocumentKind.DRAF_ECONTRACT,)]),
        ),
    )


@drives(SignEContract, often=12)
async def sign_e_contract(world: World) -> Order | None:
    numbered = "select from ksbb.collaboration c where c.id = t.collaboration_id and c.number is not null"
    loan = await world.pick("loan", f"t.status = 'DITAWARKAN' and exists ({numbered})")
    if loan is None:
        return None
    signed = await world.tables.fetchval("select count(*) from ksbb.e_contract where loan_id = $1", loan["id"])
    party = (Party.DONATUR, Party.UMKM)[min(signed, 1)] if world.chance(0.9) else world.random.choice(list(Party))
    papers = await evidence(world, world.lender(loan), [(DocumentKind[f"ECONTRACT_{party}"],)])
    command = SignEContract(loan_id=loan["id"], party=party, signed_at=world.clock.now(), document_ids=papers)
    return world.lender(loan), command


@drives(DisburseLoan, often=8)
async def disburse_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'TERKONTRAK'")
    if loan is None:
        return None
    fees = loan["admin_fee"] + loan["origination_fee"] + loan["insurance_premium"]
    amount = loan["principal"] - fees + world.random.choice((0, 0, 0, 0, 0, 1, -1))
    invoice = f"CONTOH/{world.next()}"
    papers = await evidence(world, world.lender(loan), _FORM_D)
    command = DisburseLoan(
        loan_id=loan["id"], amount=amount, disbursed_on=world.day(), invoice=invoice, document_ids=papers
    )
    return world.lender(loan), command


@drives(ReportBouncedTransfer)
async def report_bounced_transfer(world: World) -> Order | None:
    """Mostly of untouched loans, but also of such as were repaid in part before they were validated."""
    loan = await world.pick("loan", "t.status = 'CAIR'")
    return loan and (
        world.lender(loan),
        ReportBouncedTransfer(loan_id=loan["id"], returned_on=world.day(), invoice="CONTOH/KEMBALI", reason=REASON),
    )


@drives(ValidateDisbursement, often=10)
async def validate_disbursement(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'CAIR' and left(t.region_code, 8) = any ($1)", world.players.areas)
    officer = loan and (an_officer(world, loan) or world.players.officers[0])
    accepted = world.chance(0.85)
    command = loan and ValidateDisbursement(
        loan_id=loan["id"], accepted=accepted, received_amount=None if accepted else world.random.randint(0, 9_000_000)
    )
    return loan and (officer, command)


def an_officer(world: World, row: Any) -> Viewer | None:
    """The officer in whose area a row lies."""
    return next((o for o in world.players.officers if row["region_code"].startswith(o.area)), None)


# ---- the money comes back


async def _row(world: World, loan: Any) -> RepaymentRow:
    paid = await world.tables.fetchval(
        "select coalesce(sum(amount), 0)::bigint from ksbb.repayment where loan_id = $1", loan["id"]
    )
    rest = loan["principal"] - paid
    amount = rest if world.chance(0.6) else world.random.randint(1, max(1, rest + 1))
    return RepaymentRow(
        loan_id=loan["id"],
        amount=amount,
        paid_on=world.day(),
        invoice="CONTOH/BAYAR",
        report_key=f"contoh-bayar-{world.next() if world.chance(0.95) else world.random.randint(1, 300)}",
    )


@drives(RecordRepayment, often=14)
async def record_repayment(world: World) -> Order | None:
    loan = await world.pick("loan", _OWES)
    return loan and (world.lender(loan), RecordRepayment(repayment=await _row(world, loan)))


@drives(SubmitPeriodicReport, often=3)
async def submit_periodic_report(world: World) -> Order | None:
    """Two rows of one loan too, of which the second may be more than what the first left."""
    fintech = world.random.choice(world.players.fintechs)
    loans = [await world.pick("loan", f"{_OWES} and t.fintech_id = $1", UUID(fintech.institution_id)) for _ in "123"]
    rows = tuple([await _row(world, loan) for loan in loans if loan is not None])
    total = sum(row.amount for row in rows)
    papers = await evidence(world, fintech, FORM_E)
    told = DIGEST if world.chance(0.05) else None
    command = SubmitPeriodicReport(period="202201", rows=rows, total=total, file_sha256=told, document_ids=papers)
    return fintech, command


@drives(ReverseRepayment, often=4)
async def reverse_repayment(world: World) -> Order | None:
    repayment = await world.pick("repayment", "t.amount > 0")
    return repayment and (world.lender(repayment), ReverseRepayment(repayment_id=repayment["id"], reason=REASON))


# ---- trouble


@drives(ReportLoanProblem, often=1)
async def report_loan_problem(world: World) -> Order | None:
    """Also with the action by which a write-off is proposed, which is refused here."""
    loan = await world.pick("loan", _OWES)
    action = world.random.choice((None, "Contoh tindakan", "USUL_HAPUS_BUKU"))
    papers = await _trouble(world, loan)
    return loan and (
        world.lender(loan),
        ReportLoanProblem(loan_id=loan["id"], reason=REASON, action=action, document_ids=papers),
    )


async def _trouble(world: World, loan: Any) -> tuple[UUID, ...]:
    """A report of trouble, if there is one."""
    if loan is None or world.chance(0.5):
        return ()
    return await evidence(world, world.lender(loan), [(DocumentKind.LAPORAN_KENDALA,)])


@drives(DeclareDefault, often=3)
async def declare_default(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status in ('BERJALAN', 'RESTRUKTURISASI')")
    papers = await _trouble(world, loan)
    return loan and (world.lender(loan), DeclareDefault(loan_id=loan["id"], reason=REASON, document_ids=papers))


@drives(ResumeLoan)
async def resume_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'GAGAL_BAYAR'")
    return loan and (world.lender(loan), ResumeLoan(loan_id=loan["id"], reason=REASON))


@drives(RestructureLoan)
async def restructure_loan(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status in ('BERJALAN', 'GAGAL_BAYAR')")
    months = world.random.randint(1, 8)
    return loan and (world.lender(loan), RestructureLoan(loan_id=loan["id"], reason=REASON, tenor_months=months))


@drives(ProposeWriteOff)
async def propose_write_off(world: World) -> Order | None:
    loan = await world.pick("loan", "t.status = 'GAGAL_BAYAR'")
    return loan and (world.lender(loan), ProposeWriteOff(loan_id=loan["id"], reason=REASON))


@drives(WriteOffLoan)
async def write_off_loan(world: World) -> Order | None:
    proposed = "exists (select from ksbb.problem_report r where r.loan_id = t.id and r.action = 'USUL_HAPUS_BUKU')"
    loan = await world.pick("loan", f"t.status = 'GAGAL_BAYAR' and {proposed}")
    return loan and (BIRO_KSD, WriteOffLoan(loan_id=loan["id"], reason=REASON))


# ---- and goes on


@drives(SendHandover, often=6)
async def send_handover(world: World) -> Order | None:
    fintech = world.random.choice(world.players.fintechs)
    free = "not exists (select from ksbb.handover_loan h where h.loan_id = t.id)"
    repaid = f"t.status = 'LUNAS' and t.fintech_id = $1 {'' if world.chance(0.1) else f'and {free}'}"
    manager = world.random.choice(world.players.fund_managers)
    loans = await world.some("loan", repaid, UUID(fintech.institution_id))
    if not loans and world.chance(0.9):
        return None
    command = SendHandover(
        fund_manager_id=UUID(manager.institution_id),
        loan_ids=tuple(loans),
        sent_on=world.day(),
        proof_sha256=DIGEST if world.chance(0.05) else None,
        document_ids=await evidence(world, fintech, [(DocumentKind.BUKTI_SERAH_DANA,)]),
    )
    return fintech, command


@drives(ConfirmHandover, often=4)
async def confirm_handover(world: World) -> Order | None:
    sent = await world.pick("handover", "t.status = 'DIKIRIM'")
    amount = sent and sent["amount"] + world.random.choice((0, 0, 0, 0, 1))
    command = sent and ConfirmHandover(handover_id=sent["id"], amount=amount, received_on=world.day())
    return sent and (institution(Role.AGREGATOR, sent["fund_manager_id"]), command)


@drives(DisputeHandover, often=1)
async def dispute_handover(world: World) -> Order | None:
    sent = await world.pick("handover", "t.status = 'DIKIRIM'")
    amount = world.random.randint(0, 9_000_000)
    command = sent and DisputeHandover(handover_id=sent["id"], amount=amount, reason=REASON)
    return sent and (institution(Role.AGREGATOR, sent["fund_manager_id"]), command)


@drives(RecordOnwardAid, often=4)
async def record_onward_aid(world: World) -> Order | None:
    received = await world.pick("handover", "t.status = 'DITERIMA'")
    command = received and RecordOnwardAid(
        handover_id=received["id"],
        amount=world.random.randint(1, received["amount"]),
        given_on=world.day(),
        programme=world.random.choice(list(Programme)),
        description="Contoh sembako",
    )
    return received and (institution(Role.AGREGATOR, received["fund_manager_id"]), command)
