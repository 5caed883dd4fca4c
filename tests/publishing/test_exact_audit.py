"""The gate of the independent audit: which tables it refuses, and what it says of those that hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from publishing.audit.cell_classes import Figure
from publishing.audit.exact import Audited, audit_exactly
from publishing.control.disclosure import DisclosureRefused
from tests.publishing.test_intervals import Persons, counted, told


def refusal(persons: Persons, tables: Sequence[str], listed: Persons | None = None) -> dict[str, object]:
    counts = counted(persons, listed)
    with pytest.raises(DisclosureRefused) as refused:
        audit_exactly(counts, told(counts, *tables))
    assert "Nothing was published" in refused.value.message
    return dict(refused.value.details)


def test_tables_that_hold_are_measured() -> None:
    counts = counted({"a": 30, "b": 12, "c": 9, "d": 4}, listed={"a": 5})
    assert audit_exactly(counts, told(counts, "a", "b", "cd", "abcd")) == Audited(4, 3, 3, (17,))


def test_without_tables_there_is_nothing_to_learn() -> None:
    audited = audit_exactly(counted({"a": 3}), [])
    assert audited == Audited(0, 0, 0, ())
    assert audited.narrowest is audited.median is None


def test_a_small_figure_is_refused() -> None:
    assert refusal({"a": 9}, ["a"]) == {"derivable": 1}


def test_a_difference_of_two_figures_is_refused() -> None:
    assert refusal({"a": 30, "b": 9}, ["ab", "a"]) == {"derivable": 1}


def test_those_who_are_listed_do_not_make_a_figure_large_enough() -> None:
    assert refusal({"a": 30}, ["a"], listed={"a": 21}) == {"derivable": 1}


def test_a_difference_of_many_figures_is_refused() -> None:
    """All figures are large; x is a third of what the pairs have more than all together."""
    assert refusal({"a": 9, "b": 9, "c": 9, "x": 3}, ["ax", "bx", "cx", "abc"])["derivable"] == 4


def test_a_figure_that_is_not_its_persons_is_refused() -> None:
    counts = counted({"a": 30})
    with pytest.raises(DisclosureRefused, match="1 figures are not their persons"):
        audit_exactly(counts, [Figure(frozenset([("a",)]), 35)])


def test_hidden_numbers_that_rounded_figures_bound_too_well_are_refused() -> None:
    """No sum of these figures is that of `e`, yet all of them together leave it fewer than ten possible numbers."""
    cells = {"a": 10, "b": 8, "c": 6, "d": 8, "e": 2}
    assert refusal(cells, ["cde", "abce", "bcd", "acd"]).keys() == {"narrow"}
