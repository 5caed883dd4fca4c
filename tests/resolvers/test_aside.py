"""What takes long is done aside: whoever asks what is known is answered meanwhile, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import gc
import time
from functools import partial

import graphql
import pytest
from graphql import DocumentNode, Node

from edge.guard import Limits, read_document
from policy.viewer import Role
from resolvers.aside import LONGEST_REST_S, WORK_S, Aside, rest
from tests.conftest import Asking

KNOWN = "{ regions(first: 1) { nodes { name } } }"
NEW = "query Baru { regions(first: 1) { nodes { code } } }"
WORKS_FOR_S = 0.5


def work(seconds: float) -> float:
    """Hold the interpreter as reading a document does: without ever waiting."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return seconds


def nobody() -> bool:
    """Nobody else is being answered."""
    return False


async def test_known_documents_are_answered_while_a_new_one_is_read(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(Role.PUBLIK, KNOWN)
    parse = ask.reader.preparing.parse

    def long_parse(text: str) -> DocumentNode:
        work(WORKS_FOR_S)
        return parse(text)

    monkeypatch.setattr(ask.reader.preparing, "parse", long_parse)
    new, served = asyncio.create_task(ask(Role.PUBLIK, NEW)), 0
    while not new.done():
        assert "errors" not in await ask(Role.PUBLIK, KNOWN)
        served += 1
    assert (await new)["data"]["regions"]["nodes"]
    assert served > 10


async def test_work_is_done_one_after_the_other_and_to_its_end() -> None:
    aside, done = Aside(nobody), list[int]()

    def note(number: int) -> int:
        done.append(number)
        return number

    gone = asyncio.create_task(aside.do(partial(work, 0.1)))
    await asyncio.sleep(0)
    gone.cancel()
    assert await asyncio.gather(*(aside.do(partial(note, number)) for number in range(20))) == list(range(20))
    assert done == list(range(20))
    with pytest.raises(ZeroDivisionError):
        await aside.do(lambda: note(1 // 0))
    assert await aside.do(lambda: note(7)) == 7
    aside.close()


async def test_while_work_is_done_aside_no_garbage_is_looked_for() -> None:
    aside, looks = Aside(nobody), list[str]()

    def noticed(phase: str, _: dict[str, int]) -> None:
        looks.append(phase)

    def much() -> int:
        kept = [[number] for number in range(50_000)]
        assert not gc.isenabled()
        return len(looks) if kept else -1

    gc.callbacks.append(noticed)
    try:
        assert await aside.do(much) == len(looks)
        [[number] for number in range(50_000)]
        assert looks  # the test sees what there is to see
        with pytest.raises(ZeroDivisionError):
            await aside.do(lambda: 1 // 0)
        assert gc.isenabled()
        gc.disable()
        await aside.do(much)
        assert not gc.isenabled()  # whoever turned it off finds it so
    finally:
        gc.enable()
        gc.callbacks.remove(noticed)
    aside.close()


def steps() -> float:
    """Work of 20 times `WORK_S`, in small steps with a rest between; seconds that it took."""
    started = time.perf_counter()
    for _ in range(100):
        work(WORK_S / 5)
        rest()
    return time.perf_counter() - started


async def test_work_rests_while_others_wait_for_the_database_but_not_for_long() -> None:
    others = False
    aside = Aside(lambda: others)
    alone = await aside.do(steps)
    others = True
    beside = await aside.do(steps)
    assert beside > alone + 10 * LONGEST_REST_S
    assert steps() < beside  # what is not done aside does not rest
    aside.close()


@pytest.mark.parametrize("part", ["validation", "plan"])
async def test_reading_a_document_rests_at_every_step(ask: Asking, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    asked, other = list[bool](), {"validation": "plan", "plan": "validation"}[part]
    monkeypatch.setattr(ask.reader.preparing._aside, "_others", lambda: asked.append(True))
    monkeypatch.setattr("resolvers.aside.WORK_S", 0)
    monkeypatch.setattr(f"resolvers.{other}.rest", lambda: None)
    await ask(
        Role.PUBLIK, f"query Lain_{part} {{ regions(first: 1) {{ nodes {{ code name level parent {{ code }} }} }} }}"
    )
    assert len(asked) > 5


async def test_who_waits_for_the_database_is_among_the_others(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    pools, seen = ask.reader._pools, set[bool]()
    fetch = pools.of(Role.PUBLIK)._with_scope

    async def noticed(*arguments: object) -> object:
        seen.add(pools.reading())
        return await fetch(*arguments)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(pools.of(Role.PUBLIK), "_with_scope", noticed)
    assert not pools.reading()
    await ask(Role.PUBLIK, KNOWN)
    assert (seen, pools.reading()) == ({True}, False)


def test_a_document_is_freed_without_the_garbage_collector() -> None:
    document = "{ " + " ".join(f"a{n}: regions {{ nodes {{ name }} }}" for n in range(20)) + " }"
    gc.collect()
    gc.disable()
    try:
        read_document(document, Limits())
        assert gc.collect() == 0
        graphql.parse(document)
        assert gc.collect() > 0  # the test sees what there is to see
    finally:
        gc.enable()


async def test_what_was_parsed_is_not_kept(ask: Asking) -> None:
    """But for the last, which the thread may still have in its hands."""
    for number in range(5):
        await ask(Role.PUBLIK, f"query Q{number} {{ regions(first: 1) {{ nodes {{ name code }} }} }}")
    gc.collect()
    locations = (one.loc for one in gc.get_objects() if isinstance(one, Node))
    assert len({at.source.body for at in locations if at is not None and "query Q" in at.source.body}) <= 1
