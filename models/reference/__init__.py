"""Reference data that ship with the system: figures that others reported, as they reported them (angka acuan)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def reported_figure_rows() -> Iterator[dict[str, Any]]:
    """The rows of `reported_figure`: the value as text as it was reported, and as a number where it is one."""
    for position, figure in enumerate(_document()["figures"], 1):
        number = figure["number"]
        yield figure | {"number": None if number is None else Decimal(str(number)), "position": position}


def figure_check_rows() -> Iterator[dict[str, Any]]:
    """The rows of `figure_check`: relations that should hold, with the numbers beside them."""
    yield from _document()["checks"]


def figure_mention_rows() -> Iterator[dict[str, Any]]:
    """The rows of `figure_mention`: which figures a formula names, told from its words."""
    known = {figure["id"] for figure in _document()["figures"]}
    for check in _document()["checks"]:
        for name in dict.fromkeys(_WORD.findall(check["formula"])):
            if name in known:
                yield {"id": f"{check['id']}:{name}", "check_id": check["id"], "figure_id": name}


@cache
def _document() -> dict[str, list[dict[str, Any]]]:
    text = (resources.files("models.reference") / "reported_figures.json").read_text(encoding="utf-8")
    document: dict[str, list[dict[str, Any]]] = json.loads(text)
    return document
