"""A publisher that is killed, cut off or lied to: the public has the old release or the new; a rerun finishes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import pytest
import requests

from publishing.portals.ckan.errors import CkanDatasetChanged, CkanServesOtherBytes
from publishing.portals.ckan.files import resource_id
from publishing.release.released import Released
from tests.ckan.publishing import Killed, Meddle, Seen, delivered, is_write, keys_of, on_disk, public, served, table
from tests.ckan.releases import AID, MORE_AID, Made
from tests.ckan.site import Portal


def kill_at(number: int, when_sent: bool) -> Meddle:
    """The publisher is gone before a call is sent, or before its answer is read."""

    def meddle(seen: Seen, action: str, is_sent: bool) -> None:
        if len(seen.calls) == number and is_sent == when_sent:
            raise Killed

    return meddle


def kills(calls: Sequence[str]) -> Iterator[Meddle]:
    """After every call that changes something; in the long run before and after every call there is."""
    for number, action in enumerate(calls, start=1):
        if os.environ.get("TEST_LONG"):
            yield kill_at(number, False)
        if os.environ.get("TEST_LONG") or is_write(action):
            yield kill_at(number, True)


def assert_whole(portal: Portal, made: Made, releases: dict[str, str]) -> None:
    """The public has nothing, or one release: its metadata and every byte; and its table or none."""
    package = public(portal, made.aid)
    if package is None:
        return
    rows = releases[package["version"]]
    files = served(portal, made.aid)
    assert files["bantuan.csv"] == rows.encode()
    assert f'"version": "{package["version"]}"'.encode() in files["datapackage.json"]
    loaded = table(portal, resource_id(made.aid, "bantuan.csv"))
    assert loaded is None or [row["id"] for row in loaded] == keys_of(rows)


def assert_complete(portal: Portal, made: Made, release: Released, rows: str) -> None:
    """The public has this release, with its table and in the archive, and nothing is left to do."""
    package = public(portal, made.aid)
    assert package is not None
    assert package["version"] == release.version
    assert [row["id"] for row in table(portal, resource_id(made.aid, "bantuan.csv")) or []] == keys_of(rows)
    assert list(served(portal, f"{made.package}-rilis-001"))[-1] == f"{made.package}-{release.version}.zip"
    assert delivered(portal, release).writes == []


@pytest.mark.slow
def test_a_first_publish_that_is_killed_shows_nothing_or_all_of_it(portal: Portal, made: Made) -> None:
    calls = delivered(portal, made.release(1, places=None)).calls
    for number, kill in enumerate(kills(calls)):
        other = Made(made.root, f"{made.package}-{number}")
        release = other.release(1, places=None)
        with pytest.raises(Killed):
            delivered(portal, release, kill)
        assert_whole(portal, other, {"1.0.1": AID})
        delivered(portal, release)
        assert_complete(portal, other, release, AID)


@pytest.mark.slow
def test_a_later_publish_that_is_killed_leaves_the_old_release_or_the_new_one(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, places=None))
    calls = delivered(portal, made.release(2, MORE_AID, places=None)).calls
    known = {"1.0.1": AID, "1.0.2": MORE_AID}
    for number, kill in enumerate(kills(calls), start=3):
        rows = MORE_AID if number % 2 == 0 else AID
        release = made.release(number, rows, places=None)
        known[release.version] = rows
        with pytest.raises(Killed):
            delivered(portal, release, kill)
        assert_whole(portal, made, known)
        delivered(portal, release)
        assert_complete(portal, made, release, rows)


def once_per_write(fail: Callable[[], None], when_sent: bool) -> Meddle:
    """Every call that changes something fails the first time that it is made."""
    failed: list[str] = []

    def meddle(seen: Seen, action: str, is_sent: bool) -> None:
        if is_write(action) and is_sent == when_sent and failed.count(action) < 2:
            failed.append(action)
            fail()

    return meddle


def cut_off() -> None:
    raise requests.ConnectionError


def time_out() -> None:
    raise requests.ReadTimeout


@pytest.mark.parametrize(("fail", "when_sent"), [(cut_off, True), (time_out, False)])
def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(
    portal: Portal, made: Made, fail: Callable[[], None], when_sent: bool
) -> None:
    release = made.release(1, places=None)
    seen = delivered(portal, release, once_per_write(fail, when_sent), pauses=(0,) * 20)
    assert_complete(portal, made, release, AID)
    assert (seen.writes.count("package_create") == 2) is when_sent
    assert [
        len(portal.ask("resource_view_list", id=r["id"])) for r in (public(portal, made.aid) or {})["resources"]
    ] == [
        1,
        1,
    ]


def test_an_error_that_hides_a_stored_change_does_no_harm(portal: Portal, made: Made) -> None:
    def search_goes_down(seen: Seen, action: str, is_sent: bool) -> None:
        portal.index.is_down = len(seen.writes) in (1, 4) and is_write(action) and not is_sent

    release = made.release(1, places=None)
    try:
        delivered(portal, release, search_goes_down)
    finally:
        portal.index.is_down = False
    assert_complete(portal, made, release, AID)


def test_a_change_by_others_at_the_same_time_is_looked_at_and_put_right(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, places=None))

    def once(seen: Seen, action: str, is_sent: bool) -> None:
        if action == "package_revise" and not is_sent and seen.writes.count(action) == 2:
            portal.ask("package_patch", "editor", id=made.aid, notes="lain")

    release = made.release(2, MORE_AID, places=None)
    delivered(portal, release, once)
    assert_complete(portal, made, release, MORE_AID)


def test_a_dataset_that_others_keep_changing_is_left_to_them(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, places=None))

    def always(seen: Seen, action: str, is_sent: bool) -> None:
        if action == "package_revise" and not is_sent:
            portal.ask("package_patch", "editor", id=made.aid, notes=f"lain {len(seen.calls)}")

    with pytest.raises(CkanDatasetChanged, match="somebody else"):
        delivered(portal, made.release(2, MORE_AID, places=None), always)
    assert served(portal, made.aid)["bantuan.csv"] == AID.encode()


def spoil(portal: Portal, resource: str) -> None:
    """Change a file on the portal's disk, without its size."""
    stored = on_disk(portal, resource)
    stored.write_bytes(stored.read_bytes()[::-1])


def test_other_bytes_are_sent_again_before_anybody_sees_them(portal: Portal, made: Made) -> None:
    def once(seen: Seen, action: str, is_sent: bool) -> None:
        if action == "datastore_create" and not is_sent and seen.writes.count(action) == 1:
            spoil(portal, resource_id(made.aid, "bantuan.csv"))
            assert public(portal, made.aid) is None

    release = made.release(1, places=None)
    seen = delivered(portal, release, once)
    assert seen.writes.count("package_revise") == 3
    assert_complete(portal, made, release, AID)


def test_a_portal_that_changes_bytes_gets_nothing_into_the_open(portal: Portal, made: Made) -> None:
    def always(seen: Seen, action: str, is_sent: bool) -> None:
        if action == "package_revise" and is_sent and seen.writes.count("package_create") == 2:
            spoil(portal, resource_id(made.aid, "bantuan.csv"))

    with pytest.raises(CkanServesOtherBytes, match=r"bantuan\.csv"):
        delivered(portal, made.release(1, places=None), always)
    assert public(portal, made.aid) is None
