"""The proxy takes what the server takes, waits longer than the server is silent, and believes no caller's address."""

from __future__ import annotations

import re
from pathlib import Path

from edge.body import BODY_BYTES
from edge.streams import StreamLimits
from kernel.settings import Settings

CONFIGURATION = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
KIBI = {"": 1, "k": 1 << 10, "m": 1 << 20}


def given(directive: str, where: str = CONFIGURATION) -> list[str]:
    return re.findall(rf"^\s*{directive} (.*?);", where, re.MULTILINE)


def location(path: str) -> str:
    return CONFIGURATION.split(f"location {path} {{")[1].split("}")[0]


def size(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([km]?)", text).groups()  # type: ignore[union-attr]  # as nginx writes sizes
    return int(number) * KIBI[unit]


def test_it_waits_for_two_signs_of_life_and_more() -> None:
    limits = StreamLimits()
    for direction in ("read", "send"):
        [wait] = given(f"proxy_{direction}_timeout")
        assert int(wait.removesuffix("s")) > 2 * max(limits.heartbeat_s, limits.ping_after_s)


def test_it_takes_as_large_bodies_as_the_server() -> None:
    assert size(given("client_max_body_size")[0]) >= BODY_BYTES
    [of_evidence] = given("client_max_body_size", location("/evidence/"))
    assert size(of_evidence) >= Settings().evidence_max_bytes


def test_it_holds_back_no_events_and_lays_down_no_documents() -> None:
    assert given("proxy_buffering", location("/graphql")) == ["off"]
    assert given("proxy_request_buffering", location("/evidence/")) == ["off"]


def test_it_passes_on_the_address_that_it_sees_and_websockets() -> None:
    headers = dict(value.split() for value in given("proxy_set_header"))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["Upgrade"] == "$http_upgrade"
    assert not any(given("proxy_set_header", location(path)) for path in ("/graphql", "/evidence/", "/me/", "/"))


def test_its_log_has_no_query_strings_and_no_addresses() -> None:
    [fields] = given("log_format")
    assert not re.search(r"\$(request\b|request_uri|args|query_string|remote_addr|http_)", fields)
