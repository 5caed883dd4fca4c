"""The PAIS UMi intake chain above the village: files on their way to the ministry, one level at a time (usulan BPUM).

Source: PAIS UMi SOP, Dinas Koperasi dan UKM Kabupaten Indragiri Hilir (2021), part D 4-9; machine: DOMAIN section 7.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from commands.application import note_step
from commands.command import Command, Fact, Ref, registered
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from geo.regions import KECAMATAN_LENGTH
from models.intake import IntakeApplication, Recap
from models.states import INTAKE
from models.vocabulary import IntakeLevel, IntakeStatus
from policy.conditions import in_area
from policy.secrets import Secrets

MOST_IN_A_LIST = 10_000
_MOST_NAMED = 20
_S, _L = IntakeStatus, IntakeLevel

ONWARD: Mapping[IntakeStatus, tuple[IntakeLevel, IntakeStatus, IntakeLevel]] = {
    _S.DITERIMA_DESA: (_L.DESA, _S.DIKIRIM_CAMAT, _L.KECAMATAN),
    _S.DIREKAP: (_L.KECAMATAN, _S.DIKIRIM_DINAS, _L.DINAS_KABUPATEN),
    _S.DIKIRIM_DINAS: (_L.DINAS_KABUPATEN, _S.DIKIRIM_PROVINSI, _L.DINAS_PROVINSI),
    _S.DIKIRIM_PROVINSI: (_L.DINAS_PROVINSI, _S.DIKIRIM_KEMENTERIAN, _L.KEMENTERIAN),
    _S.DIKIRIM_KEMENTERIAN: (_L.KEMENTERIAN, _S.TERVALIDASI, _L.KEMENTERIAN),
}
"""Per state: who sends it on, to which state, and where the file lies then. A kecamatan compiles before it sends."""
PAID: Mapping[IntakeStatus, tuple[IntakeLevel, IntakeStatus, IntakeLevel]] = {
    _S.TERVALIDASI: (_L.KEMENTERIAN, _S.DICAIRKAN, _L.KEMENTERIAN),
}
"""The last step: the ministry's list of payments."""

BACK: Mapping[IntakeStatus, tuple[IntakeLevel, IntakeStatus, IntakeLevel]] = {
    _S.DIKIRIM_CAMAT: (_L.KECAMATAN, _S.DITERIMA_DESA, _L.DESA),
    _S.DIREKAP: (_L.KECAMATAN, _S.DIKIRIM_CAMAT, _L.KECAMATAN),
    _S.DIKIRIM_DINAS: (_L.DINAS_KABUPATEN, _S.DIREKAP, _L.KECAMATAN),
    _S.DIKIRIM_PROVINSI: (_L.DINAS_PROVINSI, _S.DIKIRIM_DINAS, _L.DINAS_KABUPATEN),
    _S.DIKIRIM_KEMENTERIAN: (_L.KEMENTERIAN, _S.DIKIRIM_PROVINSI, _L.DINAS_PROVINSI),
}
"""Per state: who returns it by one level, to which state, and where the file lies then."""


# ---- situations


class NothingToCompile(Refusal):
    """A recap of no files."""

    code = "NOTHING_TO_COMPILE"

    def __init__(self) -> None:
        super().__init__(
            "No file waits to be compiled here (DIKIRIM_CAMAT).",
            "Tidak ada berkas yang menunggu direkap di sini (DIKIRIM_CAMAT).",
        )


class NotAtYourDesk(Refusal):
    """A file that another level must move."""

    code = "NOT_AT_YOUR_DESK"

    def __init__(self, status: IntakeStatus, path: Path) -> None:
        super().__init__(
            f"The file is {status}: your level has no such step for it.",
            f"Status berkas {status}: tingkat Anda tidak dapat melakukan langkah ini.",
            path=path,
            state=status,
        )


class UnusableList(Refusal):
    """A list without files, with too many, or with one twice."""

    code = "UNUSABLE_LIST"

    def __init__(self, path: Path = ("applicationIds",)) -> None:
        super().__init__(
            f"Name 1 to {MOST_IN_A_LIST:,} different files.",
            f"Sebutkan 1 sampai {MOST_IN_A_LIST:,} berkas yang berbeda.",
            path=path,
        )


