"""A folder as a portal: copied once, and withdrawn for good."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from publishing.dataset import Label
from publishing.portals.target import NOTICE, FolderTarget, ReleaseWithdrawnHere, Withdrawal
from publishing.release.released import LATEST
from tests.ckan.releases import Made

REASON = Withdrawal(version="1.0.2", reason=Label("sel terlalu kecil", "a cell was too small"), on=dt.date(2021, 3, 1))


def test_a_plan_says_whether_a_release_would_be_copied(tmp_path: Path) -> None:
    target, release = FolderTarget(tmp_path / "portal"), Made(tmp_path / "made", "uji").release(1)
    assert target.plan(release)[0].endswith("1.0.1: copy the release")
    assert not target.root.exists()
    target.deliver(release)
    assert target.plan(release)[0].endswith("1.0.1: nothing to do")


def test_a_withdrawn_release_leaves_only_its_notice_and_does_not_come_back(tmp_path: Path) -> None:
    made, target = Made(tmp_path / "made", "uji"), FolderTarget(tmp_path / "portal")
    first, second = made.release(1), made.release(2)
    for release in (first, second):
        target.deliver(release)
    for _ in range(2):
        target.withdraw(second, REASON)
    assert [file.name for file in (target.root / "uji" / "1.0.2").iterdir()] == [NOTICE]
    assert "a cell was too small" in (target.root / "uji" / "1.0.2" / NOTICE).read_text(encoding="utf-8")
    assert (target.root / "uji" / LATEST).readlink() == Path("1.0.1")
    with pytest.raises(ReleaseWithdrawnHere, match=r"1\.0\.2"):
        target.deliver(second)


def test_what_was_never_there_is_not_withdrawn(tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "portal")
    target.withdraw(Made(tmp_path / "made", "uji").release(2), REASON)
    assert not target.root.exists()
