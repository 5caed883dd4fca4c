"""Which revised groups are hidden before anything is proved: those that change by few, or move a number by few."""

from __future__ import annotations

import pytest

from datapackages.package import datasets
from publishing.control.counts import PersonCounts
from publishing.hiding import Proposed, hidden_groups
from publishing.register import ToldGroup

OF_PERSONS = {dataset.name: dataset for dataset in datasets() if isinstance(dataset, PersonCounts)}


@pytest.mark.parametrize(
    ("dataset", "came", "went", "is_hidden"),
    [
        ("penerima_agregat", 12, 12, False),
        ("penerima_agregat", 5, 4, True),
        ("penerima_kumulatif", 12, 0, False),
        ("penerima_kumulatif", 12, 11, True),
        ("penerima_kumulatif", 9, 0, True),
    ],
)
def test_a_count_that_goes_on_moves_by_ten_and_others_change_by_ten(
    dataset: str, came: int, went: int, is_hidden: bool
) -> None:
    before = ToldGroup(1, dataset, "202012", "RINCIAN", 40, 40, 0)
    after = ToldGroup(2, dataset, "202012", "RINCIAN", 40 + came - went, 40 + came - went, 0)
    overlaps = {frozenset({1, 2}): 40 - went, frozenset({2}): came, frozenset({1}): went}
    hidden = hidden_groups(overlaps, Proposed([], [(before, after)]), OF_PERSONS)
    assert (hidden == [after]) is is_hidden
