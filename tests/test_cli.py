"""The command line answers on stdout, explains on stderr, and tells done, refused and wrongly called apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from kernel.settings import Settings
from models.server import Server
from policy.secrets import Secrets
from tests.folders import a_data_folder

ROOT = Path(__file__).parents[1]
HELP_LIMIT_S = 0.6

Ksbb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with a_data_folder() as folder:
        Server.open(Settings(data_dir=folder)).stop()
        yield folder


@pytest.fixture
def ksbb(data_dir: Path) -> Ksbb:
    """Run `ksbb` as a person would, with a data folder of the tests."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
        environment |= {"KSBB_DATA_DIR": str(data_dir)} | settings
        command = [sys.executable, "-m", "cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    return run


@pytest.fixture
def running(data_dir: Path) -> Iterator[Server]:
    with Server.open(Settings(data_dir=data_dir)) as server:
        yield server


def test_help_comes_fast_and_names_every_command(ksbb: Ksbb) -> None:
    said = ksbb("--help").stdout
    started = time.monotonic()
    ksbb("--help")
    assert time.monotonic() - started < HELP_LIMIT_S
    for command in (
        "serve",
        "demo",
        "doctor",
        "db",
        "documents",
        "events",
        "import",
        "policy",
        "token",
        "revoke",
        "publish",
        "release",
        "query",
        "check",
        "person",
        "webhook",
    ):
        assert f"  {command} " in said


@pytest.mark.parametrize(
    "wrong", [["nonsense"], ["db", "nonsense"], ["token"], ["token", "RAJA"], ["serve", "--colour"]]
)
def test_a_wrong_call_is_explained_and_exits_2(ksbb: Ksbb, wrong: list[str]) -> None:
    done = ksbb(*wrong)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error" in done.stderr


def test_a_refusal_is_one_line_and_exits_1(ksbb: Ksbb) -> None:
    done = ksbb("db", "uri", KSBB_COLOUR="red")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ksbb: KSBB_COLOUR is not a setting.")


def test_the_uri_of_a_database_that_does_not_run_is_refused(ksbb: Ksbb) -> None:
    done = ksbb("db", "uri")
    assert done.returncode == 1
    assert "ksbb serve" in done.stderr


def test_the_uri_of_the_running_database_is_all_there_is_on_stdout(ksbb: Ksbb, running: Server) -> None:
    done = ksbb("db", "uri")
    assert (done.returncode, done.stdout, done.stderr) == (0, running.uri() + "\n", "")
    assert json.loads(ksbb("db", "uri", "--json").stdout) == {"uri": running.uri()}


def test_psql_runs_on_the_database_whether_it_runs_or_not(ksbb: Ksbb) -> None:
    assert ksbb("db", "psql", "--", "-At", "-c", "select current_database()").stdout == "ksbb\n"
    assert ksbb("db", "psql", "--", "-v", "ON_ERROR_STOP=1", "-c", "select 1/0").returncode == 1


def test_an_upgrade_can_be_tried_dry_repeated_and_checked(ksbb: Ksbb) -> None:
    dry = json.loads(ksbb("db", "upgrade", "--dry-run", "--json").stdout)
    assert json.loads(ksbb("db", "upgrade", "--json").stdout) == dry
    assert json.loads(ksbb("db", "upgrade", "--json").stdout) == {"steps": []}
    assert ksbb("db", "check").returncode == 0


def test_a_token_is_all_there_is_on_stdout(ksbb: Ksbb) -> None:
    done = ksbb("token", "inspektorat")
    assert done.returncode == 0
    assert done.stdout.count(".") == 2


def test_a_token_takes_the_public_id_or_the_key_of_an_institution(ksbb: Ksbb, data_dir: Path) -> None:
    key = UUID(int=7)
    public_id = Secrets.of(Settings(data_dir=data_dir)).public_id("institution", key)
    for given in (public_id, str(key)):
        claims = ksbb("token", "FINTECH", "--institution", given).stdout.split(".")[1]
        assert json.loads(urlsafe_b64decode(claims + "=="))["institution"] == str(key)


def test_a_token_without_the_scope_that_its_role_needs_is_refused(ksbb: Ksbb) -> None:
    assert ksbb("token", "FINTECH").returncode == 1


REGIONS = "query Wilayah($n: Int) { regions(first: $n) { nodes { name } } }"


def test_trusted_documents_are_added_listed_and_removed(ksbb: Ksbb, data_dir: Path, tmp_path: Path) -> None:
    one, manifest = tmp_path / "satu.graphql", tmp_path / "banyak.json"
    one.write_text(REGIONS, encoding="utf-8")
    other = "{ __typename }"
    manifest.write_text(json.dumps({sha256(other.encode()).hexdigest(): other}), encoding="utf-8")
    add = ("documents", "add", str(one), str(manifest), "--as", "publik", "--json")
    assert ksbb(*add, "--dry-run").returncode == 0
    assert ksbb("documents", "list").stdout == ""
    added = json.loads(ksbb(*add).stdout)
    assert [(document["operations"], document["roles"]) for document in added] == [
        (["Wilayah"], ["PUBLIK"]),
        (["-"], ["PUBLIK"]),
    ]
    listed = ksbb("documents", "list").stdout
    assert f"sha256:{sha256(REGIONS.encode()).hexdigest()}  Wilayah\n" in listed
    assert all(ksbb("documents", "remove", document["id"]).returncode == 0 for document in added)
    assert list((data_dir / "documents").iterdir()) == []
    again = ksbb("documents", "remove", added[0]["id"])
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.graphql", "{ a", "Syntax Error"),
        ("a.graphql", "{ loans { nodes { id } } }", "does not fit the schema of PUBLIK"),
        ("a.graphql", "{ " + "a " * 2_000 + "}", "Syntax Error"),
        ("a.json", '{"' + "0" * 64 + '": "{ __typename }"}', "not the SHA-256"),
        ("a.json", "[]", "no JSON object"),
        ("a.json", '{"operations": [{"id": 1}]}', "no JSON object"),
    ],
)
def test_a_document_that_cannot_be_trusted_is_refused(
    ksbb: Ksbb, data_dir: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    done = ksbb("documents", "add", str(file), "--as", "PUBLIK")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert ksbb("documents", "list").stdout == ""


def test_boundaries_are_reported_without_being_kept(ksbb: Ksbb, tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[106.8, -6.2], [106.9, -6.2], [106.9, -6.1], [106.8, -6.2]]]}
    feature = {"type": "Feature", "properties": {"kode_kemendagri": "31.73.03.1008"}, "geometry": square}
    (tmp_path / "one.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    done = ksbb("import", "boundaries", str(tmp_path / "one.geojson"), "--dry-run")
    assert done.returncode == 1
    assert "266 kelurahan without a boundary" in done.stdout


def test_a_file_that_is_not_there_is_a_wrong_call(ksbb: Ksbb) -> None:
    assert ksbb("import", "boundaries", "/nowhere.geojson").returncode == 2


def test_the_doctor_answers_in_text_and_in_json(ksbb: Ksbb) -> None:
    told = json.loads(ksbb("doctor", "--json").stdout)
    assert [check["check"] for check in told][:3] == ["python", "settings", "port"]
    refused = ksbb("doctor", KSBB_COLOUR="red")
    assert refused.returncode == 1
    assert "fail  settings" in refused.stdout


def test_a_copy_at_the_desk_takes_the_nik_from_standard_input_only(ksbb: Ksbb) -> None:
    case = ("--purpose", "Contoh", "--case", "CONTOH-1")
    assert ksbb("person", "export", *case).returncode == 2
    assert ksbb("person", "export", "3171010101010001", "--nik-from-stdin", *case).returncode == 2
    assert ksbb("person", "export", "--nik-from-stdin", "--purpose", " ", "--case", "CONTOH-1").returncode == 1
