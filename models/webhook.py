"""Webhooks: subscriptions of partner agencies (langganan), and what was sent to them (pengiriman)."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Internal, Key, Public
from models.webhook_codes import WebhookPause, WebhookProblem, WebhookState

SECRET_COLUMN = "subscription.secret"  # noqa: S105  # what the secret is encrypted for, not a secret
"""The context in which secrets are encrypted, the old one too."""
PING = "PING"
"""The type of a message that tests a webhook."""


class Subscription(Entity, Base):
    """A partner agency's webhook (langganan).

    `role`, `institution_id`, `area` and `agency` are the audience: whose rights are checked at every delivery. Types
    and region codes are separated by blanks, empty for all. `position` is the place in the log that it goes on after.
    Each active one has a `slot` of its owner's: there are only so many.
    """

    __tablename__ = "subscription"

    role: Mapped[Public[str]]
    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(index=True)
    area: Mapped[Public[str | None]] = mapped_column(Text(collation="C"))
    agency: Mapped[Public[str | None]]
    name: Mapped[Public[str]]
    event_types: Mapped[Public[str]]
    region_codes: Mapped[Public[str]]
    institution_ids: Mapped[Internal[list[uuid.UUID]]] = mapped_column(ARRAY(Uuid()))
    target_host: Mapped[Public[str]]
    target_url: Mapped[Internal[str]]
    secret: Mapped[Internal[bytes]] = mapped_column(LargeBinary)
    old_secret: Mapped[Internal[bytes | None]] = mapped_column(LargeBinary)
    old_secret_until: Mapped[Internal[dt.datetime | None]]
    active: Mapped[Public[bool]]
    slot: Mapped[Internal[int | None]]
    paused: Mapped[Public[WebhookPause | None]]
    position: Mapped[Internal[int]] = mapped_column(BigInteger)
    created_on: Mapped[Public[dt.date]]
    ended_on: Mapped[Public[dt.date | None]]

    __table_args__ = (
        Index(
            "uq_subscription_slot",
            *("role", "institution_id", "area", "slot"),
            unique=True,
            postgresql_where="slot is not null",
            postgresql_nulls_not_distinct=True,
        ),
    )


class WebhookDelivery(Entity, Base):
    """One event on its way to one webhook (pengiriman).

    `message_id` is the `webhook-id` of every attempt. The owner's columns are those of the subscription. No body is
    kept, neither ours nor the receiver's: what is sent is read anew, with the owner's rights, at each attempt.
    """

    __tablename__ = "webhook_delivery"

    subscription_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.subscription.id"))
    role: Mapped[Public[str]]
    institution_id: Mapped[Key[uuid.UUID | None]]
    area: Mapped[Public[str | None]] = mapped_column(Text(collation="C"))
    message_id: Mapped[Public[str]]
    event_type: Mapped[Public[str]]
    state: Mapped[Public[WebhookState]]
    attempts: Mapped[Public[int]]
    last_status: Mapped[Public[int | None]]
    problem: Mapped[Public[WebhookProblem | None]]
    created_at: Mapped[Public[dt.datetime]]
    first_at: Mapped[Public[dt.datetime | None]]
    next_at: Mapped[Public[dt.datetime | None]]
    delivered_at: Mapped[Public[dt.datetime | None]]
    position: Mapped[Internal[int]] = mapped_column(BigInteger)
    subject_key: Mapped[Internal[uuid.UUID]]

    __table_args__ = (
        UniqueConstraint("subscription_id", "message_id"),
        Index(
            "ix_webhook_delivery_waiting",
            *("subscription_id", "subject_key", "position"),
            postgresql_where="state = 'WAITING'",
        ),
        Index("ix_webhook_delivery_due", "subscription_id", "next_at", postgresql_where="state = 'WAITING'"),
        Index("ix_webhook_delivery_created", "created_at"),
    )
