"""Sixty peers that send a byte now and then: others are served as ever, and each is cut in time."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from edge import heads

from .conftest import streaming
from .test_view import QUERY

SLOW = 60
CUT_AFTER_S = 2.0
HEAD = b"POST /graphql HTTP/1.1\r\nhost: ksbb\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n"


async def drips(address: str, begun: bytes, rest: bytes) -> bool:
    """Whether a peer that sends so slowly is cut before it has sent all."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(begun)
    try:
        for byte in rest:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)
            if reader.at_eof():
                return True
    except OSError:
        return True
    finally:
        writer.close()
    return False


async def test_sixty_slow_senders_hold_nobody_up_and_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_WITHIN_S", CUT_AFTER_S)
    async with streaming(tmp_path, body_timeout_s=CUT_AFTER_S) as edge:
        ways = [(b"", HEAD), (HEAD, b" " * 400)]
        started = time.monotonic()
        peers = [asyncio.create_task(drips(edge.address, *ways[number % 2])) for number in range(SLOW)]
        slowest = 0.0
        async with httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http:
            while time.monotonic() - started < CUT_AFTER_S / 2:
                asked = time.monotonic()
                assert (await http.post("/graphql", json=QUERY)).status_code == 200
                slowest = max(slowest, time.monotonic() - asked)
        assert not any(peer.done() for peer in peers)
        are_cut = await asyncio.wait_for(asyncio.gather(*peers), 4 * CUT_AFTER_S)
    assert slowest < CUT_AFTER_S / 2
    assert all(are_cut)
