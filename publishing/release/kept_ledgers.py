"""The ledgers of releases that were withdrawn: put aside before their files go, since somebody has read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from publishing.control.ledger import LEDGER, Entries, entries_of
from publishing.release.editions import withdrawn_versions

_KEPT = ".withdrawn"
"""The folder, beside the releases of a package and never served, of the ledgers of those that were withdrawn."""


def keep_ledger(package_folder: Path, version: str) -> None:
    """Put the ledger of a release aside before its files go."""
    ledger, kept = package_folder / version / LEDGER, _kept(package_folder, version)
    if ledger.exists() and not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_bytes(ledger.read_bytes())
        draft.replace(kept)


def withdrawn_ledgers(package_folder: Path) -> list[Entries]:
    """The ledgers of the releases of a package that were withdrawn, by version, as far as there are any."""
    return [entries_of(file) for file in _withdrawn_files(package_folder)]


def _withdrawn_files(package_folder: Path) -> Iterator[Path]:
    for version in sorted(withdrawn_versions(package_folder)):
        places = (_kept(package_folder, version), package_folder / version / LEDGER)
        yield from [place for place in places if place.exists()][:1]


def _kept(package_folder: Path, version: str) -> Path:
    return package_folder / _KEPT / f"{version}.json"
