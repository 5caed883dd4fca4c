"""Unmistakable values in every personal column, searched for behind every door.

A canary that a role may not see is found nowhere; one that it may see is found, so that the search can fail.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from datapackages.publish import catalogue, publish
from edge import log
from kernel.clock import SystemClock
from kernel.settings import Settings
from models.server import Server
from policy.tokens import issue
from policy.viewer import PUBLIC, Role, Viewer
from schema.build import sdl
from server import create_app
from tests.policy.canaries import Canary, allowed, disguises, let_fly
from tests.policy.conftest import Copies, Pairs, owner_of
from tests.policy.documents import Questions
from tests.publishing.releasing import unpacked

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Aviary:
    """A city full of canaries, served."""

    viewers: Mapping[Role, Viewer]
    server: Server
    settings: Settings
    canaries: list[Canary]
    client: httpx.AsyncClient
    log: io.StringIO

    async def ask(self, viewer: Viewer, document: str, variables: Mapping[str, Any] | None = None) -> bytes:
        """The whole answer as it goes over the wire, with its headers."""
        headers = {"content-type": "application/json"}
        if viewer.role is not Role.PUBLIK:
            token = issue(self.settings, SystemClock(), viewer, dt.timedelta(hours=1))
            headers["authorization"] = f"Bearer {token}"
        body = json.dumps({"query": document, "variables": variables or {}, "operationName": None})
        answer = await self.client.post("/graphql", content=body, headers=headers)
        return repr(answer.headers).encode() + answer.content

    def found(self, text: bytes, canaries: Iterable[Canary]) -> set[str]:
        """The names of the canaries that are in a text, and whatever is there in disguise."""
        masked = {repr(form) for form in disguises(self.canaries) if form in text}
        return {canary.name for canary in canaries if canary.sought in text} | masked


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aviary(copies: Copies, installation: Settings, pairs: Pairs) -> AsyncIterator[Aviary]:
    """The application on a database full of canaries."""
    city = copies.city
    awaiting = pairs[Role.SATPOL_PP][1]  # in an area where deliveries are awaited
    viewers = {role: awaiting if role is Role.SATPOL_PP else city.viewer(role) for role in Role}
    async with copies.copy("aviary", *Role) as server:
        async with owner_of(server) as owner:
            canaries = await let_fly(owner, city.secrets, list(viewers.values()))
        with _captured_log() as lines:
            app = create_app(installation, server)
            transport = httpx.ASGITransport(app)
            async with _running(app), httpx.AsyncClient(transport=transport, base_url="http://ksbb") as client:
                for handler in logging.getLogger().handlers:
                    if isinstance(handler, logging.StreamHandler):
                        handler.setStream(lines)
                yield Aviary(viewers, server, installation, canaries, client, lines)


@contextmanager
def _captured_log() -> Iterator[io.StringIO]:
    """Everything that the server would write to stderr; logging is left as it was."""
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "_to_stderr", lines.write)
        yield lines
    root.handlers[:] = handlers
    root.setLevel(level)


@asynccontextmanager
async def _running(app: ASGIApp) -> AsyncIterator[None]:
    """The application between its start and its end."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()

    async def live() -> None:
        await app({"type": "lifespan", "state": {}}, inbox.get, outbox.put)

    task = asyncio.create_task(live())
    for step in ("startup", "shutdown"):
        inbox.put_nowait({"type": f"lifespan.{step}"})
        answer = await outbox.get()
        assert answer["type"] == f"lifespan.{step}.complete", answer
        if step == "startup":
            yield
    await task


async def test_there_are_canaries_of_every_class_in_many_columns(aviary: Aviary) -> None:
    assert len({canary.name for canary in aviary.canaries}) > 100
    assert len({canary.sought for canary in aviary.canaries}) == len(aviary.canaries)


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_role_may_not_see_is_behind_no_door_and_what_it_may_is(aviary: Aviary, role: Role) -> None:
    viewer = aviary.viewers[role]
    async with owner_of(aviary.server) as owner:
        may = await allowed(owner, aviary.canaries, viewer)
    told = [part async for part in _everything_told(aviary, viewer)]
    text = b"\n".join(told)
    assert aviary.found(text, set(aviary.canaries) - may) == set()
    readable = {canary for canary in may if _is_a_field(canary, role)}
    assert {canary.name for canary in readable if canary.sought not in text} == set()
    assert {
        form
        for canary in may
        if canary.stored
        for form in (canary.stored, canary.stored.hex().encode())
        if form in text
    } == set()
    assert readable


