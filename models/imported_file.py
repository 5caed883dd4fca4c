"""Files that were imported: what an import's event and audit entry are about."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.privacy import Internal


class ImportedFile(Base):
    """One file that changed something (berkas impor), append-only; its name and its rows are not kept."""

    __tablename__ = "imported_file"
    append_only = True

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    public_id: Mapped[Internal[str]] = mapped_column(Text(collation="C"))
    at: Mapped[Internal[dt.datetime]]
    kind: Mapped[Internal[str]]
    source: Mapped[Internal[str]]
    sha256: Mapped[Internal[str]]
    rows: Mapped[Internal[int]]
    inserted: Mapped[Internal[int]]
    updated: Mapped[Internal[int]]
    unchanged: Mapped[Internal[int]]
    held: Mapped[Internal[int]]
