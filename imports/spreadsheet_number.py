"""Numbers that a spreadsheet rounded: it keeps 15 digits, and writes 0 for those behind."""

from __future__ import annotations

from imports.spreadsheet import ANumber

KEPT_DIGITS = 15


def was_rounded(text: str) -> bool:
    """Whether a cell is a number of a spreadsheet with more digits than it keeps, and so ends in 0 by damage."""
    return isinstance(text, ANumber) and len(text) > KEPT_DIGITS and text.endswith("0")
