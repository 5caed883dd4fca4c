"""What the chain of the audit trail is made of (rantai jejak audit): digests of entries, links, roots of days.

Whoever has the entries can compute all of it with SHA-256 alone; `docs/architecture/audit.md` says how. PostgreSQL
makes the digests of new entries by the same rules (migration 0024).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

GENESIS = hashlib.sha256(b"ksbb audit trail 1").digest()
"""What the first link follows."""

Ends = Mapping[dt.date, tuple[int, bytes]]
"""Position and hash of the last link of each day that has one."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def digest(values: Sequence[str | None]) -> bytes:
    """The digest of what stays of an entry, by its columns in their order as texts."""
    return hashlib.sha256(_sized(values)).digest()


def instant(at: dt.datetime) -> str:
    """An instant as it is in a digest: microseconds since 1970 in UTC."""
    return str((at - _EPOCH) // _MICROSECOND)


def words_hash(salt: bytes, words: Sequence[str | None]) -> bytes:
    """The hash of the reasons of an entry, of its own first and then of each step."""
    return hashlib.sha256(salt + _sized(words)).digest()


def link(before: bytes, position: int, sealed_on: dt.date, digest: bytes) -> bytes:
    """The hash of an entry in the chain."""
    return hashlib.sha256(b"%b%b%d %b" % (before, digest, position, sealed_on.isoformat().encode())).digest()


def daily_roots(ends: Ends, until: dt.date) -> dict[dt.date, str]:
    """The root of each day (akar harian), in hex, from the first day with a link until another.

    It is made of the day and the last link by its end, so that two days look different also when nothing was written
    between them: on which days there was nothing to write is nobody's business.
    """
    roots, end = dict[dt.date, str](), b""
    day = min(ends, default=dt.date.max)
    while day <= until:
        _, end = ends.get(day, (0, end))
        roots[day] = hashlib.sha256(day.isoformat().encode() + end).hexdigest()
        day += dt.timedelta(days=1)
    return roots


def _sized(values: Sequence[str | None]) -> bytes:
    """Texts one after the other, each behind the number of its bytes, so that none runs into the next."""
    encoded = (None if value is None else value.encode() for value in values)
    return b",".join(b"-" if value is None else b"%d:%b" % (len(value), value) for value in encoded)
