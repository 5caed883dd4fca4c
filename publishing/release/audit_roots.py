"""The roots of the audit trail in a release (akar harian jejak audit): a fingerprint of all that was done, by day.

They tell nothing of persons, nor how much was done. Whoever has kept a release can tell by them whether the trail that
an inspector is shown is the one of then. Carried over from release to release, and never changed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from kernel.errors import KsbbError
from publishing.package import json_text

AUDIT_ROOTS = "audit_roots.json"
"""Their file in a release."""


class RootsNotReadable(KsbbError):
    """A file of roots is not what we write."""

    code = "AUDIT_ROOTS_NOT_READABLE"


def write_audit_roots(folder: Path, before: Path | None, known: Mapping[dt.date, str]) -> None:
    """Write those that the release before has, and of the days after them those that are known now."""
    kept = read_audit_roots(before / AUDIT_ROOTS) if before is not None else {}
    last = max(kept, default=dt.date.min)
    roots = {**kept, **{day: root for day, root in known.items() if day > last}}
    content = {"algorithm": "SHA-256", "roots": {day.isoformat(): root for day, root in sorted(roots.items())}}
    (folder / AUDIT_ROOTS).write_text(json_text(content), encoding="utf-8", newline="")


def read_audit_roots(file: Path) -> dict[dt.date, str]:
    """The roots in a file by day; none if there is no such file, as in releases that were made before there were any.

    Raises:
        RootsNotReadable: it says something else.
    """
    if not file.exists():
        return {}
    try:
        roots = json.loads(file.read_text(encoding="utf-8"))["roots"]
        return {dt.date.fromisoformat(day): str(root) for day, root in roots.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise RootsNotReadable(
            f"{file} does not hold roots of the audit trail. Take it anew from a release."
        ) from cause
