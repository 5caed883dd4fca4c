"""The checker that lies in every release: alone, without the project, it finds what is wrong."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from publishing.finish import CHECKER
from publishing.package import DESCRIPTOR
from publishing.release import checker
from publishing.release.manifest import MANIFEST
from publishing.release.released import Released
from tests.publishing.releasing import TABLES, Row, a_dataset, a_field, a_release

COUNTS = a_dataset("hitungan", [a_field("tabel")], [a_field("orang", "integer", unit="orang")])
RULES = {"threshold_persons": 10, "rounded_to": 5, "counts": ["orang"], "sums": [], "sums_rounded_to": 5_000_000}
RULE = {"disclosure_control": RULES}
MICRODATA = {
    "microdata": {
        "quasi_identifiers": ["wilayah", "jenis"],
        "sensitive": "status",
        "k": 3,
        "l": 2,
        "adverse_values": ["MACET"],
        "most_adverse_share": 0.5,
    }
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The checker of a release, by Python alone: isolated, without packages."""
    command = [sys.executable, "-I", "-S", str(folder / CHECKER), *(arguments or [str(folder)])]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, check=False)


def said(report: checker.Report) -> str:
    return report.text()


def counted(tmp_path: Path, *rows: Row) -> Released:
    return a_release(tmp_path, {"hitungan": rows}, datasets=[COUNTS], also={"hitungan": RULE})


def microdata(folder: Path, rows: Sequence[Row], **rule: Any) -> Path:
    """A handmade package of microdata, whose rows have no key."""
    (folder / "data").mkdir(parents=True)
    text = "wilayah,jenis,status\n" + "".join(",".join(row) + "\n" for row in rows)
    (folder / "data" / "perorangan.csv").write_text(text)
    resource = {
        "name": "perorangan",
        "path": "data/perorangan.csv",
        "bytes": len(text),
        "hash": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
        "rows": len(rows),
        "schema": {"fields": [{"name": name} for name in ("wilayah", "jenis", "status")]},
        "microdata": {**MICRODATA["microdata"], **rule},
    }
    described = json.dumps({"name": "contoh", "version": "1.0.1", "resources": [resource]})
    (folder / DESCRIPTOR).write_text(described)
    files = [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content.encode()).hexdigest()}
        for path, content in (("data/perorangan.csv", text), (DESCRIPTOR, described))
    ]
    (folder / MANIFEST).write_text(json.dumps({"package": "contoh", "version": "1.0.1", "files": files}))
    return folder


SAFE = [("31.71", "A", "LANCAR"), ("31.71", "A", "MACET"), ("31.71", "A", "LANCAR")] * 2


def test_it_needs_the_standard_library_of_python_3_9_only(tmp_path: Path) -> None:
    source = (a_release(tmp_path).folder / CHECKER).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in found if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    assert "strict=" not in source.replace("strict=True)", "", 1).replace("strict=True", "", 1)


