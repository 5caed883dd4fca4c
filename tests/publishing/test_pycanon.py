"""Three who do not know each other measure the published rows: pyCANON, the one-file checker, and the risk report."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

from datapackages.penerima_anonim.dataset import DATASET
from publishing.audit.microdata import microdata_risk
from publishing.audit.risk_report import REPORT
from publishing.control.anonymous_rows import classes, rows
from publishing.package import csv_text, resource
from publishing.release.checker import Classes
from tests.publishing.city import Publisher
from tests.publishing.pycanon import k_and_l
from tests.publishing.test_microdata import PERIOD, a_city

KNOWN = [field.name for field in DATASET.quasi_identifiers]


def told(text: str) -> tuple[int, int]:
    """k and l in the words of the checker."""
    found = re.search(r"k = (\d+), l = (\d+)", text)
    assert found
    return int(found[1]), int(found[2])


def as_checked(folder: Path) -> str:
    """What the checker of a release says of it."""
    command = [sys.executable, "check_release.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_all_agree_on_k_and_l_of_20_000_recipients(root: Path) -> None:
    cells = a_city()
    published = rows(PERIOD, classes(DATASET, cells))
    file = root / "rows.csv"
    file.write_text(csv_text(DATASET, published), encoding="utf-8", newline="")
    check = Classes(resource(DATASET), [field.name for field in DATASET.fields])
    for row in published:
        check.see(row)
    risk = microdata_risk(DATASET, PERIOD, cells, published)
    assert list(check.complaints()) == []
    assert k_and_l(file, KNOWN, DATASET.sensitive.name) == told(check.found()) == (risk["k"], risk["l"])


async def test_all_agree_on_k_and_l_of_a_release(publisher: Publisher, root: Path) -> None:
    release = await publisher.publish(root)
    said = await asyncio.to_thread(as_checked, release.folder)
    datasets = json.loads((release.folder / REPORT).read_text(encoding="utf-8"))["datasets"]
    periods = next(dataset["periods"] for dataset in datasets if dataset["name"] == DATASET.name)
    period = next(period for period in periods if period["period"] == "202012")
    measured = k_and_l(release.folder / "data" / f"{DATASET.name}.csv", KNOWN, DATASET.sensitive.name)
    assert measured == told(said) == (period["k"], period["l"])
