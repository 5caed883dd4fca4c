"""The audit of finished tables: what subtraction, overlap and rounding reveal is found, and nothing in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapackages.penerima_agregat.dataset import DATASET
from policy.small_counts import REQUIRED_WIDTH, THRESHOLD, before_rounding, rounded
from publishing.audit.cell_classes import CellClass, Figure, cell_classes
from publishing.audit.intervals import Interval, cell_interval, intervals
from publishing.audit.rank import RankTest, rank_test
from publishing.control.disclosure import Count, Key
from publishing.control.persons import menu
from tests.publishing.test_disclosure import counts_of_persons

Persons = Mapping[str, int]


def counted(persons: Persons, listed: Persons | None = None) -> dict[Key, Count]:
    """Cells named by a letter each."""
    known = listed or {}
    return {(cell,): Count(number, number - known.get(cell, 0)) for cell, number in persons.items()}


def told(counts: Mapping[Key, Count], *tables: str) -> list[Figure]:
    """The figures of the cells named in each word, truly rounded."""
    cells = [frozenset((letter,) for letter in word) for word in tables]
    return [Figure(inside, rounded(sum(counts[cell].persons for cell in inside))) for inside in cells]


def the_test(counts: Mapping[Key, Count], figures: Sequence[Figure]) -> RankTest:
    return rank_test(cell_classes(counts, figures), figures)


def bounds(counts: Mapping[Key, Count], figures: Sequence[Figure]) -> dict[str, Interval]:
    """The interval of each class, by the letters of its cells."""
    classes = cell_classes(counts, figures)
    return {
        "".join(cell[0] for cell in one.cells): interval
        for one, interval in zip(classes, intervals(classes, figures), strict=True)
    }


def revealed(counts: Mapping[Key, Count], figures: Sequence[Figure]) -> list[str]:
    classes = cell_classes(counts, figures)
    return sorted(
        "".join(sorted(cell[0] for position in found for cell in classes[position].cells))
        for found in rank_test(classes, figures).determined
    )


def test_a_hidden_cell_is_found_by_subtraction() -> None:
    counts = counted({"a": 30, "b": 9, "c": 20})
    assert revealed(counts, told(counts, "abc", "a", "c")) == ["b"]


def test_a_hidden_cell_is_found_across_overlapping_tables() -> None:
    """Two margins of a table of four cells, and three of its cells: the fourth is told twice."""
    counts = counted({"a": 30, "b": 20, "c": 40, "d": 4})
    assert revealed(counts, told(counts, "ab", "cd", "ac", "bd")) == []
    assert revealed(counts, told(counts, "ab", "cd", "ac", "bd", "a")) == ["d"]


def test_two_hidden_cells_whose_sum_is_small_are_found_together() -> None:
    counts = counted({"a": 30, "b": 4, "c": 5, "d": 50})
    figures = told(counts, "ab", "ac", "a", "d")
    assert revealed(counts, figures) == ["b", "bc", "c"]
    assert revealed(counts, told(counts, "abcd", "a", "d")) == ["bc"]


def test_two_hidden_cells_whose_sum_is_large_enough_are_not_found() -> None:
    counts = counted({"a": 30, "b": 9, "c": 8, "d": 50})
    assert revealed(counts, told(counts, "abcd", "a", "d")) == []


def test_a_sum_of_three_pairs_is_solved_for_each() -> None:
    counts = counted({"a": 7, "b": 8, "c": 9})
    assert revealed(counts, told(counts, "ab", "bc", "ac")) == ["a", "b", "c"]


def test_who_is_listed_does_not_count() -> None:
    counts = counted({"a": 30, "b": 12}, listed={"b": 5})
    assert revealed(counts, told(counts, "ab", "a")) == ["b"]
    assert revealed(counts, told(counts, "ab")) == []


def test_too_many_combinations_are_refused_for_doubt() -> None:
    """Forty cells of one person each, two by two in a ring: no set of them may go untried."""
    cells = [chr(ord("A") + at) for at in range(40)]
    counts = counted(dict.fromkeys(cells, 1))
    figures = [Figure(frozenset([(cell,)]), 0) for cell in cells]
    assert not the_test(counts, figures).is_certain
    assert not the_test(counts, figures).holds


def test_figures_that_repeat_do_not_raise_the_rank() -> None:
    counts = counted({"a": 30, "b": 20})
    assert the_test(counts, told(counts, "ab", "a", "b", "ab")).rank == 2


def test_rounding_that_leaks_is_found() -> None:
    """Three parts told as 10 are 12 at most, a total told as 40 is 38 at least: two persons are somewhere else."""
    counts = counted({"a": 12, "b": 12, "c": 12, "d": 2})
    found = bounds(counts, told(counts, "abcd", "a", "b", "c"))
    assert found["d"] == Interval(2, 12)
    assert bounds(counts, told(counts, "abcd", "abc"))["d"].width < REQUIRED_WIDTH


def test_the_parts_bound_their_total_and_each_other() -> None:
    counts = counted({"a": 12, "b": 12})
    assert bounds(counts, told(counts, "ab", "a", "b")) == {"a": Interval(11, 12), "b": Interval(11, 12)}


def test_what_everybody_knows_is_taken_away() -> None:
    counts = counted({"a": 20, "b": 15}, listed={"a": 8, "b": 1})
    assert bounds(counts, told(counts, "ab")) == {"ab": Interval(24, 28)}


def test_cells_of_a_class_are_open_from_none_to_all() -> None:
    one = CellClass((("a",), ("b",)), (0,), Count(12, 12))
    assert cell_interval(one, Interval(10, 12)) == Interval(0, 12)
    assert cell_interval(CellClass((("a",),), (0,), Count(12, 12)), Interval(10, 12)) == Interval(10, 12)


LETTERS = "abcd"
worlds = st.fixed_dictionaries({letter: st.integers(0, 14) for letter in LETTERS})
words = st.lists(
    st.sets(st.sampled_from(LETTERS), min_size=1).map(lambda s: "".join(sorted(s))), min_size=1, max_size=5
)


@settings(deadline=None)
@given(worlds, words, st.sampled_from([{}, {"a": 3}, {"b": 1, "d": 2}]))
def test_bounds_are_those_of_all_worlds_tried_one_by_one(persons: Persons, tables: list[str], listed: Persons) -> None:
    known = {cell: min(number, persons[cell]) for cell, number in listed.items()}
    counts = counted(persons, known)
    figures = told(counts, *tables)
    classes = cell_classes(counts, figures)
    assert intervals(classes, figures) == enumerated(classes, figures)


@settings(deadline=None)
@given(worlds, words)
def test_bounds_that_are_wide_enough_are_not_wider_than_all_worlds_allow(persons: Persons, tables: list[str]) -> None:
    counts = counted(persons)
    figures = told(counts, *tables)
    classes = cell_classes(counts, figures)
    quick, exact = intervals(classes, figures, REQUIRED_WIDTH), intervals(classes, figures)
    for one, some, whole in zip(classes, quick, exact, strict=True):
        assert some.within(whole) == some
        assert not one.hides or (some.width < REQUIRED_WIDTH) == (whole.width < REQUIRED_WIDTH)


def enumerated(classes: Sequence[CellClass], figures: Sequence[Figure]) -> list[Interval]:
    """The bounds by trying every number of unlisted persons in every class; slow and plain."""
    most = [before_rounding(min(figures[f].told for f in one.figures))[1] - one.listed for one in classes]
    possible = [
        world
        for world in product(*(range(limit + 1) for limit in most))
        if all(_explains(world, classes, number, figure.told) for number, figure in enumerate(figures))
    ]
    return [Interval(min(numbers), max(numbers)) for numbers in zip(*possible, strict=True)]


def _explains(world: Sequence[int], classes: Sequence[CellClass], number: int, value: int) -> bool:
    inside = [at for at, one in enumerate(classes) if number in one.figures]
    truly = sum(classes[at].count.unlisted for at in inside)
    unlisted = sum(world[at] for at in inside)
    persons = unlisted + sum(classes[at].listed for at in inside)
    return not inside or (rounded(persons) == value and unlisted >= min(THRESHOLD, truly))


@settings(deadline=None)
@given(worlds, words)
def test_what_the_rank_test_finds_is_what_combinations_of_figures_tell(persons: Persons, tables: list[str]) -> None:
    """Tried with two worlds: a set is told when no change that leaves every exact figure changes it."""
    counts = counted(persons)
    figures = told(counts, *tables)
    classes = cell_classes(counts, figures)
    small = {frozenset(found) for found in rank_test(classes, figures).determined}
    steps = [
        step for step in product((-2, -1, 0, 1, 2), repeat=len(classes)) if _changes_nothing(step, classes, figures)
    ]
    for chosen in _subsets(range(len(classes))):
        if chosen and sum(classes[at].count.unlisted for at in chosen) < THRESHOLD:
            assert (chosen in small) == all(sum(step[at] for at in chosen) == 0 for step in steps)


def _changes_nothing(step: Sequence[int], classes: Sequence[CellClass], figures: Sequence[Figure]) -> bool:
    return all(
        sum(change for change, one in zip(step, classes, strict=True) if number in one.figures) == 0
        for number in range(len(figures))
    )


def _subsets(of: Iterable[int]) -> list[frozenset[int]]:
    found = [frozenset[int]()]
    for one in of:
        found += [chosen | {one} for chosen in found]
    return found


@settings(deadline=None)
@given(counts_of_persons)
def test_tables_of_groups_reveal_nothing(counts: dict[Key, Count]) -> None:
    figures = [
        Figure(group.cells, rounded(group.count.persons)) for table in menu(DATASET, counts).values() for group in table
    ]
    classes = cell_classes(counts, figures)
    assert rank_test(classes, figures).holds
    for one, interval in zip(classes, intervals(classes, figures), strict=True):
        open_by = cell_interval(one, interval).width
        assert one.count.unlisted >= THRESHOLD
        assert len(one.cells) == 1 or open_by >= REQUIRED_WIDTH


@pytest.mark.parametrize("value", [0, 10, 15, 1000])
def test_what_a_rounded_count_could_be_is_what_is_rounded_to_it(value: int) -> None:
    least, most = before_rounding(value)
    assert [number for number in range(value - 6, value + 7) if rounded(number) == value] == [*range(least, most + 1)]
