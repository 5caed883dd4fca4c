"""Webhooks (langganan): an agency or body registers where it wants to hear of events, and looks after it.

Who registers one is its audience: what is sent is what that role, in that scope, may hear of at the moment of sending.
The worker that sends is `events/webhooks.py`. Source: our proposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from commands.collaborator import plain_text
from commands.command import Command, Fact, Ref, Spelling, registered
from commands.refusal import NotFound, Refusal
from commands.webhook_filter import institutions_given, new_secret, regions_given, target_given, types_given
from commands.work import Work
from kernel.targets import Targets
from models.event import EventLogState
from models.webhook import PING, SECRET_COLUMN, Subscription, WebhookDelivery
from models.webhook_codes import WebhookPause, WebhookState
from policy.conditions import own_webhooks
from policy.event_cursor import BEGINNING, opened_position
from policy.secrets import SealBroken
from policy.viewer import SCOPE_OF, Scope

MOST_ACTIVE = 10
"""Active webhooks of one owner."""
OLD_SECRET_HOURS = 24
"""Hours for which the secret before the last rotation signs too."""


# ---- situations


class TooManyWebhooks(Refusal):
    """An owner that has as many active webhooks as there may be."""

    code = "TOO_MANY_WEBHOOKS"

    def __init__(self) -> None:
        super().__init__(
            f"You have {MOST_ACTIVE} active webhooks already. Pause or remove one first.",
            f"Anda sudah memiliki {MOST_ACTIVE} webhook aktif. Hentikan atau hapus salah satunya dahulu.",
        )


class WebhookNotActive(Refusal):
    """A webhook that is paused, where something is to be sent."""

    code = "WEBHOOK_NOT_ACTIVE"

    def __init__(self) -> None:
        super().__init__(
            "This webhook is paused. Activate it first (changeWebhook).",
            "Webhook ini sedang dihentikan. Aktifkan dahulu (changeWebhook).",
            path=("subscriptionId",),
        )


class WebhookEnded(Refusal):
    """A webhook that was removed."""

    code = "WEBHOOK_ENDED"

    def __init__(self) -> None:
        super().__init__(
            "This webhook was removed. Register a new one.",
            "Webhook ini sudah dihapus. Daftarkan yang baru.",
            path=("subscriptionId",),
        )


class CursorRefused(Refusal):
    """A cursor that was not given to the owner."""

    code = "BAD_CURSOR"

    def __init__(self) -> None:
        super().__init__(
            f"This cursor was not given to your role and scope. Use the `cursor` of an event as you got it, or "
            f"`{BEGINNING}`.",
            f"Kursor ini tidak diberikan kepada peran dan cakupan Anda. Gunakan `cursor` sebuah peristiwa persis "
            f"seperti diterima, atau `{BEGINNING}`.",
            path=("after",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(Fact):
    """A webhook was registered, changed, paused or removed (langganan diubah)."""

    tells = (Subscription.active,)

    active: bool


# ---- registering and changing

_TYPES = "Types of events to send, such as LoanMoved; none: all that you may hear of (jenis peristiwa)."
_REGIONS = "Regions whose events to send, with all below them; none: all (kode wilayah)."
_INSTITUTIONS = "Institutions whose events to send; none: all (lembaga)."
_URL = "Where to send: https, port 443 or 8443, an address of the public internet (alamat tujuan)."
_WHICH = "The webhook (langganan)."


@dataclass(frozen=True, kw_only=True)
class RegisterWebhook(Command):
    """Have events sent to an address of yours, signed (mendaftarkan webhook). The secret is shown this once."""

    name: Annotated[str, "Name to tell it by (nama)."]
    target_url: Annotated[str, _URL]
    event_types: Annotated[tuple[str, ...], _TYPES] = ()
    region_codes: Annotated[tuple[str, ...], Spelling("RegionCode"), _REGIONS] = ()
    institution_ids: Annotated[tuple[UUID, ...], Ref("Institution"), _INSTITUTIONS] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeWebhook(Command):
    """Change a webhook, pause it or go on with it; what is left out stays. While paused, nothing is lost."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]
    name: Annotated[str | None, "Name to tell it by (nama)."] = None
    target_url: Annotated[str | None, _URL] = None
    event_types: Annotated[tuple[str, ...] | None, _TYPES] = None
    region_codes: Annotated[tuple[str, ...] | None, Spelling("RegionCode"), _REGIONS] = None
    institution_ids: Annotated[tuple[UUID, ...] | None, Ref("Institution"), _INSTITUTIONS] = None
    active: Annotated[bool | None, "Whether it is served (aktif)."] = None


@dataclass(frozen=True, kw_only=True)
class RotateWebhookSecret(Command):
    """Give a webhook a new secret, shown this once; for 24 hours messages are signed with the old one too."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]


@dataclass(frozen=True, kw_only=True)
class RemoveWebhook(Command):
    """End a webhook for good; what waits is not sent any more, its log stays (menghapus webhook)."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]


