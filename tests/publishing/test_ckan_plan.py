"""A plan is the difference between a dataset as it should be and as it is on the portal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from publishing.portals.ckan.files import File
from publishing.portals.ckan.plan import DRAWN_FROM, Found, Plan, Site, Wanted, plan, revision
from publishing.portals.ckan.tables import Table
from publishing.portals.ckan.views import CHART_TYPE, MAP_VIEW, TABLE_VIEW

SITE = Site("an-organisation", "Dinas Contoh", frozenset({"umkm"}), frozenset({"datastore", "datatables_view"}))


def a_file(name: str, mark: str = "aa", **about: Any) -> File:
    return File(f"id-of-{name}", name, b"x", mark, 1, {"name": name, "format": "CSV"} | about)


def a_dataset(*files: File, **more: Any) -> Wanted:
    fields = {"title": "Judul", "tags": [{"name": "umkm"}], "extras": [{"key": "a", "value": "1"}]}
    return Wanted("a-dataset", fields | more, files)


def as_stored(wanted: Wanted, **more: Any) -> Found:
    """What a portal shows of a dataset that is as it should be, with what CKAN adds of its own."""
    resources = [{**f.resource(), "url": f"https://x/download/{f.name}", "size": f.size} for f in wanted.files]
    package: dict[str, Any] = {**wanted.metadata, "id": "1", "metadata_modified": "now", "private": False}
    package |= {"resources": resources, "groups": [], "tags": [{"name": "umkm", "state": "active"}]}
    return Found(package | more)


def planned(wanted: Wanted, found: Found) -> Plan:
    return plan(wanted, found, SITE)


def test_nothing_is_done_where_all_is_as_it_should_be() -> None:
    wanted = a_dataset(a_file("a.csv"))
    steps = planned(wanted, as_stored(wanted))
    assert list(steps.lines()) == ["a-dataset: nothing to do"]


def test_what_is_not_there_is_made_in_private() -> None:
    steps = planned(a_dataset(a_file("a.csv")), Found())
    assert (steps.create, steps.revise, steps.open, len(steps.send)) == (True, True, True, 1)


def test_only_files_with_other_bytes_are_sent() -> None:
    before = a_dataset(a_file("a.csv"), a_file("b.csv"))
    after = a_dataset(a_file("a.csv", "bb"), a_file("b.csv"))
    assert [file.name for file in planned(after, as_stored(before)).send] == ["a.csv"]


def test_a_file_of_another_size_than_the_portal_measures_is_sent() -> None:
    wanted = a_dataset(a_file("a.csv"))
    found = as_stored(wanted)
    found.resources[0]["size"] = 99
    assert len(planned(wanted, found).send) == 1


def test_a_loader_that_rewrites_the_hash_changes_nothing() -> None:
    wanted = a_dataset(a_file("a.csv"))
    found = as_stored(wanted)
    found.resources[0]["hash"] = "an md5"
    assert planned(wanted, found).is_settled


def test_order_and_dropped_files_are_a_change_of_metadata() -> None:
    one, two = a_file("a.csv"), a_file("b.csv")
    turned = planned(a_dataset(two, one), as_stored(a_dataset(one, two)))
    fewer = planned(a_dataset(one), as_stored(a_dataset(one, two)))
    assert (turned.revise, turned.send, turned.drop) == (True, (), ())
    assert (fewer.revise, fewer.send, fewer.drop) == (True, (), ("b.csv",))


def test_groups_of_others_stay_and_ours_are_added_where_we_may() -> None:
    wanted = replace(a_dataset(), themes=frozenset({"umkm", "elsewhere"}))
    found = as_stored(wanted, groups=[{"name": "of-the-keeper"}])
    assert planned(wanted, found).groups == {"umkm", "of-the-keeper"}


def test_a_revision_removes_the_lists_first_and_holds_a_lock() -> None:
    wanted = a_dataset(a_file("a.csv"))
    found = as_stored(wanted)
    assert found.package
    said = revision(wanted, planned(wanted, found), found.package)
    assert said["match"] == {"id": "1", "metadata_modified": "now"}
    assert said["filter"] == ["-resources", "-tags", "-extras"]
    assert [(r["url"], r["url_type"]) for r in said["update"]["resources"]] == [("a.csv", "upload")]


def test_views_are_made_only_where_the_portal_has_the_plugin() -> None:
    wanted = a_dataset(a_file("a.geojson", format="GeoJSON"))
    assert planned(wanted, Found()).views == ()
    more = replace(SITE, plugins=SITE.plugins | {MAP_VIEW.type})
    assert [view for _, view in plan(wanted, Found(), more).views] == [MAP_VIEW]
    assert TABLE_VIEW not in [view for _, view in plan(wanted, Found(), more).views]


def a_drawn_table(**chart: Any) -> Wanted:
    columns = [{"name": "program"}, {"name": "tabel"}, {"name": "nilai", "title": "Nilai", "title_en": "Value"}]
    table = Table({"fields": [*columns[:2], columns[2] | {"satuan": "IDR"}]}, Path(), "aa")
    named = {"title": "Nilai per program", "title_en": "Value by programme", "x": "program", "y": "nilai"}
    return a_dataset(replace(a_file("a.csv"), table=table, chart=named | chart))


def test_a_chart_is_told_in_the_words_of_its_plugin() -> None:
    site = replace(SITE, plugins=frozenset({CHART_TYPE}))
    wanted = a_drawn_table(group="program", only={"tabel": "PROVINSI", "program": "KULINER"})
    [(_, view)] = plan(wanted, Found(), site).views
    said = view.described(wanted.files[0])
    assert said["title"] == said["chart_title"] == "Nilai per program / Value by programme"
    assert (said["x"], said["y"], said["color"]) == ("program", "nilai", "program")
    assert said["filter"] == "tabel:PROVINSI|program:KULINER"
    assert (said["x_axis_label"], said["y_axis_label"]) == ("program", "Nilai / Value (IDR)")


def test_a_chart_that_says_something_else_is_changed_and_keeps_its_address() -> None:
    site = replace(SITE, plugins=frozenset({CHART_TYPE}))
    before, after = a_drawn_table(group="program"), a_drawn_table()
    [(file, view)] = plan(before, Found(), site).views
    there = {**view.described(file), "id": "a-view", "log_x": False}
    found = replace(as_stored(before), views={file.id: [there]})
    assert plan(before, found, site).views == ()
    steps = plan(after, found, site)
    [(_, changed)] = steps.views
    assert (changed.described(file)["id"], changed.described(file)["color"]) == ("a-view", "")
    assert "a-dataset: change charts_view of a.csv" in list(steps.lines())


def test_charts_are_drawn_anew_whenever_their_file_was_revised_and_once_if_that_is_not_known() -> None:
    site = replace(SITE, plugins=frozenset({CHART_TYPE}))
    before, withdrawn = a_dataset(a_file("a.csv")), a_dataset(a_file("a.csv", "bb"))
    by_hand = {"id-of-a.csv": [{"view_type": CHART_TYPE, "title": "Of the keeper", "id": "1"}]}
    found = replace(as_stored(before), views=by_hand)
    assert [file.name for file in plan(before, found, site).redraw] == ["a.csv"]
    assert list(plan(before, found, site).lines()) == ["a-dataset: have the charts of a.csv drawn anew"]
    found.resources[0][DRAWN_FROM] = "aa"
    assert plan(before, found, site).is_settled
    assert plan(withdrawn, found, site).redraw
    assert plan(a_dataset(a_file("a.csv"), title="Lain"), found, site).redraw
    assert not plan(withdrawn, found, SITE).redraw
