"""What waits to be sent to webhooks: rows of the database, so that nothing is lost with a process."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import aliased

from events.audience import Heard
from events.shown import Filter
from kernel.keys import KeyMaker
from models.event import DISCONTINUITY
from models.webhook import SECRET_COLUMN, Subscription, WebhookDelivery
from models.webhook_codes import WebhookPause, WebhookProblem, WebhookState
from policy.secrets import Secrets, UnreadableColumn
from policy.viewer import Agency, Role, Viewer

_log = logging.getLogger("ksbb.webhooks")


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that is served: whose it is, what it wants, where it goes, and how far it has come."""

    id: UUID
    viewer: Viewer
    filter: Filter
    url: str
    secrets: tuple[str, ...]
    position: int
    next_at: dt.datetime | None
    """When something of it is due."""
    waiting: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery that is due."""

    id: UUID
    message_id: str
    type: str
    position: int
    attempts: int
    created_at: dt.datetime


class WebhookQueue:
    """Reads and writes deliveries, on the sequencer's login."""

    def __init__(self, engine: AsyncEngine, secrets: Secrets, keys: KeyMaker) -> None:
        self._engine = engine
        self._secrets = secrets
        self._keys = keys

    async def served(self, now: dt.datetime, only: UUID | None = None) -> list[Hook]:
        """The webhooks that are served, in one reading."""
        waiting = (
            select(func.min(WebhookDelivery.next_at).label("next_at"), func.count().label("waiting"))
            .where(WebhookDelivery.subscription_id == Subscription.id, _WAITS)
            .lateral()
        )
        query = select(Subscription.__table__, waiting.c.next_at, waiting.c.waiting).where(Subscription.active)
        if only is not None:
            query = query.where(Subscription.id == only)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.order_by(Subscription.id))).all()
        return [hook for row in rows if (hook := self._readable(row, now)) is not None]

    def _readable(self, row: Any, now: dt.datetime) -> Hook | None:
        """One webhook; None where its secret does not open, which must hold up no other."""
        try:
            return self._hook(row, now)
        except UnreadableColumn as failure:
            _log.warning("a webhook cannot be served", exc_info=failure, extra={"facts": {"webhook": row.public_id}})
            return None

    def _hook(self, row: Any, now: dt.datetime) -> Hook:
        kept = [row.secret]
        if row.old_secret is not None and row.old_secret_until > now:
            kept.append(row.old_secret)
        viewer = Viewer(
            Role(row.role),
            row.public_id,
            institution_id=str(row.institution_id or ""),
            area=row.area or "",
            agency=row.agency and Agency(row.agency),
        )
        return Hook(
            id=row.id,
            viewer=viewer,
            filter=Filter(
                types=frozenset(row.event_types.split()) or None,
                regions=tuple(row.region_codes.split()) or None,
                institutions=frozenset(row.institution_ids) or None,
            ),
            url=row.target_url,
            secrets=tuple(self._secrets.decrypt(secret, SECRET_COLUMN) for secret in kept),
            position=row.position,
            next_at=row.next_at,
            waiting=row.waiting,
        )

    async def put(self, hook: Hook, heard: Sequence[Heard], position: int, now: dt.datetime) -> bool:
        """Let events wait and go on to a position, both or neither; False when somebody moved the webhook meanwhile.

        What was sent before, and is sent again after a replay, waits in its old row.
        """
        rows = [self._row(hook, one.id, one.event.type, one.event.position, one.event.key, now) for one in heard]
        return await self._put(hook, rows, position)

    async def put_discontinuity(self, hook: Hook, archived_until: int, now: dt.datetime) -> bool:
        """Let it be told that events were archived, and go on behind them."""
        row = self._row(hook, "", DISCONTINUITY, 0, UUID(int=0), now)
        return await self._put(hook, [row | {"message_id": row["public_id"], "subject_key": row["id"]}], archived_until)

    async def _put(self, hook: Hook, rows: Sequence[dict[str, Any]], position: int) -> bool:
        async with self._engine.begin() as connection:
            moved = await connection.execute(
                update(Subscription)
                .where(Subscription.id == hook.id, Subscription.active, Subscription.position == hook.position)
                .values(position=position)
            )
            if moved.rowcount and rows:
                await connection.execute(_ADD, rows)
            return bool(moved.rowcount)

    def _row(self, hook: Hook, message: str, type_: str, position: int, key: UUID, now: dt.datetime) -> dict[str, Any]:
        made = self._keys.new()
        return {
            "id": made,
            "public_id": self._secrets.public_id(WebhookDelivery.__tablename__, made),
            "subscription_id": hook.id,
            "role": hook.viewer.role.value,
            "institution_id": UUID(hook.viewer.institution_id) if hook.viewer.institution_id else None,
            "area": hook.viewer.area or None,
            "message_id": message,
            "event_type": type_,
            "state": WebhookState.WAITING,
            "attempts": 0,
            "created_at": now,
            "next_at": now,
            "position": position,
            "subject_key": key,
        }

    async def due(self, hook: Hook, besides: Collection[UUID], limit: int, now: dt.datetime) -> list[Waiting]:
        """What is due now: of each subject the earliest only, so that the order of a subject is kept."""
        query = (
            select(*(getattr(WebhookDelivery, name) for name in _WAITING_COLUMNS))
            .where(WebhookDelivery.subscription_id == hook.id, _WAITS, WebhookDelivery.next_at <= now, ~_IS_BEHIND)
            .where(WebhookDelivery.id.not_in(besides))
            .order_by(WebhookDelivery.position, WebhookDelivery.id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return [Waiting(*row) for row in await connection.execute(query)]

    async def settle(self, hook: Hook) -> None:
        """Let what is behind an earlier one of its subject be due no sooner, so that `Hook.next_at` tells the truth."""
        first = (
            select(WebhookDelivery.subject_key, WebhookDelivery.next_at)
            .ext(distinct_on(WebhookDelivery.subject_key))
            .where(WebhookDelivery.subscription_id == hook.id, _WAITS)
            .order_by(WebhookDelivery.subject_key, WebhookDelivery.position)
            .subquery()
        )
        behind = update(WebhookDelivery).where(
            *(WebhookDelivery.subscription_id == hook.id, _WAITS),
            *(WebhookDelivery.subject_key == first.c.subject_key, WebhookDelivery.next_at < first.c.next_at),
        )
        async with self._engine.begin() as connection:
            await connection.execute(behind.values(next_at=first.c.next_at))

    async def delivered(self, one: Waiting, status: int | None, now: dt.datetime) -> None:
        """Note that the receiver took it."""
        values = {"problem": None, "next_at": None, "delivered_at": now}
        await self._attempted(one, now, state=WebhookState.DELIVERED, last_status=status, **values)

    async def failed(
        self, one: Waiting, status: int | None, problem: WebhookProblem | None, now: dt.datetime, next_s: float | None
    ) -> None:
        """Note what went wrong, and when it is tried again; never, without a time."""
        state = WebhookState.DEAD if next_s is None else WebhookState.WAITING
        next_at = None if next_s is None else now + dt.timedelta(seconds=next_s)
        await self._attempted(one, now, state=state, last_status=status, problem=problem, next_at=next_at)

    async def dropped(self, some: Sequence[Waiting]) -> None:
        """Note that the owner may not hear of these any more."""
        values = update(WebhookDelivery).where(WebhookDelivery.id.in_([one.id for one in some]), _WAITS)
        async with self._engine.begin() as connection:
            await connection.execute(values.values(state=WebhookState.DROPPED, next_at=None))

    async def _attempted(self, one: Waiting, now: dt.datetime, **values: Any) -> None:
        """Write what an attempt came to, unless another process or the owner was faster."""
        same = (WebhookDelivery.id == one.id, _WAITS, WebhookDelivery.attempts == one.attempts)
        first_at = func.coalesce(WebhookDelivery.first_at, now)
        change = update(WebhookDelivery).where(*same).values(attempts=one.attempts + 1, first_at=first_at, **values)
        async with self._engine.begin() as connection:
            await connection.execute(change)

    async def pause(self, hook: Hook) -> None:
        """Stop serving a webhook whose receiver is gone; what waits stays, for when its owner goes on with it."""
        gone = update(Subscription).where(Subscription.id == hook.id, Subscription.active)
        async with self._engine.begin() as connection:
            await connection.execute(gone.values(active=False, slot=None, paused=WebhookPause.GONE))

    async def drop_before(self, day: dt.datetime) -> int:
        """Drop what is done and older; what waits stays."""
        async with self._engine.begin() as connection:
            return await _rows(connection, delete(WebhookDelivery).where(WebhookDelivery.created_at < day, ~_WAITS))


async def _rows(connection: AsyncConnection, change: Any) -> int:
    return int((await connection.execute(change)).rowcount)


# written out in the statement: only so does PostgreSQL know that the partial indexes are enough
_WAITING = literal(WebhookState.WAITING, WebhookDelivery.state.type, literal_execute=True)
_WAITS = WebhookDelivery.state == _WAITING
_WAITING_COLUMNS = ("id", "message_id", "event_type", "position", "attempts", "created_at")
_EARLIER = aliased(WebhookDelivery)
_IS_BEHIND = exists().where(
    _EARLIER.subscription_id == WebhookDelivery.subscription_id,
    _EARLIER.subject_key == WebhookDelivery.subject_key,
    _EARLIER.state == _WAITING,
    _EARLIER.position < WebhookDelivery.position,
)
_NEW = insert(WebhookDelivery)
_ADD = _NEW.on_conflict_do_update(
    index_elements=["subscription_id", "message_id"],
    set_={
        **{name: _NEW.excluded[name] for name in ("state", "attempts", "next_at")},
        **dict.fromkeys(("last_status", "problem", "first_at", "delivered_at")),
    },
    where=WebhookDelivery.state != WebhookState.WAITING,
)
