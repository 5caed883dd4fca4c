"""Counts of persons: nothing below ten, nothing derivable, whatever the counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapackages.penerima_agregat.dataset import DATASET
from geo.regions import CODE_LENGTH, Level, at_level, code_at
from publishing.control.counts import DETAIL, REST
from publishing.control.disclosure import (
    ROUNDING,
    THRESHOLD,
    Count,
    DisclosureRefused,
    Group,
    Key,
    audit,
    groups,
    rounded,
)
from publishing.control.ledger import Ledger
from publishing.control.measures import Cell
from publishing.control.persons import Row, ladder, menu, rows

KELURAHAN = ["31.01.01.1001", "31.71.04.1001", "31.71.04.1002", "31.74.01.1001", "31.74.01.1003", "31.74.02.1001"]
PERIOD = "202012"


def a_key(region: str = KELURAHAN[0], section: str = "I", scale: str = "MIKRO", programme: str = "UMKM") -> Key:
    return (region, programme, section, "2020", scale, "UU 20/2008")


keys = st.builds(
    a_key,
    st.sampled_from(KELURAHAN),
    st.sampled_from(["C", "G", "I"]),
    st.sampled_from(["MIKRO", "KECIL"]),
    st.sampled_from(["UMKM", "PANGAN"]),
)


def a_count(persons: int, listed: int = 0) -> Count:
    return Count(persons, max(0, persons - listed))


def published(counts: dict[Key, Count]) -> list[Row]:
    return rows(DATASET, PERIOD, {key: Cell(count) for key, count in counts.items()}, Ledger(b"a secret"))


counts_of_persons = st.dictionaries(
    keys,
    st.builds(
        a_count,
        st.one_of(st.integers(0, 12), st.integers(0, 60)),
        st.one_of(st.just(0), st.integers(0, 60)),
    ),
    max_size=40,
)


@given(counts_of_persons)
def test_every_published_figure_counts_ten_persons_or_more_beside_those_in_the_list(counts: dict[Key, Count]) -> None:
    for table in menu(DATASET, counts).values():
        assert all(group.count.unlisted >= THRESHOLD for group in table)


@given(counts_of_persons)
def test_every_person_stands_in_one_row_unless_the_programme_is_too_small(counts: dict[Key, Count]) -> None:
    cells = Counter(cell for group in menu(DATASET, counts)[DETAIL] for cell in group.cells)
    assert set(cells.values()) <= {1}
    withheld = Counter[str]()
    for key, count in counts.items():
        withheld[key[1]] += 0 if key in cells else count.unlisted
    assert all(unlisted < THRESHOLD for unlisted in withheld.values())


@given(counts_of_persons)
def test_no_number_below_ten_is_a_combination_of_published_figures(counts: dict[Key, Count]) -> None:
    published = [group for table in menu(DATASET, counts).values() for group in table]
    alive = sorted(key for key, count in counts.items() if count.persons > 0)
    rows_of_matrix = [[int(cell in group.cells) for cell in alive] for group in published]
    basis = eliminated(rows_of_matrix)
    for hidden in small_groups(counts):
        assert not is_combination([int(cell in hidden) for cell in alive], basis)


def small_groups(counts: dict[Key, Count]) -> Iterable[frozenset[Key]]:
    """Every cell, at any level and with any dimensions summed over, with nine unlisted persons or fewer."""
    seen: dict[Key, set[Key]] = {}
    for key, count in counts.items():
        if count.persons > 0:
            for level, *summed in product(Level, [False, True], [False, True]):
                region = code_at(level, key[0])
                section, scale = ("*" if over else part for over, part in zip(summed, (key[2], key[4]), strict=True))
                seen.setdefault((region, key[1], section, scale), set()).add(key)
    return [frozenset(cells) for cells in seen.values() if sum(counts[cell].unlisted for cell in cells) < THRESHOLD]


def eliminated(matrix: Sequence[Sequence[int]]) -> dict[int, list[Fraction]]:
    """A basis of the row space in echelon form, by the column of the leading one; exact."""
    basis: dict[int, list[Fraction]] = {}
    for row in matrix:
        rest = reduced([Fraction(number) for number in row], basis)
        lead = next((at for at, number in enumerate(rest) if number), None)
        if lead is not None:
            basis[lead] = [number / rest[lead] for number in rest]
    return basis


def reduced(row: list[Fraction], basis: dict[int, list[Fraction]]) -> list[Fraction]:
    for lead in sorted(basis):
        if row[lead]:
            row = [a - row[lead] * b for a, b in zip(row, basis[lead], strict=True)]
    return row


def is_combination(row: Sequence[int], basis: dict[int, list[Fraction]]) -> bool:
    return not any(reduced([Fraction(number) for number in row], basis))


@given(counts_of_persons, st.randoms(use_true_random=False))
def test_the_order_of_counts_changes_nothing(counts: dict[Key, Count], chance: random.Random) -> None:
    shuffled = list(counts.items())
    chance.shuffle(shuffled)
    assert published(dict(shuffled)) == published(counts)


@given(counts_of_persons)
def test_rows_are_unique_and_rounded_to_five(counts: dict[Key, Count]) -> None:
    found = published(counts)
    assert len({row[: len(DATASET.keys)] for row in found}) == len(found)
    assert all(int(row[-1]) % ROUNDING == 0 and int(row[-1]) >= THRESHOLD for row in found)


@given(st.integers(THRESHOLD, 10_000))
def test_rounding_moves_a_count_by_two_at_most(persons: int) -> None:
    assert abs(rounded(persons) - persons) <= ROUNDING // 2


@given(counts_of_persons)
def test_each_rung_is_at_least_as_coarse_as_the_one_before(counts: dict[Key, Count]) -> None:
    steps = ladder(DATASET)
    for one, other in product(counts, counts):
        together = [step.wider(one) == step.wider(other) for step in steps]
        assert together == sorted(together)


def test_a_small_group_climbs_with_its_neighbours_and_no_further() -> None:
    tebet, manggarai, other = KELURAHAN[3], KELURAHAN[4], KELURAHAN[5]
    counts = {a_key(tebet): a_count(6), a_key(manggarai): a_count(4), a_key(other): a_count(30)}
    detail = groups(counts, ladder(DATASET))
    assert {group.key[0]: group.count.persons for group in detail} == {code_at(Level.KECAMATAN, tebet): 10, other: 30}


def test_the_last_small_group_of_a_kota_takes_in_its_smallest_neighbour() -> None:
    persons = {a_key(KELURAHAN[3]): 12, a_key(KELURAHAN[4]): 40, a_key(KELURAHAN[5], "C"): 1}
    counts = {key: a_count(number) for key, number in persons.items()}
    detail = {group.key[0]: group for group in groups(counts, ladder(DATASET))}
    assert detail["31.74"].count.persons == 13
    assert detail["31.74"].key[2] == REST
    assert detail[KELURAHAN[4]].count.persons == 40


def test_who_is_in_the_public_list_does_not_hide_the_others() -> None:
    """Twelve persons of whom ten are listed would tell that two who are not listed were helped."""
    tebet, manggarai = a_key(KELURAHAN[3]), a_key(KELURAHAN[4])
    detail = groups({tebet: a_count(12, listed=10), manggarai: a_count(11, listed=1)}, ladder(DATASET))
    assert [(group.cells, group.count) for group in detail] == [(frozenset([tebet, manggarai]), Count(23, 12))]
    with pytest.raises(DisclosureRefused):
        audit({tebet: Count(12, 2)}, [Group(tebet, frozenset([tebet]), Count(12, 2))])


def test_a_total_that_would_reveal_a_group_elsewhere_is_not_published() -> None:
    persons = {a_key(KELURAHAN[0]): 3, a_key(KELURAHAN[3]): 12, a_key(KELURAHAN[1]): 40}
    tables = menu(DATASET, {key: a_count(number) for key, number in persons.items()})
    assert [group.key[0] for group in tables["KOTA"]] == ["31.71"]
    assert [group.count.persons for group in tables["PROVINSI"]] == [55]


def test_the_audit_refuses_a_difference_of_fewer_than_ten() -> None:
    one, two = a_key(KELURAHAN[0]), a_key(KELURAHAN[1])
    counts = {one: a_count(30), two: a_count(9)}
    with pytest.raises(DisclosureRefused) as refused:
        audit(counts, [Group(one, frozenset([one]), a_count(30)), Group(("31",), frozenset([one, two]), a_count(39))])
    assert refused.value.details["small"] == 1


def test_the_audit_refuses_a_sum_that_is_not_one() -> None:
    one = a_key()
    with pytest.raises(DisclosureRefused):
        audit({one: a_count(30)}, [Group(one, frozenset([one]), a_count(31))])


def test_a_city_of_20_000_recipients_keeps_most_of_its_kelurahan() -> None:
    chance = random.Random(1)
    regions = chance.choices([region.code for region in at_level(Level.KELURAHAN)], k=20_000)
    sections = chance.choices("IGCSAHJ", [40, 30, 15, 8, 3, 2, 2], k=20_000)
    scales = chance.choices(["MIKRO", "KECIL", "MENENGAH"], [90, 9, 1], k=20_000)
    counts = Counter(map(a_key, regions, sections, scales))
    detail = menu(DATASET, {key: a_count(number, number // 4) for key, number in counts.items()})[DETAIL]
    shown = Counter[int]()
    for group in detail:
        shown[len(group.key[0])] += group.count.persons
    assert shown.total() == 20_000
    assert shown[CODE_LENGTH[Level.KELURAHAN]] >= 0.65 * 20_000
