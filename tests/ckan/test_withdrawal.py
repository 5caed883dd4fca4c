"""A withdrawn release is gone from the portal's disk and tables, and says why."""

from __future__ import annotations

import datetime as dt

import pytest
import requests

from publishing.dataset import Label
from publishing.portals.ckan.errors import CkanReleaseWithdrawn
from publishing.portals.ckan.files import resource_id
from publishing.portals.target import NOTICE, Withdrawal
from publishing.release.released import Released
from tests.ckan.publishing import Killed, Meddle, Seen, delivered, is_write, on_disk, public, served, table, target
from tests.ckan.releases import AID, MORE_AID, Made
from tests.ckan.site import Portal

CANARY = "KENARI-7731"
SECRET = AID + f"{CANARY},31.71,1,2020-09-09,true\n"


def withdraw(portal: Portal, release: Released, meddle: Meddle = lambda *_: None) -> Seen:
    seen = Seen(meddle)
    reason = Label("sel terlalu kecil", "a cell was too small")
    notice = Withdrawal(version=release.version, reason=reason, on=dt.date(2021, 3, 1), replaced_by="1.0.9")
    target(portal, seen).withdraw(release, notice)
    return seen


def somewhere_on_disk(portal: Portal) -> bool:
    """Whether a file that the portal keeps holds the canary; a zip file hides it."""
    return any(CANARY.encode() in file.read_bytes() for file in portal.storage.rglob("*") if file.is_file())


def assert_gone(portal: Portal, made: Made, number: int) -> None:
    """Where the release was, on the disk of the portal, stands the notice."""
    assert not somewhere_on_disk(portal)
    zip_file = resource_id(f"{made.package}-rilis-001", f"1.0.{number}")
    assert on_disk(portal, zip_file).read_text(encoding="utf-8").startswith(f"Rilis 1.0.{number} ditarik")
    assert table(portal, resource_id(made.aid, "bantuan.csv")) is None


def test_the_bytes_of_a_withdrawn_release_are_overwritten(portal: Portal, made: Made) -> None:
    release = made.release(1, SECRET, formats={"bantuan.xlsx": CANARY})
    delivered(portal, release)
    address = f"{portal.url}/dataset/{made.aid}/resource/{resource_id(made.aid, 'bantuan.csv')}/download/bantuan.csv"
    assert somewhere_on_disk(portal)
    withdraw(portal, release)
    assert_gone(portal, made, 1)
    package = public(portal, made.aid)
    assert package is not None
    told = {extra["key"]: extra["value"] for extra in package["extras"]}
    assert package["title"] == "[DITARIK / WITHDRAWN] Bantuan"
    assert (told["ksbb_status"], told["withdrawn_on"], told["replaced_by"]) == ("withdrawn", "2021-03-01", "1.0.9")
    assert {NOTICE} == set(served(portal, made.aid)) == set(served(portal, f"{made.package}-rilis-001"))
    assert b"a cell was too small" in requests.get(address, timeout=60).content


def test_withdrawing_again_writes_nothing_and_publishing_again_is_refused(portal: Portal, made: Made) -> None:
    release = made.release(1, places=None)
    delivered(portal, release)
    assert withdraw(portal, release).writes
    assert withdraw(portal, release).writes == []
    with pytest.raises(CkanReleaseWithdrawn, match=r"1\.0\.1"):
        delivered(portal, release)
    delivered(portal, made.release(2, MORE_AID, places=None))
    package = public(portal, made.aid)
    assert package is not None
    assert (package["title"], package["version"]) == ("Bantuan", "1.0.2")
    assert served(portal, made.aid)["bantuan.csv"] == MORE_AID.encode()
    assert len(table(portal, resource_id(made.aid, "bantuan.csv")) or []) == 3


def test_a_later_release_stays_when_an_earlier_one_is_withdrawn(portal: Portal, made: Made) -> None:
    first, second = made.release(1, SECRET, places=None), made.release(2, places=None)
    delivered(portal, first)
    delivered(portal, second)
    withdraw(portal, first)
    zip_file = resource_id(f"{made.package}-rilis-001", "1.0.1")
    assert on_disk(portal, zip_file).read_text(encoding="utf-8").startswith("Rilis 1.0.1 ditarik")
    assert list(served(portal, f"{made.package}-rilis-001")) == [NOTICE, f"{made.package}-1.0.2.zip"]
    assert served(portal, made.aid)["bantuan.csv"] == AID.encode()
    assert delivered(portal, second).writes == []


@pytest.mark.slow
def test_a_withdrawal_that_is_killed_is_finished_by_the_next(portal: Portal, made: Made) -> None:
    for number in range(1, 5):

        def kill(seen: Seen, action: str, is_sent: bool, last: int = number) -> None:
            if is_sent and is_write(action) and len(seen.writes) == last:
                raise Killed

        other = Made(made.root, f"{made.package}-{number}")
        release = other.release(1, SECRET, places=None)
        delivered(portal, release)
        try:
            withdraw(portal, release, kill)
        except Killed:
            withdraw(portal, release)
        assert_gone(portal, other, 1)
        assert withdraw(portal, release).writes == []
