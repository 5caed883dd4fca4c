"""What the event log says of a release of the open data (rilis); `datapackages/publish.py` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from commands.command import Fact
from models.release import Release


@dataclass(frozen=True, kw_only=True)
class ReleasePublished(Fact):
    """A new version of a dataset was published (rilis data terbuka terbit)."""

    tells: ClassVar = (Release.version,)

    dataset: str
