"""Publishing to the portal of the tests, with every call seen and any made to fail; and what the public then has."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from ckanapi.errors import NotAuthorized, NotFound

from publishing.ckan.calls import Portal
from publishing.ckan.session import PortalSession
from publishing.ckan.target import CkanTarget
from publishing.release import Released
from tests.ckan.site import ORGANISATION
from tests.ckan.site import Portal as Site

WRITES = ("_create", "_revise", "_patch", "_delete", "_upsert")


class Killed(BaseException):
    """The publisher is gone: nothing of it may catch this."""


@dataclass
class Seen(PortalSession):
    """A session that keeps which actions were called, and in which `meddle` may fail before or after one is sent."""

    meddle: Callable[[int, str, bool], None] = lambda *_: None
    calls: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        PortalSession.__init__(self)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As `requests.Session.send`."""
        action = str(request.url).rpartition("/action/")[2] or "download"
        self.calls.append(action)
        self.meddle(len(self.calls), action, False)
        response = super().send(request, **kwargs)
        self.meddle(len(self.calls), action, True)
        return response

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        return [action for action in self.calls if action.endswith(WRITES)]


def target(site: Site, session: PortalSession | None = None, **more: Any) -> CkanTarget:
    """The portal as a target of the publisher, without pauses between tries."""
    token = more.pop("token", site.token)
    portal = Portal(more.pop("url", site.url), token, session=session or PortalSession(), pauses=(0, 0))
    return CkanTarget(portal, more.pop("organisation", ORGANISATION), **more)


def delivered(site: Site, release: Released, **more: Any) -> Seen:
    """Deliver a release; the calls that this took."""
    session = Seen()
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


def keys_of(text: str | bytes) -> list[str]:
    """The first column of a CSV file."""
    content = text.decode() if isinstance(text, bytes) else text
    return [row[0] for row in csv.reader(io.StringIO(content))][1:]
