"""The list of loan targets that Tim Prospektor recommends to a fintech: all of them, or none (rekomendasi).

Source: Instruksi Sekda DKI 56/2020, Lampiran II L1; Lampiran I no. 19 is our reconstruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Command, Ref, Spelling, registered
from commands.evidence import attach
from commands.form_g import JAKARTA
from commands.loan import RecommendLoan, recommend_loan
from commands.refusal import Refusal, SeveralRefusals
from commands.work import Work
from models.loan import Loan
from models.vocabulary import DocumentKind

MOST_TARGETS = 200


class UnusableList(Refusal):
    """A list of nobody, or of more than are taken at once."""

    code = "UNUSABLE_LIST"

    def __init__(self) -> None:
        super().__init__(
            f"Recommend 1 to {MOST_TARGETS} businesses at once.",
            f"Rekomendasikan 1 sampai {MOST_TARGETS} UMKM sekaligus.",
            path=("targets",),
        )


@dataclass(frozen=True, kw_only=True)
class LoanTarget:
    """A business that is recommended for a loan."""

    recipient_id: Annotated[UUID, Ref("Recipient"), "The business (UMKM)."]
    principal: Annotated[int, Spelling("Rupiah"), "Proposed amount in whole rupiah (pokok)."]
    tenor_months: Annotated[int, "Proposed tenor in months (jangka waktu)."]


@dataclass(frozen=True, kw_only=True)
class RecommendLoans(Command):
    """Propose a list of businesses to a fintech, with the recommendation of Tim Prospektor; all of them or none."""

    fintech_id: Annotated[UUID, Ref("Institution"), "The fintech that is to lend (lembaga fintech)."]
    targets: Annotated[tuple[LoanTarget, ...], "The businesses, at most 200 (daftar sasaran)."]
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`): the recommendation of Tim Prospektor, REKOMENDASI.",
    ] = ()


async def recommend_loans(command: RecommendLoans, work: Work) -> Loan:
    """Propose every loan of a list; the answer is about the last of them.

    Raises:
        UnusableList: nobody, or too many.
        EvidenceMissing: no recommendation; see `commands.evidence.attach`.
        SeveralRefusals: targets that cannot be proposed, each with its place in the list; nothing was written.
    """
    if not 0 < len(command.targets) <= MOST_TARGETS:
        raise UnusableList
    proposed: list[Loan] = []
    refused: dict[int, Refusal] = {}
    in_order = sorted(enumerate(command.targets), key=lambda each: each[1].recipient_id)  # as others lock them
    for index, target in in_order:
        try:
            proposed.append(await recommend_loan(_one(command, target), work))
        except Refusal as refusal:
            if refusal.path == ("fintechId",):
                raise
            refusal.path = ("targets", index, *refusal.path)
            refused[index] = refusal
    if refused:
        raise SeveralRefusals([refused[index] for index in sorted(refused)])
    needed = [(DocumentKind.REKOMENDASI,)]
    await attach(work, command.document_ids, required=needed, region_code=JAKARTA)  # names owners who did not consent
    work.reply["recommended"] = len(proposed)
    return proposed[-1]


def _one(command: RecommendLoans, target: LoanTarget) -> RecommendLoan:
    return RecommendLoan(
        recipient_id=target.recipient_id,
        fintech_id=command.fintech_id,
        principal=target.principal,
        tenor_months=target.tenor_months,
    )


COMMANDS = (
    registered(
        RecommendLoans,
        recommend_loans,
        answers="Loan",
        reply={"recommended": ("Int | None", "How many loans were proposed (jumlah).")},
    ),
)
