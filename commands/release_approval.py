"""Releases that wait for two officers (persetujuan rilis): made after the privacy policy changed, not public yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select

from commands.command import Command, registered
from commands.refusal import Refusal
from commands.work import Work
from models.release import HeldRelease, ReleaseApproval

APPROVALS = 2
"""Officers who must agree, beside the one who published."""


class NotWaiting(Refusal):
    """A version that does not wait for approval."""

    code = "RELEASE_NOT_WAITING"

    def __init__(self) -> None:
        super().__init__(
            "No release of this version waits for approval. `ksbb release list` tells which does.",
            "Tidak ada rilis versi ini yang menunggu persetujuan. Lihat `ksbb release list`.",
            path=("version",),
        )


class ApprovalNotYours(Refusal):
    """An approval by who published the release, or approved it before."""

    code = "APPROVAL_NOT_YOURS"

    def __init__(self) -> None:
        super().__init__(
            "You published this release or approved it already: another officer has to approve it.",
            "Anda yang menerbitkan atau sudah menyetujui rilis ini: petugas lain yang harus menyetujuinya.",
            path=("version",),
        )


@dataclass(frozen=True, kw_only=True)
class ApproveRelease(Command):
    """Agree that a release under a changed privacy policy comes out; two officers have to (setujui rilis)."""

    version: Annotated[str, "Version that waits, such as 1.0.4 (versi)."]
    refused_because: Annotated[str | None, "Given, the release is refused instead and dropped (alasan menolak)."] = None


async def approve_release(command: ApproveRelease, work: Work) -> None:
    """Note an approval, or drop the release; `datapackages/approving.py` then puts it in place or takes it away.

    Raises:
        NotWaiting: no such release waits.
        ApprovalNotYours: the caller published it, or approved it before.
    """
    version = command.version.strip()
    held = await work.locked(
        HeldRelease,
        HeldRelease.version == version,
        HeldRelease.put_at.is_(None),
        HeldRelease.dropped_at.is_(None),
    )
    if held is None:
        raise NotWaiting
    of_it = ReleaseApproval.held_id == held.id
    if reason := (command.refused_because or "").strip():
        held.dropped_at, held.dropped_because = work.now, reason
    else:
        officers = set((await work.session.execute(select(ReleaseApproval.subject).where(of_it))).scalars())
        if work.viewer.subject in {held.made_by, *officers}:
            raise ApprovalNotYours
        work.session.add(ReleaseApproval(id=work.keys.new(), held_id=held.id, at=work.now, subject=work.viewer.subject))
        await work.session.flush()
    given = (await work.session.execute(select(func.count()).where(of_it))).scalar_one()
    work.details["release"] = {
        "version": held.version,
        "manifest_sha256": held.manifest_sha256,
        "refused": bool(reason),
    }
    work.reply |= {"approvals": given, "needed": 0 if reason else max(0, APPROVALS - given)}


COMMANDS = (
    registered(
        ApproveRelease,
        approve_release,
        answers="",
        reply={
            "approvals": ("Int | None", "How many officers have approved it (jumlah persetujuan)."),
            "needed": (
                "Int | None",
                "How many more have to; at 0 the server puts it in place, or drops it if refused.",
            ),
        },
    ),
)
