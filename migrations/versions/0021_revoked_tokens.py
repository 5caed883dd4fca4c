"""Tokens that hold no longer, as of an instant: all of a login, or those of one role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"

_S = "ksbb"


def upgrade() -> None:
    """Facts that are never taken back; processes ask for what is new since they last asked."""
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
