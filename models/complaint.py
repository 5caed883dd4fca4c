"""Complaints (pengaduan) and their follow-up."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, region_code
from models.privacy import Business, Contact, FreeText, Internal, Key
from models.vocabulary import ComplaintCategory, ComplaintStatus


class Complaint(Entity, Base):
    """A complaint of anybody about the programme (pengaduan, form H).

    `due_at` is the end of the clock that runs now: `forward_due_at` until it is routed, then that of closing; empty
    when closed. `overdue_since` is the end that passed, once that was announced.
    """

    __tablename__ = "complaint"

    received_at: Mapped[Business[dt.datetime]]
    category: Mapped[Business[ComplaintCategory]]
    region_code: Mapped[Business[str]] = region_code()
    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    complainant_id: Mapped[Key[uuid.UUID | None]] = mapped_column(index=True)
    assigned_agency: Mapped[Business[str | None]]
    status: Mapped[Business[ComplaintStatus]]
    forwarded_at: Mapped[Business[dt.datetime | None]]
    closed_at: Mapped[Business[dt.datetime | None]]
    forward_due_at: Mapped[Business[dt.datetime]]
    due_at: Mapped[Business[dt.datetime | None]] = mapped_column(index=True)
    overdue_since: Mapped[Business[dt.datetime | None]]
    text: Mapped[FreeText[str]]
    reporter_name: Mapped[Contact[str | None]]
    reporter_contact: Mapped[Contact[str | None]]
    tracking_hash: Mapped[Internal[bytes]] = mapped_column(index=True)


class FollowUp(Entity, Base):
    """One step taken on a complaint (tindak lanjut); append-only. `due_at` is the end of the clock that then runs."""

    __tablename__ = "follow_up"
    append_only = True
    forgettable = ("note",)

    complaint_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.complaint.id"), index=True)
    complainant_id: Mapped[Key[uuid.UUID | None]] = mapped_column(index=True)
    region_code: Mapped[Business[str]] = region_code()
    taken_at: Mapped[Business[dt.datetime]]
    status: Mapped[Business[ComplaintStatus]]
    due_at: Mapped[Business[dt.datetime | None]]
    note: Mapped[FreeText[str | None]]
