"""Tables, maps and charts on the pages of the portal: drawn from what is published, and no longer than it is."""

from __future__ import annotations

import pytest
from ckanapi.errors import ValidationError

from publishing.portals.ckan.files import resource_id
from publishing.portals.ckan.views import CHART_TYPE, MAP_VIEW
from tests.ckan.pages import bars, chart_on, expected_bars, frame_of, page_of, scripts, view_of
from tests.ckan.publishing import Killed, Seen, delivered, public, served, target
from tests.ckan.releases import AID, CHART, MAP, MORE_AID, Made
from tests.ckan.site import Portal, running
from tests.ckan.test_withdrawal import withdraw
from tests.needs import absent


@pytest.fixture
def charting(portal: Portal) -> Portal:
    """The portal, if it draws charts."""
    if CHART_TYPE not in portal.ask("status_show")["extensions"]:
        absent("ckanext-charts could not be installed beside CKAN")
    return portal


def test_a_map_is_shown_of_the_file_that_is_published(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, formats={"bantuan.geojson": MAP}, places=None))
    view = view_of(portal, resource_id(made.aid, "bantuan.geojson"), MAP_VIEW.type)
    assert f"view/{view['id']}" in page_of(portal, view)
    frame = frame_of(portal, view)
    assert 'data-module="geojsonpreview"' in frame
    assert f"{view['resource_id']}/download/bantuan.geojson" in frame
    assert "L.Proj.geoJson(" in scripts(portal, frame)


def test_a_chart_is_shown_of_the_table_that_is_published(charting: Portal, made: Made) -> None:
    release = made.release(1, MORE_AID, places=None, chart=CHART | {"group": "id"})
    delivered(charting, release)
    page = page_of(charting, view_of(charting, resource_id(made.aid, "bantuan.csv"), CHART_TYPE))
    assert bars(page) == expected_bars(MORE_AID.encode(), CHART)
    chart = chart_on(page)
    assert chart is not None
    assert chart["layout"]["title"]["text"] == "Bantuan menurut tanggal / Help by day"
    assert chart["layout"]["yaxis"]["title"]["text"] == "Jumlah (IDR)"
    assert "Plotly.newPlot" in scripts(charting, page)
    assert delivered(charting, release).writes == []


def test_a_chart_counts_only_the_rows_that_it_is_declared_for(charting: Portal, made: Made) -> None:
    only = CHART | {"only": {"id": "A-3"}}
    delivered(charting, made.release(1, MORE_AID, places=None, chart=only))
    page = page_of(charting, view_of(charting, resource_id(made.aid, "bantuan.csv"), CHART_TYPE))
    assert bars(page) == expected_bars(MORE_AID.encode(), only) == {"2020-09-01": 7_000_000}


def test_a_chart_follows_the_release_and_keeps_its_address(charting: Portal, made: Made) -> None:
    file_id = resource_id(made.aid, "bantuan.csv")
    delivered(charting, made.release(1, AID, places=None, chart=CHART))
    first = view_of(charting, file_id, CHART_TYPE)
    assert bars(page_of(charting, first)) == expected_bars(AID.encode(), CHART)
    delivered(charting, made.release(2, MORE_AID, places=None, chart=CHART))
    assert bars(page_of(charting, first)) == expected_bars(MORE_AID.encode(), CHART)
    by_id = CHART | {"x": "id"}
    assert "resource_view_update" in delivered(charting, made.release(3, MORE_AID, places=None, chart=by_id)).writes
    assert bars(page_of(charting, first)) == expected_bars(MORE_AID.encode(), by_id)
    assert view_of(charting, file_id, CHART_TYPE)["id"] == first["id"]


def test_a_chart_forgets_a_withdrawn_table(charting: Portal, made: Made) -> None:
    release = made.release(1, MORE_AID, places=None, chart=CHART)
    delivered(charting, release)
    view = view_of(charting, resource_id(made.aid, "bantuan.csv"), CHART_TYPE)
    assert bars(page_of(charting, view))
    by_hand = {"engine": "plotly", "type": "Bar", "x": "id", "y": "jumlah", "view_type": CHART_TYPE, "title": "Lain"}
    other = charting.ask("resource_view_create", "keeper", resource_id=view["resource_id"], **by_hand)
    assert bars(page_of(charting, other))

    def kill(_: Seen, action: str, is_sent: bool) -> None:
        if is_sent and action == "datastore_delete":
            raise Killed

    with pytest.raises(Killed):
        withdraw(charting, release, kill)
    withdraw(charting, release)
    assert [chart_on(page_of(charting, drawn)) for drawn in (view, other)] == [None, None]
    assert chart_on(frame_of(charting, view)) is None
    assert withdraw(charting, release).writes == []


def test_a_plugin_that_fails_keeps_no_data_back(charting: Portal, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publishing.portals.ckan.views._ENGINE", "of another version")
    said: list[str] = []
    seen = delivered(charting, made.release(1, places=None, chart=CHART), say=said.append)
    assert served(charting, made.aid)["bantuan.csv"] == AID.encode()
    assert view_of(charting, resource_id(made.aid, "datapackage.json"), "text_view")
    assert [line for line in said if "bantuan.csv stays without charts_view: " in line and "500" in line]
    assert seen.writes[-1] == "package_patch"


def test_a_view_that_a_plugin_refuses_keeps_no_data_back(
    charting: Portal, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publishing.portals.ckan.views._ALL_ROWS", "as many as there are")
    said: list[str] = []
    delivered(charting, made.release(1, places=None, chart=CHART), say=said.append)
    assert served(charting, made.aid)["bantuan.csv"] == AID.encode()
    assert [line for line in said if "bantuan.csv stays without charts_view: " in line and "limit" in line]


def test_a_portal_with_plugins_of_its_own_alone_takes_everything_but_maps_and_charts(made: Made) -> None:
    release = made.release(1, formats={"bantuan.geojson": MAP}, chart=CHART)
    with running(bare=True) as bare:
        planned = target(bare).plan(release)
        assert [line.split(":")[0] for line in planned if "left out" in line] == ["charts_view", "geojson_view"]
        said: list[str] = []
        delivered(bare, release, say=said.append)
        assert [line for line in planned if "left out" in line] == [line for line in said if "left out" in line]
        assert list(served(bare, made.aid)) == ["bantuan.csv", "bantuan.geojson", "datapackage.json"]
        package = public(bare, made.aid)
        assert package is not None
        views = [bare.ask("resource_view_list", id=resource["id"]) for resource in package["resources"]]
        assert [[v["view_type"] for v in found] for found in views] == [["datatables_view"], [], ["text_view"]]
        assert delivered(bare, release).writes == []
        with pytest.raises(ValidationError, match="No plugin found"):
            bare.ask("resource_view_create", "editor", resource_id=package["resources"][0]["id"], view_type=CHART_TYPE)
