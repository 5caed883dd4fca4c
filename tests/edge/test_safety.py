"""What browsers are told about every answer, and that the pages of the open data live with it in a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from edge.app import Edge, routes
from edge.safety import NOTHING, SAFE, only_by_https
from publishing.audit import risk_page
from publishing.catalogue.catalogue import write_catalogue
from publishing.changes.page import changes_page
from publishing.changes.release_changes import Changes
from tests.browser import chromium
from tests.folders import a_folder
from tests.publishing.shelf import a_release, withdraw

from .conftest import Installation, served

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NAMES = [name.decode() for name, _ in SAFE]
WAYS_OUT = [
    ("POST", "/graphql", {"json": {"query": "{ a }"}}, 200),
    ("POST", "/graphql", {"json": {"query": "crash"}}, 500),
    ("POST", "/graphql", {"content": b"no JSON", "headers": {"content-type": "application/json"}}, 400),
    ("POST", "/graphql", {"json": {"query": "{ a }"}, "headers": {"accept": "text/event-stream"}}, 200),
    ("GET", "/graphql?query={a}", {}, 200),
    ("GET", "/graphql?query={a}", {"headers": {"if-none-match": "*"}}, 304),
    ("GET", "/graphql?query={a}", {"headers": {"authorization": "Bearer x"}}, 401),
    ("DELETE", "/graphql", {}, 405),
    ("OPTIONS", "/graphql", {}, 204),
    ("GET", "/livez", {}, 200),
    ("POST", "/livez", {}, 405),
    ("GET", "/readyz", {}, 200),
    ("GET", "/", {}, 307),
    ("GET", "/data", {}, 308),
    ("GET", "/data/", {}, 200),
    ("GET", "/data/", {"headers": BROWSER}, 200),
    ("GET", "/data/no", {}, 404),
    ("PUT", "/data/", {}, 405),
    ("GET", "/no", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), WAYS_OUT)
async def test_every_answer_has_each_of_the_headers_once(
    http: httpx.AsyncClient, method: str, path: str, sent: dict[str, object], status: int
) -> None:
    answer = await http.request(method, path, **sent)  # type: ignore[arg-type]  # options of httpx
    assert answer.status_code == status
    for name in [*NAMES, "cross-origin-resource-policy"]:
        assert len(answer.headers.get_list(name)) == 1, name
    assert answer.headers["content-security-policy"].startswith(NOTHING)
    assert answer.headers["x-content-type-options"] == "nosniff"
    anywhere = "access-control-allow-origin" in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == ("cross-origin" if anywhere else "same-origin")


async def test_open_data_and_graphql_may_be_loaded_from_anywhere(http: httpx.AsyncClient) -> None:
    for path in ("/data/", "/graphql?query={a}"):
        answer = await http.get(path)
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_what_is_no_http_is_refused_with_the_headers_too(raw: Callable[[bytes], bytes]) -> None:
    answer = raw(b"NO HTTP\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    for name, value in SAFE:
        assert b"%s: %s\r\n" % (name, value) in answer


async def test_a_failure_beside_graphql_has_the_headers_too(installation: Installation) -> None:
    async def breaks(_: object) -> Response:
        raise RuntimeError

    app = Edge(installation.app, Starlette(routes=[Route("/", breaks)]))
    async with _asking(app) as http:
        answer = await http.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == NOTHING


@pytest.mark.parametrize(("public_url", "says_so"), [("", False), ("http://x", False), ("https://x", True)])
async def test_https_is_asked_for_where_callers_reach_us_by_it(
    installation: Installation, public_url: str, says_so: bool
) -> None:
    app = Edge(installation.app, Starlette(), also=only_by_https(public_url))
    async with _asking(app) as http:
        answer = await http.get("/")
    assert answer.headers.get("strict-transport-security") == ("max-age=31536000" if says_so else None)


# ---- in a browser


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A catalogue with every kind of page that there is, and one that somebody else wrote."""
    with a_folder() as root:
        a_release(root, 1)
        folder = a_release(root, 2)
        (folder / "changes.html").write_text(changes_page(Changes("contoh", None, "1.0.2", ())))
        risks = {"package": "contoh", "version": "1.0.2", "datasets": [], "parameters": {}, "releases_compared": []}
        (folder / "risk_report.html").write_text(risk_page.page(risks))
        style = "<style>body { max-width: 7px }</style>"
        script = "<script>document.body.style.maxWidth = '7px'</script>"
        frame = '<iframe src="/data/"></iframe><img src="/data/x.png" onerror="alert(1)">'
        (folder / "evil.html").write_text(f"<!doctype html><title>x</title>{style}<body>{frame}{script}")
        a_release(root, 3)
        write_catalogue(root)
        withdraw(root, 3, {"reason": "Salah", "reason_en": "Wrong"})
        write_catalogue(root)
        yield root


@pytest.mark.slow
async def test_the_pages_are_shown_in_their_style_and_nothing_else_is(shelf: Path) -> None:
    app = Edge(_nothing, Starlette(routes=routes(_ready, shelf)))
    with served(app) as (host, port):
        async with chromium() as tab:
            for path, widest in (
                ("/", "1024px"),
                ("/data/contoh/", "1024px"),
                ("/data/contoh/about/1.0.2/", "1024px"),
                ("/data/contoh/about/1.0.2/kota.html", "1024px"),
                ("/data/contoh/1.0.2/data/", "960px"),
                ("/data/contoh/1.0.2/changes.html", "1120px"),
                ("/data/contoh/1.0.2/risk_report.html", "1152px"),
                ("/data/contoh/1.0.3/", "none"),
            ):
                await tab.open(f"http://{host}:{port}{path}")
                assert (await tab.style("h1"))["display"] == "block", path
                assert (await tab.style("body"))["max-width"] == widest, path
                assert await tab.refused() == [], path
            await tab.open(f"http://{host}:{port}/data/contoh/1.0.2/evil.html")
            assert (await tab.style("body"))["max-width"] == "none"
            assert len(await tab.refused()) >= 2


@asynccontextmanager
async def _asking(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


async def _nothing(*_: object) -> None:
    raise AssertionError


async def _ready() -> dict[str, str]:
    return {}
