"""Where releases are handed to: portals. A folder is the simplest of them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from publishing.package import DESCRIPTOR
from publishing.release import Released, point_to_latest, put, staging
from publishing.signing import KEYS


class Target(Protocol):
    """A portal that takes releases. Delivering the same release again changes nothing."""

    def deliver(self, release: Released) -> None:
        """Hand over a release that passed the gate, all of it or nothing."""
        ...


@dataclass(frozen=True)
class FolderTarget:
    """A folder of the caller's, laid out as the catalogue: `<package>/<version>/` and `latest`."""

    root: Path

    def deliver(self, release: Released) -> None:
        """Copy a release; one that is already there is left as it is."""
        place = self.root / release.package / release.version
        if (place / DESCRIPTOR).exists():
            point_to_latest(place)
            return
        with staging(self.root) as staged:
            copy = shutil.copytree(release.folder, staged / "release")
            _copy_keys(release.folder.parent.parent, self.root)
            put(replace(release, folder=copy), self.root)


def _copy_keys(catalogue: Path, root: Path) -> None:
    """The public keys of a catalogue, beside the releases that are checked by them."""
    if (catalogue / KEYS).is_dir():
        shutil.copytree(catalogue / KEYS, root / KEYS, dirs_exist_ok=True)
