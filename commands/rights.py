"""Requests of a person about the own data: filed, withdrawn, and the copy of everything that is held (hak akses).

Source: UU 27/2022, art. 5-8 and 30-34. Corrections and erasures are decided in modules of their own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, registered
from commands.refusal import Refusal
from commands.work import Work
from models.owner import Owner
from models.rights import RightsRequest
from models.states import RIGHTS_REQUEST
from models.vocabulary import Actor, CorrectionField, RightsRequestKind, RightsRequestStatus

LONGEST_REASON = 1_000


class AskedAlready(Refusal):
    """A request of the same kind that is not decided yet."""

    code = "ASKED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "You have asked for this already. Wait for the decision, or withdraw the request first.",
            "Anda sudah mengajukan permohonan ini. Tunggu keputusannya, atau tarik dahulu permohonan itu.",
        )


class ReasonTooLong(Refusal):
    """More words than are kept."""

    code = "REASON_TOO_LONG"

    def __init__(self) -> None:
        super().__init__(
            f"Give the reason in at most {LONGEST_REASON:,} characters.",
            f"Tuliskan alasannya paling banyak {LONGEST_REASON:,} karakter.",
            path=("reason",),
        )


@dataclass(frozen=True, kw_only=True)
class RightsRequestMoved(Fact):
    """A person's request was filed, decided or withdrawn (permohonan subjek data berpindah status)."""

    tells: ClassVar = (RightsRequest.kind, RightsRequest.status, RightsRequest.field)

    kind: RightsRequestKind
    status: RightsRequestStatus
    field: CorrectionField | None


def request_moved(request: RightsRequest) -> RightsRequestMoved:
    """The event of a request: never who asked, nor what for."""
    return RightsRequestMoved(
        subject=request,
        region_code=request.region_code,
        kind=request.kind,
        status=request.status,
        field=request.field,
    )


async def asker(work: Work) -> Owner:
    """The person who gives the command, locked, so that two requests at once meet here."""
    return await work.own(Owner, UUID(work.viewer.person_id), ())


async def filed(work: Work, owner: Owner, kind: RightsRequestKind, **of: Any) -> RightsRequest:
    """A new request of a person, with its clock (72 hours or what the setting says).

    Raises:
        AskedAlready: the same is asked for and not decided.
        ReasonTooLong: the reason has too many words.
    """
    if len(of.get("reason") or "") > LONGEST_REASON:
        raise ReasonTooLong
    waiting = await work.rows(
        RightsRequest,
        RightsRequest.owner_id == owner.id,
        RightsRequest.kind == kind,
        RightsRequest.status == RightsRequestStatus.DIAJUKAN,
        RightsRequest.field.is_not_distinct_from(of.get("field")),
    )
    if waiting:
        raise AskedAlready
    request = work.add(
        RightsRequest,
        owner_id=owner.id,
        kind=kind,
        requested_at=work.now,
        due_at=work.now + dt.timedelta(hours=work.settings.rights_hours),
        **{"region_code": owner.region_code, **of},
    )
    work.begin(request, RIGHTS_REQUEST, RightsRequestStatus.DIAJUKAN)
    work.tell(request_moved(request))
    return request


def close(work: Work, request: RightsRequest, after: RightsRequestStatus, *, by: Actor | None = None) -> None:
    """Decide or withdraw a request; what was proposed is not kept any longer."""
    work.move(request, RIGHTS_REQUEST, after, by=by)
    request.decided_at = work.now
    request.proposed = None
    work.tell(request_moved(request))


@dataclass(frozen=True, kw_only=True)
class RequestAccessExport(Command):
    """Ask for a copy of everything that is held on you, with who did and read what (hak akses, UU 27/2022 art. 6-7)."""


@dataclass(frozen=True, kw_only=True)
class WithdrawRightsRequest(Command):
    """Withdraw a request of your own that is not decided yet."""

    request_id: Annotated[UUID, Ref("RightsRequest"), "The request (permohonan)."]


async def request_access_export(_: RequestAccessExport, work: Work) -> RightsRequest:
    """Open a copy for as long as a request has; it is made when it is fetched (`commands/export.py`)."""
    request = await filed(work, await asker(work), RightsRequestKind.AKSES)
    close(work, request, RightsRequestStatus.DIPENUHI, by=Actor.SISTEM)
    work.reply["download"] = f"/me/export/{request.public_id}"
    return request


async def withdraw_rights_request(command: WithdrawRightsRequest, work: Work) -> RightsRequest:
    """DIAJUKAN -> DITARIK."""
    request = await work.own(RightsRequest, command.request_id, ("requestId",))
    close(work, request, RightsRequestStatus.DITARIK)
    return request


COMMANDS = (
    registered(
        RequestAccessExport,
        request_access_export,
        answers="RightsRequest",
        reply={"download": ("String | None", "Where the copy is fetched with your own token, until `dueAt`.")},
    ),
    registered(WithdrawRightsRequest, withdraw_rights_request, answers="RightsRequest"),
)
