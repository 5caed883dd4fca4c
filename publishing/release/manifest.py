"""The manifest of a release: every file with size and hash, the release before, and the signature over all that."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from publishing.package import json_text
from publishing.release.released import Released
from publishing.release.signing import ReleaseKey

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
LARGEST_MANIFEST = 10_000_000
LARGEST_RELEASE = 20 * 2**30
"""Bytes beyond which no release goes: what says more of itself is not read."""

_MOST_FILES = 10_000
_LONGEST_SHOWN = 200
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}){0,9}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ALGORITHM = "Ed25519"


class ManifestNotReadable(KsbbError):
    """A manifest that does not say what a manifest says."""

    code = "MANIFEST_NOT_READABLE"

    def __init__(self, what: str) -> None:
        super().__init__(f"{MANIFEST} cannot be used: {what}. Take the release anew from where it was published.")


class NotARelease(KsbbError):
    """A folder holds what no release holds."""

    code = "NOT_A_RELEASE"


@dataclass(frozen=True)
class ListedFile:
    """A file as a manifest states it: its path below the release, its size and its hash."""

    path: str
    size: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the manifest."""
        return {"path": self.path, "bytes": self.size, "sha256": self.sha256}


@dataclass(frozen=True)
class Manifest:
    """What a release consists of. `previous` is the version before, with the hash of its manifest where it has one."""

    package: str
    version: str
    previous: tuple[str, str | None] | None
    fingerprint: str
    files: tuple[ListedFile, ...]

    def as_bytes(self) -> bytes:
        """The content of `manifest.json`."""
        previous = {"version": self.previous[0], "manifest_sha256": self.previous[1]} if self.previous else None
        content = {
            "package": self.package,
            "version": self.version,
            "previous": previous,
            "key": {"algorithm": _ALGORITHM, "fingerprint": self.fingerprint},
            "files": [file.as_dict() for file in self.files],
        }
        return json_text(content).encode()


def sign(release: Released, before: Released | None, key: ReleaseKey) -> None:
    """Write the manifest of a finished release and its signature: the last that is added to it.

    Raises:
        NotARelease: its folder holds something beside plain files.
    """
    files = tuple(_listed(release.folder, path) for path in paths(release.folder))
    previous = (before.version, manifest_hash(before.folder)) if before else None
    content = Manifest(release.package, release.version, previous, key.public.fingerprint, files).as_bytes()
    (release.folder / MANIFEST).write_bytes(content)
    (release.folder / SIGNATURE).write_bytes(key.sign(content))


def manifest_hash(folder: Path) -> str | None:
    """The hash of a release's manifest; None where it has none, as releases made before there were manifests."""
    file = folder / MANIFEST
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None


def paths(folder: Path) -> list[str]:
    """The files of a release but the manifest and its signature, in order of their paths.

    Raises:
        NotARelease: a link, or something else that is neither file nor folder, lies there.
    """
    found = []
    for item in _below(folder):
        path = item.relative_to(folder).as_posix()
        if item.is_symlink() or not (item.is_file() or item.is_dir()):
            raise NotARelease(
                f"{shown(path)} is a link or no plain file. A release holds plain files only: take it anew from where "
                f"it was published.",
                path=path,
            )
        if item.is_file() and path not in (MANIFEST, SIGNATURE):
            found.append(path)
    return sorted(found)


def read_manifest(content: bytes) -> Manifest:
    """The manifest in a file that nobody vouches for yet.

    Raises:
        ManifestNotReadable: it says something that no manifest says, such as a path outside of the release.
    """
    try:
        said = json.loads(content)
        before = said["previous"]
        files = tuple(ListedFile(file["path"], file["bytes"], file["sha256"]) for file in said["files"])
        previous = (before["version"], before["manifest_sha256"]) if before is not None else None
        manifest = Manifest(said["package"], said["version"], previous, said["key"]["fingerprint"], files)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ManifestNotReadable("it is not JSON with the parts of a manifest") from None
    for complaint in _complaints(manifest):
        raise ManifestNotReadable(complaint)
    return manifest


def shown(path: str) -> str:
    """The path of a file that anybody may have laid there, as it can be printed: nothing in it steers a terminal."""
    return path if _is(_PATH, path) else ascii(path)[:_LONGEST_SHOWN]


def _complaints(manifest: Manifest) -> Iterator[str]:
    """What a manifest says that no manifest says."""
    previous = manifest.previous or (manifest.version, None)
    if not all(_is(_NAME, name) for name in (manifest.package, manifest.version, previous[0])):
        yield "the name or version of the package is not one"
    if not _is(_HASH, manifest.fingerprint) or not (previous[1] is None or _is(_HASH, previous[1])):
        yield "the fingerprint of its key or the hash of the manifest before is not 64 hex digits"
    if len(manifest.files) > _MOST_FILES:
        yield f"it lists more than {_MOST_FILES:,} files"
    for number, file in enumerate(manifest.files, start=1):
        if not _is(_PATH, file.path) or file.path in (MANIFEST, SIGNATURE):
            yield f"the path of file {number} does not lead to a file inside of a release"
        if type(file.size) is not int or file.size < 0 or not _is(_HASH, file.sha256):
            yield f"size or hash of file {number} cannot be one"
    if len({str(file.path).casefold() for file in manifest.files}) != len(manifest.files):
        yield "it lists a path twice"
    if sum(file.size for file in manifest.files) > LARGEST_RELEASE:
        yield f"its files would be larger than {LARGEST_RELEASE:,} bytes"


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _below(folder: Path) -> Iterator[Path]:
    """Everything below a folder; links are not followed."""
    for item in folder.iterdir():
        yield item
        if item.is_dir() and not item.is_symlink():
            yield from _below(item)


def _listed(folder: Path, path: str) -> ListedFile:
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ListedFile(path, (folder / path).stat().st_size, digest)
