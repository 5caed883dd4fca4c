"""The package of the city, from its database to the portal."""

from __future__ import annotations

import asyncio
from pathlib import Path

from datapackages.package import datasets
from datapackages.publish import CKAN, catalogue, publish
from kernel.settings import Settings
from models.server import Server
from publishing.package import path_of
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
    for dataset in datasets():
        files = served(portal, f"ksbb-umkm-{dataset.name}")
        assert files[f"{dataset.name}.csv"] == (folder / path_of(dataset)).read_bytes()
        assert dataset.name in await asyncio.to_thread(valid_tables, portal, f"ksbb-umkm-{dataset.name}")
    assert "ksbb-umkm-kolaborasi: making it public" in said

    again = await publish(settings, server, clock=SEALED_AUTUMN, to=CKAN, dry_run=True)
    assert all(line.endswith("nothing to do") for line in again.planned)
    assert len(again.planned) == len(datasets()) + 1
