"""The public identifier of a collaboration (ID kolaborasi): `KSBB-UMK-2020-7K3M9K`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from kernel import luhn
from kernel.errors import KsbbError

TOKEN_LENGTH = 6  # five random characters and their check character
_SHAPE = re.compile(r"KSBB([A-Z]{3})([0-9]{4})([0-9A-Z]{6})")
_AS_TYPED = str.maketrans("ILO", "110", " \t\r\n\u00a0-\u2013\u2014_./")


class Programme(StrEnum):
    """The six programmes (program) as they stand in an identifier."""

    PGN = "PGN"
    UMK = "UMK"
    PDD = "PDD"
    SPH = "SPH"
    PMK = "PMK"
    NKR = "NKR"


class UnusableCollaborationId(KsbbError):
    """A collaboration identifier that was never issued."""

    code = "UNUSABLE_COLLABORATION_ID"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This collaboration ID (ID kolaborasi) cannot be used: {reason}. Example: KSBB-UMK-2020-7K3M9K."
        )


@dataclass(frozen=True, order=True)
class CollaborationId:
    """Programme, year and six characters of which the last checks the five before it.

    Public: knowing it gives no right to report.
    """

    programme: Programme
    year: int
    token: str

    def __str__(self) -> str:
        return f"KSBB-{self.programme}-{self.year}-{self.token}"


def new_collaboration_id(programme: Programme, year: int, random: Random) -> CollaborationId:
    """A fresh identifier. One of 33 million per programme and year: the database says whether it is taken."""
    body = "".join(random.choices(luhn.CROCKFORD, k=TOKEN_LENGTH - 1))
    return CollaborationId(programme, year, body + luhn.check_character(body, luhn.CROCKFORD))


def read_collaboration_id(text: str) -> CollaborationId:
    """An identifier as people type it: any case, hyphens or not, I and L for 1, O for 0.

    Raises:
        UnusableCollaborationId: another shape, an unknown programme, or a wrong check character.
    """
    found = _SHAPE.fullmatch(text.upper().translate(_AS_TYPED))
    if not found:
        raise UnusableCollaborationId("it is KSBB, three letters, a year and six characters")
    programme, year, token = found.groups()
    if programme not in Programme.__members__:
        raise UnusableCollaborationId(f"its programme must be one of {', '.join(Programme)}")
    if not luhn.is_valid(token, luhn.CROCKFORD):
        raise UnusableCollaborationId("its last character does not fit the others; one of them was mistyped")
    return CollaborationId(Programme(programme), int(year), token)
