"""The catalogue over HTTP: pages, codings, caching, names of downloads, and what stays of a withdrawn release."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
import pytest_asyncio
import zstandard

from edge.encoding import codings
from edge.files import ReleaseFiles
from publishing.catalogue.catalogue import write_catalogue
from publishing.release.editions import INDEX
from tests.folders import a_folder
from tests.publishing.shelf import a_release, withdraw

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "gzip, deflate, br, zstd"}
FILE = "/contoh/1.0.2/data/kota.csv"


@pytest.fixture
def catalogue() -> Iterator[Path]:
    with a_folder() as root:
        a_release(root, 1, cities=200)
        a_release(root, 2, cities=200)
        write_catalogue(root)
        yield root


@pytest_asyncio.fixture
async def http(catalogue: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(ReleaseFiles(catalogue))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        client.headers.pop("accept-encoding")
        yield client


async def raw(http: httpx.AsyncClient, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    async with http.stream("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


async def test_a_person_meets_pages_and_a_program_meets_listings(http: httpx.AsyncClient) -> None:
    for path in ("/", "/contoh/", "/contoh/about/1.0.2/"):
        page = await http.get(path, headers=BROWSER)
        assert "<main" in page.text
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert set(page.headers["vary"].split(", ")) == {"Accept", "Accept-Encoding"}
        assert (await http.get(path)).json()["files"]
        again = await http.get(path, headers={**BROWSER, "if-none-match": page.headers["etag"]})
        assert (again.status_code, again.headers["vary"]) == (304, page.headers["vary"])


async def test_the_folder_of_a_release_leads_to_its_page(http: httpx.AsyncClient) -> None:
    for path in ("/contoh/1.0.2/", "/contoh/latest/", "/contoh/1.0.2/data/"):
        listing = (await http.get(path, headers=BROWSER)).text
        address = listing.partition("<p><a href=")[2].partition("Tentang")[0]
        assert "about" in address or "Naik" in address
        link = next(part.partition('"')[0] for part in listing.split('href="')[1:] if "/about/" in part)
        assert (await http.get(urljoin(path, link), headers=BROWSER)).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("*", "zstd"),
        ("br", None),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("", None),
    ],
)
async def test_texts_are_sent_compressed_to_who_takes_that(
    http: httpx.AsyncClient, catalogue: Path, accepted: str, coding: str | None
) -> None:
    answer, body = await raw(http, FILE, accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/csv")
    assert int(answer.headers["content-length"]) == len(body)
    undo: dict[str | None, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "zstd": zstandard.ZstdDecompressor().decompress,
        None: bytes,
    }
    assert undo[coding](body) == (catalogue / FILE.lstrip("/")).read_bytes()


async def test_each_coding_has_its_own_tag(http: httpx.AsyncClient) -> None:
    plain, packed = (await raw(http, FILE))[0], (await raw(http, FILE, accept_encoding="gzip"))[0]
    assert plain.headers["etag"] != packed.headers["etag"]
    tag = packed.headers["etag"]
    known, _ = await raw(http, FILE, accept_encoding="gzip", if_none_match=tag)
    assert (known.status_code, known.headers["etag"], known.headers["vary"]) == (304, tag, "Accept-Encoding")
    assert (await raw(http, FILE, if_none_match=tag))[0].status_code == 200


async def test_ranges_are_of_the_plain_file(http: httpx.AsyncClient, catalogue: Path) -> None:
    answer, body = await raw(http, FILE, accept_encoding="gzip", range="bytes=0-3")
    assert (answer.status_code, body) == (206, b"kode")
    assert "content-encoding" not in answer.headers
    packed, _ = await raw(http, FILE, accept_encoding="gzip")
    assert packed.headers["accept-ranges"] == "none"
    whole, body = await raw(http, FILE, range="bytes=0-3", if_range=packed.headers["etag"])
    assert (whole.status_code, len(body)) == (200, (catalogue / FILE.lstrip("/")).stat().st_size)


async def test_a_changed_file_is_never_sent_as_its_old_copy(http: httpx.AsyncClient, catalogue: Path) -> None:
    (catalogue / "index.html").write_text("<main>" + "new" * 1_000)
    answer, body = await raw(http, "/index.html", accept_encoding="gzip")
    assert "content-encoding" not in answer.headers
    assert b"newnew" in body


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        (FILE, "public, max-age=31536000, immutable"),
        ("/contoh/latest/data/kota.csv", "public, max-age=60, must-revalidate"),
        ("/contoh/releases.json", "public, max-age=0, must-revalidate"),
        ("/contoh/about/1.0.2/kota.html", "public, max-age=0, must-revalidate"),
        ("/catalog.ttl", "public, max-age=0, must-revalidate"),
    ],
)
async def test_what_never_changes_may_be_kept(http: httpx.AsyncClient, path: str, caching: str) -> None:
    assert (await http.get(path)).headers["cache-control"] == caching


@pytest.mark.parametrize(
    ("path", "type_", "name"),
    [
        (FILE, "text/csv; charset=utf-8; header=present", "kota-1.0.2.csv"),
        ("/contoh/latest/data/kota.parquet", "application/vnd.apache.parquet", "kota-1.0.2.parquet"),
        ("/contoh/1.0.2/datapackage.json", "application/json", None),
        ("/catalog.ttl", "text/turtle; charset=utf-8", None),
        ("/catalog.jsonld", "application/ld+json", None),
        ("/contoh/about/1.0.2/kota.citation.bib", "application/x-bibtex", None),
    ],
)
async def test_files_have_their_type_and_downloads_a_name(
    http: httpx.AsyncClient, path: str, type_: str, name: str | None
) -> None:
    answer = await http.get(path)
    assert answer.headers["content-type"] == type_
    assert answer.headers.get("content-disposition") == (name and f'attachment; filename="{name}"')


async def test_pages_may_start_downloads_and_nothing_else(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/", headers=BROWSER)).headers["content-security-policy"]
    allowed = [part.split(" ", 1) for part in policy.split("; ")]
    assert [name for name, value in allowed if value == "'none'"] == [
        *("default-src", "base-uri", "form-action", "frame-ancestors")
    ]
    assert [(name, "unsafe" in value) for name, value in allowed[4:]] == [("style-src", False), ("sandbox", False)]


async def test_a_withdrawn_release_is_gone_with_its_reason(http: httpx.AsyncClient, catalogue: Path) -> None:
    await http.get(FILE)
    withdraw(catalogue, 2, {"reason": "Salah <hitung>", "reason_en": "Wrong <count>"})
    write_catalogue(catalogue)
    for path in (FILE, "/contoh/1.0.2/", "/contoh/latest/data/kota.csv", "/contoh/1.0.2/no"):
        answer = await http.get(path, headers={"range": "bytes=0-3"})
        assert (answer.status_code, answer.headers["content-type"]) == (410, "text/plain; charset=utf-8")
        assert "Wrong <count>" in answer.text
        page = await http.get(path, headers=BROWSER)
        assert page.status_code == 410
        assert "Salah &lt;hitung&gt;" in page.text
        link = page.text.partition('href="')[2].partition('"')[0]
        assert "ditarik" in (await http.get(urljoin(path, link), headers=BROWSER)).text
    assert (await http.get("/contoh/1.0.1/data/kota.csv")).status_code == 200


async def test_nothing_is_served_while_nobody_can_say_what_was_withdrawn(
    http: httpx.AsyncClient, catalogue: Path
) -> None:
    (catalogue / "contoh" / INDEX).write_text("[")
    assert (await http.get(FILE)).status_code == 503


async def test_compressed_copies_have_no_address(http: httpx.AsyncClient) -> None:
    assert (await http.get("/.compressed/index.html.gz")).status_code == 404


async def test_before_the_first_release_a_page_says_so(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(ReleaseFiles(tmp_path / "absent"))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert "rilis pertama belum terbit" in (await client.get("/", headers=BROWSER)).text


@pytest.mark.parametrize("header", ["gzip;q=2", "gzip;q=x", ";q=1", ",,,", "gzip;level=9", "x" * 5_000])
def test_a_header_that_is_none_takes_no_coding(header: str) -> None:
    assert codings(header, ("zstd", "gzip")) == []
