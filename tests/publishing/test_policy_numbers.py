"""The policy of disclosure control: one file of numbers, and hierarchies that are nested."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policy.small_counts
from datapackages.package import datasets
from geo.regions import Level, at_level, code_at
from policy.small_counts import (
    AMOUNT_STEP,
    DISTINCT_STATES,
    DOMINANCE_PERCENT,
    MOST_ADVERSE,
    NEARLY_ALL,
    REQUIRED_WIDTH,
    ROUNDING,
    SMALLEST_CLASS,
    THRESHOLD,
    nested,
)
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Key
from publishing.control.persons import ladder

PUBLISHING = Path(policy.small_counts.__file__).parents[1] / "publishing"
KELURAHAN = [region.code for region in at_level(Level.KELURAHAN)]


def test_the_numbers_are_those_of_the_design() -> None:
    assert (THRESHOLD, ROUNDING, SMALLEST_CLASS, REQUIRED_WIDTH) == (10, 5, 10, 10)
    assert (2, Fraction(1, 2), Fraction(9, 10)) == (DISTINCT_STATES, MOST_ADVERSE, NEARLY_ALL)
    assert (DOMINANCE_PERCENT, AMOUNT_STEP) == (10, 5_000_000)


def test_no_module_of_the_publisher_has_a_number_of_persons_of_its_own() -> None:
    names = re.compile(
        r"^_?(THRESHOLD|ROUNDING|REQUIRED_WIDTH|SMALLEST_CLASS|[A-Z_]*PERCENT|AMOUNT_STEP|MOST_ADVERSE|NEARLY_ALL) *=",
        re.MULTILINE,
    )
    assert [file.name for file in PUBLISHING.glob("*.py") if names.search(file.read_text(encoding="utf-8"))] == []


def test_the_levels_of_regions_are_nested() -> None:
    levels = (Level.KELURAHAN, Level.KECAMATAN, Level.KOTA, Level.PROVINSI)
    assert nested([{code: code_at(level, code) for code in KELURAHAN} for level in levels])


@pytest.mark.parametrize("dataset", [d for d in datasets() if isinstance(d, PersonCounts)], ids=lambda d: d.name)
def test_the_ladder_of_every_dataset_of_persons_is_nested(dataset: PersonCounts) -> None:
    values = [KELURAHAN[::20] if dimension.climbs else ["A", "B", "C"] for dimension in dataset.dimensions]
    keys: list[Key] = list(product(*values))
    assert nested([{key: rung.wider(key) for key in keys} for rung in ladder(dataset)])


def test_levels_that_cut_through_each_other_are_not_nested() -> None:
    by_region = {"a": "north", "b": "north", "c": "south"}
    assert nested([by_region, dict.fromkeys(by_region, "city")])
    assert not nested([by_region, {"a": "1", "b": "2", "c": "2"}])
    assert not nested([by_region, {"a": "1", "b": "1"}])


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 5)), st.integers(1, 4))
def test_coarser_by_a_function_of_the_finer_is_nested(finer: dict[int, int], step: int) -> None:
    assert nested([finer, {value: general // step for value, general in finer.items()}])
