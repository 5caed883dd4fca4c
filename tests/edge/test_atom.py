"""Atom feeds: what everybody may know, in the form of RFC 4287, and photos while all who received the goods consent."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from edge import atom
from edge.atom import AtomFeeds
from edge.atom_entries import _WORDS
from edge.atom_xml import ATOM, MEDIA_TYPE
from geo.regions import contains
from kernel.errors import KsbbError
from policy.viewer import Role
from resolvers.hearing import heard_by
from resolvers.updates import Updates
from server import updates_of
from tests.acting import Acting

A = f"{{{ATOM}}}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
HOST = "https://contoh.jakarta.test"
TELL = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, region_code, institutions, payload)"
    " values ($1, $2, $3, 1, $4, $5, $6, '{}', $7)"
)


@dataclass
class Desk:
    """The feeds of a city, whose log is written by hand."""

    acting: Acting
    updates: Updates
    http: httpx.AsyncClient
    feeds: AtomFeeds

    async def tell(self, kind: str, table: str, key: UUID, region: str | None = None, payload: str = "{}") -> None:
        """An event, and its position."""
        tables = self.acting.tables
        await tables.execute(TELL, uuid4(), self.acting.clock.now(), kind, table, key, region, payload)
        await tables.execute(
            "update ksbb.event e set position = n.n + (select coalesce(max(position), 0) from ksbb.event) from (select"
            " id, row_number() over (order by entry) as n from ksbb.event where position is null) n where n.id = e.id"
        )
        self.feeds._kept.clear()

    async def delivery(self, status: str, condition: str = "true") -> dict[str, str]:
        """A delivery of a status, with the event that it came to it."""
        found = await self.acting.tables.fetchrow(
            "select d.id, d.public_id, d.region_code, c.public_id as collaboration, d.item from ksbb.delivery d"
            f" join ksbb.collaboration c on c.id = d.collaboration_id where d.status = $1 and {condition}"
            " order by d.id limit 1",
            status,
        )
        await self.tell("DeliveryMoved", "delivery", found["id"], found["region_code"], f'{{"status": "{status}"}}')
        return dict(found)

    async def feed(self, address: str) -> ET.Element:
        """A feed that there is."""
        answer = await self.http.get(address)
        assert answer.status_code == 200, answer.text[:500]
        assert answer.headers["content-type"] == MEDIA_TYPE
        root = ET.fromstring(answer.content)  # our own
        assert_atom(root)
        return root


def assert_atom(root: ET.Element) -> None:
    """What RFC 4287 asks of a feed and its entries."""
    assert root.tag == f"{A}feed"
    for element in (root, *root.findall(f"{A}entry")):
        for required in ("id", "title", "updated"):
            (only,) = element.findall(f"{A}{required}")
            assert (only.text or "").strip()
        updated = dt.datetime.fromisoformat(element.findtext(f"{A}updated") or "")
        assert updated.utcoffset() == dt.timedelta(0)
        assert element.findtext(f"{A}id", "").startswith("urn:ksbb:")
        links = element.findall(f"{A}link")
        alternates = [(link.get("type"), link.get("hreflang")) for link in links if link.get("rel") == "alternate"]
        assert len(alternates) == len(set(alternates)) == 1
        assert all((link.get("href") or "").startswith(f"{HOST}/") for link in links)
        summaries = element.findall(f"{A}summary")
        assert len(summaries) <= 1
        assert all(summary.get(XML_LANG) == "en" for summary in summaries)
    assert root.findtext(f"{A}author/{A}name")
    assert [link.get("type") for link in root.findall(f"{A}link") if link.get("rel") == "self"] == [MEDIA_TYPE]
    ids = [entry.findtext(f"{A}id") for entry in root.findall(f"{A}entry")]
    assert len(ids) == len(set(ids)) <= atom.MOST_ENTRIES
    instants = [entry.findtext(f"{A}updated", "") for entry in root.findall(f"{A}entry")]
    assert instants == sorted(instants, reverse=True)
    assert root.findtext(f"{A}updated") == max(instants, default="1970-01-01T00:00:00.000Z")


def titles(root: ET.Element) -> list[str]:
    return [entry.findtext(f"{A}title", "") for entry in root.findall(f"{A}entry")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(acting: Acting) -> AsyncIterator[Desk]:
    updates = updates_of(acting.city.settings, acting.city.server, acting.clock, acting.reader)
    feeds = AtomFeeds(updates.newest, acting.reader, acting.city.secrets, f"{HOST}/")
    transport = httpx.ASGITransport(Starlette(routes=feeds.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as http:
        yield Desk(acting, updates, http, feeds)


async def test_a_city_in_which_nothing_happened_has_valid_feeds(desk: Desk) -> None:
    region, collaboration = (
        "31.73",
        await desk.acting.tables.fetchval(
            "select public_id from ksbb.collaboration where number_issued_on is not null limit 1"
        ),
    )
    for path in ("programme", f"regions/{region}", f"collaborations/{collaboration}", "datasets/wilayah"):
        root = await desk.feed(f"/feeds/{path}.atom")
        assert titles(root) == []
        assert "last-modified" not in (await desk.http.get(f"/feeds/{path}.atom")).headers


async def test_a_validated_delivery_is_in_the_feeds_of_all_that_it_belongs_to(desk: Desk) -> None:
    told = await desk.delivery("TERVALIDASI")
    kota, kecamatan = told["region_code"][:5], told["region_code"][:8]
    elsewhere = next(code for code in ("31.71", "31.72") if not contains(code, told["region_code"]))
    for path in ("programme", f"regions/{kota}", f"regions/{kecamatan}", f"collaborations/{told['collaboration']}"):
        root = await desk.feed(f"/feeds/{path}.atom")
        entry = root.findall(f"{A}entry")[0]
        assert entry.findtext(f"{A}title", "").startswith("Realisasi tervalidasi: ")
        assert told["item"] in entry.findtext(f"{A}title", "")
        assert "Rp " in entry.findtext(f"{A}summary", "")
        assert entry.find(f"{A}category").get("term") == "DeliveryMoved"  # type: ignore[union-attr]  # it is there
        (link,) = [link.get("href", "") for link in entry.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert told["public_id"] in link
    assert titles(await desk.feed(f"/feeds/regions/{elsewhere}.atom")) == []


async def test_a_region_has_what_lies_there_whatever_the_event_said(desk: Desk) -> None:
    told = await desk.delivery("TERVALIDASI")
    elsewhere = next(code for code in ("31.71", "31.72") if not contains(code, told["region_code"]))
    before = titles(await desk.feed(f"/feeds/regions/{elsewhere}.atom"))
    await desk.tell(
        "DeliveryMoved", "delivery", UUID(str(told["id"])), f"{elsewhere}.01.1001", '{"status": "TERVALIDASI"}'
    )
    assert titles(await desk.feed(f"/feeds/regions/{elsewhere}.atom")) == before


async def test_what_the_public_may_not_hear_is_in_no_feed(desk: Desk) -> None:
    told = await desk.delivery("TERVALIDASI")
    before = titles(await desk.feed("/feeds/programme.atom"))
    for status in ("DIJADWALKAN", "DILAPORKAN", "DIKEMBALIKAN"):
        key = UUID(str(told["id"]))
        await desk.tell("DeliveryMoved", "delivery", key, told["region_code"], f'{{"status": "{status}"}}')
    await desk.delivery("DIJADWALKAN")
    for table, kind in (("loan", "LoanMoved"), ("business", "BusinessVerified"), ("complaint", "ComplaintFiled")):
        key = await desk.acting.tables.fetchval(f"select id from ksbb.{table} order by id limit 1")
        await desk.tell(kind, table, key, "31.73", '{"status": "SELESAI"}')
    assert titles(await desk.feed("/feeds/programme.atom")) == before


async def test_a_loan_collaboration_under_way_is_in_no_feed(desk: Desk) -> None:
    before = titles(await desk.feed("/feeds/programme.atom"))
    rows = await desk.acting.tables.fetch(
        "select id, region_code, package_kind, status from ksbb.collaboration where status = 'BERJALAN'"
        " order by package_kind = 'PINJAMAN_MODAL', id"
    )
    loan, goods = rows[-1], rows[0]
    for row in (loan, goods):
        await desk.tell("CollaborationMoved", "collaboration", row["id"], row["region_code"], '{"status": "BERJALAN"}')
    assert [row["package_kind"] == "PINJAMAN_MODAL" for row in (loan, goods)] == [True, False]
    after = titles(await desk.feed("/feeds/programme.atom"))
    assert len(after) == len(before) + 1
    assert after[0].startswith("Kolaborasi berjalan: ")


async def test_photos_are_linked_while_all_who_received_the_goods_consent(desk: Desk) -> None:
    tables = desk.acting.tables
    with_photo = "exists (select from ksbb.document o where o.delivery_id = d.id and o.kind = 'FOTO_BARANG')"
    await tables.execute("update ksbb.delivery set photos_consented = false")
    told = await desk.delivery("TERVALIDASI", f"d.package_kind = 'SARPRAS' and {with_photo}")
    photos = await tables.fetch(
        "select public_id from ksbb.document where delivery_id = $1 and kind = 'FOTO_BARANG'", told["id"]
    )

    async def linked() -> list[str]:
        desk.feeds._kept.clear()
        root = await desk.feed(f"/feeds/collaborations/{told['collaboration']}.atom")
        links = [link for entry in root.findall(f"{A}entry")[:1] for link in entry.findall(f"{A}link")]
        return [link.get("href", "") for link in links if link.get("rel") == "enclosure"]

    assert await linked() == []
    await tables.execute("update ksbb.delivery set photos_consented = true where id = $1", told["id"])
    assert await linked() == [f"{HOST}/evidence/{photo['public_id']}?copy=public" for photo in photos]
    await tables.execute("update ksbb.delivery set photos_consented = false where id = $1", told["id"])
    assert await linked() == []


async def test_releases_are_in_the_feed_of_their_dataset(desk: Desk) -> None:
    key = uuid4()
    await desk.acting.tables.execute(
        "insert into ksbb.release (id, public_id, dataset, version, released_at, rows, sha256, policy_hash, path)"
        " values ($1, $2, 'wilayah', '1.0.1', now(), 1, '', '', 'ksbb-umkm/1.0.1/wilayah.csv')",
        key,
        desk.acting.city.secrets.public_id("release", key),
    )
    await desk.tell("ReleasePublished", "release", key, payload='{"dataset": "wilayah"}')
    root = await desk.feed("/feeds/datasets/wilayah.atom")
    assert titles(root) == ["Rilis data terbuka terbit: wilayah 1.0.1"]
    (link,) = root.findall(f"{A}entry/{A}link")
    assert link.get("href") == f"{HOST}/data/ksbb-umkm/1.0.1/wilayah.csv"
    assert titles(await desk.feed("/feeds/datasets/lembaga.atom")) == []
    await desk.acting.tables.execute("update ksbb.release set withdrawn_reason = 'Contoh.' where id = $1", key)
    await desk.tell("ReleaseWithdrawn", "release", key, payload='{"dataset": "wilayah"}')
    desk.feeds._kept.clear()
    withdrawn = titles(await desk.feed("/feeds/datasets/wilayah.atom"))
    assert withdrawn == ["Rilis data terbuka ditarik: wilayah 1.0.1. Contoh.", "Rilis data yang ditarik: wilayah 1.0.1"]


@pytest.mark.parametrize(
    "path",
    [
        "collaborations/collaboration_00000000000000000000000000",
        "collaborations/x",
        "regions/31",
        "regions/31.73.03.1008",
        "regions/99.99",
        "datasets/pinjaman",
        "../programme",
    ],
)
async def test_an_unknown_feed_is_a_404_in_clear_words(desk: Desk, path: str) -> None:
    answer = await desk.http.get(f"/feeds/{path}.atom")
    assert answer.status_code == 404
    if ".." not in path:
        assert "no such feed" in answer.text


async def test_a_hidden_collaboration_is_answered_like_one_that_is_not_there(desk: Desk) -> None:
    hidden = await desk.acting.tables.fetchval(
        "select public_id from ksbb.collaboration where number_issued_on is null limit 1"
    )
    absent = desk.acting.city.secrets.public_id("collaboration", UUID(int=7))
    loan = await desk.acting.tables.fetchval("select public_id from ksbb.loan limit 1")
    answers = [await desk.http.get(f"/feeds/collaborations/{name}.atom") for name in (hidden, absent, loan)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


async def test_a_feed_that_the_caller_has_is_not_sent_again(desk: Desk) -> None:
    await desk.delivery("TERVALIDASI")
    first = await desk.http.get("/feeds/programme.atom")
    tag, day = first.headers["etag"], first.headers["last-modified"]
    assert (first.headers["cache-control"], tag.startswith('"')) == ("public, max-age=60", True)
    earlier = "Fri, 01 Jan 2021 00:00:00 GMT"
    for headers, status in (
        ({"if-none-match": tag}, 304),
        ({"if-none-match": f'"x", W/{tag}'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"', "if-modified-since": day}, 200),
        ({"if-modified-since": day}, 304),
        ({"if-modified-since": earlier}, 200),
        ({"if-modified-since": "kemarin"}, 200),
        ({"if-modified-since": "Fri, 01 Jan 99999999999999999999 00:00:00 GMT"}, 200),
        ({"if-modified-since": "Fri, 01 Jan 2021 00:00:00 +99999999999999"}, 200),
        ({"host": "[", "if-none-match": tag}, 304),
    ):
        answer = await desk.http.get("/feeds/programme.atom", headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (status, tag), headers
        assert (answer.content == b"") is (status == 304)
    head = await desk.http.head("/feeds/programme.atom")
    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    assert (await desk.http.post("/feeds/programme.atom")).status_code == 405
    desk.acting.clock.move(dt.timedelta(minutes=1))
    await desk.delivery("TERVALIDASI", "d.value > 0")
    again = await desk.http.get("/feeds/programme.atom", headers={"if-none-match": tag, "if-modified-since": day})
    assert again.status_code == 200


async def test_every_type_of_event_that_the_public_hears_has_its_words() -> None:
    assert set(_WORDS) == set(heard_by(Role.PUBLIK))


async def test_what_is_written_is_never_broken_by_a_text(desk: Desk) -> None:
    told = await desk.delivery("TERVALIDASI")
    await desk.acting.tables.execute(
        "update ksbb.delivery set item = $1 where id = $2", "Rak <b>&\x01\ufffe ☃ ]]>", told["id"]
    )
    desk.feeds._kept.clear()
    assert "Rak <b>&\ufffd\ufffd ☃ ]]>" in titles(await desk.feed("/feeds/programme.atom"))[0]


async def test_a_feed_has_no_more_than_its_entries_and_one_reading_serves_many_for_a_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await desk.delivery("TERVALIDASI")
    for _ in range(atom.MOST_ENTRIES + 5):
        await desk.tell(
            "DeliveryMoved", "delivery", UUID(str(told["id"])), told["region_code"], '{"status": "DIBALIK"}'
        )
    assert len(titles(await desk.feed("/feeds/programme.atom"))) == atom.MOST_ENTRIES
    made = desk.feeds._kept["/feeds/programme.atom"]
    await desk.http.get("/feeds/programme.atom")
    assert desk.feeds._kept["/feeds/programme.atom"] is made
    monkeypatch.setattr(atom, "MADE_AGAIN_AFTER_S", 0.0)
    await desk.http.get("/feeds/programme.atom")
    assert desk.feeds._kept["/feeds/programme.atom"] is not made


async def test_no_more_feeds_are_kept_than_there_is_room_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atom, "KEPT", 2)
    desk.feeds._kept.clear()
    for name in ("31.71", "31.72", "31.73"):
        await desk.feed(f"/feeds/regions/{name}.atom")
    assert list(desk.feeds._kept) == ["/feeds/regions/31.72.atom", "/feeds/regions/31.73.atom"]


async def test_who_asks_while_a_feed_is_made_waits_for_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, newest = [], desk.updates.newest.newest

    async def counted(*given: Any, **more: Any) -> Any:
        asked.append(given)
        return await newest(*given, **more)

    monkeypatch.setattr(desk.updates.newest, "newest", counted)
    desk.feeds._kept.clear()
    answers = await asyncio.gather(*(desk.http.get("/feeds/programme.atom") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert (len(asked), desk.feeds._making) == (1, {})


async def test_nobody_is_noted_as_shown_anything(desk: Desk) -> None:
    await desk.feed("/feeds/programme.atom")
    assert await desk.acting.tables.fetchval("select count(*) from ksbb.event_sight") == 0


async def test_without_a_database_the_feed_comes_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object, **__: object) -> list[object]:
        raise KsbbError("Contoh")

    monkeypatch.setattr(desk.updates.newest, "newest", down)
    desk.feeds._kept.clear()
    answer = await desk.http.get("/feeds/programme.atom")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


async def test_without_a_public_address_links_have_no_host(desk: Desk) -> None:
    feeds = replace(desk.feeds, public_url="")
    feeds._kept.clear()
    transport = httpx.ASGITransport(Starlette(routes=feeds.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        root = ET.fromstring((await http.get("/feeds/programme.atom")).content)  # our own
    assert all((link.get("href") or "").startswith("/") for link in root.iter(f"{A}link"))
