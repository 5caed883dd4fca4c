"""Chromium, spoken to by its own protocol (Chrome DevTools): what a page looks like in it, and what it refused."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.folders import a_folder
from tests.needs import program

_STARTS_WITHIN_S = 60.0


class Tab:
    """One open page."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._numbers = count(1)
        self.told: list[dict[str, Any]] = []
        """Events that came meanwhile."""

    async def ask(self, method: str, **parameters: object) -> Any:
        """The result of a command."""
        number = next(self._numbers)
        await self._line.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = await self._next()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    async def open(self, url: str) -> None:
        """Go to an address and wait until it is shown."""
        self.told.clear()
        await self.ask("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.told):
            await self._next()

    async def style(self, selector: str) -> dict[str, str]:
        """How an element is shown."""
        root = (await self.ask("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.ask("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        found = (await self.ask("CSS.getComputedStyleForNode", nodeId=node))["computedStyle"]
        return {entry["name"]: entry["value"] for entry in found}

    async def refused(self) -> list[str]:
        """What the page wanted and its policy did not let it have."""
        await self.ask("DOM.getDocument")  # what was told until now has come when this is answered
        entries = [event["params"]["entry"] for event in self.told if event["method"] == "Log.entryAdded"]
        return [entry["text"] for entry in entries if entry["source"] == "security"]

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self._line.recv(), _STARTS_WITHIN_S))
        if "method" in message:
            self.told.append(message)
        return message


@asynccontextmanager
async def chromium() -> AsyncIterator[Tab]:
    """A new browser with one tab; the test is skipped, visibly, where there is none."""
    path = program("chromium")
    with a_folder() as profile:
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command = [path, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
        try:
            where = await _address(profile / "DevToolsActivePort")
            async with connect(where, max_size=None, proxy=None) as line:
                target = await Tab(line).ask("Target.createTarget", url="about:blank")
            page = where.partition("/devtools/")[0] + f"/devtools/page/{target['targetId']}"
            async with connect(page, max_size=None, proxy=None) as line:
                tab = Tab(line)
                for domain in ("Page", "DOM", "CSS", "Log"):
                    await tab.ask(f"{domain}.enable")
                yield tab
        finally:
            process.terminate()
            await process.wait()


async def _address(file: Path) -> str:
    """Where the browser listens, once it does."""
    async with asyncio.timeout(_STARTS_WITHIN_S):
        while "\n" not in (written := _text(file)):  # noqa: ASYNC110  # it does not tell
            await asyncio.sleep(0.05)
    port, path = written.split("\n")
    return f"ws://127.0.0.1:{port}{path}"


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