async def register_webhook(command: RegisterWebhook, work: Work) -> Subscription:
    """Add a webhook that goes on from the last event there is.

    Raises:
        UnusableName, NumberOfAPerson, TargetRefused, UnknownEventType, FilterTooLong: a part of it cannot be used.
        TooManyWebhooks: the owner has enough.
    """
    viewer, needs = work.viewer, SCOPE_OF[work.viewer.role]
    target = await target_given(command.target_url, _targets(work))
    webhook = work.add(
        Subscription,
        role=viewer.role.value,
        institution_id=UUID(viewer.institution_id) if Scope.INSTITUTION in needs else None,
        area=viewer.area if Scope.AREA in needs else None,
        agency=viewer.agency,
        name=plain_text(command.name, ("name",)),
        event_types=types_given(command.event_types),
        region_codes=regions_given(command.region_codes),
        institution_ids=institutions_given(command.institution_ids),
        target_host=target.host,
        target_url=target.url,
        secret=_secret_shown(work),
        active=True,
        slot=await _free_slot(work),
        position=(await work.session.execute(select(EventLogState.last_position))).scalar_one(),
        created_on=work.today,
    )
    _tell(work, webhook)
    return webhook


async def change_webhook(command: ChangeWebhook, work: Work) -> Subscription:
    """Change what is given.

    Raises:
        NotFound, WebhookEnded: there is none of the caller's, or no more.
        UnusableName, NumberOfAPerson, TargetRefused, UnknownEventType, FilterTooLong: a part of it cannot be used.
        TooManyWebhooks: it would go on, and the owner has enough.
    """
    webhook = await _own(work, command.subscription_id)
    if command.name is not None:
        webhook.name = plain_text(command.name, ("name",))
    if command.target_url is not None:
        target = await target_given(command.target_url, _targets(work))
        webhook.target_host, webhook.target_url = target.host, target.url
    if command.event_types is not None:
        webhook.event_types = types_given(command.event_types)
    if command.region_codes is not None:
        webhook.region_codes = regions_given(command.region_codes)
    if command.institution_ids is not None:
        webhook.institution_ids = institutions_given(command.institution_ids)
    if command.active is not None and command.active is not webhook.active:
        webhook.active = command.active
        webhook.paused = None if command.active else WebhookPause.OWNER
        webhook.slot = await _free_slot(work) if command.active else None
    _tell(work, webhook)
    return webhook


async def rotate_webhook_secret(command: RotateWebhookSecret, work: Work) -> Subscription:
    """Keep the present secret for a day beside the new one; the one before it is forgotten.

    Raises:
        NotFound, WebhookEnded: there is none of the caller's, or no more.
    """
    webhook = await _own(work, command.subscription_id)
    webhook.old_secret, webhook.secret = webhook.secret, _secret_shown(work)
    webhook.old_secret_until = work.now + dt.timedelta(hours=OLD_SECRET_HOURS)
    return webhook


async def remove_webhook(command: RemoveWebhook, work: Work) -> Subscription:
    """End it, and drop what waits.

    Raises:
        NotFound, WebhookEnded: there is none of the caller's, or it was removed before.
    """
    webhook = await _own(work, command.subscription_id)
    webhook.active, webhook.slot, webhook.paused, webhook.ended_on = False, None, WebhookPause.REMOVED, work.today
    waiting = update(WebhookDelivery).where(*_of(webhook, WebhookState.WAITING))
    await work.session.execute(waiting.values(state=WebhookState.DROPPED, next_at=None))
    _tell(work, webhook)
    return webhook


# ---- testing, and sending again


@dataclass(frozen=True, kw_only=True)
class PingWebhook(Command):
    """Have a test message of type PING sent; one that still waits is not doubled (uji webhook)."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]


@dataclass(frozen=True, kw_only=True)
class ReplayWebhook(Command):
    """Have everything sent again that came after an event; `webhook-id` is the same as before (kirim ulang)."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]
    after: Annotated[str, "The `cursor` of the last event that you have, or BEGINNING (kursor)."]


@dataclass(frozen=True, kw_only=True)
class RedeliverWebhook(Command):
    """Have dead letters sent again: those named, or all of a webhook (kirim ulang yang gagal)."""

    subscription_id: Annotated[UUID, Ref("AgencySubscription"), _WHICH]
    delivery_ids: Annotated[tuple[UUID, ...], Ref("WebhookDelivery"), "Which; none: all (pengiriman)."] = ()


