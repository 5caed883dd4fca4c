"""`ksbb query`, `ksbb policy` and `ksbb import` from the command line, end to end."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from models.privacy import Privacy
from policy.viewer import Role
from tests.adhoc.questions import FOLDER, QUESTIONS
from tests.conftest import City

ROOT = Path(__file__).parents[2]

Ksbb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ksbb(walled_city: City) -> Ksbb:
    """Run `ksbb` on the walled city."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
        environment |= {
            "KSBB_DATA_DIR": str(walled_city.settings.data_dir),
            "KSBB_SECRET_KEY": walled_city.settings.secret_key,
        }
        command = [sys.executable, "-m", "cli", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    return run


def _file(folder: Path, text: str) -> Path:
    file = folder / "question.graphql"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_question_is_answered_as_a_table(ksbb: Ksbb) -> None:
    done = ksbb("query", FOLDER / "01_slowest_fintech.graphql", "--as", "inspektorat", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    fast, slow = sorted(csv.DictReader(io.StringIO(done.stdout)), key=lambda row: float(row["reportingLagDays.avg"]))
    assert (fast["keys.fintechName"], slow["keys.fintechName"]) == ("PT Contoh Tekfin 1", "PT Contoh Tekfin 2")


async def test_a_question_is_answered_as_json_with_variables_and_logged(ksbb: Ksbb, tables: asyncpg.Connection) -> None:
    entries = "select count(*) from audit_entry where act = 'QUERY' and subject like 'ksbb-query:_%'"
    before = await tables.fetchval(entries)
    question = FOLDER / "10_loans_without_validation.graphql"
    done = ksbb("query", question, "--as", "INSPEKTORAT", "--variables", '{"disbursedBefore": "2022-01-01"}')
    assert done.returncode == 0
    loans = json.loads(done.stdout)["loans"]
    assert loans["totalCount"] == len(loans["nodes"]) > 0
    assert await tables.fetchval(entries) == before + 1


def test_a_role_with_a_scope_asks_with_it(ksbb: Ksbb, walled_city: City, tmp_path: Path) -> None:
    file = _file(tmp_path, "{ loanGroups(by: [FINTECH]) { keys { fintechId } count } }")
    public_id = walled_city.secrets.public_id("institution", walled_city.cast.fintech)
    done = ksbb("query", file, "--as", "FINTECH", "--institution", public_id)
    assert [group["keys"]["fintechId"] for group in json.loads(done.stdout)["loanGroups"]] == [public_id]


def test_a_part_of_the_rows_is_announced_beside_the_answer(ksbb: Ksbb, tmp_path: Path) -> None:
    file = _file(tmp_path, "{ regions(first: 1) { totalCount nodes { code } } }")
    done = ksbb("query", file, "--as", "PUBLIK", "--format", "csv")
    assert done.stdout == "code\n31\n"  # read as text: CRLF is one line end
    assert done.stderr.startswith("`regions` shows 1 of 318 rows")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{ regions { nodes { x y } } }", 2),
        ("{ regions(first: 100000) { nodes { code } } }", 1),
    ],
)
def test_each_error_is_one_line_and_the_exit_code_1(ksbb: Ksbb, tmp_path: Path, text: str, lines: int) -> None:
    done = ksbb("query", _file(tmp_path, text), "--as", "PUBLIK")
    assert (done.returncode, done.stdout) == (1, "")
    assert [line[:6] for line in done.stderr.splitlines()] == ["ksbb: "] * lines


def test_several_lists_are_named_and_one_can_be_chosen(ksbb: Ksbb, tmp_path: Path) -> None:
    file = _file(tmp_path, "{ regions(first: 1) { nodes { code } } releases { nodes { dataset } } }")
    refused = ksbb("query", file, "--as", "PUBLIK", "--format", "csv")
    assert refused.returncode == 1
    assert "--list: regions, releases" in refused.stderr
    assert ksbb("query", file, "--as", "PUBLIK", "--format", "csv", "--list", "releases").stdout == "dataset\n"


@pytest.mark.parametrize("wrong", [["--format", "xml"], ["--variables", "[]"], ["--variables", "{"]])
def test_a_wrong_call_exits_2(ksbb: Ksbb, tmp_path: Path, wrong: list[str]) -> None:
    assert ksbb("query", _file(tmp_path, "{ regions { totalCount } }"), "--as", "PUBLIK", *wrong).returncode == 2


def test_the_page_has_every_question_as_it_is_asked() -> None:
    page = (ROOT / "docs" / "ad_hoc.md").read_text(encoding="utf-8")
    for question in QUESTIONS:
        assert f"```graphql\n{question.text}```" in page
        assert f"`ksbb query examples/ad_hoc/{question.file} --as INSPEKTORAT --format csv`" in page
        indonesian, english, *_ = question.text.splitlines()
        assert indonesian.startswith("# ")
        assert english.startswith("# ")


# ---- policy


def test_the_matrix_is_a_table_for_people_and_json_for_programs(ksbb: Ksbb) -> None:
    head, *lines = ksbb("policy", "matrix").stdout.splitlines()
    assert head.split() == list(Privacy)
    assert [line.split()[0] for line in lines[:-1]] == list(Role)
    assert all(len(line.split()) == 1 + len(Privacy) for line in lines[:-1])
    rows = json.loads(ksbb("policy", "matrix", "--json").stdout)
    assert {row["class"]: row["PUBLIK"] for row in rows}["FINANCE"] == "-"


def test_a_field_is_explained(ksbb: Ksbb) -> None:
    told = ksbb("policy", "explain", "Owner.nik", "--as", "wilayah").stdout
    assert "treatment: absent\n" in told
    assert "why_absent: WILAYAH does not see class IDENTITY.\n" in told
    assert json.loads(ksbb("policy", "explain", "Loan.principal", "--as", "DINAS", "--json").stdout)["uses"]


def test_an_unknown_field_is_refused_with_suggestions(ksbb: Ksbb) -> None:
    done = ksbb("policy", "explain", "Recipient.ownerName", "--as", "PUBLIK")
    assert done.returncode == 1
    assert done.stderr.startswith("ksbb: There is no field Recipient.ownerName. Did you mean Owner.name")
