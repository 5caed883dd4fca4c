"""Clear values that somebody may read for a while, with a purpose and a case (pengungkapan)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Computed, Index, LargeBinary, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Entity
from models.privacy import Internal, Public
from models.reveal_codes import RevealPurpose

AT_ONCE = 5
"""Rows that one officer may reveal alone: those of one case, such as the two sides of a complaint and who is around."""
TURNS_A_DAY = 4
"""How often a day one officer may do so: a day's work on single cases, and too few to read a list bit by bit."""
MOST = 100
"""Rows of one reveal, with a second officer."""
CASE_NUMBER = r"^(?=.*\d)(?!.*\d{9})[A-Z0-9][A-Z0-9./-]{2,39}$"
"""3 to 40 signs, one of them a digit, and no run of nine: neither a name nor a NIK nor a telephone number."""


class Reveal(Entity, Base):
    """Some fields of some rows, clear for one officer until `granted_until` (pengungkapan); no value is in it.

    `subjects` (public identifiers of rows of one table) and `fields` (as the API spells them) are separated by blanks.
    Few rows are open at once, in one of the `turn`s of the day; more wait for a second officer (`decided_by`), who may
    refuse: then nothing is granted. `ended_at`: ended before its time, since one of the persons was erased. `proof` is
    a keyed hash of who asked, which no login of the database can make. `readings` counts how often it was read.
    """

    __tablename__ = "reveal"

    role: Mapped[Public[str]]
    requested_by: Mapped[Public[str]]
    requested_at: Mapped[Public[dt.datetime]]
    requested_on: Mapped[Internal[dt.date]]
    turn: Mapped[Internal[int | None]]
    purpose: Mapped[Public[RevealPurpose]]
    case_number: Mapped[Public[str]]
    subject_kind: Mapped[Public[str]]
    subjects: Mapped[Public[str]]
    subject_count: Mapped[Public[int]]
    fields: Mapped[Public[str]]
    decided_by: Mapped[Public[str | None]]
    decided_at: Mapped[Public[dt.datetime | None]]
    granted_on: Mapped[Internal[dt.date | None]]
    granted_until: Mapped[Public[dt.datetime | None]]
    ended_at: Mapped[Public[dt.datetime | None]]
    readings: Mapped[Public[int]]
    proof: Mapped[Internal[bytes]] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint("decided_by <> requested_by", name="decided_by_another"),
        CheckConstraint(
            "granted_until IS NULL OR turn IS NOT NULL OR decided_by IS NOT NULL", name="open_by_turn_or_by_two"
        ),
        CheckConstraint(
            f"turn IS NULL OR turn BETWEEN 1 AND {TURNS_A_DAY} AND subject_count <= {AT_ONCE}", name="few_at_once"
        ),
        CheckConstraint(
            f"subject_count BETWEEN 1 AND {MOST} AND subject_count = cardinality(string_to_array(subjects, ' '))",
            name="subjects_counted",
        ),
        CheckConstraint(f"case_number ~ '{CASE_NUMBER}'", name="case_number_form"),
        CheckConstraint("(granted_until IS NULL) = (granted_on IS NULL)", name="granted_on_a_day"),
        UniqueConstraint("requested_by", "requested_on", "turn"),
        Index(
            "ix_reveal_subjects",
            literal_column("(string_to_array(subjects, ' '))").label("subjects"),
            postgresql_using="gin",
        ),
        Index("ix_reveal_granted_on", "granted_on"),
    )


class RevealYear(Base):
    """How many reveals a year had, by purpose: sealed some days after its end, and never changed (pengungkapan).

    `id` is `<year>:<purpose>`.
    """

    __tablename__ = "reveal_year"
    append_only = True

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'reveal_year_' || id", persisted=True))
    year: Mapped[Public[int]]
    purpose: Mapped[Public[RevealPurpose]]
    reveals: Mapped[Public[int]]

    __table_args__ = (UniqueConstraint("year", "purpose"),)
