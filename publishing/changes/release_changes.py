"""What changed between two releases: columns, codes, datasets and rows; compared as streams, whatever their size."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from publishing.changes.rows import RowChange, row_changes
from publishing.changes.shape import ShapeChange, shape_changes
from publishing.release.released import Released, ReleaseWasChanged

SHOWN = 100
"""Row changes of a dataset that are kept for people to read; all of them stand in `changes.json`."""


@dataclass
class DatasetChanges:
    """What changed in one dataset. `state` is added, removed, changed or same.

    `not_compared` says in both languages why its rows were not compared one by one.
    """

    name: str
    title: str
    title_en: str
    state: str
    rows: tuple[int | None, int | None]
    shape: list[ShapeChange] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "removed": 0, "changed": 0})
    first: list[RowChange] = field(default_factory=list)
    not_compared: dict[str, str] = field(default_factory=dict)

    def head(self) -> dict[str, Any]:
        """What is known before its rows are compared, for programs."""
        return {
            "name": self.name,
            "title": self.title,
            "title_en": self.title_en,
            "state": self.state,
            "rows_old": self.rows[0],
            "rows_new": self.rows[1],
            "shape": [change.as_dict() for change in self.shape],
            **self.not_compared,
        }


@dataclass(frozen=True)
class Changes:
    """What changed from one release to another; `old` is None for the first one."""

    package: str
    old: str | None
    new: str
    datasets: tuple[DatasetChanges, ...]

    def lines(self) -> list[str]:
        """A line per dataset, for the command line."""
        since = f"since {self.old}" if self.old else "(the first release)"
        return [f"{self.package} {self.new} {since}", *(_line(one) for one in self.datasets)]


def write_changes(old: Released | None, new: Released, out: IO[str]) -> Changes:
    """Compare two releases: all changes to `out` as JSON, row by row; the first of them and their numbers come back.

    Raises:
        ReleaseWasChanged: a data file of one of them is not what its descriptor says.
    """
    head = {"package": new.package, "old": old.version if old else None, "new": new.version}
    out.write(f"{json.dumps(head, ensure_ascii=False)[:-1]},\n")
    out.write('"datasets": [')
    datasets = []
    for number, (before, after) in enumerate(_pairs(old, new)):
        out.write(",\n" if number else "\n")
        changes = _compared(before, after, is_first=old is None)
        _write(changes, _rows(old, new, before, after, changes), out)
        datasets.append(changes)
    out.write("\n]}\n")
    return Changes(new.package, old.version if old else None, new.version, tuple(datasets))


def _pairs(old: Released | None, new: Released) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What both descriptors say of each dataset, in order of names; empty where a release does not have it."""
    names = {resource["name"] for release in (old, new) if release for resource in release.descriptor["resources"]}
    for name in sorted(names):
        yield (old.resource(name) if old else {}), new.resource(name)


def _compared(before: Mapping[str, Any], after: Mapping[str, Any], *, is_first: bool) -> DatasetChanges:
    """What the descriptors tell of a dataset's changes."""
    told = after or before
    state = "removed" if not after else "added" if not before else "same"
    shape = shape_changes(before, after) if before and after else []
    if shape or (before and after and before["hash"] != after["hash"]):
        state = "changed"
    changes = DatasetChanges(
        told["name"],
        told["title"],
        told.get("title_en", told["title"]),
        state,
        (before.get("rows"), after.get("rows")),
        shape,
    )
    if state == "changed":
        changes.not_compared = _why_not(before, after)
    assert not is_first or state == "added"
    return changes


def _why_not(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Why the rows of a dataset cannot be compared one by one; empty where they can."""
    keys = [resource["schema"].get("primaryKey") for resource in (before, after)]
    if "microdata" in before or "microdata" in after or not all(keys):
        return {
            "not_compared": "Barisnya tidak punya kunci; hanya jumlah baris yang dibandingkan.",
            "not_compared_en": "Its rows have no key; only their number is compared.",
        }
    if keys[0] != keys[1]:
        return {
            "not_compared": "Kuncinya berubah; baris tidak dapat dibandingkan satu per satu.",
            "not_compared_en": "Its key changed; rows cannot be compared one by one.",
        }
    return {}


def _rows(
    old: Released | None, new: Released, before: Mapping[str, Any], after: Mapping[str, Any], changes: DatasetChanges
) -> Iterator[RowChange]:
    if old is None or changes.state != "changed" or changes.not_compared or before["hash"] == after["hash"]:
        return
    files = [_as_released(release, resource) for release, resource in ((old, before), (new, after))]
    with tempfile.TemporaryDirectory(prefix="ksbb-changes-") as workspace:
        yield from row_changes(
            files[0], files[1], after["schema"]["primaryKey"], _by_consent(before, after), Path(workspace)
        )


def _as_released(release: Released, resource: Mapping[str, Any]) -> Path:
    """The data file of a dataset, if it is the one that was released."""
    file = release.folder / str(resource["path"])
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if resource["hash"] != f"sha256:{digest}":
        raise ReleaseWasChanged(
            f"The file of {resource['name']} in release {release.version} is not what was released. Changes are told "
            f"from it: restore it from a copy.",
            dataset=resource["name"],
            version=release.version,
        )
    return file


def _by_consent(*resources: Mapping[str, Any]) -> frozenset[str]:
    """Columns whose earlier values are not repeated: who was named may have taken the consent back."""
    return frozenset(
        column["name"] for resource in resources for column in resource["schema"]["fields"] if column.get("by_consent")
    )


def _write(changes: DatasetChanges, rows: Iterator[RowChange], out: IO[str]) -> None:
    """One dataset into the document, its rows as they come; their numbers are counted on the way."""
    out.write(f"{json.dumps(changes.head(), ensure_ascii=False)[:-1]},\n")
    out.write('"rows": [')
    for number, row in enumerate(rows):
        out.write(",\n" if number else "\n")
        out.write(json.dumps(row.as_dict(), ensure_ascii=False))
        changes.counts[row.change] += 1
        if number < SHOWN:
            changes.first.append(row)
    out.write(f'],\n"counts": {json.dumps(changes.counts)}}}')


def _line(one: DatasetChanges) -> str:
    parts = [f"{one.name}: {one.state}"]
    parts += [f"{count:,} rows {change}" for change, count in one.counts.items() if count]
    parts += [change.sentence for change in one.shape]
    parts += [one.not_compared["not_compared_en"]] if one.not_compared else []
    return "; ".join(parts)
