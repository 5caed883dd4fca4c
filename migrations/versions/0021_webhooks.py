"""Webhooks of partner agencies: subscriptions are whole, and what is sent to them is logged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_S = "ksbb"


def upgrade() -> None:
    """Nobody could subscribe before: rows that somebody wrote by hand have no owner and are dropped."""
    op.execute("DELETE FROM ksbb.subscription")
    op.drop_constraint("fk_subscription_institution_id", "subscription", schema=_S)
    for column in ("event_types", "filter"):
        op.drop_column("subscription", column, schema=_S)
    columns: tuple[sa.Column[Any], ...] = (
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("role", "event_types", "region_codes")),
        sa.Column("area", sa.Text(collation="C"), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("institution_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("target_host", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        _at("old_secret_until"),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
    )
    for added in columns:
        op.add_column("subscription", added, schema=_S)
    pauses = _codes("webhookpause.paused", "OWNER", "GONE", "REMOVED", nullable=True)
    op.add_column("subscription", pauses, schema=_S)
    op.create_index(
        "uq_subscription_slot",
        "subscription",
        ["role", "institution_id", "area", "slot"],
        unique=True,
        schema=_S,
        postgresql_where=sa.text("slot is not null"),
        postgresql_nulls_not_distinct=True,
    )
    _deliveries()


def _deliveries() -> None:
    problems = ("NAME", "ADDRESS", "CONNECTION", "TIMEOUT", "REDIRECT", "STATUS", "GONE")
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("area", sa.Text(collation="C"), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        _codes("webhookstate.state", "WAITING", "DELIVERED", "DEAD", "DROPPED"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        _codes("webhookproblem.problem", *problems, nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        *(_at(name) for name in ("first_at", "next_at", "delivered_at")),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject_key", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], [f"{_S}.subscription.id"], name="fk_webhook_delivery_subscription_id"
        ),
        sa.UniqueConstraint("subscription_id", "message_id", name="uq_webhook_delivery_subscription_id_message_id"),
        schema=_S,
    )
    waiting = sa.text("state = 'WAITING'")
    for name, columns, where in (
        ("waiting", ["subscription_id", "subject_key", "position"], waiting),
        ("due", ["subscription_id", "next_at"], waiting),
        ("created", ["created_at"], None),
    ):
        op.create_index(f"ix_webhook_delivery_{name}", "webhook_delivery", columns, schema=_S, postgresql_where=where)


def _at(name: str) -> sa.Column[dt.datetime]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=True)


def _codes(name: str, *codes: str, nullable: bool = False) -> sa.Column[str]:
    """A column of a closed list of codes."""
    kind, _, column = name.rpartition(".")
    enum = sa.Enum(*codes, name=kind, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, enum, nullable=nullable)
