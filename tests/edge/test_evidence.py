"""Files of evidence over HTTP: one address, one file; a photo tells its copy's readers nothing but what it shows."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import socket
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from starlette.applications import Starlette
from starlette.routing import Route

from commands import media
from commands.evidence import attach
from commands.storage import FolderStorage
from commands.upload import ADDRESS_LASTS, CSV, JPEG, PDF, PNG, WEBP, XLSX
from commands.work import Work
from edge.arrival import MOST_AT_ONCE, sweep
from edge.authentication import Authentication
from edge.evidence import METHODS, EvidenceFiles
from edge.log import RequestLog
from edge.reader import Reader
from models.delivery import Document
from policy.tokens import Verifier, issue
from policy.viewer import PUBLIC, Role, Viewer
from resolvers.request import Answer, Charge, GraphQLRequest
from server import create_app
from tests.acting import Acting
from tests.folders import a_folder
from tests.serving import started

CAMERA, PLACE, WORDS = "KENARI-KAMERA", "-6.175392", "KENARI-KOMENTAR-3171019901019999"
PAGE = b"%PDF-1.7\nContoh\n%%EOF\n"


@dataclass
class Desk:
    """The addresses of evidence on a real server on loopback, with somebody who uploads and reads."""

    acting: Acting
    http: httpx.AsyncClient
    folder: Path
    files: EvidenceFiles
    lines: list[str] = field(default_factory=list)

    @property
    def donor(self) -> Viewer:
        return self.acting.city.viewer(Role.KOLABORATOR)

    async def asked(self, content: bytes, media_type: str = PDF, kind: str = "BAST", **more: Any) -> dict[str, str]:
        """What `requestUpload` answers."""
        announced = {"kind": kind, "mediaType": media_type, "sizeBytes": len(content), **more}
        payload = await self.acting.do(self.donor, "requestUpload", "id url expiresAt", **announced)
        assert payload["userErrors"] == []
        answer: dict[str, str] = payload
        return answer

    async def document(self, content: bytes, media_type: str = PDF, kind: str = "BAST", **of: Any) -> str:
        """The id of a file of the donor's that was sent and attached to what it is evidence of."""
        asked = await self.asked(content, media_type, kind)
        sent = await self.http.put(asked["url"], content=content)
        assert (sent.status_code, sent.json()["id"]) == (201, asked["id"]), sent.text
        key = self.acting.city.secrets.internal_key(asked["id"])[1]

        async def part(work: Work) -> Document:
            (document,) = await attach(work, [key], region_code="31.73.03", **of)
            return document

        await self.acting.bus.perform(self.donor, "TestAttach", part)
        return asked["id"]

    async def get(self, who: Role | Viewer, identifier: str, **options: Any) -> httpx.Response:
        """A document as somebody gets it."""
        viewer = self.acting.city.viewer(who) if isinstance(who, Role) else who
        headers = {**options.pop("headers", {})}
        if viewer != PUBLIC:
            token = issue(self.acting.city.settings, self.acting.clock, viewer, dt.timedelta(hours=1))
            headers["authorization"] = f"Bearer {token}"
        return await self.http.get(f"/evidence/{identifier}", headers=headers, **options)

    def kept(self) -> set[str]:
        """The names of all files that lie there, drafts too."""
        return {file.name for file in self.folder.rglob("*") if file.is_file()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(acting: Acting) -> AsyncIterator[Desk]:
    city, lines = acting.city, list[str]()
    with a_folder() as folder:
        authentication = Authentication(Verifier(city.settings, acting.clock), acting.clock)
        storage, log = FolderStorage(folder), RequestLog(lines.append)
        files = EvidenceFiles(acting.bus, acting.reader, storage, city.secrets, authentication, log)
        app = Starlette(routes=[Route("/evidence/{name}", files)])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", http="httptools")
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            where = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=where, trust_env=False, timeout=60) as http:
                yield Desk(acting, http, folder, files, lines)
            server.should_exit = True
            await serving


def a_photo(media_type: str = JPEG, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture that tells where and by what it was taken, and more."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Orientation], exif[Base.ImageDescription] = CAMERA, 6, WORDS
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "S", (6.0, 10.0, 31.4)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (106.0, 49.0, 38.0)
    gps[GPS.GPSProcessingMethod] = PLACE.encode()
    out = BytesIO()
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PLACE} {WORDS}</x:xmpmeta>".encode()
    form = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}[media_type]
    spoken: dict[str, dict[str, Any]] = {JPEG: {"comment": WORDS, "xmp": xmp}, WEBP: {"xmp": xmp}, PNG: {}}
    picture.save(out, form, exif=exif, icc_profile=WORDS.encode(), **spoken[media_type])
    content = out.getvalue()
    assert CAMERA.encode() in content
    assert Image.open(BytesIO(content)).getexif().get_ifd(IFD.GPSInfo)
    return content


