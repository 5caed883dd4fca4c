"""What was published, and figures that others reported."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, Computed, ForeignKey, Identity, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Internal, Public


class Release(Entity, Base):
    """One published version of a dataset (rilis).

    Withdrawn is what stands so in `withdrawn_at`; `taken_back_at` follows when its files are gone from the catalogue
    and from the portals.
    """

    __tablename__ = "release"

    dataset: Mapped[Public[str]]
    version: Mapped[Public[str]]
    released_at: Mapped[Public[dt.datetime]]
    rows: Mapped[Public[int]]
    sha256: Mapped[Public[str]]
    policy_hash: Mapped[Public[str]]
    path: Mapped[Public[str]]
    withdrawn_reason: Mapped[Public[str | None]]
    withdrawn_reason_en: Mapped[Public[str | None]]
    withdrawn_at: Mapped[Public[dt.datetime | None]]
    replaced_by: Mapped[Public[str | None]]
    taken_back_at: Mapped[Public[dt.datetime | None]]


class PublicationRequest(Base):
    """An order to publish now (permintaan rilis), which the server carries out by itself; one waits at a time.

    `outcome` is the version that stands afterwards, or the code of what stopped it.
    """

    __tablename__ = "publication_request"

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    requested_at: Mapped[Internal[dt.datetime]]
    role: Mapped[Internal[str]]
    subject: Mapped[Internal[str]]
    done_at: Mapped[Internal[dt.datetime | None]]
    outcome: Mapped[Internal[str | None]]

    __table_args__ = (
        Index(
            "uq_publication_request_waiting",
            "done_at",
            unique=True,
            postgresql_where="done_at is null",
            postgresql_nulls_not_distinct=True,
        ),
    )


class HeldRelease(Base):
    """A release that was made and waits for two officers (rilis tertahan), because the privacy policy changed.

    It ends by being put in place or dropped; `made_by` is who published it.
    """

    __tablename__ = "held_release"

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    version: Mapped[Internal[str]] = mapped_column(unique=True)
    manifest_sha256: Mapped[Internal[str]]
    policy_hash: Mapped[Internal[str]]
    held_at: Mapped[Internal[dt.datetime]]
    made_by: Mapped[Internal[str]]
    put_at: Mapped[Internal[dt.datetime | None]]
    dropped_at: Mapped[Internal[dt.datetime | None]]
    dropped_because: Mapped[Internal[str | None]]


class ReleaseApproval(Base):
    """That one officer agrees to a release that waits (persetujuan rilis)."""

    __tablename__ = "release_approval"

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    held_id: Mapped[Internal[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.held_release.id"))
    at: Mapped[Internal[dt.datetime]]
    subject: Mapped[Internal[str]]

    __table_args__ = (UniqueConstraint("held_id", "subject"),)


class ToldGroup(Base):
    """Persons of whom releases told how many they are (kelompok yang sudah diumumkan), so that no later figure tells
    of a few of them.

    `cohort` is a period without its age, `place` the row as the disclosure ledger names it, `cells` the keys by which
    they were counted. Persons are hashes of their keys, apart by who of them was in the public list. They never leave
    the database: the publisher learns how many are in several groups at once.
    """

    __tablename__ = "told_group"
    of_no_command = True

    id: Mapped[Internal[int]] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    dataset: Mapped[Internal[str]]
    cohort: Mapped[Internal[str]]
    place: Mapped[Internal[str]]
    cells: Mapped[Internal[list[str]]] = mapped_column(ARRAY(Text))
    persons: Mapped[Internal[int]]
    members: Mapped[Internal[Decimal]] = mapped_column(Numeric)
    unlisted: Mapped[Internal[list[int]]] = mapped_column(ARRAY(BigInteger))
    listed: Mapped[Internal[list[int]]] = mapped_column(ARRAY(BigInteger))

    __table_args__ = (Index("ix_told_group_dataset_cohort", "dataset", "cohort"),)


class ReportedFigure(Base):
    """A headline figure as its source reported it, never averaged, never added across sources (angka acuan)."""

    __tablename__ = "reported_figure"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'figure_' || id", persisted=True))
    value: Mapped[Public[str]]
    number: Mapped[Public[Decimal | None]] = mapped_column(Numeric)
    unit: Mapped[Public[str]]
    as_of: Mapped[Public[str | None]]
    source: Mapped[Public[str]]
    definition: Mapped[Public[str]]
    note: Mapped[Public[str | None]]
    position: Mapped[Internal[int]]


class FigureCheck(Base):
    """A relation between reported figures that should hold, and whether it does."""

    __tablename__ = "figure_check"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'figure_check_' || id", persisted=True))
    formula: Mapped[Public[str]]
    outcome: Mapped[Public[str]]
    agrees: Mapped[Public[bool]]


class FigureMention(Base):
    """A reported figure that takes part in a check."""

    __tablename__ = "figure_mention"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'figure_mention_' || id", persisted=True))
    check_id: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.figure_check.id"), index=True)
    figure_id: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.reported_figure.id"), index=True)


class KbliCode(Base):
    """A business field of one version of KBLI (Klasifikasi Baku Lapangan Usaha Indonesia).

    `id` is `<version>:<code>`: a code means nothing without its version.
    """

    __tablename__ = "kbli_code"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'kbli_' || id", persisted=True))
    version: Mapped[Public[int]]
    code: Mapped[Public[str]] = mapped_column(Text(collation="C"))
    title: Mapped[Public[str]]
    section: Mapped[Public[str]] = mapped_column(Text(collation="C"))
    source: Mapped[Internal[str]]
