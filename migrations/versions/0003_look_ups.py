"""Look-ups by NIK are counted per person and day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Index what is counted."""
    op.create_index(
        "ix_audit_entry_look_up",
        "audit_entry",
        ["subject", "at"],
        schema="ksbb",
        postgresql_where=sa.text("act = 'LOOK_UP'"),
    )
