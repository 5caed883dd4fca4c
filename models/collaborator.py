"""Collaborators (donors) and how they were found."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Contact, Donor, FreeText, Internal, Key, Public
from models.vocabulary import CollaboratorKind


class Collaborator(Entity, Base):
    """A donor: company, institution, community or person (kolaborator)."""

    __tablename__ = "collaborator"

    kind: Mapped[Public[CollaboratorKind]]
    name: Mapped[Donor[str]]
    anonymous: Mapped[Internal[bool]]
    name_consented: Mapped[Internal[bool]]
    contact_name: Mapped[Contact[str]]
    contact_phone: Mapped[Contact[str]]
    joined_on: Mapped[Public[dt.date]]


class Prospect(Entity, Base):
    """A candidate donor met at a forum (prospek). Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3-4."""

    __tablename__ = "prospect"

    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    forum: Mapped[Public[str]]
    met_on: Mapped[Public[dt.date]]
    recommended: Mapped[Public[bool]]
    note: Mapped[FreeText[str | None]]
