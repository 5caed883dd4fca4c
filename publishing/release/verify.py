"""Whether a release is what its publisher signed: signature, every hash, no file too many or too few."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from kernel.errors import KsbbError
from publishing.release.manifest import (
    LARGEST_MANIFEST,
    MANIFEST,
    SIGNATURE,
    ListedFile,
    Manifest,
    manifest_hash,
    paths,
    read_manifest,
    shown,
)
from publishing.release.signing import KEYS, SIGNATURE_LENGTH, PublicKey

LARGEST_KEY = 10_000

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")


class NoManifest(KsbbError):
    """There is no signed release at a place."""

    code = "NO_MANIFEST"


class SignatureWrong(KsbbError):
    """A manifest was not signed with the key that it names."""

    code = "SIGNATURE_WRONG"


class WrongKey(KsbbError):
    """The key that was given is not the one that signed."""

    code = "WRONG_KEY"


class NoPublicKey(KsbbError):
    """The public key of a release was not given and is not beside the catalogue."""

    code = "NO_PUBLIC_KEY"


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with one file of a release."""

    code: str
    path: str
    sentence: str


class Place(Protocol):
    """Where a release lies: a folder, or an address."""

    @property
    def name(self) -> str:
        """As the caller named it."""
        ...

    @property
    def version(self) -> str:
        """The last part of its name."""
        ...

    def read(self, path: str, limit: int) -> bytes | None:
        """A small file by its path from the release; None when it is not there, one byte too many when it is larger."""
        ...

    def digest(self, path: str, limit: int) -> tuple[int, str] | None:
        """Size and SHA-256 of a file, read up to one byte beyond `limit`; None when it is not there."""
        ...

    def paths(self) -> list[str] | None:
        """All files but manifest and signature; None when the place does not tell."""
        ...

    def manifest_of(self, version: str) -> str | None:
        """The hash of the manifest of another version beside this one, where that is at hand."""
        ...