async def ping_webhook(command: PingWebhook, work: Work) -> WebhookDelivery:
    """Queue a test message.

    Raises:
        NotFound, WebhookEnded, WebhookNotActive: there is none of the caller's that is served.
    """
    webhook = await _own(work, command.subscription_id, active=True)
    for waiting in await work.rows(
        WebhookDelivery, WebhookDelivery.event_type == PING, *_of(webhook, WebhookState.WAITING)
    ):
        return waiting
    ping = work.add(
        WebhookDelivery,
        subscription_id=webhook.id,
        role=webhook.role,
        institution_id=webhook.institution_id,
        area=webhook.area,
        event_type=PING,
        state=WebhookState.WAITING,
        attempts=0,
        created_at=work.now,
        next_at=work.now,
        position=0,
    )
    ping.message_id, ping.subject_key = ping.public_id, ping.id
    return ping


async def replay_webhook(command: ReplayWebhook, work: Work) -> Subscription:
    """Go on after another event than the last; what waits behind it is queued anew, so that the order is kept.

    Raises:
        NotFound, WebhookEnded, WebhookNotActive: there is none of the caller's that is served.
        CursorRefused: the cursor was not given to the owner.
    """
    webhook = await _own(work, command.subscription_id, active=True)
    try:
        webhook.position = opened_position(work.secrets, work.viewer, command.after)
    except SealBroken:
        raise CursorRefused from None
    behind = update(WebhookDelivery).where(*_of(webhook, WebhookState.WAITING))
    behind = behind.where(WebhookDelivery.position > webhook.position)
    await work.session.execute(behind.values(state=WebhookState.DROPPED, next_at=None))
    return webhook


async def redeliver_webhook(command: RedeliverWebhook, work: Work) -> Subscription:
    """Let dead letters wait again, with all their attempts before them.

    Raises:
        NotFound, WebhookEnded, WebhookNotActive: there is none of the caller's that is served.
    """
    webhook = await _own(work, command.subscription_id, active=True)
    dead = update(WebhookDelivery).where(*_of(webhook, WebhookState.DEAD))
    if command.delivery_ids:
        dead = dead.where(WebhookDelivery.id.in_(command.delivery_ids))
    again = dead.values(state=WebhookState.WAITING, attempts=0, first_at=None, next_at=work.now)
    found = await work.session.execute(again.returning(WebhookDelivery.id))
    work.reply["redelivered"] = len(found.all())
    return webhook


# ---- what they share


async def _own(work: Work, key: UUID, *, active: bool = False) -> Subscription:
    """A webhook of the caller's, locked; who supervises sees those of others, but does nothing with them."""
    own = own_webhooks(work.viewer.role)(Subscription.__table__)  # type: ignore[arg-type]  # a Table
    webhook = await work.locked(Subscription, Subscription.id == key, own)
    if webhook is None:
        raise NotFound("subscription", ("subscriptionId",))
    if webhook.ended_on is not None:
        raise WebhookEnded
    if active and not webhook.active:
        raise WebhookNotActive
    return webhook


async def _free_slot(work: Work) -> int:
    """A place among the owner's active webhooks that is free; of two callers at once the index lets one through."""
    own = own_webhooks(work.viewer.role)(Subscription.__table__)  # type: ignore[arg-type]  # a Table
    taken = {webhook.slot for webhook in await work.rows(Subscription, own, Subscription.slot.is_not(None))}
    free = next((slot for slot in range(MOST_ACTIVE) if slot not in taken), None)
    if free is None:
        raise TooManyWebhooks
    return free


def _secret_shown(work: Work) -> bytes:
    """A new secret as it is kept; in clear it stands in the answer."""
    work.reply["secret"] = new_secret()
    return work.secrets.encrypt(work.reply["secret"], SECRET_COLUMN)


def _targets(work: Work) -> Targets:
    return Targets(allow_private=bool(work.settings.webhook_allow_private))


def _of(webhook: Subscription, state: WebhookState) -> tuple[ColumnElement[bool], ...]:
    """Conditions of the deliveries of a webhook in a state."""
    return WebhookDelivery.subscription_id == webhook.id, WebhookDelivery.state == state


def _tell(work: Work, webhook: Subscription) -> None:
    work.tell(
        WebhookChanged(
            subject=webhook, active=webhook.active, region_code=webhook.area, institutions=(webhook.institution_id,)
        )
    )


_SECRET = {"secret": ("String | None", "The secret that signs, `whsec_...`; keep it, it is not shown again (rahasia).")}
_COUNT = {"redelivered": ("Int | None", "How many dead letters wait again (jumlah).")}

COMMANDS = (
    registered(RegisterWebhook, register_webhook, answers="AgencySubscription", reply=_SECRET),
    registered(ChangeWebhook, change_webhook, answers="AgencySubscription"),
    registered(RotateWebhookSecret, rotate_webhook_secret, answers="AgencySubscription", reply=_SECRET),
    registered(PingWebhook, ping_webhook, answers="WebhookDelivery"),
    registered(ReplayWebhook, replay_webhook, answers="AgencySubscription"),
    registered(RedeliverWebhook, redeliver_webhook, answers="AgencySubscription", reply=_COUNT),
    registered(RemoveWebhook, remove_webhook, answers="AgencySubscription"),
)
