"""Files of the intake chain keep the permit that was shown, and the day on which the grant was paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Two columns; files that came in before have neither."""
    op.add_column("intake_application", sa.Column("permit_number", sa.Text(), nullable=True), schema="ksbb")
    op.add_column("intake_application", sa.Column("paid_on", sa.Date(), nullable=True), schema="ksbb")
