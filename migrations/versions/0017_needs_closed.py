"""Needs know the day on which an officer closed them, so that a withdrawn pledge does not open them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_S = "ksbb"


def upgrade() -> None:
    """The day; needs that were closed before have none, as nobody knows whether they were closed or taken."""
    op.add_column("need", sa.Column("closed_on", sa.Date(), nullable=True), schema=_S)