@pytest.mark.parametrize("media_type", [JPEG, PNG, WEBP])
async def test_a_copy_of_a_photo_does_not_tell_where_it_was_taken(desk: Desk, media_type: str) -> None:
    photo = a_photo(media_type)
    identifier = await desk.document(photo, media_type, "FOTO_PENYERAHAN")
    for copy in (
        await desk.get(desk.donor, identifier),
        await desk.get(Role.BIRO_KSD, identifier, params={"copy": "public"}),
    ):
        assert (copy.status_code, copy.headers["content-type"]) == (200, media_type)
        for told in (CAMERA, PLACE, WORDS, "Exif", "xmp", "ICC", "iCC"):
            assert told.encode() not in copy.content
        shown = Image.open(BytesIO(copy.content))
        assert not shown.getexif()
        assert shown.size == (48, 64)  # upright now, since nothing says how to turn it
    original = await desk.get(Role.BIRO_KSD, identifier)
    assert original.content == photo
    assert original.headers["etag"] != copy.headers["etag"]


async def test_a_document_is_a_download_with_a_neutral_name(desk: Desk) -> None:
    identifier = await desk.document(PAGE)
    answer = await desk.get(Role.BIRO_KSD, identifier)
    assert answer.content == PAGE
    headers = answer.headers
    assert headers["content-disposition"] == f'attachment; filename="bast-{identifier[-8:]}.pdf"'
    assert (headers["content-type"], headers["x-content-type-options"]) == (PDF, "nosniff")
    assert (headers["content-length"], headers["cache-control"]) == (str(len(PAGE)), "private, no-cache")
    assert headers["etag"] == f'"{hashlib.sha256(PAGE).hexdigest()}"'
    named = await desk.acting.tables.fetchval("select file_name from ksbb.document where public_id = $1", identifier)
    assert named == "bast.pdf"
    again = await desk.get(Role.BIRO_KSD, identifier, headers={"if-none-match": f"W/{headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_download_stands_in_the_audit_trail(desk: Desk) -> None:
    identifier = await desk.document(PAGE)
    await desk.get(Role.BIRO_KSD, identifier)
    await desk.get(desk.donor, identifier)
    trail = await desk.acting.tables.fetch(
        "select role, act, about_kind from ksbb.audit_entry where about_id = $1 order by id", identifier
    )
    expected = [("KOLABORATOR", "TestAttach"), ("BIRO_KSD", "DownloadDocument"), ("KOLABORATOR", "DownloadDocument")]
    assert [tuple(entry) for entry in trail] == [(*e, "document") for e in expected]


async def test_only_who_sees_the_document_gets_the_file(desk: Desk) -> None:
    identifier = await desk.document(PAGE)
    stranger = Viewer(Role.KOLABORATOR, "else", institution_id=str(UUID(int=7)))
    for viewer in (stranger, desk.acting.city.viewer(Role.FINTECH), desk.acting.city.viewer(Role.SATPOL_PP), PUBLIC):
        answer = await desk.get(viewer, identifier)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NO_SUCH_DOCUMENT")
    bad = await desk.http.get(f"/evidence/{identifier}", headers={"authorization": "Bearer x"})
    assert (bad.status_code, "www-authenticate" in bad.headers) == (401, True)


async def test_the_public_sees_photos_of_goods_while_all_who_received_them_consent(desk: Desk) -> None:
    acting = desk.acting
    delivery = await acting.tables.fetchrow(
        "select d.id, d.public_id, array_agg(distinct r.owner_id) as owners from ksbb.delivery d join"
        " ksbb.delivery_recipient r on r.delivery_id = d.id join ksbb.business b on b.id = r.business_id"
        " where d.status = 'TERVALIDASI' group by 1, 2"
        " having count(distinct r.owner_id) > 1 and not bool_or(b.photo_consented) order by 1 limit 1"
    )
    photo = a_photo()
    goods, people = [
        await desk.document(photo, JPEG, kind, delivery_id=delivery["id"])
        for kind in ("FOTO_BARANG", "FOTO_PENYERAHAN")
    ]
    owners = [replace(acting.city.viewer(Role.UMKM), person_id=str(owner)) for owner in delivery["owners"]]
    seen = f'{{ delivery(id: "{delivery["public_id"]}") {{ documents {{ nodes {{ id kind }} }} }} }}'
    for owner in owners:
        assert (await desk.get(PUBLIC, goods)).status_code == 404
        assert (await acting.do(owner, "giveConsent", purpose="FOTO"))["userErrors"] == []
    copy = await desk.get(PUBLIC, goods)
    assert (copy.status_code, copy.headers["etag"]) == (200, f'"{goods}-copy"')
    assert CAMERA.encode() not in copy.content
    assert not Image.open(BytesIO(copy.content)).getexif()
    assert (await desk.get(PUBLIC, people)).status_code == 404
    shown = (await acting(PUBLIC, seen))["data"]["delivery"]["documents"]["nodes"]
    assert {"id": goods, "kind": "FOTO_BARANG"} in shown
    assert {document["kind"] for document in shown} == {"FOTO_BARANG"}
    assert (await acting.do(owners[0], "withdrawConsent", purpose="FOTO"))["userErrors"] == []
    assert (await desk.get(PUBLIC, goods, headers={"if-none-match": copy.headers["etag"]})).status_code == 404
    assert (await acting(PUBLIC, seen))["data"]["delivery"]["documents"]["nodes"] == []


async def test_what_is_no_document_is_told_like_one_that_is_not_yours(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    loan = desk.acting.city.secrets.public_id("loan", UUID(int=5))
    for name in (asked["id"], loan, "x", "..", "..%2F..%2Fetc%2Fpasswd", "%00"):
        answer = await desk.get(Role.INSPEKTORAT, name)
        assert answer.status_code == 404, name
    held = await desk.acting.tables.fetchval(
        "select public_id from ksbb.document where intake_application_id is null order by id limit 1"
    )
    answer = await desk.get(Role.BIRO_KSD, held)
    assert answer.json()["errors"][0]["extensions"]["code"] == "FILE_NOT_HERE"


@dataclass
class Generous:
    """A reader that shows every document to everybody."""

    reader: Reader
    viewer: Viewer

    async def answer(
        self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool, charge: Charge | None = None
    ) -> Answer:
        """What the donor is shown."""
        assert viewer == PUBLIC
        return await self.reader.answer(self.viewer, request, only_queries=only_queries, charge=charge)


async def test_the_public_never_gets_an_original(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = a_photo()
    page, picture = await desk.document(PAGE), await desk.document(photo, JPEG, "FOTO_PENYERAHAN")
    monkeypatch.setattr(desk.files, "reader", Generous(desk.files.reader, desk.donor))
    assert (await desk.get(PUBLIC, page)).status_code == 409
    copy = await desk.get(PUBLIC, picture)
    assert copy.status_code == 200
    assert CAMERA.encode() not in copy.content


async def test_a_document_that_is_no_picture_has_no_public_copy(desk: Desk) -> None:
    identifier = await desk.document(PAGE)
    answer = await desk.get(Role.BIRO_KSD, identifier, params={"copy": "public"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (409, "NO_PUBLIC_COPY")
    answer = await desk.get(Role.BIRO_KSD, identifier, params={"copy": "else"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "UNKNOWN_COPY")


# ---- one address, one file


async def test_an_address_takes_its_file_once(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    assert (await desk.http.put(asked["url"], content=PAGE)).status_code == 201
    before = desk.kept()
    again = await desk.http.put(asked["url"], content=PAGE)
    assert (again.status_code, again.json()["errors"][0]["extensions"]["code"]) == (410, "UPLOAD_CLOSED")
    assert desk.kept() == before


async def test_of_several_files_at_once_one_is_kept(desk: Desk) -> None:
    versions = [b"%PDF-1.7\n" + bytes([65 + n]) * 100_000 for n in range(4)]
    asked = await desk.asked(versions[0])
    before = desk.kept()
    answers = await asyncio.gather(*(desk.http.put(asked["url"], content=version) for version in versions * 2))
    assert sorted(answer.status_code for answer in answers) == [201, *[410] * 7]
    (won,) = (answer.json()["sha256"] for answer in answers if answer.status_code == 201)
    assert won in {hashlib.sha256(version).hexdigest() for version in versions}
    (name,) = desk.kept() - before
    assert name.endswith(won)


async def test_a_caller_cannot_fill_the_disk_by_one_address(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    waits, before = asyncio.Event(), desk.kept()

    async def drops() -> AsyncIterator[bytes]:
        yield PAGE[:5]
        await waits.wait()
        yield PAGE[5:]

    async def send() -> httpx.Response:
        return await desk.http.put(asked["url"], content=drops(), headers={"content-length": str(len(PAGE))})

    sending = [asyncio.create_task(send()) for _ in range(MOST_AT_ONCE)]
    for _ in range(500):
        if len(desk.kept()) == len(before) + MOST_AT_ONCE:
            break
        await asyncio.sleep(0.01)
    more = await desk.http.put(asked["url"], content=PAGE)
    assert (more.status_code, more.json()["errors"][0]["extensions"]["code"]) == (429, "TOO_MANY_AT_ONCE")
    assert more.headers["retry-after"] == "60"
    waits.set()
    answers = await asyncio.gather(*sending)
    assert sorted(answer.status_code for answer in answers) == [201, *[410] * (MOST_AT_ONCE - 1)]
    assert not desk.files.arriving
    assert len(desk.kept()) == len(before) + 1


async def test_a_cut_cable_leaves_nothing_and_the_address_good(desk: Desk) -> None:
    content = b"%PDF-1.7\n" + b"A" * 3_000_000
    asked = await desk.asked(content)
    before = desk.kept()
    reader, writer = await asyncio.open_connection(desk.http.base_url.host, desk.http.base_url.port)
    head = f"PUT {asked['url']} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(content)}\r\n\r\n".encode()
    writer.write(head + content[:2_000_000])
    await writer.drain()
    for _ in range(200):
        if desk.kept() != before:
            break
        await asyncio.sleep(0.01)
    assert len(desk.kept()) == len(before) + 1  # the draft
    writer.transport.abort()
    with suppress(ConnectionError):
        await reader.read()
    for _ in range(200):
        if desk.kept() == before:
            break
        await asyncio.sleep(0.01)
    assert desk.kept() == before
    assert (await desk.http.put(asked["url"], content=content)).status_code == 201


async def test_a_file_that_comes_too_slowly_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.files, "sent_within_s", 0.1)
    asked = await desk.asked(PAGE)

    async def drops() -> AsyncIterator[bytes]:
        yield PAGE[:5]
        await asyncio.sleep(0.5)
        yield PAGE[5:]

    before = desk.kept()
    with suppress(httpx.RemoteProtocolError, httpx.WriteError):
        slow = await desk.http.put(asked["url"], content=drops(), headers={"content-length": str(len(PAGE))})
        assert (slow.status_code, slow.json()["errors"][0]["extensions"]["code"]) == (408, "REQUEST_TIMEOUT")
    assert desk.kept() == before
    assert (await desk.http.put(asked["url"], content=PAGE)).status_code == 201


async def test_an_address_runs_out(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    desk.acting.clock.move(ADDRESS_LASTS + dt.timedelta(seconds=1))
    assert (await desk.http.put(asked["url"], content=PAGE)).status_code == 410


async def test_an_address_cannot_be_made_up(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    ticket = asked["url"].removeprefix("/evidence/")
    altered = ("B" if ticket[0] == "A" else "A") + ticket[1:]
    for name in (altered, ticket[:-1], f"{ticket}.", asked["id"], "..%2F..%2Fx", "%2Fetc%2Fpasswd", "a%00b", "é"):
        answer = await desk.http.put(f"/evidence/{name}", content=PAGE)
        assert answer.status_code == 404, name
    before = desk.kept()
    answer = await desk.http.put(f"/evidence/../evidence/{ticket}/../../x", content=PAGE)
    assert answer.status_code == 404
    assert desk.kept() == before


# ---- the right file


def packed(*names: str, content: bytes = b"x") -> bytes:
    """A ZIP with parts of these names."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return out.getvalue()


def a_bomb() -> bytes:
    """A small PNG that says to be 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = (60_000).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


WORKBOOK = ("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PAGE, PDF),
        (packed(*WORKBOOK), XLSX),
        ("\ufeffnama;jumlah\r\nContoh é;1\r\n".encode(), CSV),
        (a_photo(PNG), PNG),
        (a_photo(WEBP), WEBP),
    ],
)
async def test_every_type_that_is_taken_arrives_as_it_was_sent(desk: Desk, content: bytes, media_type: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    asked = await desk.asked(content, media_type, "LAIN", sha256=digest.upper())
    sent = await desk.http.put(asked["url"], content=content, headers={"content-type": media_type})
    expected = {"id": asked["id"], "mediaType": media_type, "sizeBytes": len(content), "sha256": digest}
    assert (sent.status_code, sent.json()) == (201, expected)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (PAGE, JPEG, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (a_photo(PNG), JPEG, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (b"MZ\x90\0" + b"\0" * 99, PDF, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (b" <script>alert(1)</script>", CSV, 415, "TYPE_NOT_AS_ANNOUNCED"),
        ("nama;é".encode("latin-1"), CSV, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (packed("word/document.xml", "[Content_Types].xml"), XLSX, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (packed(*WORKBOOK, "xl/vbaProject.bin"), XLSX, 415, "TYPE_NOT_AS_ANNOUNCED"),
        (packed(*WORKBOOK)[:-30], XLSX, 422, "UNREADABLE_FILE"),
        (a_photo()[:-200], JPEG, 422, "UNREADABLE_FILE"),
        (a_photo()[:20], JPEG, 422, "UNREADABLE_FILE"),
        (a_bomb(), PNG, 413, "TOO_MUCH_INSIDE"),
    ],
)
async def test_a_file_is_what_its_bytes_say(
    desk: Desk, content: bytes, media_type: str, status: int, code: str
) -> None:
    asked = await desk.asked(content, media_type, "LAIN")
    before = desk.kept()
    answer = await desk.http.put(asked["url"], content=content)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert error["message"] != error["messageId"]
    assert desk.kept() == before


async def test_a_workbook_that_unpacks_to_too_much_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_UNPACKED", 1_999_999)
    content = packed(*WORKBOOK, content=b"\0" * 1_000_000)
    answer = await desk.http.put((await desk.asked(content, XLSX, "LAIN"))["url"], content=content)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (413, "TOO_MUCH_INSIDE")


async def test_what_differs_from_what_was_announced_is_refused_and_may_be_sent_right(desk: Desk) -> None:
    digest = hashlib.sha256(PAGE).hexdigest()
    url = (await desk.asked(PAGE, sha256=digest))["url"]
    wrong = b"%PDF-1.7\nLainny\n%%EOF\n"
    assert len(wrong) == len(PAGE)

    async def pieces(content: bytes) -> AsyncIterator[bytes]:
        yield content

    async def code(content: Any, **headers: str) -> tuple[int, str]:
        answer = await desk.http.put(url, content=content, headers=headers)
        return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]

    assert await code(wrong) == (400, "HASH_NOT_AS_ANNOUNCED")
    for content in (PAGE + b"x", PAGE[:-1], b""):
        assert await code(content) == (400, "SIZE_NOT_AS_ANNOUNCED")
        assert await code(pieces(content)) == (400, "SIZE_NOT_AS_ANNOUNCED")
    assert await code(PAGE, **{"content-type": "image/jpeg"}) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert await code(PAGE, **{"content-encoding": "gzip"}) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert (await desk.http.put(url, content=pieces(PAGE))).status_code == 201


async def test_other_methods_are_told_which_there_are(desk: Desk) -> None:
    for method in ("POST", "DELETE", "HEAD"):
        answer = await desk.http.request(method, "/evidence/x")
        assert (answer.status_code, answer.headers["allow"]) == (405, METHODS)
    preflight = await desk.http.options("/evidence/x")
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, METHODS)


async def test_an_error_of_ours_tells_its_id_and_nothing_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: object) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(desk.acting.bus, "look", fails)
    url = (await desk.asked(PAGE))["url"]
    answer = await desk.http.put(url, content=PAGE)
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert WORDS not in answer.text


async def test_the_log_knows_no_address(desk: Desk) -> None:
    asked = await desk.asked(PAGE)
    await desk.http.put(asked["url"], content=PAGE)
    await desk.get(Role.BIRO_KSD, asked["id"])
    desk.files.log.flush()
    written = "".join(desk.lines)
    assert asked["url"].removeprefix("/evidence/") not in written
    assert asked["id"] not in written


def test_what_a_killed_process_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    old, fresh = tmp_path / "a", tmp_path / "b"
    for draft in (old, fresh):
        draft.write_bytes(b"x")
    os.utime(old, (0, 0))
    sweep(tmp_path)
    sweep(tmp_path / "absent")
    assert [draft.name for draft in tmp_path.iterdir()] == ["b"]


async def test_the_application_has_these_addresses(acting: Acting) -> None:
    app = create_app(acting.city.settings, acting.city.server)
    async with started(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        answer = await http.put("/evidence/x", content=PAGE)
    assert answer.json()["errors"][0]["extensions"]["code"] == "NO_SUCH_ADDRESS"
