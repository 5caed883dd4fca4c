"""Cursors: the place of a row in an order, sealed for one role, scope and order.

PostgreSQL cannot seal, so a statement writes a mark that no caller can know, and the executor replaces it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_hex
from typing import Any

from kernel.errors import BadInput
from policy.event_cursor import opened_position, sealed_position
from policy.secrets import SealBroken, Secrets
from policy.viewer import Viewer

MARK = token_hex(16)
"""What no value in the database can hold: made anew at every start, and never sent out."""

_MARKED = re.compile(f"{MARK}(?:c:(?P<order>[0-9a-f]+):|d:(?P<column>[a-z_.]+):)(?P<data>[0-9a-f]*)".encode())


class BadCursor(BadInput):
    """A cursor that was not given here, to this role and scope, for this order."""

    code = "BAD_CURSOR"

    def __init__(self, argument: str) -> None:
        super().__init__(
            f"Argument `{argument}`: this cursor (kursor) was not given for this list, order and role. "
            "Use cursors unchanged, or start again without one.",
            argument=argument,
        )


def order_signature(noun: str, keys: list[str]) -> str:
    """A short name of an order; a cursor of one order does not open in another."""
    return blake2b(":".join([noun, *keys]).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Sealer:
    """Turns marks into sealed cursors and clear values, and cursors back into keys."""

    secrets: Secrets

    def finish(self, body: bytes, viewer: Viewer) -> bytes:
        """An answer with every mark replaced."""

        def replace(match: re.Match[bytes]) -> bytes:
            data = bytes.fromhex(match["data"].decode())
            if match["order"] is not None:
                return self.secrets.seal(data, *_context(viewer, match["order"].decode())).encode()
            return json.dumps(self.secrets.decrypt(data, match["column"].decode()))[1:-1].encode()

        return _MARKED.sub(replace, body)

    def open(self, viewer: Viewer, cursor: str, signature: str, argument: str) -> list[Any]:
        """The key values that a cursor of one order stands for.

        Raises:
            BadCursor: not given here, to this viewer's role and scope, for this order.
        """
        try:
            keys: list[Any] = json.loads(self.secrets.unseal(cursor, *_context(viewer, signature)))
        except SealBroken:
            raise BadCursor(argument) from None
        return keys


@dataclass(frozen=True)
class EventCursors:
    """Positions in the event log as one audience gets them: sealed, all of one length, never twice the same."""

    secrets: Secrets
    viewer: Viewer

    def seal(self, position: int) -> str:
        """A cursor of a position."""
        return sealed_position(self.secrets, self.viewer, position)

    def open(self, cursor: str, argument: str) -> int:
        """The position that a cursor stands for.

        Raises:
            BadCursor: not given here, to this viewer's role and scope.
        """
        try:
            return opened_position(self.secrets, self.viewer, cursor)
        except SealBroken:
            raise BadCursor(argument) from None


def _context(viewer: Viewer, signature: str) -> tuple[str, ...]:
    return ("cursor", viewer.role, *(value for _, value in viewer.scope), signature)
