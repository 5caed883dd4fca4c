"""Attacks on a release: each is carried out as well as its attacker can, and fails."""

from __future__ import annotations

import csv
import io
import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapackages.package import package
from datapackages.penerima_agregat.dataset import DATASET
from policy.small_counts import REQUIRED_WIDTH, ROUNDING, THRESHOLD, rounded
from publishing.audit.cell_classes import Figure, cell_classes
from publishing.audit.exact import audit_exactly
from publishing.control.disclosure import NOBODY, Count, Group, Key
from publishing.control.homogeneity import Sensitivity, StateCount, too_alike
from publishing.control.persons import menu
from publishing.package import DESCRIPTOR
from publishing.pipeline import ReleaseReport
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher, as_owner
from tests.publishing.releasing import unpacked
from tests.publishing.rows import CANARY, CANARY_AMOUNT, SENEN, TEBET
from tests.publishing.test_disclosure import counts_of_persons

REGION, PROGRAMME, SECTION, SCALE = 0, 1, 2, 4
FOUR_ATTRIBUTES = (REGION, PROGRAMME, SECTION, SCALE)
FIRST_YEAR_OF_ZIP = 1980

Cells = frozenset[Key]


def published(counts: Mapping[Key, Count]) -> list[Group]:
    return [group for table in menu(DATASET, counts).values() for group in table]


def persons(counts: Mapping[Key, Count], cells: Iterable[Key]) -> Count:
    return sum((counts.get(cell, NOBODY) for cell in cells), NOBODY)


def as_figures(groups: Iterable[Group]) -> list[Figure]:
    return [Figure(group.cells, rounded(group.count.persons)) for group in groups]


# A neighbour: knows up to four attributes of a person, and everybody in the public list.


def known_of(cell: Key) -> Iterator[dict[int, str]]:
    """What a neighbour may know of a person: any of the attributes by which persons are counted."""
    for number in range(1, len(FOUR_ATTRIBUTES) + 1):
        for known in combinations(FOUR_ATTRIBUTES, number):
            yield {at: cell[at] for at in known}


def fitting(counts: Mapping[Key, Count], known: Mapping[int, str]) -> Cells:
    return frozenset(cell for cell in counts if all(cell[at] == value for at, value in known.items()))


def other_world(counts: Mapping[Key, Count], groups: Sequence[Group], of: Cells, *, crowded: bool) -> dict[Key, Count]:
    """The same figures with other persons: as many, or as few, of the unlisted in some cells as the figures allow.

    Persons move between cells that stand in the same figures.
    """
    world = dict(counts)
    for one in cell_classes(counts, as_figures(groups)):
        goal = next((cell for cell in one.cells if (cell in of) == crowded), one.cells[0])
        for cell in one.cells:
            if (cell in of) != crowded:
                unlisted = world[cell].unlisted
                world[cell] += Count(-unlisted, -unlisted)
                world[goal] += Count(unlisted, unlisted)
    return world


@settings(deadline=None)
@given(counts_of_persons)
def test_a_neighbour_never_learns_a_small_number_of_those_who_fit(counts: dict[Key, Count]) -> None:
    """For few who fit there are two worlds with the same figures: one without any of them, one with ten or more."""
    alive = {cell: count for cell, count in counts.items() if count.persons}
    groups = published(alive)
    shown = frozenset[Key]().union(*(group.cells for group in groups))
    for of in {fitting(alive, known) for cell in alive for known in known_of(cell)}:
        if of <= shown and 0 < persons(alive, of).unlisted < THRESHOLD:
            none, many = (other_world(alive, groups, of, crowded=crowded) for crowded in (False, True))
            for world in (none, many):
                assert all(persons(world, group.cells) == group.count for group in groups)
            assert persons(none, of).unlisted == 0
            assert persons(many, of).unlisted >= REQUIRED_WIDTH


@given(counts_of_persons)
def test_a_neighbour_finds_a_person_only_among_ten_whom_nobody_knows(counts: dict[Key, Count]) -> None:
    """Whatever is known, the rows that may count the person count ten unlisted persons or more, each of them."""
    detail = menu(DATASET, counts)["RINCIAN"]
    for cell, count in counts.items():
        if count.unlisted:
            assert all(group.count.unlisted >= THRESHOLD for group in detail if cell in group.cells)


