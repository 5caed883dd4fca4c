"""Donors in the registry (kolaborator): what is needed to name and reach them, and no number of a person.

A donor keeps its own entry: whether it is named holds from that instant on, in every view; the audit trail has the day.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3-4 and Lampiran II A-B; kinds: Kumparan, 24 Nov 2021.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, registered
from commands.refusal import NotFound, Path, Refusal
from commands.work import Work
from models.collaborator import Collaborator
from models.vocabulary import CollaboratorKind

LONGEST_NAME = 200
_NUMBER_OF_A_PERSON = re.compile(r"(?<!\d)(?:\d[ .-]?){15,16}(?!\d)")
"""A NIK, family card or tax number, with or without points between its digits."""


# ---- situations


class UnusableName(Refusal):
    """A name that is empty or endless."""

    code = "UNUSABLE_NAME"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Write 1 to {LONGEST_NAME} characters.", f"Tuliskan 1 sampai {LONGEST_NAME} karakter.", path=path
        )


class NumberOfAPerson(Refusal):
    """A text with the number of a person in it, which is not asked for."""

    code = "NUMBER_OF_A_PERSON"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "Leave out the NIK, family card or tax number: a donor is registered without it.",
            "Jangan cantumkan NIK, nomor KK, atau NPWP: kolaborator didaftarkan tanpa nomor itu.",
            path=path,
        )


class NamedByItself(Refusal):
    """Consent to be named, of a donor that is no person."""

    code = "NOT_A_PERSON"

    def __init__(self) -> None:
        super().__init__(
            "Only a person (PERORANGAN) agrees to be named: a body is named unless it stays `anonymous`.",
            "Hanya kolaborator perorangan yang menyatakan bersedia disebut: badan disebut kecuali memilih `anonymous`.",
            path=("nameConsented",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class CollaboratorRegistered(Fact):
    """A donor came into the registry (kolaborator terdaftar)."""

    tells: ClassVar = (Collaborator.kind, Collaborator.name)

    kind: CollaboratorKind


@dataclass(frozen=True, kw_only=True)
class CollaboratorUpdated(Fact):
    """A donor changed whether it is named (penyebutan nama kolaborator berubah).

    `changed` names the fields, never their values.
    """

    tells: ClassVar = (Collaborator.name,)

    changed: str


@dataclass(frozen=True, kw_only=True)
class CollaboratorContactChanged(Fact):
    """A donor named another contact (narahubung kolaborator berubah)."""

    tells: ClassVar = (Collaborator.contact_name, Collaborator.contact_phone)


# ---- registration


@dataclass(frozen=True, kw_only=True)
class RegisterCollaborator(Command):
    """Register a donor or candidate: company, institution, community or person (kolaborator)."""

    kind: Annotated[CollaboratorKind, "Kind of donor (jenis kolaborator)."]
    name: Annotated[str, "Its name (nama). That of a person is public only with `nameConsented`."]
    contact_name: Annotated[str, "Whom to talk to (narahubung). Never public."]
    contact_phone: Annotated[str, "How to reach that person (telepon). Never public."]
    anonymous: Annotated[bool, "Whether the donor wishes to stay unnamed (anonim)."] = False
    name_consented: Annotated[bool, "Whether a person agrees to be named in public (bersedia disebut)."] = False


async def register_collaborator(command: RegisterCollaborator, work: Work) -> Collaborator:
    """Add a donor.

    Raises:
        UnusableName: a text is empty or endless.
        NumberOfAPerson: a text holds a NIK or the like.
    """
    texts = {
        "name": plain_text(command.name, ("name",)),
        "contact_name": plain_text(command.contact_name, ("contactName",)),
        "contact_phone": plain_text(command.contact_phone, ("contactPhone",)),
    }
    collaborator = work.add(
        Collaborator,
        kind=command.kind,
        **texts,
        anonymous=command.anonymous,
        name_consented=command.name_consented and command.kind is CollaboratorKind.PERORANGAN,
        joined_on=work.today,
    )
    work.tell(CollaboratorRegistered(subject=collaborator, institutions=(collaborator.id,), kind=command.kind))
    return collaborator


def plain_text(text: str, path: Path) -> str:
    """A name or contact without the blanks around it.

    Raises:
        UnusableName: it is empty or endless.
        NumberOfAPerson: it holds a NIK or the like.
    """
    stripped = text.strip()
    if not 0 < len(stripped) <= LONGEST_NAME:
        raise UnusableName(path)
    if _NUMBER_OF_A_PERSON.search(stripped):
        raise NumberOfAPerson(path)
    return stripped


# ---- the donor's own entry


@dataclass(frozen=True, kw_only=True)
class UpdateCollaborator(Command):
    """Keep one's own entry up to date; what is left out stays. A name that is withdrawn is hidden at once."""

    contact_name: Annotated[str | None, "Whom to talk to (narahubung). Never public."] = None
    contact_phone: Annotated[str | None, "How to reach that person (telepon). Never public."] = None
    anonymous: Annotated[bool | None, "Whether the donor wishes to stay unnamed (anonim)."] = None
    name_consented: Annotated[
        bool | None, "Whether a person agrees to be named in public; may be withdrawn any time (bersedia disebut)."
    ] = None


async def update_collaborator(command: UpdateCollaborator, work: Work) -> Collaborator:
    """Change what was given.

    Raises:
        NotFound: the caller is not in the registry.
        UnusableName, NumberOfAPerson: a text cannot be used.
        NamedByItself: a body consents to be named.
    """
    key = UUID(work.viewer.institution_id)
    donor = await work.locked(Collaborator, Collaborator.id == key)
    if donor is None:
        raise NotFound("collaborator", ())
    if command.name_consented and donor.kind is not CollaboratorKind.PERORANGAN:
        raise NamedByItself
    given: Mapping[str, str | bool | None] = {
        "contact_name": _text_if_given(command.contact_name, ("contactName",)),
        "contact_phone": _text_if_given(command.contact_phone, ("contactPhone",)),
        "anonymous": command.anonymous,
        "name_consented": command.name_consented,
    }
    changed = {field: v for field, v in given.items() if v is not None and v != getattr(donor, field)}
    for field, value in changed.items():
        setattr(donor, field, value)
    work.details |= {field: value for field, value in changed.items() if isinstance(value, bool)}
    _tell(work, donor, list(changed))
    return donor


def _tell(work: Work, donor: Collaborator, changed: list[str]) -> None:
    """The events of a change: of the name, and of who is behind it, which fewer may hear."""
    if named := [field for field in changed if field in ("anonymous", "name_consented")]:
        work.tell(CollaboratorUpdated(subject=donor, institutions=(donor.id,), changed=", ".join(named)))
    if len(named) < len(changed):
        work.tell(CollaboratorContactChanged(subject=donor, institutions=(donor.id,)))


def _text_if_given(text: str | None, path: Path) -> str | None:
    return None if text is None else plain_text(text, path)


COMMANDS = (
    registered(RegisterCollaborator, register_collaborator, answers="Collaborator"),
    registered(UpdateCollaborator, update_collaborator, answers="Collaborator"),
)
