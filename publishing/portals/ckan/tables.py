"""Tables of CKAN's DataStore, from Table Schema: explicit types, a dictionary, keys, and the rows of the CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

ROWS_PER_CALL = 20_000
"""A table of up to as many rows is made and filled in one transaction."""

_TYPES = {
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "year": "integer",
    "object": "json",
    "array": "json",
    "geojson": "json",
}
_MARK = "sha256"


@dataclass(frozen=True)
class Table:
    """A table to be made of a CSV file; `sha256` is the file's, and stands in the table so that we know it again."""

    schema: Mapping[str, Any]
    place: Path
    sha256: str

    def fields(self) -> list[dict[str, Any]]:
        """The columns with their dictionary; the first one also says of which file the table is."""
        fields = [_field(field) for field in self.schema["fields"]]
        fields[0]["info"][_MARK] = self.sha256
        return fields

    def primary_key(self) -> list[str]:
        """The columns that make a row unique."""
        key = self.schema.get("primaryKey", [])
        return [key] if isinstance(key, str) else list(key)

    def chunks(self) -> Iterator[list[dict[str, str | None]]]:
        """The rows in the portions in which they are sent. Values stay text; the database reads them by the type."""
        missing = frozenset(self.schema.get("missingValues", [""]))
        with self.place.open(encoding="utf-8", newline="") as file:
            rows = ({name: None if v in missing else v for name, v in row.items()} for row in csv.DictReader(file))
            while chunk := list(islice(rows, ROWS_PER_CALL)):
                yield chunk


def table_of(resource: Mapping[str, Any], place: Path, sha256: str) -> Table | None:
    """The table of a dataset, unless it has columns that DataStore does not take."""
    names = [field["name"] for field in resource["schema"]["fields"]]
    if not names or any(name.startswith("_") or '"' in name or len(name) > 63 for name in names):
        return None
    return Table(resource["schema"], place, sha256)


def same_table(found: Mapping[str, Any], wanted: Table, rows: int | None) -> bool:
    """Whether a table on the portal is whole and was made of the same file, with the same dictionary."""
    columns = [{**field, "info": field.get("info", {})} for field in found["fields"] if field["id"] != "_id"]
    as_wanted = [(field["id"], field["info"]) for field in wanted.fields()]
    complete = rows is None or found.get("total") == rows
    return complete and [(column["id"], column["info"]) for column in columns] == as_wanted


def label_of(field: Mapping[str, Any]) -> str:
    """The title of a column in both languages."""
    return " / ".join(text for text in (field.get("title"), field.get("title_en")) if text) or str(field["name"])


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    notes = [field.get("description", ""), field.get("description_en", "")]
    if field.get("satuan"):
        notes.append(f"Satuan (unit): {field['satuan']}")
    return {
        "id": field["name"],
        "type": _TYPES.get(field.get("type", "string"), "text"),
        "info": {"label": label_of(field), "notes": "\n\n".join(note for note in notes if note)},
    }
