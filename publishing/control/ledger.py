"""The disclosure ledger: of every published figure on persons, a keyed digest of the set of persons behind it.

It lies in the release itself and is carried on from release to release. Without the key a digest tells nothing but
that two figures are about the same persons. A cohort is published at several ages: a later age shows the same sets of
persons as the first one, or does not show them, since two sets that differ by a few would tell about those few.

Source: DESIGN section 8 (two ages of one cohort are published together only when the difference is 0 or at least 10).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from publishing.control.disclosure import Key

LEDGER = "ledger.json"
"""Its file in a release."""

Digests = dict[str, str]
"""By table and key of a row."""

Entries = dict[str, dict[str, Digests]]
"""By dataset and period."""


@dataclass(frozen=True)
class Ledger:
    """What was published of persons so far: by dataset and period, the digest of each row."""

    secret: bytes
    entries: Entries = field(default_factory=dict)
    withdrawn: Sequence[Entries] = ()
    """Those of releases that were withdrawn: somebody has read them, and they are not taken back from him."""

    def digest(self, dataset: str, persons: int, members: int) -> str:
        """The digest of a set of persons; `members` is the sum that the database makes of their keys."""
        return hmac.digest(self.secret, f"{dataset}|{persons}|{members}".encode(), hashlib.sha256).hex()[:32]

    def known(self, dataset: str, period: str) -> Digests | None:
        """The rows of the first age of a cohort; None when this is the first age, or there are no ages."""
        cohort, _, age = period.partition("/")
        others = [other for other in self.entries.get(dataset, {}) if cohort_of(other) == cohort] if age else []
        others = [other for other in others if other != period]
        return self.entries[dataset][min(others, key=in_time)] if others else None

    def earlier(self, dataset: str, period: str) -> list[Digests]:
        """The rows that were public of the same persons: a row that is shown now is about the same sets as in each."""
        known, cohort = self.known(dataset, period), cohort_of(period)
        return [
            *([known] if known is not None else []),
            *(
                digests
                for entries in self.withdrawn
                for other, digests in entries.get(dataset, {}).items()
                if cohort_of(other) == cohort
            ),
        ]

    def note(self, dataset: str, period: str, digests: Mapping[str, str]) -> None:
        """Remember what is published of a period."""
        self.entries.setdefault(dataset, {})[period] = dict(digests)

    def text(self) -> str:
        """As it stands in a release."""
        return json.dumps(self.entries, indent=1, sort_keys=True) + "\n"


def read_ledger(secret: bytes, release: Path | None, withdrawn: Sequence[Entries] = ()) -> Ledger:
    """The ledger of a release, an empty one before the first; beside it those of releases that were withdrawn."""
    file = release and release / LEDGER
    return Ledger(secret, entries_of(file) if file and file.exists() else {}, withdrawn)


def entries_of(file: Path) -> Entries:
    """What the file of a ledger says."""
    entries: Entries = json.loads(file.read_text(encoding="utf-8"))
    return entries


def place(table: str, key: Key) -> str:
    """How a row is named in the ledger."""
    return "|".join((table, *key))


def cohort_of(period: str) -> str:
    """A period without its age: of all ages of a cohort the same persons are told."""
    return period.partition("/")[0]


def in_time(period: str) -> tuple[int, ...]:
    """The order of periods: by time, then by age."""
    return tuple(int(part) for part in period.rstrip("+").split("/"))


def ordered(periods: Iterable[str]) -> list[str]:
    """Periods as they follow each other; the ages of a cohort from young to old."""
    return sorted(periods, key=in_time)
