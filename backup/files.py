"""The files of an installation that rows name, as one archive: no keys are among them."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from backup.manifest import BackupDamaged, Progress
from kernel.settings import Settings

KEPT = ("evidence", "releases", "events", "documents")
"""Folders of the data folder that are backed up. Keys and the database's own folder are not: what is not named is left
out, so that a key that a later release keeps there never comes in by itself."""


def places(settings: Settings) -> Mapping[str, Path]:
    """Where each folder lies; evidence in a bucket is not here."""
    found = {name: settings.data_dir / name for name in KEPT}
    if settings.evidence_dir:
        found["evidence"] = Path(settings.evidence_dir)
    return found


def pack(settings: Settings, archive: Path, progress: Progress | None = None) -> int:
    """Write all files into an archive; how many."""
    files = list(_files(settings))
    size, done = sum(file.lstat().st_size for _, file in files), 0
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, file in files:
            tar.add(file, name, recursive=False, filter=_without_owner)
            done += file.lstat().st_size
            if progress is not None and size:
                progress(min(done, size), size)
    return len(files)


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of an archive into a new data folder.

    Raises:
        BackupDamaged: a name in it leads elsewhere.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.name.partition("/")[0] not in KEPT:
                    raise BackupDamaged(f"{archive.name} holds a file that is not of a backup. Use another one.")
                tar.extract(member, folder, filter="data")
    except tarfile.TarError:
        raise BackupDamaged(f"{archive.name} cannot be unpacked. Use another backup.") from None


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every file and link, with its name in the archive; drafts and locks are not of the installation."""
    for name, place in places(settings).items():
        for path in sorted(place.rglob("*")) if place.is_dir() else ():
            inside = path.relative_to(place)
            if (path.is_symlink() or path.is_file()) and not any(map(_is_passing, inside.parts)):
                yield f"{name}/{inside.as_posix()}", path


def _is_passing(name: str) -> bool:
    """Whether what is named so is of work that goes on; other hidden folders hold releases and ledgers."""
    return name in (".drafts", ".lock", ".latest") or name.startswith(".staging-")


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