# Homogeneity: who is known to be in a group is in the state of all.

LOANS = Sensitivity(adverse=frozenset({"MACET"}), sensitive=frozenset({"LANCAR", "MACET"}))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["LANCAR", "MACET", "BELUM"]), st.integers(0, 30))))
def test_a_guess_at_the_state_of_a_member_is_never_nearly_certain(found: list[tuple[str, str, int]]) -> None:
    counts = [StateCount((group,), state, number) for group, state, number in found]
    refused = {finding.group for finding in too_alike(counts, LOANS)}
    for group in {count.group for count in counts} - refused:
        members = sum(count.persons for count in counts if count.group == group)
        for state in LOANS.sensitive:
            right = sum(count.persons for count in counts if (count.group, count.state) == (group, state))
            assert right * 10 < members * 9 or not right
            assert state not in LOANS.adverse or right * 2 <= members


# Subtraction: what is left of a figure when others are taken from it.


@given(counts_of_persons)
def test_what_is_left_of_a_figure_without_those_inside_it_is_nothing_or_ten(counts: dict[Key, Count]) -> None:
    groups = published(counts)
    for whole in groups:
        rest = whole.cells
        for part in sorted(groups, key=lambda group: (len(group.cells), group.key)):
            if part.cells < whole.cells and part.cells <= rest:
                rest -= part.cells
                left = persons(counts, rest)
                assert left.persons == 0 or left.unlisted >= THRESHOLD


@given(counts_of_persons)
def test_no_two_figures_overlap_in_fewer_than_ten(counts: dict[Key, Count]) -> None:
    for one, other in combinations(published(counts), 2):
        for cells in (one.cells & other.cells, one.cells - other.cells, other.cells - one.cells):
            assert not persons(counts, cells).persons or persons(counts, cells).unlisted >= THRESHOLD


# Differencing: between tables of two periods, and between two releases.


@given(counts_of_persons, counts_of_persons)
def test_the_same_cells_in_two_periods_tell_nothing_of_each_other(
    one: dict[Key, Count], other: dict[Key, Count]
) -> None:
    """Nobody is in two periods' cells at once: both periods together are audited like one population."""
    counts = {("1", *key): count for key, count in one.items()} | {("2", *key): count for key, count in other.items()}
    groups = [(number, group) for number, city in (("1", one), ("2", other)) for group in published(city)]
    figures = [
        Figure(frozenset((number, *cell) for cell in group.cells), rounded(group.count.persons))
        for number, group in groups
    ]
    assert audit_exactly(counts, figures).figures == len(groups)


