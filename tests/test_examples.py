"""The programs in `examples/subscribe` follow a running server, and miss nothing while they or the server are away."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import pytest_asyncio

from kernel.clock import SystemClock
from policy.tokens import issue
from policy.viewer import Role
from tests.acting import Acting, an_acting_city
from tests.clients.test_clients import INSTALLED, tool
from tests.events.following import a_complaint
from tests.needs import program
from tests.serving import free_port, served, until_ready

PATIENCE_S = 120.0
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "examples" / "subscribe"
WHO = {
    "python_ws.py": Role.INSPEKTORAT,
    "python_sse.py": Role.WILAYAH,
    "node_ws.mjs": Role.WILAYAH,
    "node_sse.mjs": Role.INSPEKTORAT,
    "sse.sh": Role.WILAYAH,
}
AREA = "31.71.01.1001"
"""A kelurahan whose complaints they hear of."""
every_example = pytest.mark.parametrize("name", WHO)


@dataclass
class Watched:
    """A city behind a server process."""

    acting: Acting
    port: int

    async def file(self, area: str, count: int) -> list[str]:
        """File complaints, one after the other; their identifiers."""
        for _ in range(count):
            await a_complaint(self.acting, area)
        newest = """select c.public_id from ksbb.event e join ksbb.complaint c on c.id = e.subject_id
            where e.type = 'ComplaintFiled' order by e.entry desc limit $1"""
        return [row["public_id"] for row in await self.acting.tables.fetch(newest, count)][::-1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched() -> AsyncIterator[Watched]:
    async with an_acting_city() as acting:
        made = Watched(acting, free_port())
        with served(acting.city.settings, made.port):
            await until_ready(f"http://127.0.0.1:{made.port}")
            yield made


@dataclass
class Example:
    """One of the programs in a folder of its own, for one role."""

    command: list[str]
    folder: Path
    environment: dict[str, str]

    @property
    def told(self) -> list[dict[str, Any]]:
        """The events that it printed so far, in all its runs."""
        file = self.folder / "stdout"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def cursor(self) -> str | None:
        """What it keeps between its runs."""
        file = self.folder / "cursor.txt"
        return file.read_text() if file.exists() else None

    @property
    def said(self) -> str:
        """What it told people."""
        return (self.folder / "stderr").read_text()

    @contextmanager
    def running(self, **environment: str) -> Iterator[Popen[bytes]]:
        """The program as a process, killed with -9 at the end."""
        with (self.folder / "stdout").open("ab") as out, (self.folder / "stderr").open("ab") as err:
            process = Popen(
                self.command,
                cwd=self.folder,
                env={**self.environment, **environment},
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):  # it ended by itself
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    async def has_told(self, count: int) -> None:
        """Wait until it printed so many events and kept the cursor of the last one."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            told = self.told
            if len(told) >= count and self.cursor is not None and (not told or told[-1]["cursor"] == self.cursor):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{len(self.told)} of {count} events: {self.said}")


def a_folder(path: Path) -> Path:
    """A new folder."""
    path.mkdir()
    return path


def an_example(name: str, folder: Path, watched: Watched, token: str = "", port: int = 0) -> Example:
    """A copy of an example, for the role that tries it; npm packages are those of tests/clients."""
    script = str(shutil.copy(SOURCES / name, folder))
    command = [script]
    if name.endswith(".py"):
        command = [sys.executable, script]
    elif name.endswith(".mjs"):
        command = [tool("tsc")[0], script]
        (folder / "node_modules").symlink_to(INSTALLED)
    else:
        program("curl")
    city = watched.acting.city
    viewer = city.viewer(WHO[name])
    if viewer.role is Role.WILAYAH:
        viewer = replace(viewer, area="31.71")
    scheme = "ws" if "ws" in name else "http"
    given = {
        "URL": f"{scheme}://127.0.0.1:{port or watched.port}/graphql",
        "TOKEN": token or issue(city.settings, SystemClock(), viewer, timedelta(minutes=30)),
        "CURSOR_FILE": "cursor.txt",
    }
    return Example(command, folder, {"PATH": os.environ["PATH"], **given})


@every_example
async def test_an_example_that_was_killed_goes_on_after_its_cursor(name: str, tmp_path: Path, watched: Watched) -> None:
    example = an_example(name, tmp_path, watched)
    with example.running():
        await example.has_told(0)
        filed = await watched.file(AREA, 2)
        await example.has_told(2)
    filed += await watched.file(AREA, 3)
    with example.running(COUNT="3") as again:
        assert await asyncio.to_thread(again.wait, PATIENCE_S) == 0, example.said
    assert [event["subjectId"] for event in example.told] == filed
    assert [event["type"] for event in example.told] == ["ComplaintFiled"] * 5
    assert all(event["subject"]["id"] == event["subjectId"] for event in example.told)


@every_example
async def test_an_example_that_is_refused_says_why_and_does_not_try_for_ever(
    name: str, tmp_path: Path, watched: Watched
) -> None:
    example = an_example(name, tmp_path, watched, token="contoh")
    with example.running() as refused:
        assert await asyncio.to_thread(refused.wait, PATIENCE_S) == 1, example.said
    assert "token" in example.said.lower()
    assert example.cursor is None


@every_example
async def test_an_example_that_has_a_cursor_of_somebody_else_says_so(
    name: str, tmp_path: Path, watched: Watched
) -> None:
    example = an_example(name, tmp_path, watched)
    (tmp_path / "cursor.txt").write_text("kursor-orang-lain")
    with example.running() as refused:
        assert await asyncio.to_thread(refused.wait, PATIENCE_S) == 1, example.said
    assert "kursor" in example.said
    assert example.cursor == "kursor-orang-lain"


async def test_every_example_comes_back_when_the_server_is_stopped_and_when_it_is_killed(
    tmp_path: Path, watched: Watched
) -> None:
    port = free_port()
    examples = [an_example(name, a_folder(tmp_path / name), watched, port=port) for name in WHO]
    filed: list[str] = []
    with ExitStack() as running:
        for end_by in (signal.SIGTERM, signal.SIGKILL, None):
            with served(watched.acting.city.settings, port) as server:
                await until_ready(f"http://127.0.0.1:{port}")
                if not filed:
                    for example in examples:
                        running.enter_context(example.running())
                        await example.has_told(0)
                filed += await watched.file(AREA, 2)
                for example in examples:
                    await example.has_told(len(filed))
                if end_by is not None:
                    server.send_signal(end_by)
                    await asyncio.to_thread(server.wait, PATIENCE_S)
            filed += await watched.file(AREA, 1) if end_by else []
    for example in examples:
        assert [event["subjectId"] for event in example.told] == filed, example.said


def test_the_packages_of_the_examples_are_those_that_are_tried() -> None:
    named = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    tried = json.loads((INSTALLED.parent / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert named.items() <= tried.items()


def test_every_program_is_tried() -> None:
    assert {file.name for file in SOURCES.iterdir() if file.suffix in {".py", ".mjs", ".sh"}} == set(WHO)
