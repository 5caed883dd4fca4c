"""Published files and the health of the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from edge.files import ReleaseFiles

from .conftest import Installation


@pytest.fixture(scope="session", autouse=True)
def _release(installation: Installation) -> None:
    folder = installation.releases / "wilayah" / "2021.1"
    folder.mkdir(parents=True)
    (folder / "wilayah.csv").write_bytes(b"kode,nama\r\n31,DKI Jakarta\r\n")
    (folder / "datapackage.json").write_bytes(b"{}")
    (folder / "<script>&.csv").write_bytes(b"x")
    (folder / "peta.geojson").write_bytes(b"{}")
    (installation.releases / ".draf").mkdir()
    (installation.releases / ".draf" / "rahasia.csv").write_bytes(b"rahasia")
    (installation.releases.parent / "rahasia.txt").write_bytes(b"rahasia")
    (installation.releases / "keluar").symlink_to(installation.releases.parent)
    (installation.releases / "draf").symlink_to(".draf")
    (installation.releases / "terbaru").symlink_to("wilayah/2021.1")
    os.mkfifo(installation.releases / "pipa")


FILE = "/data/wilayah/2021.1/wilayah.csv"


async def test_a_file_comes_whole_with_its_type_and_tag(http: httpx.AsyncClient) -> None:
    answer = await http.get(FILE)
    assert (answer.status_code, answer.content) == (200, b"kode,nama\r\n31,DKI Jakarta\r\n")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "sandbox" in answer.headers["content-security-policy"]
    head = await http.head(FILE)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(answer.content)))


async def test_the_latest_release_is_reached_through_a_link_inside(http: httpx.AsyncClient) -> None:
    assert (await http.get("/data/terbaru/datapackage.json")).headers["content-type"] == "application/json"
    assert (await http.get("/data/terbaru/peta.geojson")).headers["content-type"] == "application/geo+json"


@pytest.mark.parametrize(
    ("range_", "status", "body"),
    [
        ("bytes=0-3", 206, b"kode"),
        ("bytes=-4", 206, b"ta\r\n"),
        ("bytes=5-", 206, b"nama\r\n31,DKI Jakarta\r\n"),
        ("bytes=0-999", 206, b"kode,nama\r\n31,DKI Jakarta\r\n"),
        ("bytes=99-", 416, b""),
        ("items=0-3", 200, b"kode,nama\r\n31,DKI Jakarta\r\n"),
        ("bytes=" + "9" * 5_000 + "-", 200, b"kode,nama\r\n31,DKI Jakarta\r\n"),
        ("bytes=" + "0-1," * 50 + "0-1", 200, b"kode,nama\r\n31,DKI Jakarta\r\n"),
    ],
)
async def test_ranges_are_answered(http: httpx.AsyncClient, range_: str, status: int, body: bytes) -> None:
    answer = await http.get(FILE, headers={"range": range_})
    assert (answer.status_code, answer.content) == (status, body)


async def test_several_ranges_come_in_parts(http: httpx.AsyncClient) -> None:
    answer = await http.get(FILE, headers={"range": "bytes=0-3, 5-8"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")


async def test_a_range_of_another_version_is_the_whole_file(http: httpx.AsyncClient) -> None:
    assert (await http.get(FILE, headers={"range": "bytes=0-3", "if-range": '"old"'})).status_code == 200


async def test_what_the_caller_has_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get(FILE)
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"if-none-match": f'W/"x", {tag}'}, {"if-none-match": "*"}, {"if-modified-since": modified}):
        again = await http.get(FILE, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = await http.get(FILE, headers={"if-none-match": '"old"', "if-modified-since": modified})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        b"/data/../rahasia.txt",
        b"/data/%2e%2e/rahasia.txt",
        b"/data/..%2frahasia.txt",
        b"/data/wilayah/../../rahasia.txt",
        b"/data/keluar/rahasia.txt",
        b"/data/keluar/",
        b"/data/.draf/rahasia.csv",
        b"/data/draf/rahasia.csv",
        b"/data//etc/passwd",
        b"/data/%2fetc/passwd",
        b"/data/%00",
        b"/data/" + b"x" * 5_000,
        b"/data/wilayah/2021.1/wilayah.csv/",
        b"/data/wilayah/2021.1/wilayah.csv/x",
        b"/data/pipa",
        b"/data/ada",
    ],
)
def test_nothing_outside_hidden_or_absent_is_served(raw: Callable[[bytes], bytes], path: bytes) -> None:
    received = raw(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 404 ")
    assert b"rahasia" not in received


async def test_a_folder_is_listed_for_programs(http: httpx.AsyncClient) -> None:
    index = (await http.get("/data/")).json()
    assert [folder["name"] for folder in index["folders"]] == ["terbaru", "wilayah"]
    release = (await http.get("/data/wilayah/2021.1/")).json()
    names = {file["name"]: file for file in release["files"]}
    assert names["wilayah.csv"]["bytes"] == 27
    for file in release["files"]:
        assert (await http.get(f"/data/wilayah/2021.1/{file['href']}")).status_code == 200


async def test_a_folder_is_listed_for_people_without_scripts(http: httpx.AsyncClient) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = await http.get("/data/wilayah/2021.1/", headers=browser)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == "Accept"
    assert '<html lang="id">' in page.text
    assert 'lang="en"' in page.text
    assert "<script" not in page.text
    assert "&lt;script&gt;&amp;.csv" in page.text


async def test_an_address_without_its_slash_leads_to_the_folder(http: httpx.AsyncClient) -> None:
    for path in ("/data", "/data/wilayah", "/data/wilayah/2021.1"):
        answer = await http.get(path, follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, f"{path}/")


async def test_before_the_first_release_the_listing_is_empty(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(ReleaseFiles(tmp_path / "absent"))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        for path in ("", "/"):
            assert (await client.get(path)).json() == {"path": "/", "folders": [], "files": []}
            assert "Belum ada berkas" in (await client.get(path, headers={"accept": "text/html"})).text


async def test_files_are_read_only(http: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await http.request(method, FILE)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await http.options(FILE)).status_code == 204


async def test_the_server_says_whether_it_is_ready(http: httpx.AsyncClient, installation: Installation) -> None:
    assert (await http.get("/livez")).status_code == 200
    assert (await http.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
    installation.checks["release"] = "not yet made"
    try:
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["release"]) == (503, "not yet made")
    finally:
        del installation.checks["release"]