def _is_a_field(canary: Canary, role: Role) -> bool:
    type_ = next((n for n in Questions(role).nouns if n.table is canary.column.table), None)
    if type_ is None:
        return False
    names = {a.name for a in type_.attributes if a.column is canary.column}
    return bool(names & set(Questions(role).type(type_.name).fields))


async def _everything_told(aviary: Aviary, viewer: Viewer) -> AsyncIterator[bytes]:
    questions = Questions(viewer.role)
    yield sdl(viewer.role).encode()
    for noun in questions.nouns:
        variables: dict[str, Any] = {}
        while True:
            answer = await aviary.ask(viewer, questions.values(noun), variables)
            yield answer
            page = json.loads(answer[answer.index(b'{"data"') :])["data"]["page"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            variables = {"after": page["pageInfo"]["endCursor"]}
        orders = questions.orders(noun)
        if orders is not None and noun.name in {"Recipient", "Owner", "Loan", "Complaint"}:
            yield await aviary.ask(viewer, orders)
        for document in _mistakes(questions, noun.plural, noun.singular):
            answer = await aviary.ask(viewer, document, {"id": f"{noun.table.name}_0"})
            assert b'"errors"' in answer or b":null}" in answer, document
            yield answer


def _mistakes(questions: Questions, plural: str, singular: str) -> Iterator[str]:
    """Requests that are refused, with values in them."""
    yield f'{{ {plural}(after: "Kenari") {{ nodes {{ id }} }} }}'
    yield f"{{ {plural}(first: 99999) {{ nodes {{ id }} }} }}"
    yield f"{{ {plural} {{ nodes {{ nik2 }} }} }}"
    yield f"query($id: ID!) {{ {singular}(id: $id) {{ id }} }}"


async def test_errors_repeat_no_canary_that_the_caller_did_not_send(aviary: Aviary) -> None:
    """Ids of rows with canaries in them, in places where they do not belong."""
    async with owner_of(aviary.server) as owner:
        ids = await owner.fetch("select public_id from ksbb.owner union all select public_id from ksbb.loan limit 2000")
    some = [row["public_id"] for row in ids][::200]
    for identifier in some:
        for document in (
            f'{{ loans(after: "{identifier}") {{ nodes {{ id }} }} }}',
            f'{{ region(id: "{identifier}") {{ name }} }}',
            f'{{ recipients(filter: {{regionCode: {{within: "{identifier}"}}}}) {{ nodes {{ id }} }} }}',
            f"{{ {identifier} }}",
        ):
            answer = await aviary.ask(aviary.viewers[Role.FINTECH], document)
            assert b'"errors"' in answer, document
            assert aviary.found(answer, aviary.canaries) == set()


async def test_release_files_hold_no_canary(aviary: Aviary) -> None:
    report = await publish(aviary.settings, aviary.server, clock=SystemClock())
    async with owner_of(aviary.server) as owner:
        may = await allowed(owner, aviary.canaries, PUBLIC)
    files = list(unpacked(catalogue(aviary.settings)))
    assert len(files) >= len(report.datasets) > 0
    for path, content in files:
        assert aviary.found(content + path.encode(), set(aviary.canaries) - may) == set(), path
    async with aviary.client.stream("GET", "/data/") as answer:
        assert aviary.found(await answer.aread(), set(aviary.canaries) - may) == set()


async def test_the_audit_trail_holds_names_of_fields_and_no_values(aviary: Aviary) -> None:
    async with owner_of(aviary.server) as owner:
        entries = await owner.fetch("select e::text as text, e.role from ksbb.audit_entry e")
    text = "\n".join(row["text"] for row in entries).encode()
    assert b"owner.nik" in text
    assert {row["role"] for row in entries} >= {"FINTECH", "INSPEKTORAT"}
    assert aviary.found(text, aviary.canaries) == set()


async def test_the_log_holds_no_canary(aviary: Aviary) -> None:
    """Last in this file: after everything above was asked, refused and published."""
    viewer = aviary.viewers[Role.FINTECH]
    canary = next(c for c in aviary.canaries if c.name == "owner.name")
    search = "recipients(filter: {search: $s}) { nodes { id } }"
    await aviary.ask(viewer, f"query {canary.text} {{ {search} }}".replace("$s", f'"{canary.text}"'))
    await aviary.ask(viewer, f"query($s: String!) {{ {search} }}", {"s": canary.text})
    await aviary.ask(viewer, canary.text)
    await asyncio.sleep(0.3)
    text = aviary.log.getvalue()
    assert text.count("ksbb.request") > 200
    assert aviary.found(text.encode(), aviary.canaries) == set()
    assert aviary.settings.secret_key not in text
