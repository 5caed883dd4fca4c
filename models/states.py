"""State machines: which state may follow which, by whom, and on what condition. What is not listed is refused.

Source: DOMAIN section 7, from Instruksi Sekda DKI 56/2020 (Lampiran I and II) and the PAIS UMi SOP; what is our
proposal says so in its machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from models.vocabulary import (
    AccreditationStatus,
    Actor,
    AnnouncementStatus,
    Code,
    CollaborationStatus,
    ComplaintStatus,
    DeliveryStatus,
    DiscrepancyStatus,
    FindingStatus,
    HandoverStatus,
    IntakeStatus,
    LoanStatus,
    PledgeStatus,
    RedFlagStatus,
    RightsRequestStatus,
)

A = Actor


@dataclass(frozen=True)
class Transition:
    """One allowed step; `before` None is the birth of the thing."""

    before: Code | None
    after: Code
    by: frozenset[Actor]
    guard: str


@dataclass(frozen=True)
class StateMachine:
    """All allowed steps of one noun."""

    noun: str
    transitions: tuple[Transition, ...]

    def allowed(self, before: Code | None) -> tuple[Transition, ...]:
        """The steps that may follow a state."""
        return tuple(t for t in self.transitions if t.before == before)

    def step(self, before: Code | None, after: Code) -> Transition | None:
        """The step from one state to another, if it is allowed."""
        return next((t for t in self.allowed(before) if t.after == after), None)

    @property
    def states(self) -> frozenset[Code]:
        """Every state that the machine knows."""
        found = {t.after for t in self.transitions} | {t.before for t in self.transitions if t.before is not None}
        return frozenset(found)

    @property
    def final(self) -> frozenset[Code]:
        """States that nothing follows."""
        return self.states - {t.before for t in self.transitions if t.before is not None}


def _steps(
    before: Code | tuple[Code | None, ...] | None, after: Code, by: set[Actor], guard: str = ""
) -> Iterator[Transition]:
    for state in before if isinstance(before, tuple) else (before,):
        yield Transition(state, after, frozenset(by), guard)


def _machine(noun: str, *groups: Iterator[Transition]) -> StateMachine:
    return StateMachine(noun, tuple(t for group in groups for t in group))


_OWNERS = {A.KOLABORATOR, A.AGREGATOR, A.FINTECH}
_DESK = {A.BIRO_KSD, A.DINAS_PPKUKM}

C = CollaborationStatus
COLLABORATION = _machine(
    "collaboration",
    _steps(None, C.DRAF, {*_OWNERS, A.BIRO_KSD}, "programme open"),
    _steps(C.DRAF, C.DIAJUKAN, {*_OWNERS, A.BIRO_KSD}, "minimum fields of form A or B present"),
    _steps(C.DIAJUKAN, C.DIKONFIRMASI, {A.SISTEM, *_DESK}, "target free, institution AKTIF, no overlap; ID issued now"),
    _steps(C.DIAJUKAN, C.DITOLAK, _DESK, "reason"),
    _steps(C.DIKONFIRMASI, C.BERJALAN, {*_OWNERS, A.SISTEM}, "schedule started, or first delivery or disbursement"),
    _steps(
        (C.DIKONFIRMASI, C.BERJALAN),
        C.KEDALUWARSA,
        {A.SISTEM},
        "no realisation so many days after the end of the schedule",
    ),
    _steps(C.BERJALAN, C.DILAPORKAN, _OWNERS, "form C or D complete"),
    _steps(
        C.DILAPORKAN,
        C.TERVALIDASI,
        {A.PENDAMPING, A.SISTEM},
        "evidence checked by an officer of the area, not the reporter; no report waits any more",
    ),
    _steps(C.DILAPORKAN, C.BERJALAN, {A.PENDAMPING, A.SISTEM}, "sent back with reason; the transfer bounced"),
    _steps(C.TERVALIDASI, C.DILAPORKAN, _OWNERS, "next report of a partial realisation"),
    _steps(C.TERVALIDASI, C.BERJALAN, {A.SISTEM}, "the only validated report was reversed"),
    _steps(C.BERJALAN, C.TERVALIDASI, {A.SISTEM}, "what was sent back fell away; what is left is validated"),
    _steps(C.TERVALIDASI, C.SELESAI, {A.BIRO_KSD, A.SISTEM}, "everything realised; loans: all final"),
    _steps(
        (C.DRAF, C.DIAJUKAN, C.DIKONFIRMASI, C.BERJALAN),
        C.DIBATALKAN,
        {*_OWNERS, A.BIRO_KSD},
        "reason; by the owner before delivery; what is not delivered returns to the target",
    ),
)

P = PledgeStatus
PLEDGE = _machine(
    "pledge",
    _steps(None, P.DRAF, {*_OWNERS, A.BIRO_KSD}),
    _steps(P.DRAF, P.DIAJUKAN, {*_OWNERS, A.BIRO_KSD}),
    _steps(P.DIAJUKAN, P.DITERIMA, {A.SISTEM, *_DESK}),
    _steps(P.DIAJUKAN, P.DITOLAK, _DESK, "reason"),
    _steps(P.DITERIMA, P.TERPENUHI_SEBAGIAN, {A.SISTEM}, "part of it validated"),
    _steps((P.DITERIMA, P.TERPENUHI_SEBAGIAN), P.TERPENUHI, {A.SISTEM}, "all of it validated"),
    _steps(P.TERPENUHI, P.TERPENUHI_SEBAGIAN, {A.SISTEM}, "a validated delivery was reversed"),
    _steps((P.TERPENUHI_SEBAGIAN, P.TERPENUHI), P.DITERIMA, {A.SISTEM}, "the only validated delivery was reversed"),
    _steps((P.DITERIMA, P.TERPENUHI_SEBAGIAN), P.DITARIK, {*_OWNERS, A.BIRO_KSD}, "what was delivered stays"),
    _steps((P.DRAF, P.DIAJUKAN), P.DITARIK, {*_OWNERS, A.BIRO_KSD}, "our proposal: its collaboration was cancelled"),
    _steps((P.DITERIMA, P.TERPENUHI_SEBAGIAN), P.KEDALUWARSA, {A.SISTEM}, "expiry passed"),
)

D = DeliveryStatus
DELIVERY = _machine(
    "delivery",
    _steps(None, D.DIJADWALKAN, _OWNERS, "of an accepted pledge"),
    _steps(D.DIJADWALKAN, D.DIBATALKAN, {*_OWNERS, A.SISTEM}, "reason; or its pledge ended"),
    _steps((None, D.DIJADWALKAN), D.DILAPORKAN, _OWNERS, "form C complete"),
    _steps(D.DILAPORKAN, D.TERVALIDASI, {A.PENDAMPING}, "officer of the area, not the reporter"),
    _steps(D.DILAPORKAN, D.DIKEMBALIKAN, {A.PENDAMPING}, "reason"),
    _steps(D.DIKEMBALIKAN, D.DILAPORKAN, _OWNERS),
    _steps(D.TERVALIDASI, D.DIBALIK, {*_OWNERS, A.BIRO_KSD}, "by a new report; never edited"),
)

L = LoanStatus
LOAN = _machine(
    "loan",
    _steps(None, L.DIUSULKAN, {A.DINAS_PPKUKM}, "business verified, no active KSBB loan"),
    _steps(L.DIUSULKAN, L.DISARING, {A.FINTECH}, "consent of the owner recorded"),
    _steps(L.DISARING, L.TIDAK_LOLOS, {A.FINTECH}, "own policy; reason class only"),
    _steps(L.DISARING, L.DITAWARKAN, {A.FINTECH}, "own policy"),
    _steps(L.DITAWARKAN, L.TERKONTRAK, {A.FINTECH}, "donor's e-contract signed at or before the business's"),
    _steps(L.TERKONTRAK, L.CAIR, {A.FINTECH}, "form D with invoice; disbursed = principal less declared fees"),
    _steps(L.CAIR, L.BERJALAN, {A.PENDAMPING}, "proof validated with the owner"),
    _steps((L.CAIR, L.BERJALAN, L.RESTRUKTURISASI), L.LUNAS, {A.SISTEM}, "principal repaid = principal"),
    _steps((L.BERJALAN, L.GAGAL_BAYAR), L.RESTRUKTURISASI, {A.FINTECH}, "new schedule, old kept"),
    _steps(L.RESTRUKTURISASI, L.BERJALAN, {A.SISTEM}, "first instalment of the new schedule paid"),
    _steps(L.LUNAS, L.BERJALAN, {A.SISTEM}, "a repayment was reversed; only while in no handover"),
    _steps(L.CAIR, L.BATAL, {A.FINTECH}, "the transfer bounced: only with a reversing disbursement"),
    _steps(
        (L.BERJALAN, L.RESTRUKTURISASI), L.GAGAL_BAYAR, {A.FINTECH, A.SISTEM}, "problem report; proposed after 90 days"
    ),
    _steps(L.GAGAL_BAYAR, L.BERJALAN, {A.FINTECH}, "payments"),
    _steps(L.GAGAL_BAYAR, L.LUNAS, {A.FINTECH}, "paid late in full; stays marked as once defaulted"),
    _steps(L.GAGAL_BAYAR, L.HAPUS, {A.FINTECH, A.BIRO_KSD}, "decision of both"),
    _steps(L.LUNAS, L.DISERAHKAN, {A.SISTEM}, "in a handover that the fund manager confirmed"),
    _steps((L.DIUSULKAN, L.TERKONTRAK), L.BATAL, {A.FINTECH, A.UMKM}, "reason"),
    _steps(
        (L.DISARING, L.DITAWARKAN),
        L.BATAL,
        {A.FINTECH, A.UMKM, A.DISKOMINFOTIK},
        "reason; by the data steward when the person's data are restricted or erased",
    ),
)

K = AccreditationStatus
_BODIES = {A.AGREGATOR, A.FINTECH}
ACCREDITATION = _machine(
    "accreditation",
    _steps(None, K.DIAJUKAN, _BODIES, "form G"),
    _steps(K.DIAJUKAN, K.KURANG_LENGKAP, {A.BIRO_KSD}, "missing items named"),
    _steps(K.KURANG_LENGKAP, K.DIAJUKAN, _BODIES),
    _steps(K.DIAJUKAN, K.DITINJAU, {A.BIRO_KSD}, "complete"),
    _steps(K.DITINJAU, K.TIDAK_MEMENUHI, {A.BIRO_KSD}, "reason"),
    _steps(K.DITINJAU, K.PEMBAHASAN_PKS, {A.BIRO_KSD}),
    _steps(K.PEMBAHASAN_PKS, K.AKTIF, {A.BIRO_KSD}, "PKS signed, with dates"),
    _steps(K.AKTIF, K.DIBEKUKAN, {A.BIRO_KSD}, "reason"),
    _steps(K.DIBEKUKAN, K.AKTIF, {A.BIRO_KSD}),
    _steps((K.AKTIF, K.DIBEKUKAN), K.BERAKHIR, {A.SISTEM}, "last day of the PKS passed"),
    _steps((K.AKTIF, K.DIBEKUKAN), K.DICABUT, {A.BIRO_KSD}, "reason"),
)

N = AnnouncementStatus
ANNOUNCEMENT = _machine(
    "announcement",
    _steps(None, N.DIAJUKAN, {A.KOLABORATOR}, "very large donor (Lampiran II C)"),
    _steps(N.DIAJUKAN, N.DITUGASKAN, {A.BIRO_KSD}, "an officer of the bureau"),
    _steps((N.DIAJUKAN, N.DITUGASKAN), N.DIJAWAB, {A.BIRO_KSD}, "answer"),
)

G = ComplaintStatus
_HANDLERS = {A.DINAS_PPKUKM, A.WILAYAH, A.INSPEKTORAT}
COMPLAINT = _machine(
    "complaint",
    _steps(None, G.DITERIMA, {A.PUBLIK}, "form H"),
    _steps(G.DITERIMA, G.DIVERIFIKASI, _HANDLERS),
    _steps(G.DIVERIFIKASI, G.DITERUSKAN, _HANDLERS, "within 6 hours of receipt"),
    _steps(G.DITERUSKAN, G.DITINDAKLANJUTI, _HANDLERS),
    _steps((G.DITINDAKLANJUTI, G.DIBUKA_KEMBALI), G.SELESAI, _HANDLERS, "within 7 days of routing"),
    _steps((G.DIVERIFIKASI, G.DITERUSKAN, G.DITINDAKLANJUTI, G.DIBUKA_KEMBALI), G.DITOLAK, _HANDLERS, "reason"),
    _steps(G.SELESAI, G.DIBUKA_KEMBALI, {A.PUBLIK}, "by the complainant, once, within 14 days"),
    _steps(G.DIBUKA_KEMBALI, G.DITINDAKLANJUTI, _HANDLERS),
)

S = DiscrepancyStatus
_OPEN = (S.TERDETEKSI, S.DIBERITAHUKAN, S.DIJELASKAN, S.DIKOREKSI)
DISCREPANCY = _machine(
    "discrepancy",
    _steps(None, S.TERDETEKSI, {A.SISTEM}, "two reports of one measure differ"),
    _steps(S.TERDETEKSI, S.DIBERITAHUKAN, {A.SISTEM, A.BIRO_KSD}),
    _steps(S.DIBERITAHUKAN, S.DIJELASKAN, _OWNERS),
    _steps(S.DIBERITAHUKAN, S.DIKOREKSI, {*_OWNERS, A.SISTEM}, "by a reversing entry; SISTEM: the reports agree"),
    _steps((S.DIJELASKAN, S.DIKOREKSI, S.DIESKALASI), S.DITERIMA, {A.BIRO_KSD, A.INSPEKTORAT}),
    _steps(_OPEN, S.DIESKALASI, {A.SISTEM}, "open for longer than 14 days"),
)

F = FindingStatus
_BODIES_CONCERNED = {*_OWNERS, A.DINAS_PPKUKM, A.WILAYAH, A.BIRO_KSD}
FINDING = _machine(
    "finding",
    _steps(None, F.TERBUKA, {A.INSPEKTORAT}, "our proposal: text, recommendation, due day, one body to answer"),
    _steps((F.TERBUKA, F.DIBUKA_KEMBALI), F.DIJAWAB, _BODIES_CONCERNED, "our proposal: only the body concerned"),
    _steps(F.DIJAWAB, F.SELESAI, {A.INSPEKTORAT}, "our proposal: the answer settles it"),
    _steps((F.DIJAWAB, F.SELESAI), F.DIBUKA_KEMBALI, {A.INSPEKTORAT}, "our proposal: reason, new due day"),
)

W = RedFlagStatus
RED_FLAG = _machine(
    "red_flag",
    _steps(None, W.TERBUKA, {A.SISTEM}, "our proposal: something that should be looked at"),
    _steps(W.TERBUKA, W.DIKESAMPINGKAN, {A.BIRO_KSD, A.INSPEKTORAT}, "our proposal: reason"),
)

H = HandoverStatus
HANDOVER = _machine(
    "handover",
    _steps(None, H.DRAF, {A.FINTECH}),
    _steps(H.DRAF, H.DIKIRIM, {A.FINTECH}, "proof (form F); loans repaid in full, each in one handover"),
    _steps(H.DIKIRIM, H.DITERIMA, {A.AGREGATOR}, "confirms the amount"),
    _steps(H.DIKIRIM, H.DIBANTAH, {A.AGREGATOR}, "opens a discrepancy"),
)

I = IntakeStatus  # noqa: E741  # one letter per machine, as above
_CHAIN = (
    I.DITERIMA_DESA,
    I.DIKIRIM_CAMAT,
    I.DIREKAP,
    I.DIKIRIM_DINAS,
    I.DIKIRIM_PROVINSI,
    I.DIKIRIM_KEMENTERIAN,
    I.TERVALIDASI,
    I.DICAIRKAN,
)
INTAKE = _machine(
    "intake_application",
    _steps(None, I.DITERIMA_DESA, {A.PETUGAS_INTAKE}, "file brought to the village"),
    _steps(I.DITERIMA_DESA, I.DILENGKAPI, {A.PETUGAS_INTAKE}, "incomplete"),
    _steps(I.DILENGKAPI, I.DITERIMA_DESA, {A.PETUGAS_INTAKE}, "completed"),
    *(_steps(before, after, {A.PETUGAS_INTAKE}, "own level and area only") for before, after in pairwise(_CHAIN)),
    *(
        _steps(after, before, {A.PETUGAS_INTAKE}, "returned by one level with reason")
        for before, after in pairwise(_CHAIN[:6])
    ),
    _steps((*_CHAIN[:-1], I.DILENGKAPI), I.DITOLAK, {A.PETUGAS_INTAKE}, "reason"),
)

Q = RightsRequestStatus
_DECIDERS = {A.PENDAMPING, A.DINAS_PPKUKM, A.DISKOMINFOTIK}
RIGHTS_REQUEST = _machine(
    "rights_request",
    _steps(None, Q.DIAJUKAN, {A.UMKM}, "by the person"),
    _steps(Q.DIAJUKAN, Q.DIPENUHI, {A.SISTEM, *_DECIDERS}, "access at once; the others within 72 hours"),
    _steps(Q.DIAJUKAN, Q.DITOLAK, _DECIDERS, "reason"),
    _steps(Q.DIAJUKAN, Q.DITARIK, {A.UMKM}),
)

MACHINES: Mapping[str, StateMachine] = {
    machine.noun: machine
    for machine in (
        COLLABORATION,
        PLEDGE,
        DELIVERY,
        LOAN,
        ACCREDITATION,
        ANNOUNCEMENT,
        COMPLAINT,
        DISCREPANCY,
        FINDING,
        RED_FLAG,
        HANDOVER,
        INTAKE,
        RIGHTS_REQUEST,
    )
}


def diagram(machine: StateMachine) -> str:
    """The machine as a mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for t in machine.transitions:
        start = "[*]" if t.before is None else t.before.value
        lines.append(f"    {start} --> {t.after.value}: {', '.join(sorted(t.by))}")
    lines += [f"    {state.value} --> [*]" for state in sorted(machine.final)]
    return "\n".join(lines)
