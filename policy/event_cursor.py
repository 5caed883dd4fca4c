"""Cursors of the event log: a position, sealed for one role and scope.

Never the bare position: gaps between those that a reader sees would count what it may not see.
"""

from __future__ import annotations

from secrets import token_bytes

from policy.secrets import Secrets
from policy.viewer import Viewer

BEGINNING = "BEGINNING"
"""In place of an event's cursor: everything that the log still holds."""

_LENGTH = 8  # bytes, so that all cursors are equally long
_NONCE = 8
"""Bytes by which cursors of one position differ: whether two are the same tells whether something happened between."""


def sealed_position(secrets: Secrets, viewer: Viewer, position: int) -> str:
    """A cursor of a position."""
    return secrets.seal(position.to_bytes(_LENGTH, "big") + token_bytes(_NONCE), *_context(viewer))


def opened_position(secrets: Secrets, viewer: Viewer, cursor: str) -> int:
    """The position behind a cursor; 0 for the beginning.

    Raises:
        SealBroken: it was not given here, to this role and scope.
    """
    if cursor == BEGINNING:
        return 0
    return int.from_bytes(secrets.unseal(cursor, *_context(viewer))[:_LENGTH], "big")


def _context(viewer: Viewer) -> tuple[str, ...]:
    return ("cursor", viewer.role, *(value for _, value in viewer.scope), "events")
