"""Figures about some of the same persons: what all of them tell together, beside every sum of them tried by force."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from random import Random

import numpy as np
import pytest

from policy.small_counts import THRESHOLD
from publishing.audit.overlaps import in_doubt

RECIPIENTS, OTHERS, LOANS, MORE_LOANS, REPAID = range(1, 6)


def overlaps(persons: Mapping[tuple[int, ...], int]) -> dict[frozenset[int], int]:
    return {frozenset(groups): number for groups, number in persons.items()}


def in_few(persons: Mapping[frozenset[int], int], groups: list[int]) -> bool:
    """Whether some sum of the groups, with small whole weights, concerns a few persons."""
    weights = np.array(list(product((-2, -1, 0, 1, 2), repeat=len(groups))))
    stands_in = np.array([[group in inside for inside in persons] for group in groups], dtype=int)
    concerned = (weights @ stands_in != 0) @ np.array(list(persons.values()))
    concerns = (weights @ stands_in != 0).any(axis=1)
    return bool((concerns & (concerned < THRESHOLD)).any())


def test_recipients_without_a_loan_that_are_few_are_not_told_by_the_number_of_loans() -> None:
    assert in_doubt(overlaps({(RECIPIENTS, LOANS): 40, (RECIPIENTS,): 9}), {LOANS}) == [{LOANS}]


@pytest.mark.parametrize("without", [0, 10])
def test_nobody_or_enough_without_a_loan_may_be_told(without: int) -> None:
    assert not in_doubt(overlaps({(RECIPIENTS, LOANS): 40, (RECIPIENTS,): without} if without else {}), {LOANS})
    assert not in_doubt(overlaps({(RECIPIENTS, LOANS): 40}), {LOANS})


def test_several_small_overlaps_hold_together() -> None:
    """No group shares ten persons with another, but no few persons cut one side from the other."""
    left, right = range(1, 9), range(11, 19)
    assert not in_doubt(overlaps({(one, other): 3 for one in left for other in right}), set(right))


def test_two_parts_of_a_city_that_hang_together_by_few_are_in_doubt() -> None:
    one: dict[tuple[int, ...], int] = {(RECIPIENTS, LOANS): 20, (OTHERS, MORE_LOANS): 20}
    assert in_doubt(overlaps({**one, (RECIPIENTS, MORE_LOANS): 4}), {MORE_LOANS, LOANS})
    assert not in_doubt(overlaps(one), {MORE_LOANS, LOANS})


def test_what_old_groups_told_already_is_not_asked_again() -> None:
    told = {(RECIPIENTS, OTHERS): 40, (RECIPIENTS,): 3}
    assert not in_doubt(overlaps({**told, (LOANS,): 10}), {LOANS})


def test_persons_in_three_groups() -> None:
    """Loans that were repaid are some of the loans of some of the recipients."""
    rest = {(RECIPIENTS,): 30, (RECIPIENTS, LOANS): 25}
    assert not in_doubt(overlaps({**rest, (RECIPIENTS, LOANS, REPAID): 12}), {REPAID})
    few = {(RECIPIENTS,): 30, (RECIPIENTS, LOANS): 9, (RECIPIENTS, LOANS, REPAID): 12}
    assert in_doubt(overlaps(few), {REPAID}) == [{REPAID}]


def test_doubts_that_have_nothing_to_do_with_each_other_are_apart() -> None:
    doubts = {(RECIPIENTS, LOANS): 20, (RECIPIENTS,): 3, (OTHERS, MORE_LOANS): 20, (OTHERS,): 4, (REPAID,): 30}
    assert in_doubt(overlaps(doubts), {LOANS, MORE_LOANS, REPAID}) == [{LOANS}, {MORE_LOANS}]


@pytest.mark.parametrize("seed", range(150))
def test_whatever_may_be_told_tells_of_no_few_by_any_sum(seed: int) -> None:
    luck = Random(seed)
    sides = [[1, 2], [11, 12, 13], [21, 22]][: luck.choice([2, 3])]
    persons: dict[frozenset[int], int] = {}
    for choice in product(*([None, *side] for side in sides)):
        inside = frozenset(group for group in choice if group)
        if inside and luck.random() < 0.6:
            persons[inside] = luck.choice([0, 1, 2, 4, 6, 9, 10, 15, 30])
    groups = sorted({group for inside in persons for group in inside})
    doubts = in_doubt(persons, set(groups))
    assert doubts or not in_few(persons, groups)
    if all(len(inside) <= 2 for inside in persons):
        assert bool(doubts) == in_few(persons, groups)