class NumbersNotFound(Refusal):
    """A list of payments with numbers of no file at the caller's desk."""

    code = "NUMBERS_NOT_FOUND"

    def __init__(self, places: Sequence[int]) -> None:
        lines = ", ".join(str(place + 1) for place in places[:_MOST_NAMED])
        more = f" (+{len(places) - _MOST_NAMED})" if len(places) > _MOST_NAMED else ""
        super().__init__(
            f"No file at your desk has the number in line {lines}{more} of the list, or it stands there twice. Nothing "
            "was recorded: mend the list and send all of it again.",
            f"Nomor usulan pada baris {lines}{more} tidak ada di meja Anda, atau tercantum dua kali. Tidak ada yang "
            "dicatat: perbaiki daftar lalu kirim ulang seluruhnya.",
            path=("numbers", places[0]),
            lines=[place + 1 for place in places],
        )


class PaidInTheFuture(Refusal):
    """A payment on a day that has not come."""

    code = "PAID_IN_THE_FUTURE"

    def __init__(self) -> None:
        super().__init__(
            "The day of payment must not lie in the future.",
            "Tanggal pencairan tidak boleh di masa depan.",
            path=("paidOn",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class RecapFrozen(Fact):
    """A kecamatan froze its recap (rekap dikunci)."""

    tells: ClassVar = (Recap.frozen_on, Recap.applications)

    applications: int


# ---- every level


@dataclass(frozen=True, kw_only=True)
class ForwardApplications(Command):
    """Send files on by one step: to the next level, or at the ministry to validated (SOP D5-D9)."""

    application_ids: Annotated[tuple[UUID, ...], Ref("IntakeApplication"), "The files, at most 10,000 (usulan)."]


@dataclass(frozen=True, kw_only=True)
class ReturnApplication(Command):
    """Return a file by one level."""

    application_id: Annotated[UUID, Ref("IntakeApplication"), "The file (usulan)."]
    reason: Annotated[str, "Why (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class RejectApplication(Command):
    """Turn a file down."""

    application_id: Annotated[UUID, Ref("IntakeApplication"), "The file (usulan)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def forward_applications(command: ForwardApplications, work: Work) -> IntakeApplication:
    """Move every file of a list by one step, or none; the answer is about the last of them.

    Raises:
        UnusableList: no files, too many, or one twice.
        NotAtYourDesk: a file is in a state that another level moves on.
    """
    keys = command.application_ids
    if not 0 < len(set(keys)) == len(keys) <= MOST_IN_A_LIST:
        raise UnusableList
    files = await work.own_all(IntakeApplication, keys, ("applicationIds",))
    for index, application in enumerate(files):
        _take(work, application, ONWARD, ("applicationIds", index))
    return files[-1]


async def return_application(command: ReturnApplication, work: Work) -> IntakeApplication:
    """Move a file back by one step.

    Raises:
        NotAtYourDesk: a file is in a state that another level returns.
    """
    application = await work.own(IntakeApplication, command.application_id, ("applicationId",))
    _take(work, application, BACK, ("applicationId",), reason_given(command.reason))
    if application.status is _S.DIKIRIM_CAMAT:
        application.recap_id = None
    application.return_reason = command.reason.strip()
    return application


async def reject_application(command: RejectApplication, work: Work) -> IntakeApplication:
    """Any state but the last -> DITOLAK."""
    application = await work.own(IntakeApplication, command.application_id, ("applicationId",))
    reason = reason_given(command.reason)
    before = application.status
    work.move(application, INTAKE, _S.DITOLAK, reason=reason)
    application.return_reason = reason
    note_step(work, application, before, reason)
    return application


def _take(
    work: Work,
    application: IntakeApplication,
    steps: Mapping[IntakeStatus, tuple[IntakeLevel, IntakeStatus, IntakeLevel]],
    path: Path,
    reason: str = "",
) -> None:
    by, after, level = steps.get(application.status, (None, None, None))
    if by is None or after is None or level is None or work.viewer.level != by:
        raise NotAtYourDesk(application.status, path)
    before = application.status
    work.move(application, INTAKE, after, reason=reason)
    application.level = level
    note_step(work, application, before, reason or None)


# ---- the kecamatan


@dataclass(frozen=True, kw_only=True)
class CompileRecap(Command):
    """Freeze the files that wait in one's kecamatan into a recap with its hash (rekap kecamatan; SOP D6)."""


async def compile_recap(_: CompileRecap, work: Work) -> Recap:
    """DIKIRIM_CAMAT -> DIREKAP for all that wait; see `frozen` for the hash.

    Raises:
        NothingToCompile: none waits, or this is no kecamatan's desk.
    """
    area = work.viewer.area
    if work.viewer.level != _L.KECAMATAN or len(area) != KECAMATAN_LENGTH:
        raise NothingToCompile
    waiting = (
        select(IntakeApplication)
        .where(IntakeApplication.status == _S.DIKIRIM_CAMAT, in_area(IntakeApplication.__table__))  # type: ignore[arg-type]  # a Table
        .order_by(IntakeApplication.number)
        .with_for_update()
    )
    applications = (await work.session.execute(waiting)).scalars().all()
    if not applications:
        raise NothingToCompile
    newest = select(func.coalesce(func.max(Recap.version), 0)).where(Recap.region_code == area)
    recap = work.add(
        Recap,
        region_code=area,
        level=_L.KECAMATAN,
        version=(await work.session.execute(newest)).scalar_one() + 1,
        applications=len(applications),
        frozen_on=work.today,
        file_sha256=frozen(work.secrets, applications),
    )
    await work.session.flush()
    for application in applications:
        work.move(application, INTAKE, _S.DIREKAP)
        application.recap_id = recap.id
        note_step(work, application, _S.DIKIRIM_CAMAT)
    work.tell(RecapFrozen(subject=recap, region_code=area, applications=recap.applications))
    return recap


# ---- the payment


@dataclass(frozen=True, kw_only=True)
class RecordGrantPayments(Command):
    """Record that the grant was paid to everybody on a list of the ministry (status pencairan; SOP D9)."""

    numbers: Annotated[tuple[str, ...], "Numbers of the files, at most 10,000 (nomor usulan)."]
    paid_on: Annotated[dt.date, "Day of the payment (tanggal pencairan)."]


async def record_grant_payments(command: RecordGrantPayments, work: Work) -> IntakeApplication:
    """TERVALIDASI -> DICAIRKAN for every file of a list, or for none; the answer is about the last of them.

    Raises:
        UnusableList, NumbersNotFound: no numbers, too many, or some that name no file here.
        NotAtYourDesk: a file is not validated.
        PaidInTheFuture: the day has not come.
    """
    numbers = [number.strip() for number in command.numbers]
    if not 0 < len(numbers) <= MOST_IN_A_LIST:
        raise UnusableList(("numbers",))
    if command.paid_on > work.today:
        raise PaidInTheFuture
    files = await _numbered(work, numbers)
    for index, application in enumerate(files):
        _take(work, application, PAID, ("numbers", index))
        application.paid_on = command.paid_on
    work.reply["payments"] = len(files)
    return files[-1]


async def _numbered(work: Work, numbers: Sequence[str]) -> list[IntakeApplication]:
    """The files that have these numbers, in their order."""
    found = await work.own_by(IntakeApplication, IntakeApplication.number, numbers)
    often = Counter(numbers)
    if wrong := [at for at, number in enumerate(numbers) if number not in found or often[number] > 1]:
        raise NumbersNotFound(wrong)
    return [found[number] for number in numbers]


def frozen(secrets: Secrets, applications: Sequence[IntakeApplication]) -> str:
    """The SHA-256 of a recap: of a line per file, in the order given, with its number and a keyed hash of what it says.

    Keyed, since the recap's hash is public: without the key nobody tries out who is in it.
    """
    lines = "".join(f"{a.number};{secrets.blind(_said(a), 'recap.line').hex()}\n" for a in applications)
    return sha256(lines.encode()).hexdigest()


def _said(application: IntakeApplication) -> str:
    told = (getattr(application, column) for column in _FROZEN)
    return json.dumps([value.hex() if isinstance(value, bytes) else value for value in told], default=str)


_FROZEN = (
    *("number", "region_code", "business_field", "applicant_name", "applicant_phone", "applicant_address"),
    *("nik_hash", "family_card_last4", "permit_number", "received_on"),
)
"""What a recap holds of a file."""


COMMANDS = (
    registered(ForwardApplications, forward_applications, answers="IntakeApplication"),
    registered(ReturnApplication, return_application, answers="IntakeApplication"),
    registered(RejectApplication, reject_application, answers="IntakeApplication"),
    registered(CompileRecap, compile_recap, answers="Recap"),
    registered(
        RecordGrantPayments,
        record_grant_payments,
        answers="IntakeApplication",
        reply={"payments": ("Int | None", "How many payments were recorded.")},
    ),
)
