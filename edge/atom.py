"""Atom feeds under /feeds/: the last events of the programme, a collaboration, a region or a dataset, for everybody."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from datapackages.package import NAME, datasets, package
from edge.atom_entries import QUESTION, entries
from edge.atom_xml import MEDIA_TYPE, Feed, written
from edge.log import log_failure
from edge.reader import Reader
from edge.trace import request_id
from geo.regions import Level, regions
from kernel.errors import KsbbError
from policy.secrets import NotAnId, Secrets
from policy.viewer import PUBLIC, Viewer
from resolvers.audience import Hearing, Place
from resolvers.request import GraphQLRequest

MOST_ENTRIES = 50
MADE_AGAIN_AFTER_S = 10.0
KEPT = 200
"""Feeds that are kept ready: all of the kota and kecamatan, and then some."""

_LEVELS = {Level.KOTA: "", Level.KECAMATAN: "Kecamatan "}
"""The levels that have feeds, with what stands before the name."""
_OF_COLLABORATION = """query Collaboration($id: ID!) { collaboration(id: $id) {
  id title number
  deliveries(first: 200, orderBy: [{ field: VALIDATED_ON, direction: DESC }]) { nodes { id } }
  pledges(first: 100) { nodes { id } }
} }"""
_OF_DATASET = """query Releases($name: String!) {
  releases(first: 50, filter: { dataset: { eq: $name } }, orderBy: [{ field: RELEASED_AT, direction: DESC }]) {
    nodes { id }
  }
}"""
_HEADERS = {
    "access-control-allow-origin": "*",  # safe: the same for everybody, whoever asks
    "access-control-expose-headers": "ETag, Last-Modified",
}
_NOT_FOUND = "There is no such feed. / Umpan itu tidak ada. Feeds: docs/subscribe.md\n"
_LATER = "The feed cannot be made now; try again in a minute. / Umpan belum dapat dibuat; coba lagi sebentar lagi.\n"
_BROKEN = "Internal error; quote the id {0} when you report it. / Kesalahan internal; sebutkan id {0}.\n"


class Newest(Protocol):
    """Who looks back into the event log as a viewer (`resolvers.newest.Newest`)."""

    async def newest(
        self, viewer: Viewer, limit: int, *, about: Collection[Place] | None = None, region: str | None = None
    ) -> list[Hearing]:
        """The last events that the viewer may hear of, newest first."""
        ...


@dataclass(frozen=True)
class Kept:
    """A feed as it was made: its bytes, and when its youngest event was."""

    content: bytes
    tag: str
    updated: dt.datetime | None
    made_at: float


@dataclass
class AtomFeeds:
    """The addresses of feeds. All is read as the public reads it, so that one answer serves everybody."""

    newest: Newest
    reader: Reader
    secrets: Secrets
    public_url: str = ""
    _kept: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    _making: dict[str, asyncio.Task[Kept | None]] = field(default_factory=dict)

    def routes(self) -> list[BaseRoute]:
        """The addresses, for `server.py`."""
        return [
            self._route("/feeds/programme.atom", self._programme),
            self._route("/feeds/collaborations/{name}.atom", self._collaboration),
            self._route("/feeds/regions/{name}.atom", self._region),
            self._route("/feeds/datasets/{name}.atom", self._dataset),
        ]

    def _route(self, address: str, make: Callable[[str], Awaitable[Feed | None]]) -> Route:
        async def answer(request: Request) -> Response:
            response = await self._answer(request, make)
            response.headers.update(_HEADERS)
            return response

        return Route(address, answer, methods=["GET", "HEAD"])

    async def _answer(self, request: Request, make: Callable[[str], Awaitable[Feed | None]]) -> Response:
        try:
            kept = await self._ready(request.scope["path"], request.path_params.get("name", ""), make)
        except (KsbbError, SQLAlchemyError, OSError):
            return PlainTextResponse(_LATER, 503, {"retry-after": "60", "cache-control": "no-store"})
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            identifier = request_id(dict(request.headers.raw))
            log_failure(identifier, failure)
            return PlainTextResponse(_BROKEN.format(identifier), 500, {"cache-control": "no-store"})
        if kept is None:
            return PlainTextResponse(_NOT_FOUND, 404, {"cache-control": "no-store"})
        headers = {"etag": kept.tag, "cache-control": "public, max-age=60"}
        if kept.updated is not None:
            headers["last-modified"] = format_datetime(kept.updated, usegmt=True)
        if _is_known(request, kept):
            return Response(status_code=304, headers=headers)
        return Response(kept.content, headers=headers, media_type=MEDIA_TYPE)

    async def _ready(self, path: str, name: str, make: Callable[[str], Awaitable[Feed | None]]) -> Kept | None:
        kept = self._kept.get(path)
        if kept is not None and monotonic() - kept.made_at < MADE_AGAIN_AFTER_S:
            return kept
        task = self._making.get(path)
        if task is None:  # who asks meanwhile waits for the same: a feed costs many readings
            task = self._making[path] = asyncio.create_task(self._made(path, name, make))
            task.add_done_callback(lambda _: self._making.pop(path))
        return await asyncio.shield(task)

    async def _made(self, path: str, name: str, make: Callable[[str], Awaitable[Feed | None]]) -> Kept | None:
        feed = await make(name)
        if feed is None:
            return None
        content = written(replace(feed, address=path), self.public_url.rstrip("/"))
        tag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
        made = self._kept[path] = Kept(content, tag, feed.updated if feed.entries else None, monotonic())
        self._kept.move_to_end(path)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made

    # ---- the kinds of feeds

    async def _programme(self, _: str) -> Feed | None:
        title, subtitle = "KSBB UMKM DKI Jakarta", "What happens in KSBB UMKM of Jakarta, as everybody may know it"
        return await self._feed("programme", title, subtitle, "/data/")

    async def _collaboration(self, name: str) -> Feed | None:
        """Of a collaboration, its deliveries and its pledges; None where the public sees none."""
        try:
            self.secrets.internal_key(name)
        except NotAnId:
            return None
        shown = (await self._asked(_OF_COLLABORATION, {"id": name}))["collaboration"]
        if shown is None:
            return None
        names = [name, *(node["id"] for part in ("deliveries", "pledges") for node in shown[part]["nodes"])]
        title = f"{shown['title']} ({shown['number']})" if shown["number"] else shown["title"]
        alternate = _question(f'{{ collaboration(id: "{name}") {{ id number title pledgedValue }} }}')
        return await self._feed(
            f"collaborations:{name}", f"Kolaborasi {title}", f"Collaboration {title}", alternate, self._keys(names)
        )

    async def _region(self, name: str) -> Feed | None:
        """Of a kota or kecamatan with all below it."""
        found = regions().get(name)
        if found is None or found.level not in _LEVELS:
            return None
        where = f"{_LEVELS[found.level]}{found.name}"
        title, subtitle = f"KSBB UMKM di {where}", f"KSBB UMKM in {where}"
        alternate = _question(f'{{ node(id: "region_{name}") {{ id ... on Region {{ code name level }} }} }}')
        return await self._feed(f"regions:{name}", title, subtitle, alternate, region=name)

    async def _dataset(self, name: str) -> Feed | None:
        """Of the releases of a dataset, also one that was never released."""
        found = next((dataset for dataset in datasets() if dataset.name == name), None)
        if found is None:
            return None
        nodes = (await self._asked(_OF_DATASET, {"name": name}))["releases"]["nodes"]
        keys = self._keys([node["id"] for node in nodes])
        return await self._feed(
            f"datasets:{name}", f"Rilis data {name}", f"Releases of the dataset {name}", f"/data/{NAME}/", keys
        )

    async def _feed(
        self,
        name: str,
        title: str,
        subtitle: str,
        alternate: str,
        about: Collection[Place] | None = None,
        region: str | None = None,
    ) -> Feed:
        heard = await self.newest.newest(PUBLIC, MOST_ENTRIES, about=about, region=region)
        ids = list(dict.fromkeys(hearing.subject_id for hearing in heard))
        nodes = (await self._asked(QUESTION, {"ids": ids}))["nodes"] if ids else []
        return Feed(
            id=f"urn:ksbb:feed:{name}",
            title=title,
            subtitle=subtitle,
            author=package().publisher,
            address="",
            alternate=alternate,
            alternate_type="text/html" if alternate.startswith("/data/") else "application/json",
            entries=entries(heard, nodes),
        )

    def _keys(self, names: Sequence[str]) -> frozenset[Place]:
        return frozenset(self.secrets.internal_key(name) for name in names)

    async def _asked(self, text: str, variables: dict[str, object]) -> Any:
        """What the public is answered.

        Raises:
            KsbbError: it cannot be answered now.
        """
        answer = await self.reader.answer(PUBLIC, GraphQLRequest(text, variables=variables), only_queries=True)
        content = json.loads(answer.body)
        assert "errors" not in content, content["errors"]
        return content["data"]


def _question(text: str) -> str:
    return f"/graphql?query={quote(text, safe='')}"


def _is_known(request: Request, kept: Kept) -> bool:
    """Whether the caller has the feed already (RFC 9110, 13.2.2): a tag decides, without one the day of it."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or kept.tag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or kept.updated is None:
        return False
    try:
        return kept.updated.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError, OverflowError):
        return False