@dataclass(frozen=True)
class FolderPlace:
    """A release in a folder."""

    folder: Path

    @classmethod
    def at(cls, path: str) -> FolderPlace:
        """The folder that a caller named, or that a link such as `latest` leads to.

        Raises:
            NoManifest: there is no such folder.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise NoManifest(f"{path} is no folder. Name the folder of a release, or its address (https://...).")
        return cls(folder.resolve())

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    @property
    def version(self) -> str:
        """The name of the folder."""
        return self.folder.name

    def read(self, path: str, limit: int) -> bytes | None:
        """A small file."""
        try:
            with (self.folder / path).open("rb") as file:
                return file.read(limit + 1)
        except OSError:
            return None

    def digest(self, path: str, limit: int) -> tuple[int, str] | None:
        """Size and hash of a file; no more of it is read than anybody needs to see that it is too large."""
        try:
            with (self.folder / path).open("rb") as file:
                sha, size = hashlib.sha256(), 0
                while size <= limit and (block := file.read(min(1 << 20, limit + 1 - size))):
                    sha.update(block)
                    size += len(block)
        except OSError:
            return None
        return size, sha.hexdigest()

    def paths(self) -> list[str]:
        """All files but manifest and signature."""
        return paths(self.folder)

    def manifest_of(self, version: str) -> str | None:
        """The hash of the manifest of another version beside this one."""
        return manifest_hash(self.folder.parent / version)


@dataclass(frozen=True)
class Verdict:
    """What was found. `key_from` says where the public key came from, `notes` what could not be checked."""

    package: str
    version: str
    place: str
    fingerprint: str
    key_from: str
    files: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the release is what was signed."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """Its values by name, for programs."""
        return {"holds": self.holds, **asdict(self)}

    def lines(self) -> list[str]:
        """For people."""
        faults = [f"wrong: {fault.sentence}" for fault in self.faults]
        holds = (
            f"is what was signed: {self.files} files" if self.holds else f"is NOT what was signed: {len(faults)} faults"
        )
        return [
            *faults,
            *self.notes,
            f"Key {self.fingerprint} ({self.key_from}).",
            f"Release {self.version} of {self.package} {holds}.",
        ]


def verify(
    place: Place,
    key_file: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    own: PublicKey | None = None,
) -> Verdict:
    """Check a release with a public key only: that in `key_file`, else the one beside its catalogue.

    `own` is the key of this installation, which needs no file.

    Raises:
        NoManifest, ManifestNotReadable, NotARelease: it is no signed release.
        NoPublicKey, UnusableKey, WrongKey, SignatureWrong: nobody vouches for its manifest.
    """
    there = place.paths()
    content = _small(place, MANIFEST, LARGEST_MANIFEST)
    signature = _small(place, SIGNATURE, SIGNATURE_LENGTH)
    manifest = read_manifest(content)
    key, key_from = _key(place, manifest.fingerprint, key_file, own)
    if not key.has_signed(content, signature):
        raise SignatureWrong(
            f"The signature of {place.name} was not made over this {MANIFEST} with key {key.fingerprint}. Do not use "
            f"the release; take it anew from where it was published.",
            place=place.name,
        )
    faults, notes = [*_faults_of_place(place, manifest)], []
    if there is None:
        notes.append("This address lists no files: whether more than those of the manifest lie there is not known.")
    else:
        faults += _extra(there, manifest)
    for number, file in enumerate(manifest.files, start=1):
        faults += _faults_of_file(place, file)
        if progress:
            progress(number, len(manifest.files))
    return Verdict(
        manifest.package,
        manifest.version,
        place.name,
        key.fingerprint,
        key_from,
        len(manifest.files),
        tuple(faults),
        tuple(notes),
    )


def _small(place: Place, path: str, limit: int) -> bytes:
    content = place.read(path, limit)
    if content is None:
        raise NoManifest(
            f"{place.name} has no {path}: it is no signed release. Name the folder of one version; releases made "
            f"before there were signatures cannot be verified.",
            place=place.name,
        )
    if len(content) > limit:
        raise NoManifest(f"{path} of {place.name} is larger than {limit:,} bytes: it is none.", place=place.name)
    return content


def _key(place: Place, fingerprint: str, key_file: Path | None, own: PublicKey | None) -> tuple[PublicKey, str]:
    """The key to check with, and where it came from."""
    if own and own.fingerprint == fingerprint:
        return own, "of this installation"
    if key_file:
        key, key_from = PublicKey.read(key_file.read_bytes(), str(key_file)), f"read from {key_file}"
    else:
        path = f"../../{KEYS}/{fingerprint}.pem"
        pem = place.read(path, LARGEST_KEY)
        if pem is None:
            raise NoPublicKey(
                f"The release was signed with key {fingerprint}, which is not beside its catalogue ({path}). "
                f"Give the public key with --key.",
                fingerprint=fingerprint,
            )
        key = PublicKey.read(pem, path)
        key_from = f"found beside the catalogue in {path}: whether it is the publisher's, compare elsewhere"
    if key.fingerprint != fingerprint:
        raise WrongKey(
            f"The release says that it was signed with key {fingerprint}. The key {key.fingerprint} is another one "
            f"({key_from}).",
            fingerprint=fingerprint,
        )
    return key, key_from


def _faults_of_place(place: Place, manifest: Manifest) -> list[Fault]:
    """A release that lies where another one should, or comes after another one than it says."""
    faults = []
    if _VERSION.fullmatch(place.version) and place.version != manifest.version:
        sentence = f"the folder is {place.version}, and what lies there was signed as {manifest.version}"
        faults.append(Fault("OTHER_RELEASE", MANIFEST, sentence))
    version, stated = manifest.previous or ("", None)
    found = place.manifest_of(version) if stated else None
    if found is not None and found != stated:
        sentence = f"release {version} beside it is not the one that this one was made after"
        faults.append(Fault("OTHER_PREVIOUS", MANIFEST, sentence))
    return faults


def _extra(there: list[str], manifest: Manifest) -> list[Fault]:
    listed = {file.path for file in manifest.files}
    extra = [shown(path) for path in there if path not in listed]
    return [Fault("EXTRA_FILE", path, f"{path} is not in the manifest") for path in extra]


def _faults_of_file(place: Place, file: ListedFile) -> list[Fault]:
    found = place.digest(file.path, file.size)
    if found is None:
        return [Fault("FILE_MISSING", file.path, f"{file.path} is missing")]
    size, digest = found
    if size != file.size:
        much = f"more than {file.size:,}" if size > file.size else f"{size:,}"
        return [Fault("FILE_CHANGED", file.path, f"{file.path} has {much} bytes instead of {file.size:,}")]
    if digest != file.sha256:
        return [Fault("FILE_CHANGED", file.path, f"{file.path} has the right size and other content")]
    return []
