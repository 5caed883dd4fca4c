"""Tokens that hold no longer, consent to photos per delivery, and events found by their region."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_S = "ksbb"


def upgrade() -> None:
    """Revocations are facts that are never taken back; processes ask for what is new since they last asked."""
    _revocations()
    _photos()
    op.create_index("ix_event_region", "event", ["region_code", "position"], schema=_S)


def _revocations() -> None:
    op.create_table(
        "token_revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("issued_before", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_revocation")),
        schema=_S,
    )
    op.create_index(op.f("ix_token_revocation_at"), "token_revocation", ["at"], schema=_S)
    for event, level in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger token_revocation_refuses_{event} before {event} on {_S}.token_revocation"
            f" for each {level} execute function {_S}.refuse_change()"
        )


def _photos() -> None:
    """What the consents of those who received say today."""
    op.add_column(
        "delivery", sa.Column("photos_consented", sa.Boolean(), server_default="false", nullable=False), schema=_S
    )
    op.execute(
        "update ksbb.delivery d set photos_consented = s.all_consent from ("
        " select r.delivery_id, bool_and(b.photo_consented) as all_consent from ksbb.delivery_recipient r"
        " join ksbb.business b on b.id = r.business_id group by 1) s where s.delivery_id = d.id and s.all_consent"
    )
