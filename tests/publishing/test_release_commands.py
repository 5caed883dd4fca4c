"""`ksbb release` answers on stdout, in JSON when asked, and tells right, wrong and wrongly called apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from publishing.release.signing import KEYS
from tests.publishing.city import KEY
from tests.publishing.releasing import TABLES, a_release

Ksbb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with a catalogue of two releases under the name of the city's package."""
    root = tmp_path / "releases"
    first = a_release(root)
    a_release(root, {**TABLES, "bantuan": [("A-1", "31.74.01", "6000000", "2020-07-31", "PT Contoh")]}, first)
    (root / "contoh").rename(root / "ksbb-umkm")
    return tmp_path


@pytest.fixture
def ksbb(data_dir: Path) -> Ksbb:
    """Run `ksbb release` as a person would."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
        environment |= {"KSBB_DATA_DIR": str(data_dir)}
        command = [sys.executable, "-m", "cli", "release", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    return run


def test_releases_are_listed_newest_last(ksbb: Ksbb) -> None:
    assert [line.split()[0] for line in ksbb("list").stdout.splitlines()] == ["1.0.1", "1.0.2"]
    told = json.loads(ksbb("list", "--json").stdout)
    assert [(one["version"], one["rows"], one["seal"]) for one in told] == [
        ("1.0.1", 4, "signed"),
        ("1.0.2", 3, "signed"),
    ]


def test_no_releases_are_told_with_what_to_do(ksbb: Ksbb, data_dir: Path) -> None:
    (data_dir / "releases").rename(data_dir / "gone")
    done = ksbb("list")
    assert (done.returncode, done.stdout) == (0, "There are no releases yet: `ksbb publish` makes one.\n")


def test_two_releases_are_compared_by_version_or_folder(ksbb: Ksbb, data_dir: Path) -> None:
    done = ksbb("diff", "1.0.1", "latest")
    assert done.stdout.splitlines() == [
        "contoh 1.0.2 since 1.0.1",
        "bantuan: changed; 1 rows removed; 1 rows changed",
        "wilayah: same",
    ]
    told = json.loads(ksbb("diff", str(data_dir / "releases" / "ksbb-umkm" / "1.0.1"), "1.0.2", "--json").stdout)
    written = (data_dir / "releases" / "ksbb-umkm" / "1.0.2" / "changes.json").read_text(encoding="utf-8")
    assert told == json.loads(written)


def test_a_release_that_is_not_there_is_refused(ksbb: Ksbb) -> None:
    done = ksbb("diff", "1.0.1", "1.0.9")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ksbb release list" in done.stderr
    assert ksbb("diff", "1.0.1", "../..").returncode == 1


def test_verify_tells_right_wrong_and_wrongly_called_apart(ksbb: Ksbb, data_dir: Path) -> None:
    folder = data_dir / "releases" / "ksbb-umkm" / "1.0.1"
    right = ksbb("verify", str(folder))
    assert right.returncode == 0
    assert right.stdout.splitlines()[-1].startswith("Release 1.0.1 of contoh is what was signed")
    assert KEY.public.fingerprint in right.stdout
    (folder / "CHANGES.md").write_text("x")
    wrong = ksbb("verify", str(folder), "--json")
    assert wrong.returncode == 1
    told = json.loads(wrong.stdout)
    assert (told["holds"], told["faults"][0]["path"]) == (False, "CHANGES.md")
    assert ksbb("verify").returncode == 2
    assert ksbb("verify", str(folder), "--key", "/nowhere.pem").returncode == 2
    assert ksbb("verify", "/nowhere").returncode == 1
    assert ksbb("verify", "ftp://contoh.id/").returncode == 1


def test_verify_takes_a_key_from_elsewhere(ksbb: Ksbb, data_dir: Path, tmp_path: Path) -> None:
    key = tmp_path / "kunci.pem"
    (data_dir / "releases" / KEYS / f"{KEY.public.fingerprint}.pem").rename(key)
    folder = str(data_dir / "releases" / "ksbb-umkm" / "1.0.2")
    assert "--key" in ksbb("verify", folder).stderr
    assert f"read from {key}" in ksbb("verify", folder, "--key", str(key)).stdout
