"""Waiting for a read: not for ever, and without taking a cancellation for an answer that is late."""

from __future__ import annotations

import asyncio

import pytest

from resolvers.patience import Patience


async def test_what_comes_in_time_is_given() -> None:
    assert await Patience(0.05).wait_for(asyncio.sleep(0, "answer")) == "answer"


async def test_what_does_not_come_is_cut_off_and_who_waited_goes_on() -> None:
    for wait in (Patience(0.05), Patience(0.3)):
        with pytest.raises(TimeoutError):
            await wait.wait_for(asyncio.sleep(60))
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        assert await wait.wait_for(asyncio.sleep(0, "next")) == "next"


async def test_each_of_many_is_waited_for_by_itself() -> None:
    patience = Patience(0.4)
    late = asyncio.create_task(patience.wait_for(asyncio.sleep(60)))
    await asyncio.sleep(0.3)
    in_time = [asyncio.create_task(patience.wait_for(asyncio.sleep(0.3, number))) for number in range(20)]
    assert await asyncio.gather(*in_time) == list(range(20))
    with pytest.raises(TimeoutError):
        await late


async def test_without_a_limit_nothing_is_cut_off() -> None:
    assert await Patience(None).wait_for(asyncio.sleep(0.6, "late")) == "late"


async def test_who_gives_up_is_not_told_that_it_was_late() -> None:
    task = asyncio.create_task(Patience(0.1).wait_for(asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_gives_up_as_it_is_cut_off_is_cancelled() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            task.cancel()  # as by a caller who leaves in that moment
            raise

    task = asyncio.create_task(Patience(0.05).wait_for(stubborn()))
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_read_that_ends_otherwise_as_it_is_cut_off_leaves_nothing_cancelled() -> None:
    async def ends_otherwise() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "late"
        return "never"

    task = asyncio.current_task()
    assert task is not None
    assert await Patience(0.05).wait_for(ends_otherwise()) == "late"
    assert task.cancelling() == 0


async def test_an_error_of_the_read_is_its_own() -> None:
    async def fails() -> None:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        await Patience(1).wait_for(fails())
