"""The index of a package's releases, `releases.json`: when each came out, what is in it, and whether it was withdrawn.

Release folders hold no clock and never change, so what changes about a release stands here. An entry is kept for
good, with whatever others wrote into it; a release without one is taken up with the date of its descriptor's file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kernel.clock import day_in_jakarta
from kernel.errors import KsbbError
from publishing.package import DESCRIPTOR, json_text

INDEX = "releases.json"

KEPT = 64
"""Descriptors that are kept in memory."""

Entry = dict[str, Any]


class IndexNotReadable(KsbbError):
    """The index of a package is not what we write."""

    code = "RELEASE_INDEX_NOT_READABLE"


class ReleaseNotAsListed(KsbbError):
    """A release of the index is gone or was changed, and was not withdrawn."""

    code = "RELEASE_NOT_AS_LISTED"


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release: its path in the release's folder, and what identifies its content."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Edition:
    """A release as the catalogue shows it. `descriptor` and `files` are empty when it was withdrawn.

    `withdrawn` is the reason (Indonesian, English), None while it stands; `sha256` is that of its descriptor.
    """

    folder: Path
    released_at: dt.datetime
    sha256: str
    withdrawn: tuple[str, str] | None
    files: tuple[ReleasedFile, ...]

    @property
    def package(self) -> str:
        """The name of its package."""
        return self.folder.parent.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.folder.name

    @property
    def descriptor(self) -> Mapping[str, Any]:
        """What its `datapackage.json` says; read when it is asked for, as there may be thousands of releases."""
        return {} if self.withdrawn is not None else _descriptor(self.folder / DESCRIPTOR, self.sha256)

    @property
    def issued_on(self) -> dt.date:
        """The day in Jakarta on which it came out."""
        return day_in_jakarta(self.released_at)


def editions(package_folder: Path) -> list[Edition]:
    """The releases of a package's index, oldest first.

    Raises:
        IndexNotReadable, ReleaseNotAsListed: the catalogue needs a person.
    """
    return [_edition(package_folder, entry) for entry in read_index(package_folder)]


def updated_index(package_folder: Path, released_at: Mapping[str, dt.datetime]) -> list[Entry]:
    """The index with an entry for every release folder; the dates of new ones from `released_at`, else of their file.

    Raises:
        IndexNotReadable: the index of before is damaged.
    """
    known = {entry["version"]: entry for entry in read_index(package_folder)}
    for file in package_folder.glob(f"[0-9]*/{DESCRIPTOR}"):
        version = file.parent.name
        if version not in known:
            known[version] = _new_entry(file, released_at.get(version))
        elif "files" not in known[version] and withdrawal(known[version]) is None:
            known[version] = {**known[version], "files": _files(file.parent)}
    return sorted(known.values(), key=lambda entry: _number(entry["version"]))


def read_index(package_folder: Path) -> list[Entry]:
    """The entries of `releases.json`, oldest first; none when there is no such file.

    Raises:
        IndexNotReadable: it is not JSON of our shape.
    """
    file = package_folder / INDEX
    if not file.exists():
        return []
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["releases"]
        for entry in entries:
            _number(entry["version"])
            dt.datetime.fromisoformat(entry["released_at"])
            bytes.fromhex(entry["sha256"])
    except (ValueError, KeyError, TypeError) as cause:
        raise IndexNotReadable(
            f"{package_folder.name}/{INDEX} cannot be read: it has version, released_at and sha256 of each release. "
            "Restore it from a copy; or remove it, and dates are taken from the files and withdrawals are lost.",
            package=package_folder.name,
        ) from cause
    return sorted(entries, key=lambda entry: _number(entry["version"]))


def newest_release_s(package_folder: Path) -> float | None:
    """When the newest release that stands came out, as seconds since 1970; None where there is none.

    Raises:
        IndexNotReadable: nobody can say.
    """
    standing = (entry for entry in read_index(package_folder) if withdrawal(entry) is None)
    return max((dt.datetime.fromisoformat(entry["released_at"]).timestamp() for entry in standing), default=None)


def index_text(package: str, entries: Sequence[Entry]) -> str:
    """The content of `releases.json`."""
    return json_text({"package": package, "releases": list(entries)})


def withdrawal(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why a release was withdrawn, in Indonesian and English; None while it stands.

    `withdrawn` in an entry is the reason, or an object with `reason` and, if it has one, `reason_en`.
    """
    stated = entry.get("withdrawn")
    if stated is None or stated is False or stated == "":
        return None
    if isinstance(stated, dict):
        reason = str(stated.get("reason") or "")
        return reason, str(stated.get("reason_en") or reason)
    reason = "" if stated is True else str(stated)
    return reason, reason


def withdrawn_versions(package_folder: Path) -> frozenset[str]:
    """The versions that were withdrawn, whatever still lies in their folders.

    Raises:
        IndexNotReadable: nobody can say.
    """
    return frozenset(e["version"] for e in read_index(package_folder) if withdrawal(e) is not None)


def _new_entry(descriptor: Path, released_at: dt.datetime | None) -> Entry:
    stamp = dt.datetime.fromtimestamp(descriptor.stat().st_mtime, dt.UTC)
    return {
        "version": descriptor.parent.name,
        "released_at": (released_at or stamp).astimezone(dt.UTC).replace(microsecond=0).isoformat(),
        "sha256": _digest(descriptor),
        "withdrawn": None,
        "files": _files(descriptor.parent),
    }


def _edition(package_folder: Path, entry: Entry) -> Edition:
    folder = package_folder / entry["version"]
    reason = withdrawal(entry)
    if reason is None:
        _require_as_listed(folder / DESCRIPTOR, entry)
    return Edition(
        folder=folder,
        released_at=dt.datetime.fromisoformat(entry["released_at"]).astimezone(dt.UTC),
        sha256=entry["sha256"],
        withdrawn=reason,
        files=()
        if reason is not None
        else tuple(ReleasedFile(f["path"], f["bytes"], f["sha256"]) for f in entry["files"]),
    )


@lru_cache(maxsize=KEPT)
def _descriptor(file: Path, sha256: str) -> Mapping[str, Any]:  # noqa: ARG001  # the hash tells contents apart
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _require_as_listed(descriptor: Path, entry: Entry) -> None:
    if not descriptor.is_file():
        what = "is not in the catalogue, and was not withdrawn"
    elif _digest(descriptor) != entry["sha256"]:
        what = f"has another {DESCRIPTOR} than when it was released"
    else:
        return
    raise ReleaseNotAsListed(
        f"Release {entry['version']} of {descriptor.parents[1].name} {what}. Restore its folder from a copy, or "
        "withdraw the release.",
        version=entry["version"],
    )


def _files(folder: Path) -> list[dict[str, Any]]:
    """The files of a release in order of their paths, without hidden ones."""
    paths = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return [
        {"path": path.as_posix(), "bytes": (folder / path).stat().st_size, "sha256": _digest(folder / path)}
        for path in paths
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _number(version: str) -> int:
    """The last part of a version, by which releases are ordered."""
    return int(version.rpartition(".")[2])
