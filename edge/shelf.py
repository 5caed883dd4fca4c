"""Where a path below /data/ leads: into which release, whether that was withdrawn, and how long it may be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from publishing.catalogue.addresses import about
from publishing.package import DESCRIPTOR
from publishing.release.editions import INDEX, read_index, withdrawal

FRESH = "public, max-age=0, must-revalidate"
SHORT = "public, max-age=60, must-revalidate"  # `latest` and what else leads into a release
FOREVER = "public, max-age=31536000, immutable"

_RELEASE = 2
"""Parts of the path of a release's folder: package and version."""


@dataclass
class Shelf:
    """The catalogue in a folder, as far as its indexes tell; they are read again when they change."""

    root: Path
    _withdrawn: dict[Path, tuple[int, dict[str, tuple[str, str]]]] = field(default_factory=dict)

    def withdrawn(self, parts: Sequence[str]) -> tuple[str, str] | None:
        """Why the release at a resolved path was withdrawn (Indonesian, English); None where nothing was.

        Raises:
            IndexNotReadable: nobody can say.
        """
        if len(parts) < _RELEASE:
            return None
        folder = self.root / parts[0]
        try:
            stamp = (folder / INDEX).stat().st_mtime_ns
        except OSError:
            return None
        known = self._withdrawn.get(folder)
        if known is None or known[0] != stamp:
            reasons = {entry["version"]: withdrawal(entry) for entry in read_index(folder)}
            known = self._withdrawn[folder] = (stamp, {v: reason for v, reason in reasons.items() if reason})
        return known[1].get(parts[1])

    def caching(self, asked: Sequence[str], parts: Sequence[str]) -> str:
        """How long callers may keep a file. `asked`: the parts of the path they asked for, `parts`: of where it is."""
        if len(parts) <= _RELEASE or not (self.root.joinpath(*parts[:_RELEASE]) / DESCRIPTOR).is_file():
            return FRESH
        return FOREVER if list(asked) == list(parts) else SHORT

    def page_of(self, parts: Sequence[str]) -> str | None:
        """The page about the release at a path, as a path below /data/; None when there is none."""
        if len(parts) < _RELEASE:
            return None
        place = about(parts[0], parts[1])
        return place if (self.root / place / "index.html").is_file() else None