def told(release: ReleaseReport) -> dict[tuple[str, ...], str]:
    """Every figure of persons by its key."""
    with (release.folder / "data" / "penerima_agregat.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {tuple(row[: len(DATASET.keys)]): row[-1] for row in rows}


async def test_releases_before_and_after_somebody_came_or_left_do_not_differ(publisher: Publisher, root: Path) -> None:
    """A late arrival, an erasure and a correction between two releases; then the next half-year, with forty others."""
    first = told(await publisher.publish(root))
    async with publisher.city() as city:
        collaboration = await city.collaboration("KSBB-UMK-2021-DDDDDD", "PT Contoh Lambat")
        await city.recipients(collaboration, 7, TEBET)
    await as_owner(
        publisher.owner_uri,
        f"delete from ksbb.delivery_recipient where id = (select min(id::text)::uuid from ksbb.delivery_recipient"
        f" where region_code = '{TEBET}')",
    )
    await as_owner(publisher.owner_uri, f"update ksbb.business set scale = 'KECIL' where region_code = '{SENEN}'")
    assert told(await publisher.publish(root)) == first
    later = told(await publisher.publish(root, SEALED_SPRING))
    assert {key: value for key, value in later.items() if key[1] == "202012"} == first
    assert len(later) > len(first)


async def test_all_releases_of_a_catalogue_agree_on_what_they_share(publisher: Publisher, root: Path) -> None:
    releases = [await publisher.publish(root, clock) for clock in (SEALED_AUTUMN, SEALED_SPRING)]
    for one, other in pairwise(map(told, releases)):
        assert all(other[key] == value for key, value in one.items())


# Row order, exact amounts, canaries.


async def test_the_order_of_rows_is_that_of_their_keys(publisher: Publisher, root: Path) -> None:
    release = await publisher.publish(root)
    described = json.loads((release.folder / DESCRIPTOR).read_text(encoding="utf-8"))
    for resource in described["resources"]:
        with (release.folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = resource["schema"].get("primaryKey") or [field["name"] for field in resource["schema"]["fields"]]
        keys = [tuple(row[name] for name in columns) for row in rows]
        assert keys == sorted(keys), resource["name"]


async def test_no_figure_of_persons_is_exact(publisher: Publisher, root: Path) -> None:
    figures = [int(value) for value in told(await publisher.publish(root)).values()]
    assert figures
    assert all(value % ROUNDING == 0 and value >= THRESHOLD for value in figures)


AMOUNTS = [str(CANARY_AMOUNT), f"{CANARY_AMOUNT:,}", f"{CANARY_AMOUNT:,}".replace(",", "."), f"{CANARY_AMOUNT:_}"]
CANARIES = [CANARY, CANARY.lower(), CANARY.encode("utf-16-le").decode("latin-1"), "106.123456", "6.123456", *AMOUNTS]


def searchable(place: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file and, of an archive, names, comments, extra fields and contents of all inside."""
    yield place, place.encode() + b"\n" + content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield f"{place}: comment", archive.comment
            for member in archive.infolist():
                yield f"{place}: {member.filename}", member.comment + member.extra
                yield from searchable(f"{place}/{member.filename}", archive.read(member))


def canaries_in(place: str, content: bytes) -> list[str]:
    return [
        f"{where}: {canary}"
        for where, text in searchable(place, content)
        for canary in CANARIES
        if canary.encode("latin-1") in text
    ]


def files_below(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


async def test_canaries_are_in_no_byte_of_any_output(
    publisher: Publisher, root: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """In files, their names, archives, the words of progress, the report, logs, and both outputs of the process."""
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        report = await publisher.publish(root, progress=said.append)
    files = files_below(root)
    assert len(files) > len(package().datasets)
    for path in files:
        assert canaries_in(str(path.relative_to(root)), path.read_bytes()) == []
    for place, content in unpacked(report.folder):
        assert canaries_in(place, content) == []
    captured = capfd.readouterr()
    spoken = [*said, *report.lines(), repr(report), caplog.text, captured.out, captured.err]
    assert canaries_in("words", "\n".join(spoken).encode()) == []


async def test_archives_of_a_release_tell_no_time(publisher: Publisher, root: Path) -> None:
    release = await publisher.publish(root)
    for path in files_below(release.folder):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                assert {member.date_time[0] for member in archive.infolist()} <= {FIRST_YEAR_OF_ZIP}, path.name


@pytest.mark.parametrize("hide", ["name", "comment", "extra", "content", "archive", "nested"])
def test_the_search_finds_a_canary_wherever_an_archive_can_hide_it(hide: str) -> None:
    inner = zipfile.ZipInfo(f"{CANARY}.csv" if hide == "name" else "a.csv")
    inner.compress_type = zipfile.ZIP_DEFLATED
    inner.comment = CANARY.encode() if hide == "comment" else b""
    inner.extra = b"\xfe\xca\x06\x00" + CANARY.encode() if hide == "extra" else b""
    content = (f"{CANARY_AMOUNT:,} " * 40 if hide in {"content", "nested"} else "75").encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = CANARY.encode() if hide == "archive" else b""
        archive.writestr(inner, content)
    if hide == "nested":
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", file.getvalue())
        file = outer
    assert canaries_in("release.zip", file.getvalue())


async def test_there_is_something_to_find(publisher: Publisher) -> None:
    """The canaries are in the database, so that their absence from a release says something."""
    connection = await asyncpg.connect(publisher.owner_uri)
    try:
        names = await connection.fetchval("select count(*) from ksbb.business where trade_name like $1", f"{CANARY}%")
    finally:
        await connection.close()
    assert names > 0
