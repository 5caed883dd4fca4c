"""What the event log says of an imported file (berkas impor); `imports/load.py` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from commands.command import Fact
from models.imported_file import ImportedFile


@dataclass(frozen=True, kw_only=True)
class FileImported(Fact):
    """A file was imported (berkas diimpor). No role reads what it tells of, so nobody hears of it."""

    tells: ClassVar = (ImportedFile.kind,)

    kind: str
    rows: int
    inserted: int
    updated: int
    unchanged: int
    held: int
