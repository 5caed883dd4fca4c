"""A subscriber as a process of its own, to be killed: `python -m tests.events.consuming KIND FILE TOKEN CURSOR URL...`.

KIND is `ws` or `sse`; or `webhook`, which listens at the URL, has its secret for a token and needs no cursor.

What it has processed it writes into its file, one line for each event, and now and then the cursor to go on after, as
a consumer does that keeps its state once for several events. Whatever ends its connection, or itself, it begins again
after the last cursor of the file, at any of the servers.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import httpx
from standardwebhooks import Webhook
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

KEPT_EVERY = 10
"""Events after which the cursor is kept: so many at most come twice when the connection is lost."""
DOCUMENT = """subscription ($after: String) {
  events(after: $after) { id cursor type left subjectId subject { id } }
}"""
_PAUSES_S = (0.02, 0.3)


class Memory:
    """What a consumer knows when it begins again: its file."""

    def __init__(self, file: Path, cursor: str) -> None:
        self._file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._since = 0
        self.cursor = next((line["after"] for line in reversed(lines_of(file)) if "after" in line), cursor)

    def begin(self, url: str) -> None:
        """Note that a connection is open."""
        self._since = 0
        self._write({"open": url, "at": self.cursor})

    def process(self, event: Mapping[str, Any], cursor: str) -> None:
        """Do what there is to do for one event; only then the cursor may be kept."""
        assert event["cursor"] == cursor
        assert event["left"] or event["subject"]["id"] == event["subjectId"]
        self.note(event["id"], left=event["left"])
        self._since += 1
        if self._since % KEPT_EVERY == 0:
            self._write({"after": cursor})
            self.cursor = cursor

    def note(self, id_: str, *, left: bool) -> None:
        """Note that an event was processed."""
        self._write({"seen": id_, "left": left})

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The whole lines of a consumer's file."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_bytes().rpartition(b"\n")[0].splitlines()]


async def by_websocket(memory: Memory, url: str, headers: Mapping[str, str]) -> None:
    """Follow over a websocket until it ends."""
    protocol, address = [Subprotocol("graphql-transport-ws")], f"{url.replace('http', 'ws', 1)}/graphql"
    payload = {"query": DOCUMENT, "variables": {"after": memory.cursor}}
    async with connect(address, subprotocols=protocol, proxy=None, open_timeout=5, close_timeout=1) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": headers}))
        await socket.recv()
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        memory.begin(url)
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "next":
                event = message["payload"]["data"]["events"]
                memory.process(event, event["cursor"])
            elif message["type"] == "ping":
                await socket.send('{"type":"pong"}')
            else:
                return


async def by_events(memory: Memory, url: str, headers: Mapping[str, str]) -> None:
    """Follow server-sent events until they end."""
    asked = {"accept": "text/event-stream", "last-event-id": memory.cursor, **headers}
    timeout = httpx.Timeout(5, read=30)  # a heartbeat comes each 15 s
    async with (
        httpx.AsyncClient(trust_env=False, timeout=timeout) as client,
        client.stream("POST", f"{url}/graphql", json={"query": DOCUMENT}, headers=asked) as answer,
    ):
        answer.raise_for_status()
        memory.begin(url)
        async for block in _blocks(answer):
            if "data" not in block:
                continue
            if "id" not in block:
                return
            memory.process(json.loads(block["data"])["data"]["events"], block["id"])


async def _blocks(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    block: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        if name:
            block[name] = value.removeprefix(" ")
        elif not line:
            yield block
            block = {}


FOLLOW: Mapping[str, Callable[[Memory, str, Mapping[str, str]], Any]] = {"ws": by_websocket, "sse": by_events}


async def follow(kind: str, file: Path, token: str, cursor: str, urls: list[str]) -> None:
    """Follow for ever."""
    memory, random = Memory(file, cursor), Random()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    while True:
        with suppress(OSError, httpx.HTTPError, WebSocketException):
            await FOLLOW[kind](memory, random.choice(urls), headers)
        await asyncio.sleep(random.uniform(*_PAUSES_S))


def receive(file: Path, secret: str, url: str) -> None:
    """Take the messages of a webhook for ever; each is answered when it was processed."""
    memory = Memory(file, "")

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with suppress(OSError):  # the server was killed
                super().handle()

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # it was killed in the middle of a message
                raise ConnectionResetError
            message = Webhook(secret).verify(body, dict(self.headers.items()))
            if message["type"] != "WebhookChanged":
                memory.note(message["data"]["id"], left=message["data"]["left"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", int(url.rpartition(":")[2])), Receiver) as server:
        memory.begin(url)
        server.serve_forever()


def main(kind: str, file: str, token: str, cursor: str, *urls: str) -> None:
    """Consume until killed."""
    if kind == "webhook":
        receive(Path(file), token, urls[0])
    else:
        asyncio.run(follow(kind, Path(file), token, cursor, [*urls]))


if __name__ == "__main__":
    main(*sys.argv[1:])
