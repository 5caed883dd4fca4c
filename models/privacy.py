"""The privacy class of a column, as part of its type."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import Column
from sqlalchemy.orm import mapped_column

INFO = "privacy"


class Privacy(StrEnum):
    """What kind of thing a column holds. `policy/visibility.py` tells what each role may do with it."""

    PUBLIC = "PUBLIC"
    BUSINESS = "BUSINESS"
    PLACE = "PLACE"
    CONTACT = "CONTACT"
    IDENTITY = "IDENTITY"
    FINANCE = "FINANCE"
    DONOR = "DONOR"
    FREE_TEXT = "FREE_TEXT"
    KEY = "KEY"
    INTERNAL = "INTERNAL"


T = TypeVar("T")

Public = Annotated[T, mapped_column(info={INFO: Privacy.PUBLIC})]
"""Collaborations, pledges and goods of bodies, institutions, places, regions, codes."""
Business = Annotated[T, mapped_column(info={INFO: Privacy.BUSINESS})]
"""Trade name, KBLI, kelurahan, scale and photo of a business."""
Place = Annotated[T, mapped_column(info={INFO: Privacy.PLACE})]
"""Exact point and address of a business."""
Contact = Annotated[T, mapped_column(info={INFO: Privacy.CONTACT})]
"""Name and telephone of a person (UU 27/2022, art. 4: general personal data)."""
Identity = Annotated[T, mapped_column(info={INFO: Privacy.IDENTITY})]
"""NIK, KK and birth date of a person."""
Finance = Annotated[T, mapped_column(info={INFO: Privacy.FINANCE})]
"""A person's amounts, status, arrears and turnover (UU 27/2022, art. 4: specific personal data)."""
Donor = Annotated[T, mapped_column(info={INFO: Privacy.DONOR})]
"""Name of a donor, who may be a private person or wish to stay unnamed."""
FreeText = Annotated[T, mapped_column(info={INFO: Privacy.FREE_TEXT})]
"""Complaints, notes and reasons: anybody may be named in them."""
Key = Annotated[T, mapped_column(info={INFO: Privacy.KEY})]
"""A join key: in a role's views so that one statement can join, but no field, filter, order or group of any role."""
Internal = Annotated[T, mapped_column(info={INFO: Privacy.INTERNAL})]
"""Hashes, secrets and bookkeeping: in no view of any role."""


def privacy_of(column: Column[Any]) -> Privacy:
    """The declared class of a column.

    Raises:
        KeyError: the column was declared without one; `tests/policy` refuses such a model.
    """
    declared: Privacy = column.info[INFO]
    return declared
