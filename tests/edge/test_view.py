"""GraphQL over HTTP: what each request is answered with."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from edge import heads
from edge.log import WRITTEN_WITHIN_S, JsonLines
from edge.trusted import LOOKED_AT_EVERY_S, Trusted, documents_folder
from policy.viewer import PUBLIC, Role

from .conftest import CANARY, Installation

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
AS_JSON = {"content-type": JSON}
QUERY = {"query": "{ a }"}


async def test_both_addresses_answer(http: httpx.AsyncClient) -> None:
    for path in ("/graphql", "/graphql/"):
        answer = await http.post(path, json=QUERY)
        assert (answer.status_code, answer.json()["data"]["role"]) == (200, "PUBLIK")


async def test_the_reader_gets_every_part_of_the_request(http: httpx.AsyncClient, installation: Installation) -> None:
    parts: dict[str, Any] = {
        "query": "query Satu { a }",
        "operationName": "Satu",
        "variables": {"kode": "31.71", "é": [1.5, None]},
    }
    await http.post("/graphql", json=parts)
    viewer, request = installation.reader.seen[-1]
    assert (viewer, request.query, request.operation_name) == (PUBLIC, parts["query"], "Satu")
    assert request.variables == parts["variables"]
    assert (request.tells_cost, request.explains) == (False, False)


@pytest.mark.parametrize("name", ["cost", "explain"])
async def test_the_reader_gets_what_extensions_wish_for(
    http: httpx.AsyncClient, installation: Installation, name: str
) -> None:
    wishes = {name: True, "other": None}
    assert (await http.post("/graphql", json={**QUERY, "extensions": wishes})).status_code == 200
    assert (await http.get(query_string(query="{ a }", extensions=json.dumps(wishes)))).status_code == 200
    for _, request in installation.reader.seen[-2:]:
        assert (request.tells_cost, request.explains) == (name == "cost", name == "explain")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        ("APPLICATION/JSON; charset=UTF-8", JSON),
        ("text/html, */*;q=0.8", JSON),
    ],
)
async def test_the_media_type_is_the_one_weighed_highest(
    http: httpx.AsyncClient, accept: str | None, content_type: str
) -> None:
    request = http.build_request("POST", "/graphql", json=QUERY)
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    answer = await http.send(request)
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{content_type}; charset=utf-8")


@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;q=0", "application/json; charset=latin-1", "*/*;q=0", "nonsense", ";,;"]
)
async def test_what_nobody_can_accept_is_406(http: httpx.AsyncClient, accept: str) -> None:
    answer = await http.post("/graphql", json=QUERY, headers={"accept": accept})
    assert (answer.status_code, code(answer)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("query", "as_json", "as_graphql"),
    [("{ a }", 200, 200), ("{ unknown }", 200, 400), ("{ a", 200, 400), ("{" * 2_000, 200, 400), ("crash", 500, 500)],
)
async def test_request_errors_have_the_status_of_their_media_type(
    http: httpx.AsyncClient, query: str, as_json: int, as_graphql: int
) -> None:
    for accept, status in ((JSON, as_json), (GRAPHQL, as_graphql)):
        answer = await http.post("/graphql", json={"query": query}, headers={"accept": accept})
        assert answer.status_code == status
        assert ("data" in answer.json()) == (query == "{ a }")


BAD_BODIES: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("no JSON", b"{"),
    ("trailing text", b'{"query":"{ a }"} x'),
    ("invalid UTF-8", b'{"query":"\xff"}'),
    ("UTF-16", '{"query":"{ a }"}'.encode("utf-16")),
    ("a byte order mark", b"\xef\xbb\xbf" + b'{"query":"{ a }"}'),
    ("a list", b"[]"),
    ("a batch", b'[{"query":"{ a }"}]'),
    ("null", b"null"),
    ("a text", b'"{ a }"'),
    ("no query", b"{}"),
    ("null query", b'{"query":null}'),
    ("query of the wrong type", b'{"query":["{ a }"]}'),
    ("variables of the wrong type", b'{"query":"{ a }","variables":[]}'),
    ("variables as text", b'{"query":"{ a }","variables":"{}"}'),
    ("operationName of the wrong type", b'{"query":"{ a }","operationName":1}'),
    ("extensions of the wrong type", b'{"query":"{ a }","extensions":[1]}'),
    ("a wish of the wrong type", b'{"query":"{ a }","extensions":{"explain":1}}'),
    ("100,000 brackets", b'{"query":"{ a }","variables":{"a":' + b"[" * 50_000 + b"]" * 49_000 + b"}}"),
    (
        "nesting that the JSON reader still takes",
        b'{"query":"{ a }","variables":{"a":' + b"[" * 500 + b"]" * 500 + b"}}",
    ),
    ("an integer of 5,000 digits", b'{"query":"{ a }","variables":{"a":' + b"9" * 5_000 + b"}}"),
    ("an infinite number", b'{"query":"{ a }","variables":{"a":1e999}}'),
    ("NaN", b'{"query":"{ a }","variables":{"a":NaN}}'),
    ("half a surrogate pair", b'{"query":"{ a }","variables":{"a":["\\uD83d"]}}'),
    ("half a surrogate pair in a name", b'{"query":"{ a }","variables":{"\\ud83d":1}}'),
    ("a NUL", b'{"query":"{ a }","variables":{"a":{"b":"\\u0000"}}}'),
]


@pytest.mark.parametrize("body", [b for _, b in BAD_BODIES], ids=[name for name, _ in BAD_BODIES])
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_body_that_is_no_request_is_400(http: httpx.AsyncClient, body: bytes, accept: str) -> None:
    answer = await http.post("/graphql", content=body, headers={**AS_JSON, "accept": accept})
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    assert list(answer.json()) == ["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"{ a }","variables":null,"operationName":null,"extensions":null}',
        b'{"query":"{ a }","operationName":"","extensions":{"any":1},"unknown":[]}',
        b'{"query":"{ a }","variables":{"a":"\\ud83d\\ude00 \\\\u0000"}}',
        b'{"query":"{ a }","variables":{"ring":[' + b"[106.8,-6.2]," * 500 + b"[106.8,-6.2]]}}",
    ],
)
async def test_unusual_but_good_bodies_are_answered(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/graphql", content=body, headers=AS_JSON)
    assert answer.status_code == 200
    assert "data" in answer.json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": JSON}, 200),
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"content-type": 'Application/JSON ; Charset="UTF-8"'}, 200),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/graphql"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({"content-type": JSON, "content-encoding": "gzip"}, 415),
    ],
)
async def test_only_plain_json_is_read(http: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    answer = await http.post("/graphql", content=json.dumps(QUERY).encode(), headers=headers)
    assert answer.status_code == status
    assert status == 200 or code(answer) == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_405_and_told_which_are_allowed(http: httpx.AsyncClient, method: str) -> None:
    answer = await http.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize("accept", [JSON, GRAPHQL, "text/event-stream"])
@pytest.mark.parametrize("query", ["{ a }", "{ unknown }", "mutation { a }", "subscription { a }"])
async def test_a_head_is_answered_as_its_get_without_the_body(http: httpx.AsyncClient, query: str, accept: str) -> None:
    target = query_string(query=query)
    head = await http.head(target, headers={"accept": accept, "x-request-id": "a"})
    assert head.content == b""
    if accept == "text/event-stream":
        assert head.headers["content-type"].startswith(GRAPHQL)
        return
    answer = await http.get(target, headers={"accept": accept, "x-request-id": "a"})
    same = ("content-type", "content-length", "cache-control", "etag", "vary", "allow")
    assert head.status_code == answer.status_code
    assert [head.headers.get(name) for name in same] == [answer.headers.get(name) for name in same]
    assert int(head.headers["content-length"]) == len(answer.content)


def test_a_connection_goes_on_after_a_head(raw: Callable[[bytes], bytes]) -> None:
    head = b"HEAD /graphql?query={a} HTTP/1.1\r\nhost: x\r\n\r\n"
    received = raw(head + b"GET /graphql?query={a} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert received.count(b'{"data"') == 1


async def test_what_is_taken_is_told_to_who_sent_something_else(http: httpx.AsyncClient) -> None:
    packed = gzip.compress(json.dumps(QUERY).encode())
    answer = await http.post("/graphql", content=packed, headers={**AS_JSON, "content-encoding": "gzip"})
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert (answer.headers["accept-post"], answer.headers["accept-encoding"]) == (JSON, "identity")


async def test_a_body_over_the_limit_is_413_announced_or_not(http: httpx.AsyncClient) -> None:
    async def pieces() -> Any:
        for _ in range(30):
            yield b" " * 10_000

    for body in (b" " * 200_000, pieces()):
        answer = await http.post("/graphql", content=body, headers=AS_JSON)
        assert (answer.status_code, code(answer)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_in_many_pieces_is_read(http: httpx.AsyncClient) -> None:
    async def pieces() -> Any:
        for byte in b'{"query":"{ a }"}':
            yield bytes([byte])

    assert (await http.post("/graphql", content=pieces(), headers=AS_JSON)).status_code == 200


def test_a_body_that_stops_half_way_is_408(raw: Callable[[bytes], bytes]) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    for sent in (head + b'content-length: 50\r\n\r\n{"que', head + b'transfer-encoding: chunked\r\n\r\n5\r\n{"que\r\n'):
        received = raw(sent)
        assert received.startswith(b"HTTP/1.1 408 ")
        assert b"\r\nconnection: close\r\n" in received
        assert b"REQUEST_TIMEOUT" in received


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: " + b"9" * 5_000 + b"\r\n\r\n",
    ],
)
def test_bad_framing_is_refused_in_json_and_never_500(raw: Callable[[bytes], bytes], sent: bytes) -> None:
    received = raw(sent)
    assert received[9:12] in (b"400", b"413")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["errors"][0]["message"]


def test_headers_without_end_are_431(raw: Callable[[bytes], bytes]) -> None:
    received = raw(b"GET /graphql?query={a} HTTP/1.1\r\nhost: x\r\n" + b"x-filler: y\r\n" * 6_000)
    assert received.startswith(b"HTTP/1.1 431 ")
    assert b"REQUEST_HEADER_FIELDS_TOO_LARGE" in received


@pytest.mark.parametrize("before", [b"", b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["first", "later"])
@pytest.mark.parametrize("half", [b"", b"GET /graphql?query={a} HT", b"GET /livez HTTP/1.1\r\nhost: x\r\n"])
def test_half_a_head_is_given_up(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, before: bytes, half: bytes
) -> None:
    monkeypatch.setattr(heads, "HEAD_WITHIN_S", 0.3)
    with socket.create_connection(address, timeout=8) as connection:
        connection.sendall(before + half)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 200 ") == bool(before)
    assert (b"HTTP/1.1 408 " in received) == (bool(half) or not before)  # an idle connection is closed in silence


async def test_a_request_in_small_pieces_is_not_given_up(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "HEAD_WITHIN_S", 0.4)
    body = json.dumps(QUERY).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\ncontent-length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(3):
        for half in (head[:40].encode(), head[40:].encode() + body[:5], body[5:]):
            writer.write(half)
            await asyncio.sleep(0.15)
        assert (await reader.readuntil(b"}}")).startswith(b"HTTP/1.1 200 ")
        await reader.readexactly(1)
    writer.close()


async def test_a_caller_who_hangs_up_half_way_harms_nobody(
    http: httpx.AsyncClient, address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
        )
    assert (await http.post("/graphql", json=QUERY)).status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def query_string(**parts: str) -> str:
    return f"/graphql?{urlencode(parts)}"


async def test_a_query_by_get_is_answered(http: httpx.AsyncClient, installation: Installation) -> None:
    answer = await http.get(query_string(query="query Q { a }", operationName="Q", variables='{"kode":"31.71"}'))
    assert answer.json()["data"] == {"role": "PUBLIK", "operation": "Q", "variables": {"kode": "31.71"}}


@pytest.mark.parametrize(
    "target",
    [
        "/graphql",
        "/graphql?query",
        "/graphql?query=%ff",
        "/graphql?query={a}&query={b}",
        query_string(query="{ a }", variables="[]"),
        query_string(query="{ a }", variables="{"),
        query_string(query="{ a }", variables="1"),
        query_string(query="{ a }", extensions="1"),
        query_string(query="{ a }", variables='{"a":' + "[" * 3_000 + "]" * 3_000 + "}"),
        "/graphql?" + "&".join(f"a{i}=1" for i in range(200)),
    ],
)
async def test_a_bad_query_string_is_400(http: httpx.AsyncClient, target: str) -> None:
    answer = await http.get(target, headers={"accept": GRAPHQL})
    assert answer.status_code == 400
    assert "data" not in answer.json()


async def test_a_query_string_over_the_limit_is_414(http: httpx.AsyncClient) -> None:
    answer = await http.get(query_string(query=" " * 40_000))
    assert (answer.status_code, code(answer)) == (414, "URI_TOO_LONG")


async def test_a_mutation_by_get_is_405(http: httpx.AsyncClient) -> None:
    answer = await http.get(query_string(query="mutation { a }"))
    assert (answer.status_code, answer.headers["allow"], code(answer)) == (405, "POST", "QUERIES_ONLY")


async def test_public_reads_by_get_are_revalidated_by_their_tag(http: httpx.AsyncClient) -> None:
    first = await http.get(query_string(query="{ a }"))
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert first.headers["vary"] == "Accept, Authorization"
    tag = first.headers["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        again = await http.get(query_string(query="{ a }"), headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await http.get(query_string(query="{ a }"), headers={"if-none-match": tag, "accept": GRAPHQL})
    assert other.status_code == 200
    assert other.headers["etag"] != tag


async def test_nothing_else_is_stored_on_the_way(http: httpx.AsyncClient, installation: Installation) -> None:
    as_officer = {"authorization": f"Bearer {installation.token()}"}
    for answer in (
        await http.post("/graphql", json=QUERY),
        await http.get(query_string(query="{ a }"), headers=as_officer),
        await http.get(query_string(query="{ unknown }")),
        await http.get(query_string(query="crash")),
        await http.get("/graphql"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


async def test_a_token_makes_its_viewer(http: httpx.AsyncClient, installation: Installation) -> None:
    for scheme in ("Bearer", "bearer"):
        answer = await http.post("/graphql", json=QUERY, headers={"authorization": f"{scheme} {installation.token()}"})
        assert answer.json()["data"]["role"] == "DINAS"
        assert installation.reader.seen[-1][0].role is Role.DINAS


async def test_a_remembered_token_ends_when_it_expires(http: httpx.AsyncClient, installation: Installation) -> None:
    as_officer = {"authorization": f"Bearer {installation.token(lifetime=dt.timedelta(minutes=2))}"}
    assert (await http.post("/graphql", json=QUERY, headers=as_officer)).status_code == 200
    installation.clock.move(dt.timedelta(minutes=3))
    try:
        assert (await http.post("/graphql", json=QUERY, headers=as_officer)).status_code == 401
    finally:
        installation.clock.move(dt.timedelta(minutes=-3))


@pytest.mark.parametrize(
    "authorization", ["Bearer x.y.z", "Bearer", "Basic eA==", "", "Bearer a, Bearer b", "Bearer \xff"]
)
async def test_a_bad_token_is_401_and_never_anonymous(http: httpx.AsyncClient, authorization: str) -> None:
    for method in ("GET", "POST"):
        answer = await http.request(
            method,
            query_string(query="{ a }"),
            json=QUERY,
            headers=[(b"authorization", authorization.encode("latin-1"))],
        )
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert "data" not in answer.json()


async def test_two_authorization_headers_are_refused(http: httpx.AsyncClient, installation: Installation) -> None:
    token = installation.token()
    headers = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]
    assert (await http.post("/graphql", json=QUERY, headers=headers)).status_code == 401


@pytest.mark.parametrize("path", ["/graphql", "/graphql?query={a}"])
async def test_a_request_id_is_echoed_or_made(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path, headers={"x-request-id": "abc-1.2_3"})).headers["x-request-id"] == "abc-1.2_3"
    for bad in ("", "a b", "x" * 65, 'a"b'):
        made = (await http.get(path, headers={"x-request-id": bad})).headers["x-request-id"]
        assert len(made) == 16
        assert made != bad


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/data/", "/nowhere"])
async def test_other_addresses_have_an_id_too(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path, headers={"x-request-id": "abc"})).headers["x-request-id"] == "abc"
    assert len((await http.get(path)).headers["x-request-id"]) == 16


TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_request_of_a_trace_is_found_by_it(
    http: httpx.AsyncClient, installation: Installation, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for parent in (f"00-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-00-more"):
        name = {"x-request-id": f"traced-{method}-{parent[:2]}"}
        answer = await http.request(
            method, query_string(query="{ a }"), json=QUERY, headers={"traceparent": parent} | name
        )
        version, trace, ours, _ = answer.headers["traceresponse"].split("-")
        assert (version, trace, len(ours)) == ("00", TRACE, 16)
        assert ours != SPAN
        installation.log.flush()
        line = next(
            line
            for line in map(json.loads, "".join(installation.lines).splitlines())
            if line["id"] == name["x-request-id"]
        )
        assert line["trace"] == TRACE


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "nonsense",
        f"00-{TRACE}-{SPAN}",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f'00-{TRACE}-{SPAN}-01", "x": "',
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
    ],
)
async def test_a_trace_that_is_none_is_not_gone_on_with(http: httpx.AsyncClient, parent: str) -> None:
    answer = await http.get(query_string(query="{ a }"), headers={"traceparent": parent})
    assert answer.status_code == 200
    assert "traceresponse" not in answer.headers


async def test_browsers_of_other_sites_may_ask(http: httpx.AsyncClient) -> None:
    origin = {"origin": "https://contoh.example"}
    preflight = await http.options(
        "/graphql",
        headers={**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"},
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"]
    assert all(name in allowed for name in ("Authorization", "Traceparent", "Last-Event-ID"))
    assert "access-control-allow-credentials" not in preflight.headers
    for answer in (preflight, await http.post("/graphql", json=QUERY, headers=origin), await http.put("/graphql")):
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"ETag", "RateLimit", "Retry-After", "Traceresponse", "X-Request-Id"} <= set(exposed)


async def test_an_error_of_ours_shows_its_id_and_nothing_of_itself(
    http: httpx.AsyncClient, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    request = {"query": "crash", "variables": {"nik": CANARY}, "operationName": CANARY}
    with caplog.at_level(logging.INFO):
        answer = await http.post("/graphql", json=request)
    assert (answer.status_code, code(answer)) == (500, "INTERNAL_SERVER_ERROR")
    (line,) = [JsonLines().format(record) for record in caplog.records if record.name == "ksbb.failure"]
    failure = json.loads(line)
    shown = answer.json()["errors"][0]["extensions"]["id"]
    assert failure["id"] == shown == answer.headers["x-request-id"]
    assert failure["error"] == "RuntimeError"
    assert list(failure)[:4] == ["at", "level", "event", "message"]
    assert any("conftest.py" in place for place in failure["at_line"])
    installation.log.flush()
    assert CANARY not in line + answer.text + "".join(installation.lines)


async def test_each_answer_is_one_line_of_the_log(
    http: httpx.AsyncClient, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    token = installation.token()
    trusted = Trusted(documents_folder(installation.settings))
    hash_ = trusted.add("query Satu { a }")
    await asyncio.sleep(LOOKED_AT_EVERY_S)
    request = {"query": "query Satu { a }", "variables": {"nik": CANARY}, "operationName": "Satu"}
    with caplog.at_level(logging.INFO):
        await http.post("/graphql", json=request, headers={"x-request-id": "abc", "authorization": f"Bearer {token}"})
        await http.post("/graphql", json={"query": "query Budi { a }", "operationName": "Budi"})
        await asyncio.sleep(2 * WRITTEN_WITHIN_S)
    trusted.remove(hash_)
    text = "".join(installation.lines)
    line = next(line for line in map(json.loads, text.splitlines()) if line["id"] == "abc")
    assert (line["role"], line["operation"], line["status"]) == ("DINAS", "Satu", 200)
    assert dt.datetime.fromisoformat(line["at"]).utcoffset() == dt.timedelta(0)
    assert 0 <= line["ms"] < 5_000
    assert not any(secret in text for secret in (CANARY, token, "{ a }", "Budi"))


def test_a_logged_exception_shows_its_class_and_places_only() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        trouble = sys.exc_info()
    record = logging.LogRecord("asyncio", logging.ERROR, __file__, 1, f"never retrieved: {CANARY}", (), trouble)
    line = JsonLines().format(record)
    assert json.loads(line)["error"] == "ValueError"
    assert CANARY not in line


def code(answer: httpx.Response) -> str:
    """The code of the first error."""
    return str(answer.json()["errors"][0]["extensions"]["code"]) if answer.content else ""
