"""Programs beyond Python that some tests need: skipped visibly where missing, a failure under `REQUIRE_ALL=1`."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def program(name: str) -> str:
    """Path of a program (`node`, `wrk`), or the end of the test that needs it."""
    return shutil.which(name) or absent(f"the program {name} is not installed")


def absent(what: str) -> NoReturn:
    """End a test because something beyond Python is not here."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and REQUIRE_ALL=1 lets nothing be skipped")
    pytest.skip(what)
