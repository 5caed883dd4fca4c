"""Deliveries are scheduled, stored and called off before they are reported, and know who reported them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_S = "ksbb"
_STATUSES = ("DIJADWALKAN", "DIBATALKAN", "DILAPORKAN", "DIKEMBALIKAN", "TERVALIDASI", "DIBALIK")


def upgrade() -> None:
    """Two more states, and what is told of a delivery beside what was kept."""
    _states()
    for column in ("override_reason", "storage_note", "reported_by"):
        op.add_column("delivery", sa.Column(column, sa.Text(), nullable=True), schema=_S)
    op.add_column("delivery", sa.Column("storage_offered_on", sa.Date(), nullable=True), schema=_S)
    op.add_column("delivery", sa.Column("storage_place_id", sa.Uuid(), nullable=True), schema=_S)
    op.create_foreign_key(
        op.f("fk_delivery_storage_place_id"),
        "delivery",
        "place",
        ["storage_place_id"],
        ["id"],
        source_schema=_S,
        referent_schema=_S,
    )
    op.create_index(op.f("ix_delivery_storage_place_id"), "delivery", ["storage_place_id"], schema=_S)


def _states() -> None:
    """What was scheduled and not reported no longer counts as reported."""
    listed = ", ".join(f"'{status}'" for status in _STATUSES)
    op.drop_constraint(op.f("ck_delivery_deliverystatus"), "delivery", schema=_S)
    op.create_check_constraint(op.f("ck_delivery_deliverystatus"), "delivery", f"status in ({listed})", schema=_S)
    op.execute(
        f"update {_S}.delivery set status = 'DIJADWALKAN'"  # noqa: S608  # a name of our own
        " where status = 'DILAPORKAN' and delivered_on is null"
    )
