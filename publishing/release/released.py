"""The local catalogue: immutable release folders `<package>/<version>/`, and `latest`, which points to the newest.

A release is built beside its place and moved there when it is whole; a killed publisher leaves nothing that is seen.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from publishing.dataset import Dataset
from publishing.package import DESCRIPTOR, path_of
from publishing.release.editions import read_index, withdrawn_versions

LATEST = "latest"

_STAGING = ".staging-"
_LOCK = ".lock"


class ReleaseWasChanged(KsbbError):
    """A file of an earlier release is not what it was when it was released."""

    code = "RELEASE_WAS_CHANGED"


class NoSuchRelease(KsbbError):
    """There is no release in a folder."""

    code = "NO_SUCH_RELEASE"


class PublishingIsBusy(KsbbError):
    """Another process is publishing into the same catalogue."""

    code = "PUBLISHING_IS_BUSY"


@dataclass(frozen=True)
class Released:
    """A release that lies in a catalogue: its folder and what `datapackage.json` says."""

    folder: Path
    descriptor: dict[str, Any]

    @property
    def package(self) -> str:
        """The name of its package."""
        return str(self.descriptor["name"])

    @property
    def version(self) -> str:
        """Its version: shape and number."""
        return str(self.descriptor["version"])

    def resource(self, name: str) -> dict[str, Any]:
        """What its descriptor says of a dataset; empty when it has none of that name."""
        return next((dict(r) for r in self.descriptor["resources"] if r["name"] == name), {})

    def rows(self, dataset: Dataset) -> list[tuple[str, ...]]:
        """The rows of a dataset as they were released, without the header.

        Raises:
            ReleaseWasChanged: the file is not the one that was released, or has other columns than the dataset now.
        """
        content = (self.folder / path_of(dataset)).read_bytes()
        stated = self.resource(dataset.name)["hash"]
        header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        same_columns = header == [field.name for field in dataset.fields]
        if stated != f"sha256:{hashlib.sha256(content).hexdigest()}" or not same_columns:
            raise ReleaseWasChanged(
                f"The file of {dataset.name} in release {self.version} is not what was released, or has other columns "
                f"than the dataset has now. Sealed rows are carried over from it: restore it from a copy.",
                dataset=dataset.name,
                version=self.version,
            )
        return [tuple(row) for row in rows]


def latest(root: Path, package: str) -> Released | None:
    """The newest release of a package that stands, also if its maker was killed before `latest` pointed to it.

    Raises:
        IndexNotReadable: nobody can say what was withdrawn.
    """
    folders = release_folders(root / package)
    return open_release(folders[-1]) if folders else None


def release_folders(folder: Path) -> list[Path]:
    """The folders of the releases of a package that stand, in its folder of a catalogue, newest last."""
    gone = withdrawn_versions(folder)
    found = [file.parent for file in folder.glob(f"[0-9]*/{DESCRIPTOR}") if file.parent.name not in gone]
    return sorted(found, key=lambda release: number_of(release.name))


def last_number(folder: Path) -> int:
    """The number of the last release that a package ever had, withdrawn or not; 0 before the first."""
    versions = {path.name for path in folder.glob("[0-9]*")} | {entry["version"] for entry in read_index(folder)}
    return max(map(number_of, versions), default=0)


def open_release(folder: Path) -> Released:
    """The release that lies in a folder.

    Raises:
        NoSuchRelease: there is none.
    """
    try:
        content = (folder / DESCRIPTOR).read_text(encoding="utf-8")
    except OSError:
        raise NoSuchRelease(f"{folder} holds no release. `ksbb release list` tells which there are.") from None
    return Released(folder, json.loads(content))


def next_version(shape: str, previous: Released | None, last: int = 0) -> str:
    """The version after a previous one, and after the `last` number ever given: one more, starting at 1."""
    return f"{shape}.{max(last, number_of(previous.version) if previous else 0) + 1}"


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """A new folder to build a release in; gone afterwards, unless it was moved to its place by `put`.

    One publisher at a time; what a killed one left is cleared away.

    Raises:
        PublishingIsBusy: another process is publishing here.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise PublishingIsBusy("Another process is publishing into this folder. Wait for it.") from cause
        for leftover in root.glob(f"{_STAGING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=root) as folder:
            yield Path(folder)


def put(staged: Released, root: Path) -> Released:
    """Move a finished release to its place in a catalogue, and point `latest` to it."""
    place = root / staged.package / staged.version
    place.parent.mkdir(parents=True, exist_ok=True)
    staged.folder.rename(place)
    point_to_latest(place)
    return replace(staged, folder=place)


def point_to_latest(release: Path) -> None:
    """Let `latest` beside a release point to it, in one step."""
    draft = release.with_name(f".{LATEST}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(release.name)
    draft.replace(release.with_name(LATEST))


def number_of(version: str) -> int:
    """The last part of a version: the how-manieth release it is."""
    return int(version.rpartition(".")[2])
