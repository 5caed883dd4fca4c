"""The package of the city, from its database to the portal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datapackages.package import datasets
from datapackages.publish import CKAN, catalogue, publish
from kernel.settings import Settings
from models.server import Server
from publishing.package import DESCRIPTOR, path_of
from publishing.portals.ckan.files import resource_id
from publishing.portals.ckan.views import CHART_TYPE, MAP_VIEW
from publishing.release.released import Released
from tests.ckan.pages import bars, expected_bars, frame_of, page_of, view_of
from tests.ckan.publishing import public, served, valid_tables
from tests.ckan.site import ORGANISATION, Portal
from tests.publishing.city import SEALED_AUTUMN, Publisher


async def test_the_package_of_the_city_is_on_the_portal_as_it_was_released(
    portal: Portal, publisher: Publisher, root: Path
) -> None:
    settings = Settings(data_dir=root, ckan_url=portal.url, ckan_token=portal.token, ckan_organisation=ORGANISATION)
    server = Server(publisher.owner_uri)
    planned = await publish(settings, server, clock=SEALED_AUTUMN, to=CKAN, dry_run=True)
    assert "ksbb-umkm-kolaborasi: create, private until it is complete" in planned.lines()
    assert public(portal, "ksbb-umkm-kolaborasi") is None

    said: list[str] = []
    report = await publish(settings, server, clock=SEALED_AUTUMN, to=CKAN, progress=said.append)
    folder = catalogue(settings) / report.package / report.version
    release = Released(folder, json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8")))
    for dataset in datasets():
        files = served(portal, f"ksbb-umkm-{dataset.name}")
        assert files[f"{dataset.name}.csv"] == (folder / path_of(dataset)).read_bytes()
        assert dataset.name in await asyncio.to_thread(valid_tables, portal, f"ksbb-umkm-{dataset.name}")
        await asyncio.to_thread(assert_drawn, portal, release.resource(dataset.name), files[f"{dataset.name}.csv"])
    assert "ksbb-umkm-kolaborasi: making it public" in said

    again = await publish(settings, server, clock=SEALED_AUTUMN, to=CKAN, dry_run=True)
    assert all(line.endswith("nothing to do") for line in again.planned)
    assert len(again.planned) == len(datasets()) + 1


def assert_drawn(portal: Portal, resource: Mapping[str, Any], content: bytes) -> None:
    """Where the descriptor has a chart, its bars are sums of the file; where it has a map, the map is of the file."""
    dataset = f"ksbb-umkm-{resource['name']}"
    if "chart" in resource and CHART_TYPE in portal.ask("status_show")["extensions"]:
        page = page_of(portal, view_of(portal, resource_id(dataset, f"{resource['name']}.csv"), CHART_TYPE))
        assert bars(page) == expected_bars(content, resource["chart"]) != {}
    if layer := next((part for part in resource["formats"] if part["format"] == "geojson"), None):
        name = Path(layer["path"]).name
        assert f"/download/{name}" in frame_of(portal, view_of(portal, resource_id(dataset, name), MAP_VIEW.type))
