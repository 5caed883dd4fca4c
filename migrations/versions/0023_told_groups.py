"""Of whom releases told: kept, so that no later figure tells of a few of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_S = "ksbb"


def upgrade() -> None:
    """Nothing is known of what was released before: the publisher refuses to go on from it."""
    op.create_table(
        "told_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("dataset", "cohort", "place")),
        sa.Column("cells", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("members", sa.Numeric(), nullable=False),
        sa.Column("unlisted", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("listed", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_told_group"),
        schema=_S,
    )
    op.create_index("ix_told_group_dataset_cohort", "told_group", ["dataset", "cohort"], schema=_S)
