"""API keys of partner agencies: kept as hashes, ended once and for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_S = "ksbb"


def upgrade() -> None:
    """Of a key only its end and its last use change; an end never moves back. Processes ask for what is new."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("role", "subject")),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("area", sa.Text(collation="C"), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("level", "agency")),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("trusted_only", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=False) for name in ("created_at", "expires_at")),
        *(sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=True) for name in ("revoked_at", "last_used_at")),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.ForeignKeyConstraint(["replaces_id"], [f"{_S}.api_key.id"], name=op.f("fk_api_key_replaces_id")),
        sa.CheckConstraint(
            "expires_at <= created_at + interval '366 days'", name=op.f("ck_api_key_expires_within_a_year")
        ),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_api_key_hash_has_32_bytes")),
        schema=_S,
    )
    op.create_index(op.f("ix_api_key_changed_at"), "api_key", ["changed_at"], schema=_S)
    ends = "'{expires_at,revoked_at,last_used_at,changed_at}'::text[]"
    is_allowed = (
        f"to_jsonb(old) - {ends} is not distinct from to_jsonb(new) - {ends} and new.expires_at <= old.expires_at"
        " and (old.revoked_at is null or new.revoked_at is not distinct from old.revoked_at)"
    )
    for event, level in (("update", f"row when (not ({is_allowed}))"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger api_key_refuses_{event} before {event} on {_S}.api_key"
            f" for each {level} execute function {_S}.refuse_change()"
        )
