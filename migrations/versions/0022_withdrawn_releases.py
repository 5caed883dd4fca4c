"""Releases that are withdrawn, requests to publish, and releases that wait for two officers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_S = "ksbb"


def upgrade() -> None:
    """A withdrawal is decided in the tables and then carried out in the catalogue and portals: `taken_back_at`."""
    for name in ("withdrawn_at", "taken_back_at"):
        op.add_column("release", sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=True), schema=_S)
    for name in ("withdrawn_reason_en", "replaced_by"):
        op.add_column("release", sa.Column(name, sa.Text(), nullable=True), schema=_S)
    op.create_table(
        "publication_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_publication_request"),
        schema=_S,
    )
    op.create_index(
        "uq_publication_request_waiting",
        "publication_request",
        ["done_at"],
        unique=True,
        schema=_S,
        postgresql_where=sa.text("done_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    _held()


def _held() -> None:
    op.create_table(
        "held_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("version", "manifest_sha256", "policy_hash")),
        sa.Column("held_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("put_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("dropped_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_held_release"),
        sa.UniqueConstraint("version", name="uq_held_release_version"),
        schema=_S,
    )
    op.create_table(
        "release_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("held_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_release_approval"),
        sa.ForeignKeyConstraint(["held_id"], [f"{_S}.held_release.id"], name="fk_release_approval_held_id"),
        sa.UniqueConstraint("held_id", "subject", name="uq_release_approval_held_id_subject"),
        schema=_S,
    )
