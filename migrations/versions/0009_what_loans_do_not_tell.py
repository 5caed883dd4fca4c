"""Received means goods or a training: a loan no longer shows in it."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0004"


def upgrade() -> None:
    """Derive `has_received` anew, from deliveries alone."""
    op.execute(
        "UPDATE ksbb.business b SET has_received = false WHERE has_received AND NOT EXISTS"
        " (SELECT FROM ksbb.delivery_recipient r WHERE r.business_id = b.id AND r.received_on IS NOT NULL)"
    )
