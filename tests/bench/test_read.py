"""The benchmark measures what it says: three servers that answer alike, and documents that are new."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.load import Measured
from bench.report import rows
from bench.shapes import Q3, Q5, written_out
from tests.folders import a_data_folder
from tests.needs import program

ROOT = Path(__file__).parents[2]


def test_a_document_with_its_values_written_out_has_no_variables() -> None:
    assert written_out(Q5, {"id": "business_1"}) == '{ recipient(id: "business_1") { tradeName } }'
    assert '(first: 100, after: "x", filter: {status: {eq: LUNAS}})' in written_out(
        Q3, {"status": "LUNAS", "after": "x"}
    )


def test_a_share_is_taken_within_each_round() -> None:
    def measured(*rps: float) -> list[Measured]:
        return [Measured(r, p50_ms=1, p99_ms=1, cpu_ms_per_request=1, rss_mb=1) for r in rps]

    found = rows(
        {("Q5", "ksbb", 1): measured(90, 9, 80), ("Q5", "limit", 1): measured(100, 10, 100)},
        "server",
        "limit",
        "of_limit",
    )
    assert [(row["server"], row["rps"], row["of_limit"]) for row in found] == [("ksbb", 80, 0.9), ("limit", 100, 1)]


def bench(folder: Path, *options: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "bench.read", "--quick", *options],
        cwd=ROOT,
        env={**os.environ, "KSBB_DATA_DIR": str(folder)},
        check=True,
    )


def test_the_three_servers_answer_alike() -> None:
    with a_data_folder() as folder:
        bench(folder, "--answers")


@pytest.mark.slow
@pytest.mark.skipif("TEST_LONG" not in os.environ, reason="measures for two minutes; by `make test-long`")
def test_every_cell_is_measured(tmp_path: Path) -> None:
    program("wrk")
    with a_data_folder() as folder:
        bench(folder, "--to", str(tmp_path))
    found = json.loads((tmp_path / "read.json").read_text(encoding="utf-8"))["rows"]
    cells = {(row["shape"], row["server"], row["connections"]) for row in found}
    assert len(found) == len(cells) == 5 * 3 * 2
    assert all(row["rps"] > 0 for row in found)
