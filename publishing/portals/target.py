"""Where releases are handed to: portals. A folder is the simplest of them."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kernel.errors import KsbbError
from publishing.dataset import Label
from publishing.package import DESCRIPTOR
from publishing.release.released import Released, latest, point_to_latest, put, staging
from publishing.release.signing import KEYS

NOTICE = "ditarik.txt"
"""The name of the file that stands where a withdrawn one stood."""


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """Why and when a release was taken back, and the release that replaces it, if one does."""

    version: str
    reason: Label
    on: dt.date
    replaced_by: str = ""

    def text(self) -> str:
        """What stands where the data stood, in both languages."""
        instead = f"\nPenggantinya / Replaced by: {self.replaced_by}." if self.replaced_by else ""
        return (
            f"Rilis {self.version} ditarik pada {self.on}. Alasan: {self.reason.id}\n\n"
            f"Release {self.version} was withdrawn on {self.on}. Reason: {self.reason.en}\n{instead}"
        )


class Target(Protocol):
    """A portal that takes releases. Delivering the same release again changes nothing."""

    def check(self) -> None:
        """Whether it would take a release; asked before one is made."""
        ...

    def plan(self, release: Released) -> list[str]:
        """What delivering a release would do, for people; changes nothing."""
        ...

    def deliver(self, release: Released) -> None:
        """Hand over a release that passed the gate, all of it or nothing."""
        ...

    def withdraw(self, release: Released, notice: Withdrawal) -> None:
        """Take a release back and put the notice in its place."""
        ...


class ReleaseWithdrawnHere(KsbbError):
    """The release was withdrawn from this folder, and does not come back."""

    code = "RELEASE_WITHDRAWN_HERE"


@dataclass(frozen=True)
class FolderTarget:
    """A folder of the caller's, laid out as the catalogue: `<package>/<version>/` and `latest`."""

    root: Path

    def check(self) -> None:
        """A folder is made when it is needed."""

    def plan(self, release: Released) -> list[str]:
        """Whether the release would be copied."""
        place = self._place(release)
        return [f"{place}: nothing to do" if (place / DESCRIPTOR).exists() else f"{place}: copy the release"]

    def deliver(self, release: Released) -> None:
        """Copy a release; one that is already there is left as it is.

        Raises:
            ReleaseWithdrawnHere: it was withdrawn.
        """
        place = self._place(release)
        if (place / NOTICE).exists():
            raise ReleaseWithdrawnHere(
                f"Release {release.version} was withdrawn from {self.root}. Make a new release.",
                version=release.version,
            )
        if (place / DESCRIPTOR).exists():
            point_to_latest(place)
            return
        with staging(self.root) as staged:
            copy = shutil.copytree(release.folder, staged / "release")
            _copy_keys(release.folder.parent.parent, self.root)
            put(replace(release, folder=copy), self.root)

    def withdraw(self, release: Released, notice: Withdrawal) -> None:
        """Remove the files of a release, description first; `latest` points to the newest that is left."""
        place = self._place(release)
        if not place.exists():
            return
        (place / NOTICE).write_text(notice.text(), encoding="utf-8")
        (place / DESCRIPTOR).unlink(missing_ok=True)
        for left in [path for path in place.iterdir() if path.name != NOTICE]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        if newest := latest(self.root, release.package):
            point_to_latest(newest.folder)

    def _place(self, release: Released) -> Path:
        return self.root / release.package / release.version


def _copy_keys(catalogue: Path, root: Path) -> None:
    """The public keys of a catalogue, beside the releases that are checked by them."""
    if (catalogue / KEYS).is_dir():
        shutil.copytree(catalogue / KEYS, root / KEYS, dirs_exist_ok=True)
