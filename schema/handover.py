"""Repaid money on its way to people in need."""

from models.handover import Handover as Row
from models.handover import HandoverLoan as HandoverLoanRow
from models.handover import OnwardAid as OnwardAidRow
from resolvers.catalogue import noun

HANDOVER = noun(
    Row,
    "Handover",
    plural="handovers",
    about="Repaid principal given by a fintech to a fund manager (serah terima dana).",
    fields={
        Row.sent_on: "Day it was sent (dikirim pada).",
        Row.amount: "Amount in whole rupiah (nilai).",
        Row.status: "State (status serah terima).",
        Row.received_on: "Day the fund manager confirmed it (diterima pada).",
        Row.received_amount: "What the fund manager says it received, in whole rupiah (nilai diterima).",
        Row.proof_sha256: "SHA-256 of the proof in hexadecimal digits (sidik bukti serah terima).",
    },
)

HANDOVER_LOAN = noun(
    HandoverLoanRow,
    "HandoverLoan",
    plural="handoverLoans",
    about="A repaid loan inside a handover (pinjaman dalam serah terima).",
    fields={HandoverLoanRow.amount: "Principal of the loan in whole rupiah (pokok)."},
)

ONWARD_AID = noun(
    OnwardAidRow,
    "OnwardAid",
    plural="onwardAids",
    about="Repaid money given to people in need (penyaluran ulang).",
    fields={
        OnwardAidRow.given_on: "Day it was given (tanggal).",
        OnwardAidRow.amount: "Amount in whole rupiah (nilai).",
        OnwardAidRow.programme: "Programme it went to (program).",
        OnwardAidRow.description: "What it was used for (uraian).",
    },
)
