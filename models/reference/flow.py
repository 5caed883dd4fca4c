"""The steps of the flow as rows: who acts and which forms are filled in are rows of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

_LISTS = {"actors", "forms"}


def step_rows() -> Iterator[dict[str, Any]]:
    """The rows of `step`, in the order of the documents."""
    for step in _steps():
        yield {key: value for key, value in step.items() if key not in _LISTS}


def step_actor_rows() -> Iterator[dict[str, Any]]:
    """The rows of `step_actor`."""
    for step in _steps():
        for actor in step["actors"]:
            yield {"id": f"{step['code']}:{actor}", "step_code": step["code"], "actor": actor}


def step_form_rows() -> Iterator[dict[str, Any]]:
    """The rows of `step_form`."""
    for step in _steps():
        for form in step["forms"]:
            yield {"id": f"{step['code']}:{form}", "step_code": step["code"], "form": form}


@cache
def _steps() -> list[dict[str, Any]]:
    text = (resources.files("models.reference") / "steps.json").read_text(encoding="utf-8")
    steps: list[dict[str, Any]] = json.loads(text)
    return steps
