"""The rules of imports: a stable code for programs; what is allowed and the cure in English and Indonesian."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from types import MappingProxyType


class Verdict(IntEnum):
    """What becomes of a row, from good to bad; the worst of its findings decides.

    TERIMA and TERIMA_NORMAL (a spelling was made regular) are kept; PERIKSA waits for a person; TOLAK is refused.
    """

    TERIMA = 0
    TERIMA_NORMAL = 1
    PERIKSA = 2
    TOLAK = 3

    @property
    def is_kept(self) -> bool:
        """Whether a row of this verdict is written."""
        return self <= Verdict.TERIMA_NORMAL


@dataclass(frozen=True)
class Rule:
    """One rule. `code` never changes its meaning; `rank` is its place in `rules.csv`: of two that are as bad, the
    earlier one is the reason of the row."""

    code: str
    verdict: Verdict
    rank: int
    allowed_en: str
    allowed_id: str
    cure_en: str
    cure_id: str


@cache
def _read() -> Mapping[str, Rule]:
    with (resources.files("imports") / "rules.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return MappingProxyType({row["code"]: _rule(rank, row) for rank, row in enumerate(rows)})


def _rule(rank: int, row: dict[str, str]) -> Rule:
    code, verdict, *told = row.values()
    return Rule(code, Verdict[verdict], rank, *told)


RULES: Mapping[str, Rule] = _read()
"""Every rule by its code, the most telling first; from `rules.csv`."""


def shape(text: str) -> str:
    """What a value looks like without repeating it: its length and the kinds of its characters, such as `16:d`."""
    kinds = (
        ("d", any(c.isdigit() for c in text)),
        ("l", any(c.isalpha() for c in text)),
        ("s", any(c.isspace() for c in text)),
        ("p", any(not (c.isalnum() or c.isspace()) for c in text)),
    )
    return f"{len(text)}:{''.join(kind for kind, there in kinds if there)}"


_KINDS = {"d": ("digits", "angka"), "l": ("letters", "huruf"), "s": ("blanks", "spasi"), "p": ("signs", "tanda baca")}


def shown(found: str) -> tuple[str, str]:
    """A shape, or a code of what was found, in English and Indonesian."""
    length, colon, kinds = found.partition(":")
    if not (colon and length.isdigit()):
        return found, found
    if length == "0":
        return "nothing", "kosong"
    en, id_ = (", ".join(_KINDS[kind][language] for kind in kinds if kind in _KINDS) for language in (0, 1))
    return f"{length} characters: {en}", f"{length} karakter: {id_}"
