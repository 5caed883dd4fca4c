"""Keys ascend, whatever the clock does, and a seeded maker repeats itself."""

import datetime as dt
from random import Random, SystemRandom
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import FixedClock, SystemClock
from kernel.keys import KeyMaker, first_at, made_at

START = dt.datetime(2020, 7, 2, 1, 2, 3, 456_000, tzinfo=dt.UTC)
STEPS = st.lists(st.timedeltas(dt.timedelta(seconds=-1), dt.timedelta(seconds=1)), max_size=50)


@given(seed=st.integers(), steps=STEPS)
def test_keys_ascend_even_when_the_clock_steps_back(seed: int, steps: list[dt.timedelta]) -> None:
    clock = FixedClock(START)
    maker = KeyMaker(Random(seed), clock)
    keys = [maker.new()]
    for step in steps:
        clock.move(step)
        keys += [maker.new(), maker.new()]
    assert keys == sorted(set(keys))


@given(st.integers())
def test_a_key_is_a_version_7_uuid_that_carries_its_millisecond(seed: int) -> None:
    key = KeyMaker(Random(seed), FixedClock(START)).new()
    assert (key.version, key.variant) == (7, RFC_4122)
    assert made_at(key) == START


def test_the_same_seed_makes_the_same_keys() -> None:
    def some(seed: int) -> list[UUID]:
        maker = KeyMaker(Random(seed), FixedClock(START))
        return [maker.new(), maker.new(), maker.at(START - dt.timedelta(days=30))]

    assert some(7) == some(7) != some(8)


def test_a_key_can_be_made_for_something_that_happened_earlier() -> None:
    maker = KeyMaker(Random(1), FixedClock(START))
    earlier = START - dt.timedelta(days=30)
    assert made_at(maker.at(earlier)) == earlier
    assert maker.at(earlier) < maker.new()


def test_before_the_epoch_nothing_was_made() -> None:
    maker = KeyMaker(Random(1), FixedClock(START))
    assert first_at(dt.datetime.min.replace(tzinfo=dt.UTC)) == first_at(made_at(UUID(int=0))) < maker.new()


def test_the_live_maker_does_not_repeat_itself() -> None:
    maker = KeyMaker(SystemRandom(), SystemClock())
    assert len({maker.new() for _ in range(10_000)}) == 10_000
