"""All files of a release as one ZIP file; same files, same bytes: fixed times, rights and order."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # what ZIP can say
_PACKED = {".parquet", ".xlsx"}
"""What packs its content itself."""
_UNIX = 3
_READABLE = 0o100644 << 16


def archive_name(package: str, version: str) -> str:
    """The file name of a release's archive."""
    return f"{package}-{version}.zip"


def write_archive(folder: Path, target: Path) -> None:
    """Pack the files of a folder, below one folder that is named like the archive, in the order of their paths."""
    files = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for path, file in files:
            if file == target:
                continue
            entry = ZipInfo(f"{target.stem}/{path}", _EARLIEST)
            entry.create_system, entry.external_attr, entry.compress_type = _UNIX, _READABLE, _method(file)
            entry.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(entry, "w") as packed:
                shutil.copyfileobj(source, packed, 2**20)


def _method(file: Path) -> int:
    return ZIP_STORED if file.suffix in _PACKED else ZIP_DEFLATED
