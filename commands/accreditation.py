"""Accreditation of institutions from form G to the assessment (akreditasi): the file, what it lacks, the decision.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5-6; state machine: DOMAIN section 7. What follows is in
`commands/agreement.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, registered
from commands.form_g import (
    MISSING,
    FileIncomplete,
    FormGPaper,
    ItemNotAsked,
    asked_of,
    hand_in,
    items_of,
    missing,
    name_missing,
    open_items,
)
from commands.refusal import NotFound, Refusal
from commands.work import Work, reason_given
from models.flow_codes import FormGItem
from models.institution import Accreditation, Institution
from models.states import ACCREDITATION
from models.vocabulary import AccreditationStatus, PackageKind

OVER = (AccreditationStatus.TIDAK_MEMENUHI, AccreditationStatus.BERAKHIR, AccreditationStatus.DICABUT)
"""States after which an institution may apply anew for the same package."""


# ---- situations


class AppliedAlready(Refusal):
    """A second application for a package for which one is open or in force."""

    code = "APPLIED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "There is an application or accreditation for this package. Complete or renew that one.",
            "Sudah ada permohonan atau akreditasi untuk paket ini. Lengkapi atau perpanjang yang ada.",
            path=("packageKind",),
        )


class NothingMissing(Refusal):
    """A file is returned without anything that is missing."""

    code = "NOTHING_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "Nothing is missing. Name the items that cannot be accepted, or go on with `reviewAccreditation`.",
            "Tidak ada yang kurang. Sebutkan butir yang tidak dapat diterima, atau lanjutkan dengan "
            "`reviewAccreditation`.",
            path=("missing",),
        )


class NothingAdded(Refusal):
    """A file is sent in again with nothing new."""

    code = "NOTHING_ADDED"

    def __init__(self) -> None:
        super().__init__(
            "Nothing that was missing was added. See `items` of the accreditation for what is missing.",
            "Tidak ada kekurangan yang dilengkapi. Lihat `items` pada akreditasi untuk butir yang kurang.",
            path=("papers",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class AccreditationMoved(Fact):
    """An accreditation was applied for or brought to another state (akreditasi berpindah status)."""

    tells: ClassVar = (Accreditation.status,)

    status: AccreditationStatus


def accreditation_moved(accreditation: Accreditation) -> AccreditationMoved:
    """The event of an accreditation."""
    concerned = (accreditation.institution_id,)
    return AccreditationMoved(subject=accreditation, institutions=concerned, status=accreditation.status)


# ---- the institution


@dataclass(frozen=True, kw_only=True)
class ApplyForAccreditation(Command):
    """Apply for the accreditation of one's own institution for a package, with form G (permohonan)."""

    package_kind: Annotated[PackageKind, "Package that it is for (jenis paket)."]
    papers: Annotated[tuple[FormGPaper, ...], "The papers (berkas); what is missing is named in the answer."] = ()


@dataclass(frozen=True, kw_only=True)
class CompleteAccreditation(Command):
    """Complete an application that was returned, and send it in again."""

    accreditation_id: Annotated[UUID, Ref("Accreditation"), "The application (permohonan)."]
    papers: Annotated[tuple[FormGPaper, ...], "The papers that were missing (berkas)."] = ()


async def apply_for_accreditation(command: ApplyForAccreditation, work: Work) -> Accreditation:
    """Take form G in, complete or not: what is missing is named and kept.

    Raises:
        PackageNotOpen: the package is not for institutions of this kind.
        AppliedAlready: an application for it is open, or an accreditation is in force.
        ItemNotAsked, EvidenceMissing: a paper that form G does not ask for.
    """
    institution = await own_institution(work)
    asked = asked_of(institution, command.package_kind)
    of = Accreditation.institution_id == institution.id, Accreditation.package_kind == command.package_kind
    if await work.rows(Accreditation, *of, Accreditation.status.not_in(OVER)):
        raise AppliedAlready
    accreditation = work.add(
        Accreditation, institution_id=institution.id, package_kind=command.package_kind, applied_on=work.today
    )
    work.begin(accreditation, ACCREDITATION, AccreditationStatus.DIAJUKAN)
    await work.session.flush()
    items = open_items(work, accreditation, asked)
    name_missing(work, await hand_in(work, institution, accreditation, items, command.papers))
    work.tell(accreditation_moved(accreditation))
    return accreditation


async def complete_accreditation(command: CompleteAccreditation, work: Work) -> Accreditation:
    """KURANG_LENGKAP -> DIAJUKAN, with at least one of the items that were missing.

    Raises:
        NothingAdded: none of them.
        ItemNotAsked: a paper that form G does not ask for.
    """
    institution = await own_institution(work)
    accreditation = await work.own(Accreditation, command.accreditation_id, ("accreditationId",))
    if accreditation.institution_id != institution.id:  # everybody sees accreditations; institutions act on their own
        raise NotFound("accreditation", ("accreditationId",))
    work.move(accreditation, ACCREDITATION, AccreditationStatus.DIAJUKAN)
    items = await items_of(work, accreditation)
    before = missing(items)
    after = await hand_in(work, institution, accreditation, items, command.papers)
    if len(after) == len(before):
        raise NothingAdded
    name_missing(work, after)
    work.tell(accreditation_moved(accreditation))
    return accreditation


