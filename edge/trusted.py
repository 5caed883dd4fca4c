"""Trusted documents: those that whoever keeps the installation put into a folder, each a file named by its SHA-256."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, parse

from kernel.errors import KsbbError
from kernel.settings import Settings

LOOKED_AT_EVERY_S = 0.5
_ENDING = ".graphql"
_HASH = re.compile(r"[0-9a-f]{64}")


class NotAManifest(KsbbError):
    """A JSON file that is no list of documents by their SHA-256."""

    code = "NOT_A_MANIFEST"


def hash_of(text: str) -> str:
    """The SHA-256 of a document as it is written, in lower-case hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_hash(text: str) -> bool:
    """Whether a text is of the form of a hash."""
    return _HASH.fullmatch(text) is not None


def documents_folder(settings: Settings) -> Path:
    """Where an installation keeps its trusted documents."""
    return settings.data_dir / "documents"


class Trusted:
    """The trusted documents of a folder by their hashes; a change of the folder is seen at the next look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked_at = -inf
        self._changed_at: int | None = None
        self._texts: dict[str, str] = {}

    def text(self, hash_: str) -> str | None:
        """The document with a hash, None when there is none."""
        return self.all().get(hash_)

    def all(self) -> Mapping[str, str]:
        """Every document by its hash; a file that does not hold what its name says is none."""
        self._looked_at = time.monotonic()
        try:
            changed_at = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            self._changed_at, self._texts = None, {}
            return self._texts
        if changed_at != self._changed_at:
            self._texts = {name: text for name, text in map(_read, self._folder.glob(f"*{_ENDING}")) if name}
            self._changed_at = changed_at
        return self._texts

    def lately(self) -> Mapping[str, str]:
        """As `all`, as it was within the last `LOOKED_AT_EVERY_S`: for what each request asks."""
        return self._texts if time.monotonic() - self._looked_at < LOOKED_AT_EVERY_S else self.all()

    def add(self, text: str) -> str:
        """Keep a document; its hash."""
        self._folder.mkdir(parents=True, exist_ok=True)
        hash_ = hash_of(text)
        handle, draft = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(draft).replace(self._folder / f"{hash_}{_ENDING}")
        self._looked_at = -inf
        return hash_

    def remove(self, hash_: str) -> bool:
        """Forget a document; whether it was there."""
        if not is_hash(hash_) or self.text(hash_) is None:
            return False
        (self._folder / f"{hash_}{_ENDING}").unlink()
        self._looked_at = -inf
        return True


@lru_cache(maxsize=2_000)
def operations_in(text: str) -> tuple[str, ...]:
    """The names of the operations in a document; none where it does not parse."""
    try:
        definitions = parse(text, no_location=True).definitions
    except GraphQLError:
        return ()
    return tuple(d.name.value for d in definitions if isinstance(d, OperationDefinitionNode) and d.name)


def documents_in(content: str, *, is_json: bool) -> list[str]:
    """The documents in a file: one in GraphQL, or those of a manifest in JSON.

    A manifest is an object of documents by their SHA-256, as GraphQL Code Generator and Relay write it, or the one that
    Apollo's tools write, with `operations` of `id` and `body`.

    Raises:
        NotAManifest: the file is neither.
    """
    if not is_json:
        return [content]
    try:
        found = json.loads(content)
        by_id: dict[Any, Any] = {o["id"]: o["body"] for o in found["operations"]} if "operations" in found else found
        wrong = [id_ for id_, text in by_id.items() if id_.removeprefix("sha256:") != hash_of(text)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotAManifest("The file is no JSON object of documents by their SHA-256.") from None
    if wrong:
        raise NotAManifest(f"{str(wrong[0])[:80]} is not the SHA-256 of its document.")
    return list(by_id.values())


def _read(file: Path) -> tuple[str, str]:
    """Name and text of a document; an empty name where the file is not what it says."""
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return "", ""
    return (file.stem, text) if hash_of(text) == file.stem else ("", "")
