"""Sums, states and medians: told where they are safe, and never so that a difference tells of where they are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapackages.pinjaman_agregat.dataset import DATASET
from policy.small_counts import AMOUNT_STEP, THRESHOLD
from publishing.control.counts import DETAIL
from publishing.control.disclosure import Count, Group, Key
from publishing.control.ledger import Ledger
from publishing.control.measures import Amount, Cell, Change, Percent, Share, Spread, Value, told, united
from publishing.control.persons import menu, rows

KELURAHAN = ["31.71.04.1001", "31.71.04.1002", "31.74.01.1001", "31.74.01.1003", "31.74.02.1001"]
FINTECHS = ["FIN-a", "FIN-b"]
RICH = 10_000_000


def an_amount(parts: list[int]) -> Amount:
    first, second = (*sorted(parts, reverse=True), 0, 0)[:2]
    return Amount(sum(parts), first, second, sum(part > 0 for part in parts))


def loans(number: int, late: int, left: int) -> Cell:
    """Loans of Rp 10 million, of which some are late and others have something left to pay."""
    late, left = min(late, number), min(left, number - min(late, number))
    owed, overdue, on_time = [RICH // 2] * (late + left), [RICH // 2] * late, [RICH // 2] * left
    repaid = [RICH] * (number - late - left) + [RICH // 2] * (late + left)
    count = Count(number, number)
    sums = [an_amount(parts) for parts in ([RICH] * number, repaid, owed)]
    values: list[Value] = [*sums, Share(Count(late, late), count), an_amount(overdue), an_amount(on_time)]
    values += [Percent(sum(overdue), sum(owed)), *[Change()] * (len(DATASET.more) - len(values) - 1)]
    return Cell(count, tuple(values), members=number)


cells = st.dictionaries(
    st.tuples(st.sampled_from(FINTECHS), st.sampled_from(KELURAHAN)),
    st.builds(loans, st.integers(1, 60), st.one_of(st.just(0), st.integers(0, 30)), st.integers(0, 40)),
    max_size=10,
)
FAMILIES = {kin: [at for at, m in enumerate(DATASET.more) if m.kin == kin] for kin in {m.kin for m in DATASET.more}}


def where_told(given_cells: Mapping[Key, Cell], family: str) -> list[Group]:
    tables = menu(DATASET, {key: cell.count for key, cell in given_cells.items()})
    shown = told(DATASET.more, tables, given_cells, DATASET.fixed)
    return [
        group
        for name, table in tables.items()
        for group in table
        if family in shown.get((name, group.key), frozenset())
    ]


def is_safe(given_cells: Mapping[Key, Cell], keys: frozenset[Key], family: str) -> bool:
    values = united(given_cells[key] for key in keys).values
    return all(values[at].is_safe for at in FAMILIES[family])


@given(cells)
def test_what_is_told_and_every_difference_of_it_is_safe(given_cells: dict[Key, Cell]) -> None:
    for family in FAMILIES:
        shown = [group.cells for group in where_told(given_cells, family)]
        assert all(is_safe(given_cells, keys, family) for keys in shown)
        for one, other in combinations(sorted(shown, key=len), 2):
            inside = [keys for keys in shown if keys < other and keys & one == keys]
            rest = other - frozenset[Key]().union(*inside) if inside else frozenset()
            assert not rest or is_safe(given_cells, rest, family)


@given(cells)
def test_a_table_tells_all_of_a_fintech_or_nothing(given_cells: dict[Key, Cell]) -> None:
    tables = menu(DATASET, {key: cell.count for key, cell in given_cells.items()})
    shown = told(DATASET.more, tables, given_cells, DATASET.fixed)
    for name, table in tables.items():
        for fintech in FINTECHS:
            rows_of_it = {shown.get((name, group.key), frozenset()) for group in table if group.key[0] == fintech}
            assert len(rows_of_it) <= 1


def test_a_share_that_would_tell_of_few_is_told_of_all_of_jakarta_only() -> None:
    given_cells: dict[Key, Cell] = {
        ("FIN-a", KELURAHAN[0]): loans(30, 4, 20),
        ("FIN-a", KELURAHAN[2]): loans(40, 8, 25),
    }
    assert [group.key for group in where_told(given_cells, "macet")] == [("FIN-a", "31")]
    assert len(where_told(given_cells, "disbursed")) == 5


def test_what_a_total_has_besides_the_rows_that_are_told_is_safe_too() -> None:
    """Of Jakarta without 31.71 only two are late: so either Jakarta is told or 31.71, and it is Jakarta."""
    given_cells: dict[Key, Cell] = {
        ("FIN-a", KELURAHAN[0]): loans(20, 6, 10),
        ("FIN-a", KELURAHAN[1]): loans(20, 6, 10),
        ("FIN-a", "31.72.01.1001"): loans(3, 0, 2),
        ("FIN-a", KELURAHAN[2]): loans(12, 2, 8),
    }
    tables = menu(DATASET, {key: cell.count for key, cell in given_cells.items()})
    assert [group.key[1] for group in tables["KOTA"]] == ["31.71"]
    assert is_safe(given_cells, tables["KOTA"][0].cells, "macet")
    assert [group.key for group in where_told(given_cells, "macet")] == [("FIN-a", "31")]


def test_those_who_are_not_in_a_state_are_ten_besides_the_listed_ones() -> None:
    assert Share(Count(12, 12), Count(30, 22)).is_safe
    assert not Share(Count(12, 12), Count(30, 21)).is_safe


def test_two_sums_of_which_one_is_hidden_are_both_hidden() -> None:
    given_cells: dict[Key, Cell] = {("FIN-a", KELURAHAN[0]): loans(30, 0, 3)}
    (row, *_) = rows(DATASET, "202012/3", given_cells, Ledger(b"a secret"))
    named = dict(zip([field.name for field in DATASET.fields], row, strict=True))
    assert (named["nilai_disalurkan_rp"], named["nilai_dibayar_rp"], named["sisa_pinjaman_rp"]) == ("300000000", "", "")


@pytest.mark.parametrize(
    ("parts", "safe"),
    [
        ([1] * 9, False),
        ([1] * 10, True),
        ([1_000] + [1] * 20, False),
        ([1_000, 1_000] + [1] * 20, False),
        ([1_000, 1_000] + [10] * 10, True),
    ],
)
def test_a_sum_that_tells_of_few_or_of_one_is_hidden(parts: list[int], safe: bool) -> None:
    assert an_amount(parts).is_safe is safe


@given(st.lists(st.integers(0, RICH), max_size=12), st.lists(st.integers(0, RICH), max_size=12))
def test_sums_add_up_with_their_largest_parts(one: list[int], other: list[int]) -> None:
    assert an_amount(one) + an_amount(other) == an_amount([*one, *other])


@given(st.integers(0, 10**12))
def test_sums_are_rounded_to_their_step(total: int) -> None:
    told_of = int(Amount(total).text)
    assert told_of % AMOUNT_STEP == 0
    assert abs(told_of - total) <= AMOUNT_STEP // 2


@pytest.mark.parametrize(
    ("inside", "among", "safe"), [(10, 20, True), (9, 40, False), (11, 20, False), (12, 22, False), (30, 60, True)]
)
def test_a_state_is_told_where_ten_are_in_it_ten_are_not_and_half_at_most(inside: int, among: int, safe: bool) -> None:
    assert Share(Count(inside, inside), Count(among, among)).is_safe is safe


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(0, 100, "100.00"), (15, 35, "57.14"), (35, 35, "0.00"), (1, 2, "50.00")]
)
def test_tkb90_is_what_is_left_beside_the_overdue_share(part: int, whole: int, text: str) -> None:
    assert Percent(part * AMOUNT_STEP, whole * AMOUNT_STEP).text == text


def test_a_percentage_of_nothing_is_empty() -> None:
    assert Percent(0, AMOUNT_STEP // 2 - 1).text == ""


@given(st.lists(st.integers(0, 40), min_size=THRESHOLD, max_size=60))
def test_half_of_all_are_at_the_median_or_below(days: list[int]) -> None:
    median = int(Spread(Counter(days), len(days)).text)
    assert sum(day <= median for day in days) * 2 >= len(days)
    assert sum(day >= median for day in days) * 2 >= len(days)


def test_a_later_age_shows_the_same_persons_or_nothing() -> None:
    ledger, key = Ledger(b"a secret"), ("FIN-a", KELURAHAN[0])
    one, other = loans(30, 0, 20), loans(30, 0, 20)
    first = rows(DATASET, "202012/3", {key: one, ("FIN-b", KELURAHAN[0]): other}, ledger)
    changed = Cell(other.count, other.values, members=other.members + 1)
    later = rows(DATASET, "202012/6", {key: one, ("FIN-b", KELURAHAN[0]): changed}, ledger)
    assert {row[3] for row in first} == {"FIN-a", "FIN-b"}
    assert {row[3] for row in later} == {"FIN-a"}
    assert rows(DATASET, "202103/3", {key: changed}, ledger)


@pytest.mark.parametrize(
    ("moved", "shown"),
    [([], True), ([RICH], False), ([RICH] * 9, False), ([RICH] * 10, True), ([RICH, *[1] * 20], False)],
)
def test_a_later_age_tells_a_sum_only_where_nobody_or_enough_moved(moved: list[int], shown: bool) -> None:
    """Beside the sum of an earlier age it tells what became of them in between."""
    cell = loans(60, 20, 25)
    since = next(at for at, measure in enumerate(DATASET.more) if measure.source == "outstanding_moved_2")
    values = [Change(*vars(an_amount(moved)).values()) if at == since else v for at, v in enumerate(cell.values)]
    (row, *_) = rows(
        DATASET, "202012/12", {("FIN-a", KELURAHAN[0]): replace(cell, values=tuple(values))}, Ledger(b"a secret")
    )
    named = dict(zip([field.name for field in DATASET.fields], row, strict=True))
    assert (named["nilai_dibayar_rp"] != "", named["sisa_pinjaman_rp"] != "") == (shown, shown)
    assert "" not in (named["nilai_disalurkan_rp"], named["jumlah_menunggak"])


def test_a_ledger_tells_nothing_without_its_key() -> None:
    digests = {Ledger(secret).digest("pinjaman_agregat", 30, 123) for secret in (b"one", b"two")}
    assert len(digests) == 2
    assert DETAIL not in "".join(digests)
