"""Releases of the open data (rilis): asked for, and taken back with a reason; publishing carries both out.

What the event log says of a new release is declared here too; `datapackages/publish.py` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sqlalchemy import select

from commands.command import Command, Fact, registered
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from models.release import PublicationRequest, Release


class NoSuchVersion(Refusal):
    """A version that no release has."""

    code = "NO_SUCH_VERSION"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "There is no release of this version that stands. The query `releases` tells which there are.",
            "Tidak ada rilis versi ini yang masih berlaku. Lihat kueri `releases` untuk versi yang ada.",
            path=path,
        )


class WithdrawnAlready(Refusal):
    """A release that was withdrawn before."""

    code = "WITHDRAWN_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "This release is withdrawn already, and its reason stands. Nothing is left to do.",
            "Rilis ini sudah ditarik dan alasannya tetap. Tidak ada lagi yang perlu dilakukan.",
            path=("version",),
        )


@dataclass(frozen=True, kw_only=True)
class ReleasePublished(Fact):
    """A new version of a dataset was published (rilis data terbuka terbit)."""

    tells: ClassVar = (Release.version,)

    dataset: str


@dataclass(frozen=True, kw_only=True)
class ReleaseWithdrawn(Fact):
    """A version of a dataset was taken back; `withdrawnReason` says why (rilis data terbuka ditarik)."""

    tells: ClassVar = (Release.withdrawn_reason,)

    dataset: str


@dataclass(frozen=True, kw_only=True)
class WithdrawRelease(Command):
    """Take a release of the open data back, with all its datasets; its files give way to the reason (tarik rilis)."""

    version: Annotated[str, "Version, such as 1.0.3 (versi)."]
    reason: Annotated[str, "Why, in Indonesian, for everybody to read; name nobody (alasan)."]
    reason_en: Annotated[str | None, "Why, in English; as in Indonesian if left out."] = None
    replaced_by: Annotated[str | None, "Version that replaces it, if one does (digantikan oleh)."] = None


@dataclass(frozen=True, kw_only=True)
class PublishRelease(Command):
    """Ask for a release of the open data now; the server makes it by itself, with all checks (minta rilis)."""


async def withdraw_release(command: WithdrawRelease, work: Work) -> Release:
    """Write down that a release is withdrawn; `datapackages/withdrawing.py` then takes its files away.

    Raises:
        NoSuchVersion: there is no such release, or none that could replace it.
        WithdrawnAlready: it was withdrawn before.
        ReasonMissing: no reason in Indonesian.
    """
    reason = reason_given(command.reason)
    release = await _of_version(work, command.version)
    if not release:
        raise NoSuchVersion(("version",))
    standing = [row for row in release if row.withdrawn_at is None]
    if not standing:
        raise WithdrawnAlready
    replaced_by = await _replacement(command, work)
    for row in standing:
        row.withdrawn_reason, row.withdrawn_reason_en = reason, (command.reason_en or "").strip() or reason
        row.withdrawn_at, row.replaced_by = work.now, replaced_by
        work.tell(ReleaseWithdrawn(subject=row, dataset=row.dataset))
    work.details["withdrawn"] = {"version": release[0].version, "datasets": len(standing)}
    work.reply["datasets"] = [row.dataset for row in standing]
    return standing[0]


async def _replacement(command: WithdrawRelease, work: Work) -> str | None:
    """The version that replaces a release, which must stand itself."""
    if command.replaced_by is None:
        return None
    other = [row for row in await _of_version(work, command.replaced_by) if row.withdrawn_at is None]
    if not other or other[0].version == command.version.strip():
        raise NoSuchVersion(("replacedBy",))
    return other[0].version


async def _of_version(work: Work, version: str) -> Sequence[Release]:
    """The rows of a release, locked, in order of their datasets."""
    query = select(Release).where(Release.version == version.strip()).order_by(Release.dataset, Release.id)
    return (await work.session.execute(query.with_for_update())).scalars().all()


async def publish_release(command: PublishRelease, work: Work) -> None:  # noqa: ARG001  # it says nothing but itself
    """Note the request; where one waits already, that one stands for both."""
    waiting = await work.locked(PublicationRequest, PublicationRequest.done_at.is_(None))
    if waiting is None:
        waiting = PublicationRequest(
            id=work.keys.new(), requested_at=work.now, role=work.viewer.role, subject=work.viewer.subject
        )
        work.session.add(waiting)
    work.reply["requestedAt"] = waiting.requested_at.isoformat()


COMMANDS = (
    registered(
        WithdrawRelease,
        withdraw_release,
        answers="Release",
        reply={"datasets": ("list[String] | None", "Names of the datasets that are withdrawn (dataset yang ditarik).")},
    ),
    registered(
        PublishRelease,
        publish_release,
        answers="",
        reply={"requestedAt": ("DateTime | None", "Since when the request waits to be carried out (diminta pada).")},
    ),
)
