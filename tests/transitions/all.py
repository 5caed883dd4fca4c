"""The whole table of transitions, and the steps that nothing performs."""

from __future__ import annotations

from tests.transitions.giving import CANCELLED, COLLABORATION, DELIVERY, PLEDGE
from tests.transitions.lending import HANDOVER, LOAN
from tests.transitions.performed import Step, does
from tests.transitions.watching_over import (
    ACCREDITATION,
    ANNOUNCEMENT,
    COMPLAINT,
    DISCREPANCY,
    FINDING,
    INTAKE,
    RED_FLAG,
    RIGHTS_REQUEST,
)

TABLE = (
    *COLLABORATION,
    *PLEDGE,
    *DELIVERY,
    *LOAN,
    *ACCREDITATION,
    *ANNOUNCEMENT,
    *COMPLAINT,
    *DISCREPANCY,
    *FINDING,
    *RED_FLAG,
    *HANDOVER,
    *INTAKE,
    *RIGHTS_REQUEST,
    *CANCELLED,
)


def _none(reason: str, noun: str, before: str, after: str, actors: str) -> dict[Step, str]:
    return {p.step: reason for p in does("", noun, before, after, actors)}


_TRANSIENT = "DRAF ends within the command that begins it (`SubmitPledge`, `SubmitLoanPledge`): no row waits in it"
_LENDS = "a fintech lends: what it realises is a disbursement (form D), never a delivery of goods"
_LENDS_ONLY = "a loan of a collaboration that was realised in part is paid out: it is not cancelled any more"
_CASCADE = "a cascade of a command that is tried with another actor or state (`CancelCollaboration`, `CarryOutErasure`)"
PERFORMED_BY_NONE: dict[Step, str] = {
    **_none(_TRANSIENT, "collaboration", "DRAF", "DIBATALKAN", "KOLABORATOR AGREGATOR FINTECH BIRO_KSD"),
    **_none(_LENDS, "delivery", "-", "DIJADWALKAN", "FINTECH"),
    **_none(_LENDS, "delivery", "- DIJADWALKAN DIKEMBALIKAN", "DILAPORKAN", "FINTECH"),
    **_none(_LENDS, "delivery", "DIJADWALKAN", "DIBATALKAN", "FINTECH"),
    **_none(_LENDS, "delivery", "TERVALIDASI", "DIBALIK", "FINTECH"),
    **_none(
        "the clock proposes a default, the fintech declares it",
        "loan",
        "BERJALAN RESTRUKTURISASI",
        "GAGAL_BAYAR",
        "SISTEM",
    ),
    **_none(
        "decided by both: the fintech proposes it (`ProposeWriteOff`), the bureau performs it (`WriteOffLoan`)",
        "loan",
        "GAGAL_BAYAR",
        "HAPUS",
        "FINTECH",
    ),
    **_none(_TRANSIENT, "pledge", "DRAF", "DITARIK", "KOLABORATOR AGREGATOR FINTECH BIRO_KSD"),
    **_none(_CASCADE, "loan", "DISARING DITAWARKAN", "BATAL", "DISKOMINFOTIK"),
    **_none(_LENDS_ONLY, "pledge", "TERPENUHI_SEBAGIAN", "DITARIK", "FINTECH"),
}
"""Steps that nothing performs, each with its reason."""

REFUSED_OTHERWISE: dict[str, frozenset[str]] = {
    "CancelLoan": frozenset({"PAID_OUT_ALREADY"}),
    "ForwardApplications": frozenset({"NOT_AT_YOUR_DESK"}),
    "ReturnApplication": frozenset({"NOT_AT_YOUR_DESK"}),
    "WithdrawPledge": frozenset({"PLEDGE_NOT_ACCEPTED"}),
}
"""By the name of a command: situations of its own in which it refuses a row that is in no state for it."""
