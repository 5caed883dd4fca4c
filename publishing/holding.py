"""Releases that are made and wait: whole and signed, but in no catalogue, so that nobody finds or builds upon them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from kernel.errors import KsbbError
from publishing.finish import require_untouched
from publishing.release.manifest import MANIFEST, manifest_hash, read_manifest
from publishing.release.released import Released, latest, open_release, put, staging
from publishing.release.signing import ReleaseKey

_HELD = ".held"
"""The folder, in a catalogue and never served, in which releases wait."""


class HeldReleaseOutdated(KsbbError):
    """A release waited while what it builds upon was withdrawn or replaced, or it is not what was approved."""

    code = "HELD_RELEASE_OUTDATED"


def held_folder(root: Path, package: str, version: str = "") -> Path:
    """Where a release waits, or all of a package do."""
    return root / _HELD / package / version


def set_aside(staged: Released, root: Path) -> Released:
    """Move a finished release to where it waits."""
    place = held_folder(root, staged.package, staged.version)
    drop(root, staged.package, staged.version)
    place.parent.mkdir(parents=True, exist_ok=True)
    staged.folder.rename(place)
    return replace(staged, folder=place)


def drop(root: Path, package: str, version: str) -> None:
    """Take away a release that waits, if it does."""
    shutil.rmtree(held_folder(root, package, version), ignore_errors=True)


def put_in_place(root: Path, package: str, version: str, manifest_sha256: str, key: ReleaseKey) -> Released:
    """Move a release that waited to its place in the catalogue; one that is there already is left.

    Raises:
        HeldReleaseOutdated: it is not the one that was approved, or not built upon the newest that stands now.
        ReleaseWasChanged: a file of it is not what was signed.
    """
    place = root / package / version
    with staging(root):
        if place.exists() and manifest_hash(place) == manifest_sha256:
            return open_release(place)
        folder = held_folder(root, package, version)
        if manifest_hash(folder) != manifest_sha256:
            raise HeldReleaseOutdated(f"What waits as release {version} is not what was approved. Publish anew.")
        release, standing = open_release(folder), latest(root, package)
        require_untouched(release, key)
        previous = read_manifest((folder / MANIFEST).read_bytes()).previous
        if (previous and previous[0]) != (standing and standing.version):
            raise HeldReleaseOutdated(f"What release {version} builds upon stands no longer. Publish anew.")
        return put(release, root)
