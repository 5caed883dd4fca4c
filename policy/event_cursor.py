"""Cursors of the event log: a position, sealed for one role and scope.

Never the bare position: gaps between those that a reader sees would count what it may not see.
"""

from __future__ import annotations

from kernel.errors import BadInput
from policy.secrets import SealBroken, Secrets
from policy.viewer import Viewer

BEGINNING = "BEGINNING"
"""Said instead of a cursor: everything that there is."""
_LENGTH = 8  # bytes, so that all cursors are equally long


class BadEventCursor(BadInput):
    """A cursor that was not given to this role and scope."""

    code = "BAD_CURSOR"

    def __init__(self) -> None:
        super().__init__(
            "This cursor (kursor) was not given to your role and scope. Use cursors unchanged, as you got them with an "
            f"event, or `{BEGINNING}`."
        )


def sealed_position(secrets: Secrets, viewer: Viewer, position: int) -> str:
    """The cursor of a position."""
    return secrets.seal(position.to_bytes(_LENGTH, "big"), *_context(viewer))


def opened_position(secrets: Secrets, viewer: Viewer, cursor: str) -> int:
    """The position behind a cursor; 0 for the beginning.

    Raises:
        BadEventCursor: it was not given here, to this role and scope.
    """
    if cursor == BEGINNING:
        return 0
    try:
        return int.from_bytes(secrets.unseal(cursor, *_context(viewer)), "big")
    except SealBroken:
        raise BadEventCursor from None


def _context(viewer: Viewer) -> tuple[str, ...]:
    return ("event", viewer.role, *(value for _, value in viewer.scope))