def test_a_right_release_is_ok(tmp_path: Path) -> None:
    done = run(a_release(tmp_path).folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nOK\n" in done.stdout
    assert "ksbb release verify" in done.stdout


def test_the_unpacked_archive_is_ok_with_the_manifest_beside_it(tmp_path: Path) -> None:
    release = a_release(tmp_path / "catalogue")
    with ZipFile(release.folder / "contoh-1.0.1.zip") as archive:
        archive.extractall(tmp_path)
    unpacked = tmp_path / "contoh-1.0.1"
    without = run(unpacked)
    assert without.returncode == 1
    assert "lay that of the release beside its files" in without.stdout
    (unpacked / MANIFEST).write_bytes((release.folder / MANIFEST).read_bytes())
    assert run(unpacked).returncode == 0


def test_a_wrong_call_exits_2(tmp_path: Path) -> None:
    release = a_release(tmp_path)
    assert run(release.folder, "/nowhere").returncode == 2
    assert run(release.folder, "a", "b").returncode == 2


def changed(folder: Path) -> None:
    file = folder / "data" / "bantuan.csv"
    file.write_text(file.read_text().replace("5000000", "5000001"))


def other_format(folder: Path) -> None:
    (folder / "data" / "bantuan.xlsx").write_bytes(b"x")


def extra(folder: Path) -> None:
    (folder / "sisip").write_text("x")


def steering(folder: Path) -> None:
    (folder / "\x1b[2Jsisip").write_text("x")


def linked(folder: Path) -> None:
    (folder / "sisip").symlink_to("/etc")


def missing(folder: Path) -> None:
    (folder / "data" / "wilayah.csv").unlink()


def no_descriptor(folder: Path) -> None:
    (folder / DESCRIPTOR).unlink()


def odd_descriptor(folder: Path) -> None:
    (folder / DESCRIPTOR).write_text('{"name": "contoh", "version": "1.0.1", "resources": [1]}')


def path_outside(folder: Path) -> None:
    content = json.loads((folder / MANIFEST).read_text())
    content["files"].append({"path": "../../x", "bytes": 1, "sha256": "0"})
    (folder / MANIFEST).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (changed, "data/bantuan.csv is not the file of the manifest"),
        (other_format, "data/bantuan.xlsx is not the file that is described"),
        (extra, "sisip is not in the manifest"),
        (steering, "?[2Jsisip is not in the manifest"),
        (linked, "sisip is a link or no plain file"),
        (missing, "data/wilayah.csv is missing"),
        (no_descriptor, "datapackage.json is missing"),
        (odd_descriptor, "does not say what a release says"),
        (path_outside, "leads out of the release"),
    ],
)
def test_a_damaged_release_is_wrong(tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    release = a_release(tmp_path)
    damage(release.folder)
    done = run(release.folder)
    assert done.returncode == 1
    assert words in done.stdout
    assert "\nWRONG\n" in done.stdout


def test_counts_of_persons_obey_the_rule(tmp_path: Path) -> None:
    report = checker.checked(counted(tmp_path, ("a", "10"), ("b", "25")).folder)
    assert report.wrong == 0
    assert "least 10, rule 10-5, in orang" in said(report)


@pytest.mark.parametrize("count", ["5", "12", "0"])
def test_a_count_that_breaks_the_rule_is_wrong(tmp_path: Path, count: str) -> None:
    report = checker.checked(counted(tmp_path, ("a", "10"), ("b", count)).folder)
    assert report.wrong == 1
    assert "row 3: orang is below 10 or no multiple of 5" in said(report)


def test_a_dataset_under_control_without_counts_is_wrong(tmp_path: Path) -> None:
    release = a_release(tmp_path, {**TABLES}, also={"bantuan": {"disclosure_control": {**RULES, "counts": []}}})
    assert "no column counts persons" in said(checker.checked(release.folder))


def test_a_sum_that_is_not_rounded_is_wrong(tmp_path: Path) -> None:
    rules = {"disclosure_control": {**RULES, "sums": ["orang"]}}
    release = a_release(tmp_path, {"hitungan": [("a", "10")]}, datasets=[COUNTS], also={"hitungan": rules})
    report = checker.checked(release.folder)
    assert "row 2: orang is no multiple of 5000000" in said(report)


def test_microdata_keep_k_l_and_the_share_of_adverse_values(tmp_path: Path) -> None:
    report = checker.checked(microdata(tmp_path / "m", SAFE))
    assert report.wrong == 0
    assert "1 classes, k = 6, l = 2, adverse at most 0.333" in said(report)


@pytest.mark.parametrize(
    ("rows", "rule", "words"),
    [
        ([*SAFE, ("31.72", "A", "LANCAR"), ("31.72", "A", "MACET")], {}, "class 2 has 2 rows, below k = 3"),
        ([*SAFE, *[("31.72", "A", "LANCAR")] * 3], {}, "class 2: status has 1 values, below l = 2"),
        (SAFE, {"most_adverse_share": 0.3}, "class 1: more than 0.3 of status is adverse"),
        (SAFE, {"sensitive": ["status", "jenis"]}, "class 1: jenis has 1 values, below l = 2"),
    ],
)
def test_microdata_that_tell_too_much_are_wrong(
    tmp_path: Path, rows: Sequence[Row], rule: Mapping[str, Any], words: str
) -> None:
    report = checker.checked(microdata(tmp_path / "m", rows, **rule))
    assert report.wrong == 1
    assert words in said(report)


def test_rows_and_keys_are_counted_again(tmp_path: Path) -> None:
    release = counted(tmp_path, ("a", "10"), ("b", "10"))
    resource = json.loads((release.folder / DESCRIPTOR).read_text())["resources"][0]
    resource["rows"] = 3
    report = checker.Report()
    lines = iter([["tabel", "orang"], ["a", "10"], ["a", "10"]])
    checker._check_rows(resource, lines, report)
    assert "there are 2, and it says 3" in said(report)
    assert "row 3 has the key of another row" in said(report)
