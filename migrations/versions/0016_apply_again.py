"""Whoever was turned down may apply again: one file of a person stands, whatever was refused before."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

_TABLE, _S = "intake_application", "ksbb"


def upgrade() -> None:
    """The unique constraint gives way to an index over the files that were not turned down."""
    op.drop_constraint(op.f("uq_intake_application_nik_hash"), _TABLE, schema=_S)
    op.create_index("ix_intake_application_nik_hash", _TABLE, ["nik_hash"], schema=_S)
    op.create_index(
        "uq_intake_application_one_that_stands",
        _TABLE,
        ["nik_hash"],
        unique=True,
        schema=_S,
        postgresql_where="status <> 'DITOLAK'",
    )
