"""Imports: population by kelurahan and year, and the files that changed something."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_S = "ksbb"


def upgrade() -> None:
    """Create both tables."""
    _population()
    _imported_files()


def _population() -> None:
    """Population is public reference data; its key says region and year."""
    op.create_table(
        "population",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'population_' || id", persisted=True), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("inhabitants", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("inhabitants >= 0 and year between 1960 and 2100", name=op.f("ck_population_is_possible")),
        sa.ForeignKeyConstraint(["region_code"], [f"{_S}.region.code"], name=op.f("fk_population_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_population")),
        schema=_S,
    )
    op.create_index(op.f("ix_population_region_code"), "population", ["region_code"], schema=_S)


def _imported_files() -> None:
    """What was imported is a fact; the function that refuses to change facts came with the ledger."""
    op.create_table(
        "imported_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "source", "sha256")),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "inserted", "updated", "unchanged", "held")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_file")),
        schema=_S,
    )
    for event, level in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger imported_file_refuses_{event} before {event} on {_S}.imported_file"
            f" for each {level} execute function {_S}.refuse_change()"
        )
