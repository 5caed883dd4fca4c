"""What performs the steps of loans and handovers."""

from __future__ import annotations

from tests.transitions.performed import does
from tests.transitions.ready import ONLY_LOAN, ONLY_PAID, PAID_OUT, SIGNED, all, under

_FUNDED = "t.collaboration_id is not null"
_OWING = f"""{_FUNDED} and t.principal >
    (select coalesce(sum(r.amount), 0) from ksbb.repayment r where r.loan_id = t.id)"""
_ONLY_REPORTED = all(ONLY_LOAN, under("loan", "DILAPORKAN"))
_RESCHEDULED = f"""{_FUNDED} and exists
    (select from ksbb.instalment i where i.loan_id = t.id and i.effective_on is not null)"""
LOAN = (
    *does("RecommendLoan", "loan", "-", "DIUSULKAN", "DINAS_PPKUKM"),
    *does("ScreenLoan", "loan", "DIUSULKAN", "DISARING", "FINTECH", loan="t.consented_on is not null"),
    *does("ScreenOutLoan", "loan", "DISARING", "TIDAK_LOLOS", "FINTECH"),
    *does("OfferLoan", "loan", "DISARING", "DITAWARKAN", "FINTECH"),
    *does(
        "SignEContract",
        "loan",
        "DITAWARKAN",
        "TERKONTRAK",
        "FINTECH",
        ready="delete from ksbb.e_contract where loan_id = $1 and party = 'UMKM'",
        loan="t.collaboration_id is not null and exists (select from ksbb.e_contract e where e.loan_id = t.id"
        " and e.party = 'DONATUR')",
    ),
    *does("DisburseLoan", "loan", "TERKONTRAK", "CAIR", "FINTECH", loan=_FUNDED, first=SIGNED),
    *does(
        "ValidateDisbursement",
        "loan",
        "CAIR",
        "BERJALAN",
        "PENDAMPING",
        loan=_FUNDED,
        first=PAID_OUT,
        ready=_ONLY_REPORTED,
    ),
    *does("RecordRepayment", "loan", "CAIR BERJALAN RESTRUKTURISASI", "LUNAS", "SISTEM", loan=_FUNDED),
    *does("RestructureLoan", "loan", "BERJALAN GAGAL_BAYAR", "RESTRUKTURISASI", "FINTECH"),
    *does(
        "RecordRepayment", "loan", "RESTRUKTURISASI", "BERJALAN", "SISTEM", loan=_RESCHEDULED, first="RestructureLoan"
    ),
    *does(
        "ReverseRepayment",
        "loan",
        "LUNAS",
        "BERJALAN",
        "SISTEM",
        repayment="exists (select from ksbb.loan l where l.id = t.loan_id and l.status = 'LUNAS')",
    ),
    *does(
        "ReportBouncedTransfer",
        "loan",
        "CAIR",
        "BATAL",
        "FINTECH",
        loan=_FUNDED,
        first=PAID_OUT,
        ready=ONLY_PAID,
    ),
    *does("DeclareDefault", "loan", "BERJALAN RESTRUKTURISASI", "GAGAL_BAYAR", "FINTECH"),
    *does("ResumeLoan", "loan", "GAGAL_BAYAR", "BERJALAN", "FINTECH"),
    *does("RecordRepayment", "loan", "GAGAL_BAYAR", "LUNAS", "FINTECH", loan=_FUNDED),
    *does(
        "WriteOffLoan",
        "loan",
        "GAGAL_BAYAR",
        "HAPUS",
        "BIRO_KSD",
        loan=_OWING,
        ready="update ksbb.problem_report set action = 'USUL_HAPUS_BUKU', loan_id = $1 where id ="
        " (select id from ksbb.problem_report order by id limit 1)",
    ),
    *does("ConfirmHandover", "loan", "LUNAS", "DISERAHKAN", "SISTEM", handover="t.status = 'DIKIRIM'"),
    *does(
        "CancelLoan",
        "loan",
        "DIUSULKAN DISARING DITAWARKAN TERKONTRAK",
        "BATAL",
        "FINTECH UMKM",
        loan="t.consented_on is not null",
    ),
)

HANDOVER = (
    *does("SendHandover", "handover", "-", "DRAF", "FINTECH", loan=_FUNDED),
    *does("SendHandover", "handover", "DRAF", "DIKIRIM", "FINTECH", loan=_FUNDED),
    *does("ConfirmHandover", "handover", "DIKIRIM", "DITERIMA", "AGREGATOR"),
    *does("DisputeHandover", "handover", "DIKIRIM", "DIBANTAH", "AGREGATOR"),
)
