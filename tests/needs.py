"""Programs beyond Python that some tests need: skipped visibly where missing, a failure under `REQUIRE_ALL=1`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[Path]:
    """A disk of its own at a folder, in memory, which is full after some KiB; only root may mount one."""
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k,mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True).returncode != 0:
        absent("a small disk cannot be mounted here (that takes root and `mount`)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def resize_disk(folder: Path, size_kb: int) -> None:
    """Make a small disk larger or smaller; never smaller than what is on it."""
    subprocess.run(["mount", "-o", f"remount,size={size_kb}k", folder], check=True, capture_output=True)
