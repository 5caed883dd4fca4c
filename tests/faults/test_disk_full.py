"""The disk is full, really: what needs room is refused with the reason, nothing is half, and later all is well."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import Route

from commands.database import DatabaseFull
from commands.storage import FolderStorage
from commands.work import Work
from edge.authentication import Authentication
from edge.errors import STATUS_OF
from edge.evidence import EvidenceFiles
from kernel.room import DiskFull
from models.server import Server
from policy.tokens import Verifier
from policy.viewer import Role
from publishing.release.released import latest
from tests.acting import Acting
from tests.needs import resize_disk, small_disk
from tests.publishing.city import LOGIN, Publisher, as_owner, found

FILE = b"%PDF-1.7\n" + os.urandom(150_000) + b"\n%%EOF\n"
ROOM_KB = 2_048
STEP_KB = 192


@pytest_asyncio.fixture
async def desk(acting: Acting, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Path]]:
    """The addresses of evidence, whose files lie on a small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, ROOM_KB):
        authentication = Authentication(Verifier(acting.city.settings, acting.clock), acting.clock)
        storage = FolderStorage(folder / "evidence")
        files = EvidenceFiles(acting.bus, acting.reader, storage, acting.city.secrets, authentication)
        transport = httpx.ASGITransport(Starlette(routes=[Route("/evidence/{name}", files)]))
        async with httpx.AsyncClient(transport=transport, base_url="http://ksbb") as http:
            yield http, folder


async def an_address(acting: Acting) -> str:
    announced = {"kind": "BAST", "mediaType": "application/pdf", "sizeBytes": len(FILE)}
    asked = await acting.do(Role.KOLABORATOR, "requestUpload", "url", **announced)
    assert asked["userErrors"] == []
    return str(asked["url"])


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all room of a disk, but for some bytes."""
    filling = folder / "filling"
    with filling.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4_096)):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - leave))
    return filling


@pytest.mark.parametrize("leave", [0, 4_096, 65_536])
async def test_an_upload_to_a_full_disk_is_told_so_and_leaves_nothing(
    acting: Acting, desk: tuple[httpx.AsyncClient, Path], leave: int
) -> None:
    http, folder = desk
    before, there = await an_address(acting), await an_address(acting)
    assert (await http.put(before, content=FILE)).status_code == 201
    kept = {file for file in folder.rglob("*") if file.is_file()}
    filling = fill(folder, leave)
    answer = await http.put(there, content=FILE)
    assert answer.status_code == 507, answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "DISK_FULL"
    assert "send it again" in error["message"]
    assert "kirim lagi" in error["messageId"]
    assert {file for file in folder.rglob("*") if file.is_file()} == {*kept, filling}
    filling.unlink()
    assert (await http.put(there, content=FILE)).status_code == 201


@pytest_asyncio.fixture
async def publisher(acting: Acting) -> AsyncIterator[Publisher]:
    """A city of its own that is published."""
    server = acting.city.server
    await as_owner(server.uri("postgres"), "create database full_city")
    made = Server(server.uri("full_city"))
    await found(made.uri())
    yield Publisher(made.uri(), server.uri("full_city", LOGIN))
    await as_owner(server.uri("postgres"), "drop database full_city with (force)")


@pytest.mark.filterwarnings(  # of XlsxWriter, which does not close what it cannot write; it goes with its frames
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
async def test_a_release_without_room_leaves_the_one_before_and_is_made_once_there_is(
    publisher: Publisher, tmp_path: Path
) -> None:
    root = tmp_path / "releases"
    root.mkdir()
    with small_disk(root, 65_536):
        first = await publisher.publish(root)
        was = {file: file.read_bytes() for file in first.folder.rglob("*") if file.is_file()}
        async with publisher.city() as city:
            await city.collaboration("KSBB-UMK-2020-9ABCDE", "PT Contoh Baru")
        used_kb = sum(file.stat().st_blocks for file in root.rglob("*")) // 2
        full, size_kb, second = 0, used_kb + 16, None
        while second is None:
            resize_disk(root, size_kb)
            try:
                second = await publisher.publish(root)
            except DiskFull:
                full += 1
            else:
                continue
            standing = latest(root, first.package)
            assert standing is not None
            assert standing.version == first.version
            assert (root / first.package / "latest").resolve() == first.folder
            assert [path.name for path in root.glob(".staging-*")] == []
            assert {file: file.read_bytes() for file in first.folder.rglob("*") if file.is_file()} == was
            size_kb += STEP_KB
    assert full > 3, "it fitted at once: this proves nothing"
    assert second.is_new


async def test_a_database_without_room_is_told_as_such(acting: Acting) -> None:
    async def part(work: Work) -> None:
        connection = await work.session.connection()
        await connection.exec_driver_sql("do $$ begin raise exception using errcode = '53100'; end $$")

    with pytest.raises(DatabaseFull) as refused:
        await acting.bus.look(part)
    assert STATUS_OF[refused.value.code] == 503
