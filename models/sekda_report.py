"""The result report to the Sekda (laporan kepada Sekda)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Entity
from models.privacy import Public


class SekdaReport(Entity, Base):
    """What is reported to the Sekda about a period, as of the end of a day.

    Source: Instruksi Sekda DKI 56/2020, KEENAM.
    Append-only. `content` holds counts and sums, those of persons under the 10-5 rule, since copies leave the house;
    `file_sha256` is the hash of its text in UTF-8.
    """

    __tablename__ = "sekda_report"
    append_only = True

    period: Mapped[Public[str]]
    fixed_on: Mapped[Public[dt.date]] = mapped_column(index=True)
    content: Mapped[Public[dict[str, Any]]]
    file_sha256: Mapped[Public[str]]

    __table_args__ = (UniqueConstraint("period", "fixed_on"),)
