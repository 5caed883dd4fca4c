"""Sealed publications: what the newest release that stands says of its datasets, and the rows of its files.

Only files of the catalogue are read, never a table: what was published is told, and nothing else.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from publishing.catalogue.addresses import DATA, Addresses, released
from publishing.formats.cells import columns, reader_of
from publishing.formats.every_format import FORMATS
from publishing.release.editions import INDEX
from publishing.release.released import LATEST, Released, ReleaseWasChanged, latest

RULES = "disclosure_control"
"""What the descriptor of a dataset on persons has, and that of others has not."""
TABLE = "tabel"
"""The column that names the table of the fixed menu."""
_FILES_KEPT = 8

Resource = Mapping[str, Any]
Row = Mapping[str, Any]


class NothingPublished(KsbbError):
    """There is no release yet, or none that stands."""

    code = "NOTHING_PUBLISHED"

    def __init__(self) -> None:
        super().__init__("Nothing is published at the moment (belum ada rilis). `releases` tells of what there was.")


@dataclass
class Publications:
    """The newest release that stands of one package, in its folder of a catalogue; found anew when that changes."""

    folder: Path
    public_url: str = ""
    _newest: tuple[object, Released | None] = (None, None)
    _rows: dict[str, Sequence[Row]] = field(default_factory=dict)

    def newest(self) -> Released | None:
        """The newest release that stands.

        Raises:
            IndexNotReadable: nobody can say what was withdrawn.
        """
        stamp = self._stamp()
        if self._newest[0] != stamp:
            self._newest = (stamp, latest(self.folder.parent, self.folder.name))
        return self._newest[1]

    def datasets(self) -> list[dict[str, Any]]:
        """Every dataset of the newest release, as the API tells it; none while there is no release."""
        release = self.newest()
        return [self._described(release, resource) for resource in release.descriptor["resources"]] if release else []

    def rows(self, release: Released, resource: Resource) -> Sequence[Row]:
        """The rows of a dataset, each value as its column's type has it, in the order of the file.

        Raises:
            ReleaseWasChanged: the file is not the one that was released.
        """
        digest = str(resource["hash"]).removeprefix("sha256:")
        if digest not in self._rows:
            read = _read(release, resource, digest)
            for oldest in list(self._rows)[: max(0, len(self._rows) + 1 - _FILES_KEPT)]:
                self._rows.pop(oldest, None)
            self._rows[digest] = read
        return self._rows[digest]

    def address(self, release: Released, path: str) -> str:
        """Where a file of a release is found: whole where it is known under which address callers reach the server."""
        place = released(release.package, release.version, path)
        return Addresses(self.public_url).of(place) if self.public_url else f"{DATA}{place}"

    def _stamp(self) -> object:
        """Changes whenever a release comes out or is withdrawn."""
        index, link = self.folder / INDEX, self.folder / LATEST
        return (
            index.stat().st_mtime_ns if index.exists() else None,
            link.readlink() if link.is_symlink() else None,
        )

    def _described(self, release: Released, resource: Resource) -> dict[str, Any]:
        both = {name: resource.get(spelled) for name, spelled in _TEXTS.items()}
        return {
            **both,
            "name": resource["name"],
            "version": release.version,
            "rows": resource["rows"],
            "countsPersons": RULES in resource,
            "tables": menu(resource),
            "sealedPeriods": list(resource.get("sealed_periods", [])),
            "columns": [_column(resource, column) for column in columns(resource)],
            "files": [self._file(release, file) for file in (resource, *resource.get(FORMATS, ()))],
        }

    def _file(self, release: Released, file: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "format": file["format"],
            "url": self.address(release, file["path"]),
            "bytes": file["bytes"],
            "sha256": str(file["hash"]).removeprefix("sha256:"),
        }


_TEXTS = {
    f"{name}{language}": f"{spelled}{suffix}"
    for name, spelled in {
        "title": "title",
        "description": "description",
        "grain": "grain",
        "cadence": "cadence",
        "knownGaps": "known_gaps",
    }.items()
    for language, suffix in (("", ""), ("En", "_en"))
}
"""Texts in both languages: how the API names them, and how the descriptor does."""


def menu(resource: Resource) -> list[str]:
    """The names of the tables that a dataset has; none where it is one table."""
    found = next((c for c in columns(resource) if c["name"] == TABLE), None)
    return list(found["constraints"]["enum"]) if found else []


def _column(resource: Resource, column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": column["name"],
        "type": column["type"],
        "unit": column.get("satuan"),
        "title": column.get("title"),
        "titleEn": column.get("title_en"),
        "description": column.get("description"),
        "descriptionEn": column.get("description_en"),
        "isKey": column["name"] in resource["schema"]["primaryKey"],
        "allowed": list(column.get("constraints", {}).get("enum", [])),
    }


def _read(release: Released, resource: Resource, digest: str) -> Sequence[Row]:
    """The rows of a file, read once: what is checked is what is told."""
    try:
        content = (release.folder / resource["path"]).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise ReleaseWasChanged(f"{resource['path']} of release {release.version} is not what was released.")
    described = columns(resource)
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    readers = [reader_of(column) for column in described]
    return [
        {name: _plain(read(text)) if text else None for name, read, text in zip(header, readers, row, strict=True)}
        for row in rows
    ]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
