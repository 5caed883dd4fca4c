"""Compressed copies of text files, made once when the catalogue is written and sent to callers who take them.

They lie in a hidden folder that mirrors the catalogue, because a release folder holds only what was released. A copy
carries the time of its file: what does not match is no copy of it, is not served, and goes with the next writing.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import zstandard

FOLDER = ".compressed"
CODINGS: Mapping[str, str] = {"zstd": ".zst", "gzip": ".gz"}
"""Content codings and the endings of their files, the better one first."""
TEXTS = frozenset({".bib", ".csv", ".geojson", ".html", ".json", ".jsonld", ".md", ".py", ".ttl", ".txt"})

_SMALLEST = 1_000
"""Bytes below which nothing is gained."""
_GZIP_LEVEL = 9
_ZSTD_LEVEL = 12


def copy_of(root: Path, file: Path, coding: str) -> Path | None:
    """The compressed copy of a file of the catalogue; None when there is none of the file as it is."""
    copy = _place(root, file, coding)
    try:
        return copy if copy.stat().st_mtime_ns == file.stat().st_mtime_ns else None
    except OSError:
        return None


def compress(root: Path, files: Iterable[Path], drafts: Path) -> None:
    """Make the copies of some files and clear away all others. `drafts`: a folder on the same disk to write in."""
    kept = set()
    for file in files:
        if file.suffix.lower() in TEXTS and file.stat().st_size >= _SMALLEST:
            for coding in CODINGS:
                kept.add(_place(root, file, coding))
                if copy_of(root, file, coding) is None:
                    _write(file, _place(root, file, coding), coding, drafts / "draft")
    for copy in sorted((root / FOLDER).rglob("*"), reverse=True):
        if copy.is_dir() and not any(copy.iterdir()):
            copy.rmdir()
        elif copy.is_file() and copy not in kept:
            copy.unlink()


def _place(root: Path, file: Path, coding: str) -> Path:
    place = root / FOLDER / file.relative_to(root)
    return place.with_name(place.name + CODINGS[coding])


def _write(file: Path, place: Path, coding: str, draft: Path) -> None:
    _WRITERS[coding](file, draft)
    stat = file.stat()
    os.utime(draft, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(place)


def _gzip(file: Path, draft: Path) -> None:
    """Without name and time inside: the same file, the same bytes."""
    with (
        file.open("rb") as source,
        draft.open("wb") as target,
        gzip.GzipFile("", "wb", _GZIP_LEVEL, target, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed)


def _zstd(file: Path, draft: Path) -> None:
    with file.open("rb") as source, draft.open("wb") as target:
        zstandard.ZstdCompressor(level=_ZSTD_LEVEL).copy_stream(source, target, size=file.stat().st_size)


_WRITERS: Mapping[str, Callable[[Path, Path], None]] = {"gzip": _gzip, "zstd": _zstd}
