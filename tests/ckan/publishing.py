"""Publishing to the portal of the tests, with every call seen and any made to fail; and what the public then has."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from ckanapi.errors import NotAuthorized, NotFound
from frictionless import Package, system

from publishing.package import DESCRIPTOR
from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.files import address_of, resource_id
from publishing.portals.ckan.session import PortalSession
from publishing.portals.ckan.target import CkanTarget
from publishing.release.released import Released
from tests.ckan.site import ORGANISATION
from tests.ckan.site import Portal as Site

_WRITES = ("_create", "_update", "_revise", "_patch", "_delete", "_upsert")


def is_write(action: str) -> bool:
    """Whether an action changes something."""
    return action.endswith(_WRITES)


class Killed(BaseException):
    """The publisher is gone: nothing of it may catch this."""


Meddle = Callable[["Seen", str, bool], None]


@dataclass
class Seen(PortalSession):
    """A session that keeps which actions were called; `meddle` comes before and after each and may do anything."""

    meddle: Meddle = lambda *_: None
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        PortalSession.__init__(self)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As `requests.Session.send`."""
        action = str(request.url).rpartition("/action/")[2] or "download"
        self.calls.append(action)
        self.meddle(self, action, False)
        response = super().send(request, **kwargs)
        self.meddle(self, action, True)
        return response

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        return [action for action in self.calls if is_write(action)]


def target(site: Site, session: PortalSession | None = None, **more: Any) -> CkanTarget:
    """The portal as a target of the publisher, without pauses between tries."""
    token = more.pop("token", site.token)
    pauses = more.pop("pauses", (0, 0))
    portal = Portal(more.pop("url", site.url), token, session=session or PortalSession(), pauses=pauses)
    return CkanTarget(portal, more.pop("organisation", ORGANISATION), **more)


def delivered(site: Site, release: Released, meddle: Meddle = lambda *_: None, **more: Any) -> Seen:
    """Deliver a release; the calls that this took."""
    session = Seen(meddle)
    target(site, session, **more).deliver(release)
    return session


def public(site: Site, dataset: str) -> Mapping[str, Any] | None:
    """What anybody sees of a dataset."""
    try:
        return dict(site.ask("package_show", id=dataset))
    except (NotAuthorized, NotFound):
        return None


def served(site: Site, dataset: str) -> dict[str, bytes]:
    """The files that anybody gets, by their names, in the order in which the portal lists them."""
    package = public(site, dataset)
    assert package is not None
    return {r["url"].rpartition("/")[2]: requests.get(r["url"], timeout=60).content for r in package["resources"]}


def table(site: Site, resource_id: str) -> list[dict[str, Any]] | None:
    """The rows that anybody gets of a table, without CKAN's own number."""
    try:
        found = site.ask("datastore_search", resource_id=resource_id)["records"]
    except (NotAuthorized, NotFound):
        return None
    return [{name: value for name, value in row.items() if name != "_id"} for row in found]


def valid_tables(site: Site, dataset: str) -> list[str]:
    """The tables that frictionless finds valid, when it is given the address of the description that the portal has."""
    file_id = resource_id(dataset, DESCRIPTOR)
    with system.use_context(trusted=False, standards="v2"):
        report = Package(address_of(site.url, dataset, file_id, DESCRIPTOR)).validate()
    assert report.valid, report.flatten(["type", "note"])
    return [task.name for task in report.tasks]


def on_disk(site: Site, file_id: str) -> Path:
    """Where CKAN keeps the bytes of a file."""
    [stored] = [f for f in site.storage.rglob("*") if f.is_file() and file_id in "".join(f.parts[-3:])]
    return stored


def keys_of(text: str | bytes) -> list[str]:
    """The first column of a CSV file."""
    content = text.decode() if isinstance(text, bytes) else text
    return [row[0] for row in csv.reader(io.StringIO(content))][1:]
