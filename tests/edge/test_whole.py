"""The shorter way out for whole answers says, byte for byte, what the usual one says."""

from __future__ import annotations

import gc
import json
import re
import socket
from collections.abc import Callable
from contextlib import closing
from weakref import ref

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from edge import heads, view
from edge.whole import send_in_parts

_QUERY = b'{"query":"{ a }"}'
_CHANGES = re.compile(rb"(?m)^(date|x-request-id): .*$")


def _post(path: bytes = b"/graphql", more: bytes = b"", version: bytes = b"1.1", body: bytes = _QUERY) -> bytes:
    head = b"POST %b HTTP/%b\r\nhost: ksbb\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"
    return head % (path, version, len(body), more) + body


_CLOSE = b"connection: close\r\n"
_ASKED = {
    "POST": _post(more=_CLOSE),
    "kept alive": _post() + _post(more=_CLOSE),
    "pipelined": _post() * 5 + _post(more=_CLOSE),
    "HTTP/1.0": _post(version=b"1.0"),
    "refused": _post(body=b"{") + _post(more=_CLOSE),
    "GET": b"GET /graphql?query=%7B%20a%20%7D HTTP/1.1\r\nhost: ksbb\r\n\r\n" + _post(more=_CLOSE),
    "HEAD": b"HEAD /graphql?query=%7B%20a%20%7D HTTP/1.1\r\nhost: ksbb\r\n\r\n" + _post(more=_CLOSE),
    "OPTIONS": b"OPTIONS /graphql HTTP/1.1\r\nhost: ksbb\r\n\r\n" + _post(more=_CLOSE),
    "expects": _post(more=b"expect: 100-continue\r\n") + _post(more=_CLOSE),
    "split": _post(more=b"x-request-id: a\r\n") + _post(more=b"x-request-id: b\r\n" + _CLOSE),
}


def _asked(address: tuple[str, int], sent: bytes) -> bytes:
    """What the server says until it closes, without what changes from one answer to the next."""
    with closing(socket.create_connection(address, 10)) as peer:
        peer.sendall(sent)
        return _CHANGES.sub(b"", b"".join(iter(lambda: peer.recv(65_536), b"")))


@pytest.mark.parametrize("asked", _ASKED.values(), ids=_ASKED)
def test_both_ways_say_the_same(address: tuple[str, int], asked: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _asked(address, asked)
    monkeypatch.setattr(view, "send_whole", lambda _, *answer: send_in_parts(*answer))
    assert _asked(address, asked) == whole
    assert whole.count(b"HTTP/1.1 ") >= 1


def test_a_header_with_a_line_break_is_not_sent(
    address: tuple[str, int], raw: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "request_id", lambda _: "a\r\nset-cookie: b=c")
    assert _asked(address, _post() + _post(more=_CLOSE)) == b""
    monkeypatch.undo()
    assert json.loads(raw(_post(more=_CLOSE)).partition(b"\r\n\r\n")[2])


def test_answers_are_sent_whole_where_the_server_can(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    once = heads._send_whole

    def noted(*answer: object) -> bool:
        sent.append(once(*answer))  # type: ignore[arg-type]
        return sent[-1]

    monkeypatch.setattr(heads, "_send_whole", noted)
    _asked(address, _post() * 3 + _post(more=_CLOSE))
    assert sent == [True, True, True, False], "the last one ends its connection"


def test_a_finished_request_is_let_go_at_once(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    cycles = []
    once = heads._send_whole

    def noted(of: ref[RequestResponseCycle], *answer: object) -> bool:
        cycles.append(of)
        return once(of, *answer)  # type: ignore[arg-type]

    monkeypatch.setattr(heads, "_send_whole", noted)
    gc.disable()
    try:
        _asked(address, _post() * 3 + _post(more=_CLOSE))
        assert [of() for of in cycles[:3]] == [None] * 3
    finally:
        gc.enable()
