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
from resolvers.aside import Aside
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
    aside, done = Aside(), list[int]()

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
