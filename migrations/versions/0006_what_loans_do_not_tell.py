"""Received means goods or a training, never a loan; lists in the order of opaque identifiers are served by indexes."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Derive `has_received` anew, from deliveries alone, and add the indexes."""
    op.execute(
        "UPDATE ksbb.business b SET has_received = false WHERE has_received AND NOT EXISTS"
        " (SELECT FROM ksbb.delivery_recipient r WHERE r.business_id = b.id AND r.received_on IS NOT NULL)"
    )
    for table in ("business", "delivery_recipient", "loan"):
        op.create_index(f"ix_{table}_public_id", table, ["public_id"], schema="ksbb")
