"""When what failed is sent again: after random times that grow, within what is promised to receivers."""

from __future__ import annotations

from events.webhook_lane import AT_ONCE_PER_TARGET, Patience


def test_what_fails_is_tried_again_after_longer_and_longer_but_random_times() -> None:
    patience = Patience()
    for attempts in range(1, patience.attempts):
        longest = min(5.0 * 3.0 ** (attempts - 1), 43_200.0)
        pauses = [patience.next_s(attempts, 0.0) or 0.0 for _ in range(100)]
        assert 0.0 <= min(pauses) < longest / 2 < max(pauses) <= longest
    assert patience.next_s(patience.attempts, 0.0) is None
    assert (patience.next_s(1, 600.0), patience.next_s(1, 1e9)) == (600.0, 43_200.0)


def test_a_target_that_fails_again_and_again_is_left_alone_for_longer_and_longer() -> None:
    failures = (0, AT_ONCE_PER_TARGET, AT_ONCE_PER_TARGET + 1, AT_ONCE_PER_TARGET + 2, 10_000)
    assert [Patience().rest(count) for count in failures] == [0.0, 0.0, 3.2, 6.4, 30.0]
