"""Group disclosure: a state that nearly all of a group are in is not told of the group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.audit.exact import audit_states
from publishing.control.disclosure import DisclosureRefused
from publishing.control.homogeneity import Sensitivity, StateCount, TooAlike, too_alike

LOANS = Sensitivity(adverse={"MACET", "DIRAGUKAN"}, sensitive={"LANCAR", "MACET", "DIRAGUKAN"})


def a_group(group: str = "31.74", /, **states: int) -> list[StateCount]:
    return [StateCount((group,), state, persons) for state, persons in states.items()]


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        ({"LANCAR": 10, "MACET": 10}, False),
        ({"LANCAR": 10, "MACET": 11}, True),
        ({"LANCAR": 10, "MACET": 6, "DIRAGUKAN": 5}, True),
        ({"LANCAR": 89, "MACET": 11}, False),
        ({"LANCAR": 90, "MACET": 10}, True),
        ({"LANCAR": 30}, True),
        ({"BELUM_JATUH_TEMPO": 30}, False),
        ({"BELUM_JATUH_TEMPO": 30, "MACET": 0}, False),
        ({}, False),
    ],
)
def test_a_group_is_refused_where_its_members_are_told_together(states: dict[str, int], refused: bool) -> None:
    assert bool(too_alike(a_group(**states), LOANS)) is refused


def test_groups_are_judged_apart_and_findings_say_by_how_much() -> None:
    counts = [*a_group("b", LANCAR=10, MACET=30), *a_group("a", LANCAR=99, MACET=2), *a_group("c", LANCAR=5, MACET=5)]
    assert too_alike(counts, LOANS) == [TooAlike(("a",), 2, 99, 2), TooAlike(("b",), 75, 75, 2)]


def test_states_of_one_group_may_come_in_parts() -> None:
    assert too_alike([*a_group(MACET=6), *a_group(MACET=6, LANCAR=12)], LOANS) == []


def test_the_gate_refuses_and_names_no_group() -> None:
    with pytest.raises(DisclosureRefused) as refused:
        audit_states(a_group("31.74.01.1001", MACET=10), LOANS)
    assert refused.value.details["alike"] == 1
    assert "31.74" not in refused.value.message
    audit_states(a_group(LANCAR=15, MACET=12), LOANS)


@given(st.dictionaries(st.sampled_from(["LANCAR", "MACET", "DIRAGUKAN"]), st.integers(0, 40)))
def test_who_passes_leaves_an_attacker_wrong_one_time_in_ten_at_least(states: dict[str, int]) -> None:
    if not too_alike(a_group(**states), LOANS):
        persons = sum(states.values())
        assert all(number * 10 < persons * 9 for number in states.values() if number)
        assert 2 * (persons - states.get("LANCAR", 0)) <= persons
