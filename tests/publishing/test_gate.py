"""The gate with the real validator: each kind of damage to a package is refused, without a word of the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from publishing.dataset import Facts, Label, Reference, derived
from publishing.gate import PackageNotValid, check
from publishing.package import DESCRIPTOR, Package, csv_text, descriptor, json_text, path_of, resource, written

NOTHING = Label("-", "-")
DATASET = Facts(
    name="kota",
    view="region",
    title=NOTHING,
    description=NOTHING,
    grain=NOTHING,
    cadence=NOTHING,
    source=Label("Contoh", "Example"),
    known_gaps=NOTHING,
    identified_by=[derived("code", "kode", NOTHING, concept="", definition=NOTHING)],
    facts=[
        derived("n", "jumlah", NOTHING, concept="", definition=NOTHING, type="integer"),
        derived(
            "parent",
            "induk",
            NOTHING,
            concept="",
            definition=NOTHING,
            required=False,
            refers_to=Reference("kota", "kode"),
        ),
    ],
)
PACKAGE = Package(
    name="contoh", shape="1.0", title=NOTHING, description=NOTHING, publisher="-", keywords=("a",), datasets=[DATASET]
)


def a_package(folder: Path, *rows: tuple[str, str, str]) -> Path:
    (folder / "data").mkdir()
    (folder / path_of(DATASET)).write_text(csv_text(DATASET, rows), encoding="utf-8", newline="")
    content = descriptor(PACKAGE, "1.0.1", [resource(DATASET, written(folder, DATASET, len(rows)))])
    (folder / DESCRIPTOR).write_text(json_text(content), encoding="utf-8")
    return folder


def test_a_right_package_passes(tmp_path: Path) -> None:
    check(a_package(tmp_path, ("31", "1", ""), ("31.71", "2", "31")))


@pytest.mark.parametrize(
    "rows",
    [
        [("31", "75.000.000", "")],
        [("31", "1", ""), ("31", "2", "")],
        [("31", "1", "32-RAHASIA")],
        [("", "1", "")],
    ],
    ids=["not a number", "key twice", "reference to nothing", "key missing"],
)
def test_wrong_rows_are_refused(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    with pytest.raises(PackageNotValid, match="kota") as refused:
        check(a_package(tmp_path, *rows))
    assert "RAHASIA" not in refused.value.message


def changed_data(folder: Path) -> None:
    file = folder / path_of(DATASET)
    file.write_text(file.read_text().replace("31.71", "31.72"))


def wrong_hash(folder: Path) -> None:
    file = folder / DESCRIPTOR
    content = json.loads(file.read_text())
    content["resources"][0]["hash"] = "sha256:" + "0" * 64
    file.write_text(json.dumps(content))


def no_resources(folder: Path) -> None:
    file = folder / DESCRIPTOR
    file.write_text(json.dumps({**json.loads(file.read_text()), "resources": []}))


def no_file(folder: Path) -> None:
    (folder / path_of(DATASET)).unlink()


@pytest.mark.parametrize("damage", [changed_data, wrong_hash, no_resources, no_file])
def test_a_damaged_package_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = a_package(tmp_path, ("31", "1", ""), ("31.71", "2", "31"))
    damage(folder)
    with pytest.raises(PackageNotValid):
        check(folder)
