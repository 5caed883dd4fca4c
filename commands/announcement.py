"""Very large donors and the PIC KSBB: what they announce, who deals with it, the answer, and how the PIC is reached.

Source: Instruksi Sekda DKI 56/2020, Lampiran II C; from which value a donor is very large: `commands/pledge.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import literal, or_, select

from commands.collaborator import plain_text
from commands.command import Command, Fact, Ref, Spelling, registered
from commands.pledge import VERY_LARGE
from commands.refusal import NotFound, Path, Refusal
from commands.work import Work
from models.account import RoleAssignment, UserAccount
from models.collaborator import Announcement, Collaborator, OfficeContact, Prospect
from models.states import ANNOUNCEMENT
from models.vocabulary import AnnouncementStatus, PackageKind
from policy.viewer import Role

LONGEST_TEXT = 4_000
FORUM = "PIC KSBB"
"""Where a prospect that announced itself was met."""


# ---- situations


class NotVeryLarge(Refusal):
    """A donation that needs no announcement, or that is beyond counting."""

    code = "NOT_VERY_LARGE"

    def __init__(self) -> None:
        super().__init__(
            f"Below Rp {VERY_LARGE:,} pledge directly with `submitPledge`: it is confirmed at once.",
            f"Di bawah Rp {VERY_LARGE:,} ajukan langsung dengan `submitPledge`: dikonfirmasi seketika.",
            path=("estimatedValue",),
            least=VERY_LARGE,
        )


class UnusableWords(Refusal):
    """An announcement or answer without words, or that nobody reads to the end."""

    code = "UNUSABLE_TEXT"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Write 1 to {LONGEST_TEXT:,} characters.", f"Tuliskan 1 sampai {LONGEST_TEXT:,} karakter.", path=path
        )


class NoOfficerOfTheBureau(Refusal):
    """A user who does not work for the bureau today."""

    code = "NO_OFFICER_OF_THE_BUREAU"

    def __init__(self) -> None:
        super().__init__(
            "This user has no active role of the bureau (BIRO_KSD). Choose another.",
            "Pengguna ini tidak memiliki peran BIRO_KSD yang aktif. Pilih yang lain.",
            path=("officerId",),
        )


class NoWayToReach(Refusal):
    """A contact with neither e-mail nor telephone."""

    code = "NO_WAY_TO_REACH"

    def __init__(self) -> None:
        super().__init__("Give an e-mail or a telephone.", "Berikan surel atau telepon.", path=("email",))


# ---- events


@dataclass(frozen=True, kw_only=True)
class AnnouncementMoved(Fact):
    """A very large donor announced itself, was assigned or answered (pemberitahuan donatur besar berpindah status)."""

    tells: ClassVar = (Announcement.status,)

    status: AnnouncementStatus


@dataclass(frozen=True, kw_only=True)
class OfficeContactPublished(Fact):
    """An office told how it is reached (kontak kantor diumumkan)."""

    tells: ClassVar = (OfficeContact.office, OfficeContact.email, OfficeContact.phone)


def _moved(announcement: Announcement) -> AnnouncementMoved:
    concerned = (announcement.collaborator_id,)
    return AnnouncementMoved(subject=announcement, institutions=concerned, status=announcement.status)


# ---- the donor


@dataclass(frozen=True, kw_only=True)
class AnnounceLargeDonation(Command):
    """Tell the PIC KSBB of a very large donation that one thinks of, Rp 1 billion or more (Lampiran II C)."""

    package_kind: Annotated[PackageKind, "Kind of help (jenis paket)."]
    estimated_value: Annotated[int, Spelling("Rupiah"), "About how much, in whole rupiah (nilai perkiraan)."]
    text: Annotated[str, "What you think of, and where (isi). Read by the PIC KSBB, never public."]


async def announce_large_donation(command: AnnounceLargeDonation, work: Work) -> Announcement:
    """Take an announcement in, and make a prospect of it.

    Raises:
        NotVeryLarge: less than what goes through the PIC.
        UnusableWords: the text is empty or endless.
    """
    if command.estimated_value < VERY_LARGE:
        raise NotVeryLarge
    text = _words(command.text, ("text",))
    donor = await work.locked(Collaborator, Collaborator.id == UUID(work.viewer.institution_id))
    if donor is None:
        raise NotFound("collaborator", ())
    prospect = work.add(Prospect, collaborator_id=donor.id, forum=FORUM, met_on=work.today, recommended=False)
    await work.session.flush()
    announcement = work.add(
        Announcement,
        collaborator_id=donor.id,
        prospect_id=prospect.id,
        package_kind=command.package_kind,
        estimated_value=command.estimated_value,
        announced_on=work.today,
        text=text,
    )
    work.begin(announcement, ANNOUNCEMENT, AnnouncementStatus.DIAJUKAN)
    work.tell(_moved(announcement))
    return announcement


def _words(text: str, path: Path) -> str:
    given = text.strip()
    if not 0 < len(given) <= LONGEST_TEXT:
        raise UnusableWords(path)
    return given


# ---- the bureau


@dataclass(frozen=True, kw_only=True)
class AssignAnnouncement(Command):
    """Say which officer of the bureau deals with an announcement (ditugaskan)."""

    announcement_id: Annotated[UUID, Ref("Announcement"), "The announcement (pemberitahuan)."]
    officer_id: Annotated[UUID, Ref("UserAccount"), "The officer (petugas)."]


@dataclass(frozen=True, kw_only=True)
class AnswerAnnouncement(Command):
    """Answer a very large donor (dijawab)."""

    announcement_id: Annotated[UUID, Ref("Announcement"), "The announcement (pemberitahuan)."]
    answer: Annotated[str, "The answer (jawaban). Read by the donor, never public."]
    recommended: Annotated[bool, "Whether Tim Prospektor recommends the donor (rekomendasi)."]


async def assign_announcement(command: AssignAnnouncement, work: Work) -> Announcement:
    """DIAJUKAN -> DITUGASKAN.

    Raises:
        NoOfficerOfTheBureau: the user does not work for it.
    """
    announcement = await work.own(Announcement, command.announcement_id, ("announcementId",))
    officer = await work.seen(UserAccount, command.officer_id, ("officerId",))
    roles = select(RoleAssignment.id).where(
        RoleAssignment.user_account_id == officer.id,
        literal(officer.active),
        RoleAssignment.role == Role.BIRO_KSD.value,
        RoleAssignment.from_on <= work.today,
        or_(RoleAssignment.until_on.is_(None), RoleAssignment.until_on >= work.today),
    )
    if not officer.active or (await work.session.execute(roles.limit(1))).scalar_one_or_none() is None:
        raise NoOfficerOfTheBureau
    work.move(announcement, ANNOUNCEMENT, AnnouncementStatus.DITUGASKAN)
    announcement.officer_id = officer.id
    work.tell(_moved(announcement))
    return announcement


async def answer_announcement(command: AnswerAnnouncement, work: Work) -> Announcement:
    """DIAJUKAN or DITUGASKAN -> DIJAWAB; the prospect keeps the recommendation.

    Raises:
        UnusableWords: the answer is empty or endless.
    """
    answer = _words(command.answer, ("answer",))
    announcement = await work.own(Announcement, command.announcement_id, ("announcementId",))
    work.move(announcement, ANNOUNCEMENT, AnnouncementStatus.DIJAWAB)
    announcement.answer, announcement.answered_on = answer, work.today
    prospect = await work.locked(Prospect, Prospect.id == announcement.prospect_id)
    if prospect is not None:
        prospect.recommended = command.recommended
    work.tell(_moved(announcement))
    return announcement


# ---- how it is reached


@dataclass(frozen=True, kw_only=True)
class PublishOfficeContact(Command):
    """Tell everybody how one's office is reached; for the bureau this is the PIC KSBB. Never a private person."""

    office: Annotated[str, "Name of the office (kantor). Public."]
    email: Annotated[str | None, "E-mail of the office (surel). Public."] = None
    phone: Annotated[str | None, "Telephone of the office (telepon). Public."] = None


async def publish_office_contact(command: PublishOfficeContact, work: Work) -> OfficeContact:
    """Write the contact of the caller's office, in place of the one before.

    Raises:
        NoWayToReach: neither e-mail nor telephone.
        UnusableName, NumberOfAPerson: a text cannot be used.
    """
    given = {name: getattr(command, name) for name in ("office", "email", "phone")}
    told = {name: text and plain_text(text, (name,)) for name, text in given.items()} | {
        "office": plain_text(command.office, ("office",))
    }
    if not told["email"] and not told["phone"]:
        raise NoWayToReach
    contact = await work.locked(OfficeContact, OfficeContact.actor == work.actor)
    if contact is None:
        contact = work.add(OfficeContact, actor=work.actor)
    for name, text in told.items():
        setattr(contact, name, text or None)
    contact.updated_on = work.today
    work.tell(OfficeContactPublished(subject=contact))
    return contact


COMMANDS = (
    registered(AnnounceLargeDonation, announce_large_donation, answers="Announcement"),
    registered(AssignAnnouncement, assign_announcement, answers="Announcement"),
    registered(AnswerAnnouncement, answer_announcement, answers="Announcement"),
    registered(PublishOfficeContact, publish_office_contact, answers="OfficeContact"),
)
