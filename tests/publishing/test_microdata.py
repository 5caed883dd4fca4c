"""Microdata: rows that look alike are many and differ, and with the counts beside them tell nothing of few."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapackages.penerima_agregat.dataset import DATASET as COUNTS
from datapackages.penerima_anonim.dataset import DATASET
from geo.regions import CODE_LENGTH, Level, at_level
from models.vocabulary import PackageKind
from policy.small_counts import MOST_ADVERSE, REQUIRED_WIDTH, ROUNDING, THRESHOLD, rounded
from publishing.audit.cell_classes import Figure, cell_classes
from publishing.audit.microdata import look_alike, microdata_risk
from publishing.audit.rank import rank_test
from publishing.control.anonymous_rows import Classes, anonymous_rows, beside_rows, classes, rows
from publishing.control.disclosure import NOBODY, Count, DisclosureRefused, Key
from publishing.control.ledger import Ledger
from publishing.control.measures import Cell
from publishing.control.persons import Row, menu
from publishing.control.row_classes import Part, by_sex_and_value, leaves_room, widths
from publishing.pipeline import ReleaseReport
from publishing.release.checker import checked
from tests.publishing.city import SEALED_SPRING, Publisher
from tests.publishing.test_disclosure import KELURAHAN, a_key

PERIOD = "202012"
LOAN = PackageKind.PINJAMAN_MODAL
SEXES, AIDS = ("L", "P"), tuple(PackageKind)
KNOWN_OF_A_NEIGHBOUR = ("kode_wilayah", "kategori_kbli", "skala", "jenis_kelamin")

Cells = Mapping[Key, Count]

cells_of_persons = st.dictionaries(
    st.builds(
        lambda key, sex, aid: (*key, sex, aid),
        st.builds(a_key, st.sampled_from(KELURAHAN[1:5]), st.sampled_from("CGI"), st.sampled_from(["MIKRO", "KECIL"])),
        st.sampled_from(SEXES),
        st.sampled_from(AIDS),
    ),
    st.builds(lambda persons, listed: Count(persons, max(0, persons - listed)), st.integers(0, 15), st.integers(0, 4)),
    max_size=60,
)


def made(cells: Cells) -> list[Row]:
    return rows(PERIOD, classes(DATASET, cells))


def a_part(*persons: tuple[int, int]) -> list[Part]:
    """Parts with so many men and women each."""
    counts = [{(sex, str(LOAN)): Count(n, n) for sex, n in zip(SEXES, row, strict=True) if n} for row in persons]
    return [Part((str(number),), frozenset(), count) for number, count in enumerate(counts)]


def a_city(persons: int = 20_000) -> Cells:
    """One half-year, as in the test of the counts beside it: of each cell a quarter, rounded down, is in the list."""
    chance = random.Random(1)
    regions = chance.choices([region.code for region in at_level(Level.KELURAHAN)], k=persons)
    sections = chance.choices("IGCSAHJ", [40, 30, 15, 8, 3, 2, 2], k=persons)
    scales = chance.choices(["MIKRO", "KECIL", "MENENGAH"], [90, 9, 1], k=persons)
    found: dict[Key, Count] = {}
    for key, number in sorted(Counter(map(a_key, regions, sections, scales)).items()):
        for at in range(number):
            cell = (*key, chance.choice(SEXES), chance.choice(AIDS))
            found[cell] = found.get(cell, NOBODY) + Count(1, int(at >= number // 4))
    return found


@given(cells_of_persons)
def test_rows_that_look_alike_are_ten_or_more_and_differ(cells: Cells) -> None:
    for values in look_alike(DATASET, made(cells)).values():
        assert values.total() >= THRESHOLD
        assert len(values) > 1
        assert values[LOAN] <= MOST_ADVERSE * values.total()
        assert all(number % ROUNDING == 0 for number in values.values())


@given(cells_of_persons)
def test_a_class_has_ten_persons_whom_nobody_knows_in_each_sex(cells: Cells) -> None:
    for look, parts in classes(DATASET, cells).items():
        for values in by_sex_and_value(parts, by_sex=look.by_sex).values():
            assert sum(count.unlisted for count in values.values()) >= THRESHOLD


@given(cells_of_persons)
def test_nobody_is_in_two_classes_and_all_are_where_they_say(cells: Cells) -> None:
    seen = Counter[Key]()
    for look, parts in classes(DATASET, cells).items():
        inside = [cell for part in parts for cell in part.cells]
        seen.update(inside)
        assert all(cell[0].startswith(look.key[0]) for cell in inside)
        for at, value in enumerate(look.key[1:], start=1):
            assert value == "LAINNYA" or {cell[at] for cell in inside} == {value}
    assert set(seen.values()) <= {1}


@given(cells_of_persons)
def test_the_same_counts_make_the_same_rows_in_order_of_their_values(cells: Cells) -> None:
    assert made(cells) == made(dict(reversed(list(cells.items())))) == sorted(made(cells))


@given(cells_of_persons)
def test_ledger_and_report_speak_of_nothing_but_the_rows(cells: Cells) -> None:
    ledger = Ledger(b"a secret")
    found = anonymous_rows(DATASET, PERIOD, {key: Cell(count) for key, count in cells.items()}, ledger)
    names = [field.name for field in DATASET.fields]
    told = {"|".join(("BARIS", row[1], *row[3:])) for row in found}
    assert names[2] == "tingkat"
    assert ledger.entries[DATASET.name][PERIOD].keys() == told
    risk = microdata_risk(DATASET, PERIOD, cells, found)
    assert (risk["figures"], risk["rank"], risk["classes"]) == (len(told), len(told), len(look_alike(DATASET, found)))


# A neighbour: knows up to four attributes of a person, and everybody in the public list.


def test_a_neighbour_finds_ten_rows_or_none_that_do_not_agree() -> None:
    published = made(a_city(3_000))
    names = [field.name for field in DATASET.fields]
    columns = [names.index(name) for name in KNOWN_OF_A_NEIGHBOUR]
    assert published
    for number in range(1, len(columns) + 1):
        for known in combinations(columns, number):
            fitting: dict[Row, Counter[str]] = {}
            for row in published:
                fitting.setdefault(tuple(row[at] for at in known), Counter())[row[-1]] += 1
            for values in fitting.values():
                assert values.total() >= THRESHOLD
                assert len(values) > 1
                assert max(values.values()) < 0.9 * values.total()
                assert values[LOAN] <= MOST_ADVERSE * values.total()


@pytest.mark.parametrize(
    "aids",
    [(20, 0, 0), (0, 20, 20), (19, 2, 0), (9, 0, 0)],
    ids=["all alike", "more than half in debt", "nearly all alike", "too few"],
)
def test_a_class_of_which_too_much_is_known_is_withheld(aids: tuple[int, int, int]) -> None:
    kinds = (PackageKind.SARPRAS, LOAN, LOAN)
    cells: dict[Key, Count] = {}
    for kind, number in zip(kinds, aids, strict=True):
        key = (*a_key(), "P", kind)
        cells[key] = cells.get(key, NOBODY) + Count(number, number)
    assert made(cells) == []


# Subtraction: what follows from the rows and from all tables of the counts beside them.


def beside_figures(cells: Cells) -> list[Figure]:
    """What the dataset beside tells, over cells by sex."""
    counts = beside_rows(cells)
    return [
        Figure(frozenset((*cell, sex) for cell in group.cells for sex in SEXES), rounded(group.count.persons))
        for table in menu(COUNTS, counts).values()
        for group in table
    ]


def row_figures(found: Classes) -> list[Figure]:
    """How many rows there are of each class, over cells by sex."""
    return [
        Figure(
            frozenset(
                (*cell, other) for part in parts for cell in part.cells for other in SEXES if other in {sex, *rest}
            ),
            rounded(sum(count.persons for count in values.values())),
        )
        for look, parts in found.items()
        for sex, values in by_sex_and_value(parts, by_sex=look.by_sex).items()
        for rest in [() if look.by_sex else SEXES]
    ]


def by_sex(cells: Cells) -> dict[Key, Count]:
    found: dict[Key, Count] = {}
    for key, count in cells.items():
        if count.persons:
            found[key[:-1]] = found.get(key[:-1], NOBODY) + count
    return found


@settings(deadline=None)
@given(cells_of_persons)
def test_nothing_about_fewer_than_ten_follows_from_both_files_together(cells: Cells) -> None:
    """All tables of the counts, whose attacker knows which cells are empty, and all classes of rows at once."""
    figures = [*beside_figures(cells), *row_figures(classes(DATASET, cells))]
    found = rank_test(cell_classes(by_sex(cells), figures), figures)
    assert not found.determined


@settings(deadline=None)
@given(cells_of_persons)
def test_with_what_they_received_only_the_numbers_of_equal_rows_follow(cells: Cells) -> None:
    """A number below ten that follows from both files is one that the rows of a class tell by themselves."""
    for look, parts in classes(DATASET, cells).items():
        table: dict[Key, Count] = {
            (str(at), sex if look.by_sex else "", aid): Count(0, 0)
            for at, part in enumerate(parts)
            for sex in {sex for (sex, _), count in part.persons.items() if count.persons}
            for aid in by_sex_and_value(parts, by_sex=look.by_sex)[sex if look.by_sex else "SEMUA"]
        }
        for at, part in enumerate(parts):
            for (sex, aid), count in part.persons.items():
                if count.persons:
                    table[str(at), sex if look.by_sex else "", aid] += count
        columns = [frozenset(key for key in table if key[1:] == margin) for margin in {key[1:] for key in table}]
        groups = [frozenset(key for key in table if key[0] == str(at)) for at in range(len(parts))]
        figures = [Figure(inside, 0) for inside in [*columns, *groups]]
        told_apart = cell_classes(table, figures)
        for determined in rank_test(told_apart, figures).determined:
            inside = frozenset(cell for position in determined for cell in told_apart[position].cells)
            assert inside == frozenset().union(*(column for column in columns if column <= inside))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(any), min_size=1, max_size=3))
def test_how_open_a_number_stays_is_what_all_worlds_with_the_same_margins_say(rows_: list[tuple[int, int]]) -> None:
    assert sorted(widths(a_part(*rows_))) == sorted(widths_by_trying(rows_))


def widths_by_trying(table: Sequence[tuple[int, int]]) -> list[int]:
    """Every table with the same sums, nobody where nobody is; the spread of each number in it."""
    women = sum(row[1] for row in table)
    choices = [range(sum(row) + 1) if all(row) else [row[1]] for row in table]
    worlds = [world for world in product(*choices) if sum(world) == women]
    mixed = [at for at, row in enumerate(table) if all(row)]
    spreads = [max(world[at] for world in worlds) - min(world[at] for world in worlds) for at in mixed]
    return [spread for spread in spreads for _ in SEXES]


@pytest.mark.parametrize(
    ("table", "is_open"),
    [
        ([(12, 13)], True),
        ([(12, 3), (14, 25)], True),
        ([(15, 0), (8, 20)], False),
        ([(9, 9), (12, 0), (0, 11)], False),
        ([(6, 6), (6, 6)], True),
    ],
)
def test_groups_of_one_sex_do_not_uncover_the_others(table: list[tuple[int, int]], is_open: bool) -> None:
    assert leaves_room(a_part(*table)) == is_open
    assert REQUIRED_WIDTH == THRESHOLD


def test_20_000_recipients_keep_their_kelurahan_mostly_and_few_are_withheld() -> None:
    cells = a_city()
    found = classes(DATASET, cells)
    shown = Counter[int]()
    for look, parts in found.items():
        shown[len(look.key[0])] += sum(part.size for part in parts)
    assert shown[CODE_LENGTH[Level.KELURAHAN]] >= 0.65 * 20_000
    assert shown.total() >= 0.975 * 20_000
    assert microdata_risk(DATASET, PERIOD, cells, rows(PERIOD, found))["k"] >= THRESHOLD


def test_rows_that_are_not_those_of_the_classes_are_refused() -> None:
    cells = a_city(500)
    published = made(cells)
    with pytest.raises(DisclosureRefused, match="penerima_anonim"):
        microdata_risk(DATASET, PERIOD, cells, published[:-1])


# In a release.


def table(report: ReleaseReport) -> list[list[str]]:
    with (report.folder / "data" / "penerima_anonim.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


async def test_rows_are_made_of_a_period_only_together_with_its_counts(
    publisher: Publisher, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-year whose counts were published earlier gets none: who came since could be told by the difference."""
    whole = await publisher.publish(root / "whole")
    assert checked(whole.folder).wrong == 0
    assert {row[0] for row in table(whole)} == {"202012"}
    later = await publisher.publish(root / "whole", SEALED_SPRING)
    assert [row for row in table(later) if row[0] == "202012"] == table(whole)
    assert {row[0] for row in table(await a_release_without_rows(publisher, root, monkeypatch))} <= {"202106"}


async def a_release_without_rows(publisher: Publisher, root: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseReport:
    from datapackages.package import datasets

    others = tuple(dataset for dataset in datasets() if dataset is not DATASET)
    with monkeypatch.context() as patched:
        patched.setattr("datapackages.package.datasets", lambda: others)
        await publisher.publish(root / "others")
    return await publisher.publish(root / "others", SEALED_SPRING)
