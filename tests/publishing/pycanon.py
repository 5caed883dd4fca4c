"""pyCANON in a virtual environment of its own, kept between runs: its pins do not fit ours."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.needs import absent

PYCANON = "1.3.6"
CACHE = Path.home() / ".cache" / "ksbb-pycanon"

_MEASURE = """
import json, sys, pandas
from pycanon.anonymity import k_anonymity, l_diversity
file, known, sensitive = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
data = pandas.read_csv(file, dtype=str, keep_default_na=False)
print(json.dumps([int(k_anonymity(data, known)), int(l_diversity(data, known, [sensitive]))]))
"""


def k_and_l(file: Path, known: Sequence[str], sensitive: str) -> tuple[int, int]:
    """k and l of a CSV file, as pyCANON measures them."""
    command = [str(installed()), "-c", _MEASURE, str(file), json.dumps(list(known)), sensitive]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=file.parent)
    k, distinct = json.loads(done.stdout)
    return k, distinct


def installed() -> Path:
    """The Python that has pyCANON, or the end of the test.

    Only a run that lets nothing be skipped (`REQUIRE_ALL=1`) goes to the package index, once; it takes half a minute.
    """
    python = CACHE / PYCANON / "bin" / "python"
    stamp = CACHE / f"{PYCANON}.stamp"
    if not stamp.exists():
        if os.environ.get("REQUIRE_ALL") != "1":
            absent(f"pyCANON is not installed in {CACHE}: REQUIRE_ALL=1 does it")
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _install(python)
            stamp.touch()
    return python


def _install(python: Path) -> None:
    _run(sys.executable, "-m", "venv", "--clear", str(python.parents[1]))
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"pycanon=={PYCANON}")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        absent(f"pyCANON {PYCANON} could not be installed: {done.stderr.strip()[-300:]}")
