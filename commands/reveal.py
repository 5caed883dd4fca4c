"""Clear values for a while (pengungkapan): asked for with a purpose and a case, and for many by two officers.

A command gives no value: it opens a reveal, and whoever asked reads it by `revealedValues` until its time is over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from commands.command import Command, Ref, Spelling, registered
from commands.refusal import NotFound, Refusal
from commands.work import Work
from models.base import Base, Entity
from models.reveal import AT_ONCE, CASE_NUMBER, MOST, TURNS_A_DAY, Reveal
from models.reveal_codes import RevealPurpose
from policy.reveal import OPEN_FOR, PROOF, WAITS_FOR, proof_of, revealable
from policy.secrets import NotAnId


class CaseNumberMissing(Refusal):
    """A case number that is none."""

    code = "CASE_NUMBER_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "Give the number of the case as it is on its file, such as 700/123/2026: 3 to 40 letters, digits and ./-, "
            "at least one digit, no run of nine digits. Never a name or a NIK.",
            "Tuliskan nomor perkara seperti pada berkasnya, misalnya 700/123/2026: 3 sampai 40 huruf, angka, dan ./-, "
            "paling sedikit satu angka, tanpa sembilan angka berturut-turut. Jangan tulis nama atau NIK.",
            path=("caseNumber",),
        )


class NotRevealed(Refusal):
    """Fields or rows that a reveal does not give."""

    code = "NOT_REVEALED"

    def __init__(self, path: tuple[str | int, ...], kind: str, allowed: Sequence[str]) -> None:
        listed = ", ".join(allowed)
        super().__init__(
            f"This cannot be revealed. Of {kind or 'rows of one type'} you may ask for: {listed}.",
            f"Ini tidak dapat diungkap. Dari {kind or 'baris satu jenis'} yang dapat diminta: {listed}.",
            path=path,
            allowed=list(allowed),
        )


class TooManyRevealed(Refusal):
    """No rows, or more than two officers may open together."""

    code = "TOO_MANY_REVEALED"

    def __init__(self) -> None:
        super().__init__(
            f"Name 1 to {MOST} subjects in one reveal. For more, the case needs another way than reading them here.",
            f"Sebutkan 1 sampai {MOST} subjek dalam satu pengungkapan. Untuk lebih banyak diperlukan cara lain.",
            path=("subjects",),
        )


class RevealNotWaiting(Refusal):
    """A reveal that no second officer is waited for."""

    code = "REVEAL_NOT_WAITING"

    def __init__(self) -> None:
        super().__init__(
            "This reveal does not wait for a decision: it was decided, is open or ended, or waited too long "
            f"({WAITS_FOR.days} days). Nothing is left to do; the case can be asked for anew.",
            "Pengungkapan ini tidak menunggu keputusan: sudah diputuskan, terbuka atau berakhir, atau menunggu terlalu "
            f"lama ({WAITS_FOR.days} hari). Tidak ada yang perlu dilakukan; perkaranya dapat diajukan lagi.",
            path=("revealId",),
        )


class RevealNotYours(Refusal):
    """A decision by who asked."""

    code = "REVEAL_NOT_YOURS"

    def __init__(self) -> None:
        super().__init__(
            "You asked for this reveal yourself: another officer has to decide.",
            "Anda sendiri yang meminta pengungkapan ini: petugas lain yang harus memutuskan.",
            path=("revealId",),
        )


@dataclass(frozen=True, kw_only=True)
class RevealFields(Command):
    """Read masked fields of some rows clearly for a while, for a case (ungkap data): see `revealedValues`.

    At once for a few rows, some times a day; what is more waits for another officer (`approveReveal`). Each request,
    decision and reading is in the audit trail, and told to the person.
    """

    subjects: Annotated[
        tuple[str, ...], Spelling("ID"), f"Rows of one type, such as owners: 1 to {MOST} (subjek data)."
    ]
    fields: Annotated[tuple[str, ...], "Fields of that type that you read masked, such as `nik` (kolom)."]
    purpose: Annotated[RevealPurpose, "What for (tujuan)."]
    case_number: Annotated[str, "Number of the case, such as 700/123/2026; never a name or NIK (nomor perkara)."]


@dataclass(frozen=True, kw_only=True)
class ApproveReveal(Command):
    """Agree that another officer reads masked fields of many rows clearly, or refuse it (setujui pengungkapan)."""

    reveal_id: Annotated[UUID, Ref("Reveal"), "The reveal that waits (pengungkapan)."]
    refuse: Annotated[bool, "Refuse it instead (tolak)."] = False


async def reveal_fields(command: RevealFields, work: Work) -> Reveal:
    """Open a reveal for who asks, or let it wait for a second officer.

    Raises:
        CaseNumberMissing: no number of a case.
        TooManyRevealed: no subjects, or too many.
        NotRevealed: subjects of several types, or fields that cannot be revealed.
        NotFound: a subject is not among the rows that the caller sees.
    """
    case_number = command.case_number.strip().upper()
    if not re.fullmatch(CASE_NUMBER, case_number, re.ASCII):
        raise CaseNumberMissing
    subjects = tuple(dict.fromkeys(command.subjects))
    if not 0 < len(subjects) <= MOST:
        raise TooManyRevealed
    kind, keys = _keys(work, subjects)
    fields = _fields(work, kind, command.fields)
    await work.own_all(_row(kind), keys, ("subjects",))
    turn = await _turn(work, len(subjects))
    reveal = work.add(
        Reveal,
        role=work.viewer.role,
        requested_by=work.viewer.subject,
        requested_at=work.now,
        requested_on=work.today,
        turn=turn,
        purpose=command.purpose,
        case_number=case_number,
        subject_kind=kind,
        subjects=" ".join(subjects),
        subject_count=len(subjects),
        fields=" ".join(fields),
        readings=0,
    )
    reveal.proof = work.secrets.blind(proof_of(work.viewer.subject, reveal.public_id), PROOF)
    if turn is not None:
        _open(reveal, work)
    _note(work, reveal, is_open=turn is not None)
    work.details["subjects"] = list(subjects)
    return reveal


async def approve_reveal(command: ApproveReveal, work: Work) -> Reveal:
    """Let a reveal of many rows be read by who asked for it, or refuse it.

    Raises:
        NotFound: no such reveal.
        RevealNotWaiting: it waits for nobody.
        RevealNotYours: the caller asked for it.
    """
    reveal = await work.own(Reveal, command.reveal_id, ("revealId",))
    if reveal.requested_by == work.viewer.subject:
        raise RevealNotYours
    is_over = reveal.ended_at is not None or work.now - reveal.requested_at > WAITS_FOR
    if reveal.turn is not None or reveal.decided_by is not None or reveal.role != work.viewer.role or is_over:
        raise RevealNotWaiting
    reveal.decided_by, reveal.decided_at = work.viewer.subject, work.now
    if not command.refuse:
        _open(reveal, work)
    _note(work, reveal, is_open=not command.refuse)
    return reveal


def _keys(work: Work, subjects: Sequence[str]) -> tuple[str, list[UUID]]:
    """The table of some identifiers, and the keys of the rows.

    Raises:
        NotFound: one is no identifier.
        NotRevealed: they are of several tables, or of one of which nothing is revealed.
    """
    kinds: list[str] = []
    keys: list[UUID] = []
    for index, subject in enumerate(subjects):
        try:
            kind, key = work.secrets.internal_key(subject)
        except NotAnId:
            raise NotFound("row", ("subjects", index)) from None
        kinds.append(kind)
        keys.append(key)
    known = revealable(work.viewer.role)
    for index, kind in enumerate(kinds):
        if kind not in known or kind != kinds[0]:
            raise NotRevealed(("subjects", index), "", [f"{k} ({', '.join(fields)})" for k, fields in known.items()])
    return kinds[0], keys


def _fields(work: Work, kind: str, asked: Sequence[str]) -> list[str]:
    """The fields that are asked for, each once.

    Raises:
        NotRevealed: one of them cannot be revealed, or none is asked for.
    """
    known = revealable(work.viewer.role)[kind]
    for index, name in enumerate(asked):
        if name not in known:
            raise NotRevealed(("fields", index), kind, list(known))
    if not asked:
        raise NotRevealed(("fields",), kind, list(known))
    return list(dict.fromkeys(asked))


def _row(kind: str) -> type[Entity]:
    """The mapped class of a table."""
    found = (m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == kind)
    row: type[Entity] = next(found)
    return row


async def _turn(work: Work, subjects: int) -> int | None:
    """The turn of the day in which an officer may open so many rows alone; None where a second one is needed."""
    if subjects > AT_ONCE:
        return None
    mine = (Reveal.requested_by == work.viewer.subject, Reveal.requested_on == work.today)
    last = (await work.session.execute(select(func.max(Reveal.turn)).where(*mine))).scalar_one() or 0
    return None if last >= TURNS_A_DAY else last + 1


def _open(reveal: Reveal, work: Work) -> None:
    """Let it be read from now on; how long is decided by the clock of the database, which refuses afterwards."""
    reveal.granted_on = work.today
    reveal.granted_until = func.clock_timestamp() + OPEN_FOR


def _note(work: Work, reveal: Reveal, *, is_open: bool) -> None:
    """What the audit trail keeps of it: for what, and which fields of how many rows; never a value."""
    work.purpose = reveal.purpose
    work.details |= {
        "case": reveal.case_number,
        "noun": reveal.subject_kind,
        "fields": reveal.fields.split(),
        "rows": reveal.subject_count,
        "open": is_open,
    }


COMMANDS = (
    registered(RevealFields, reveal_fields, answers="Reveal"),
    registered(ApproveReveal, approve_reveal, answers="Reveal"),
)