async def own_institution(work: Work) -> Institution:
    """The caller's own institution, locked.

    Raises:
        NotFound: the caller speaks for none.
    """
    institution = await work.locked(Institution, Institution.id == UUID(work.viewer.institution_id))
    if institution is None:
        raise NotFound("institution", ())
    return institution


# ---- the bureau


@dataclass(frozen=True, kw_only=True)
class OnAccreditation(Command):
    """What every step on an accreditation names."""

    accreditation_id: Annotated[UUID, Ref("Accreditation"), "The accreditation (akreditasi)."]


@dataclass(frozen=True, kw_only=True)
class ReturnAccreditation(OnAccreditation):
    """Return an incomplete application to the institution, with the list of what is missing (kurang lengkap)."""

    missing: Annotated[
        tuple[FormGItem, ...], "Items that are there and cannot be accepted, beside those that are missing (butir)."
    ] = ()
    remark: Annotated[str | None, "What is wrong with these items (catatan). Read by the institution."] = None


@dataclass(frozen=True, kw_only=True)
class ReviewAccreditation(OnAccreditation):
    """Begin the review of a complete application (ditinjau)."""


@dataclass(frozen=True, kw_only=True)
class AssessAccreditation(OnAccreditation):
    """Decide on an application: on to the agreement, or not eligible (Lampiran I no. 6)."""

    eligible: Annotated[bool, "Whether it goes on to the agreement (memenuhi syarat)."]
    decision: Annotated[str, "The decision with its reason (keputusan). Read by the institution, never public."]


async def return_accreditation(command: ReturnAccreditation, work: Work) -> Accreditation:
    """DIAJUKAN -> KURANG_LENGKAP; the missing items are named in the answer and kept.

    Raises:
        NothingMissing: the file is complete, and no item was named.
        ItemNotAsked: an item was named that this application does not have.
    """
    accreditation = await work.own(Accreditation, command.accreditation_id, ("accreditationId",))
    items = await items_of(work, accreditation)
    known = {item.item for item in items}
    for index, named in enumerate(command.missing):
        if named not in known:
            raise ItemNotAsked(("missing", index))
    for item in items:
        if item.item in command.missing:
            item.met_on = item.file_sha256 = None
            item.remark = command.remark
    if not (lacking := missing(items)):
        raise NothingMissing
    listed = ", ".join(item.value for item in lacking)
    work.move(accreditation, ACCREDITATION, AccreditationStatus.KURANG_LENGKAP, reason=listed)
    name_missing(work, lacking)
    work.tell(accreditation_moved(accreditation))
    return accreditation


async def review_accreditation(command: ReviewAccreditation, work: Work) -> Accreditation:
    """DIAJUKAN -> DITINJAU.

    Raises:
        FileIncomplete: items are missing; they are named.
    """
    accreditation = await work.own(Accreditation, command.accreditation_id, ("accreditationId",))
    lacking = missing(await items_of(work, accreditation))
    if lacking and accreditation.status is AccreditationStatus.DIAJUKAN:
        raise FileIncomplete(lacking)
    work.move(accreditation, ACCREDITATION, AccreditationStatus.DITINJAU)
    work.tell(accreditation_moved(accreditation))
    return accreditation


async def assess_accreditation(command: AssessAccreditation, work: Work) -> Accreditation:
    """DITINJAU -> PEMBAHASAN_PKS or TIDAK_MEMENUHI."""
    decision = reason_given(command.decision)
    accreditation = await work.own(Accreditation, command.accreditation_id, ("accreditationId",))
    after = AccreditationStatus.PEMBAHASAN_PKS if command.eligible else AccreditationStatus.TIDAK_MEMENUHI
    work.move(accreditation, ACCREDITATION, after, reason=decision)
    accreditation.decided_on, accreditation.decision = work.today, decision
    work.tell(accreditation_moved(accreditation))
    return accreditation


COMMANDS = (
    registered(ApplyForAccreditation, apply_for_accreditation, answers="Accreditation", reply=MISSING),
    registered(CompleteAccreditation, complete_accreditation, answers="Accreditation", reply=MISSING),
    registered(ReturnAccreditation, return_accreditation, answers="Accreditation", reply=MISSING),
    registered(ReviewAccreditation, review_accreditation, answers="Accreditation"),
    registered(AssessAccreditation, assess_accreditation, answers="Accreditation"),
)
