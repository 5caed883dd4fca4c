"""The manifest of a backup: its parts by SHA-256, what its database holds, and by whose key it opens."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from policy.secrets import Secrets

MANIFEST = "manifest.json"
DATABASE = "database.dump"
FILES = "files.tar"
FORMAT = 1

_PIECE = 1 << 20

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


class NotABackup(KsbbError):
    """A folder that is no whole backup."""

    code = "NOT_A_BACKUP"


class BackupDamaged(KsbbError):
    """A backup whose parts are not what its manifest states."""

    code = "BACKUP_DAMAGED"


class WrongSecret(KsbbError):
    """A backup of an installation with another master secret."""

    code = "WRONG_SECRET"

    def __init__(self) -> None:
        super().__init__(
            "This backup was made under another master secret: ids and encrypted columns would be lost. Set "
            "KSBB_SECRET_KEY, or name the file with --key, to the secret of the installation that made it."
        )


def write(folder: Path, content: Mapping[str, Any], secrets: Secrets) -> None:
    """State the parts of a backup, and seal it: whoever lacks the master secret cannot make another."""
    stated = {
        "format": FORMAT,
        **content,
        "parts": {part.name: _stated(part) for part in sorted(folder.iterdir())},
        "key_check": key_check(secrets),
    }
    whole = {**stated, "sha256": _digest(stated), "seal": _seal(stated, secrets)}
    (folder / MANIFEST).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What a backup states of itself.

    Raises:
        NotABackup: it is none, or its making was cut off.
        BackupDamaged: the manifest was altered.
    """
    try:
        whole = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        stated = {name: value for name, value in whole.items() if name not in ("sha256", "seal")}
        digest, version = whole["sha256"], stated["format"]
    except OSError:
        raise NotABackup(
            f"{folder} holds no {MANIFEST}: it is no backup, or one whose making was cut off. Use another one."
        ) from None
    except (ValueError, KeyError, AttributeError):
        raise BackupDamaged(f"{MANIFEST} in {folder} cannot be read. Use another backup.") from None
    if digest != _digest(stated):
        raise BackupDamaged(f"{MANIFEST} in {folder} was altered. Use another backup.")
    if version != FORMAT:
        raise NotABackup(f"The backup in {folder} has format {version}, and this release reads {FORMAT}.")
    return dict(whole)


def check(folder: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Check every part by its hash; what the manifest states.

    Raises:
        NotABackup, BackupDamaged: it is not whole; the sentence names the part.
    """
    whole = read(folder)
    done, size = 0, sum(part["bytes"] for part in whole["parts"].values())
    for name, stated in whole["parts"].items():
        part = folder / name
        if not part.is_file() or part.stat().st_size != stated["bytes"]:
            raise BackupDamaged(f"{name} in {folder} is missing or has another size. Use another backup.", part=name)
        digest = hashlib.sha256()
        with part.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                if progress is not None:
                    progress(done, size)
        if digest.hexdigest() != stated["sha256"]:
            raise BackupDamaged(f"{name} in {folder} is not what was backed up (SHA-256). Use another one.", part=name)
    return whole


def require_key(whole: Mapping[str, Any], secrets: Secrets) -> None:
    """Make sure that a backup was made under a master secret, and is as it was made.

    Raises:
        WrongSecret: under another one.
        BackupDamaged: somebody altered the manifest and its hash.
    """
    if not hmac.compare_digest(str(whole["key_check"]), key_check(secrets)):
        raise WrongSecret
    stated = {name: value for name, value in whole.items() if name not in ("sha256", "seal")}
    if not hmac.compare_digest(str(whole.get("seal")), _seal(stated, secrets)):
        raise BackupDamaged(f"{MANIFEST} was not written under this master secret. Use another backup.")


def key_check(secrets: Secrets) -> str:
    """A value by which a master secret is known, and which tells nothing of it."""
    return secrets.subkey("backup check").hex()


def _seal(stated: Mapping[str, Any], secrets: Secrets) -> str:
    return hmac.digest(secrets.subkey("backup manifest"), _digest(stated).encode(), "sha256").hex()


def _digest(stated: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _stated(part: Path) -> dict[str, Any]:
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": part.stat().st_size, "sha256": digest}
