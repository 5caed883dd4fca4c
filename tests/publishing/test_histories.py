"""Random histories, a year of releases each: what is sealed stays, and all releases together tell of nobody.

The attacker keeps every release and every state of the public list, and knows who is in which figure but for the few
that are looked for. So whatever the figures of all releases tell apart must be 10 persons or nobody.
"""

# from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import asyncpg
import pytest

from datapackages.package import package
from kernel.clock import FixedClock
from policy.loan_ages import MONEY
from policy.small_counts import AMOUNT_STEP, DOMINANCE_PERCENT, MOST_ADVERSE, THRESHOLD, nearest, rounded
from publishing.audit.published_rows import published_tables, revised_tables
from publishing.audit.risk_report import RiskReport
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Count
from publishing.control.ledger import Ledger, in_time, ordered
from publishing.control.measures import InState, Measure, Moved, Sum
from publishing.control.persons import Row
from publishing.extract import snapshot
from publishing.period import Revision, sealed_until
from publishing.register import ToldGroup as Group
from publishing.register import detail_key
from publishing.sealed import Counted, Sealed
from publishing.sealing import seal
from tests.publishing.city import Publisher
from tests.publishing.histories import MONTHS, History, month_after
from tests.publishing.oracle import Unit, units
from tests.publishing.sums import fewest

HISTORIES = 100 if os.environ.get("TEST_LONG") else 10
RELEASED_AFTER = (7, 10, 13, 15, 18)
"""After how many months of a history there is a release."""
SUMS = 3
"""For so many sums of figures of a history one that is about few is looked for."""
DATASETS = [dataset for dataset in package().datasets if isinstance(dataset, PersonCounts)]


@dataclass(frozen=True)
class Told:
    """A figure as it was published, with those whom it counts, and who of them was not in the public list then."""

    dataset: PersonCounts
    period: str
    persons: int
    counted: tuple[Unit, ...]
    values: Mapping[int, str]
    row: tuple[str, ...] = ()
    is_revised: bool = False

    @property
    def members(self) -> frozenset[str]:
        return frozenset(unit.member for unit in self.counted)

    @property
    def population(self) -> str:
        """Those among whom it counts: of a cohort the same at all ages."""
        return self.period.partition("/")[0]


@dataclass
class Catalogue:
    """What was released so far, as the next release finds it."""

    sealed: dict[str, Sealed] = field(default_factory=dict)
    ledger: str = "{}"
    told: list[Told] = field(default_factory=list)

    async def release(self, publisher: Publisher, day: dt.date) -> None:
        """One more release, with every check that a release makes."""
        ledger = Ledger(b"a secret", json.loads(self.ledger))
        owner = await asyncpg.connect(publisher.owner_uri)
        try:
            async with snapshot(publisher.uri, keep=True) as connection:
                outcomes = await seal(connection, DATASETS, self.sealed, sealed_until(day), ledger)
            for dataset in DATASETS:
                before, outcome = self.sealed.get(dataset.name, Sealed()), outcomes[dataset.name]
                now, counted, changed = outcome.sealed, outcome.counted, {*outcome.counted, *outcome.revised}
                assert now.periods == dataset.periods(sealed_until(day))
                kept = [row for row in before.rows if _period(dataset, row) not in changed]
                assert [row for row in now.rows if _period(dataset, row) not in changed] == sorted(kept)
                new = [row for row in now.rows if _period(dataset, row) in changed]
                RiskReport("history", None).add(dataset, counted, new, outcome.revised_counts)
                truth = await units(owner, dataset.name)
                self.told += _told(dataset, counted, new, truth)
                for period, groups in outcome.revised.items():
                    self.told += await _revised(owner, dataset, period, groups, new)
                self.sealed[dataset.name] = now
        finally:
            await owner.close()
        self.ledger = ledger.text()


def _period(dataset: PersonCounts, row: Row) -> str:
    return "/".join(row[1 : 1 + len(dataset.period)])


def _told(dataset: PersonCounts, counted: Counted, rows: Sequence[Row], truth: Sequence[Unit]) -> Iterator[Told]:
    """What was published of the periods that were counted now, beside whom it counts in truth."""
    for period, cells in counted.items():
        of_period = [unit for unit in truth if unit.period == period]
        assert {key: cell.count.persons for key, cell in cells.items()} == Counter(unit.key for unit in of_period)
        counts = {key: cell.count for key, cell in cells.items()}
        for name, table in published_tables(dataset, period, counts, rows).items():
            for row in table:
                counted_in_it = tuple(unit for unit in of_period if unit.key in row.cells)
                yield Told(dataset, period, row.told, counted_in_it, dict(row.values), (name, *row.key))


async def _revised(
    owner: asyncpg.Connection,
    dataset: PersonCounts,
    period: str,
    groups: Sequence[Group],
    rows: Sequence[Row],
) -> list[Told]:
    """What was published of a revised period, beside whom the register says that it counts."""
    of_hash = await _persons_by_hash(owner)
    inside = {}
    for group in groups:
        of_group = await owner.fetchrow("select unlisted, listed from ksbb.told_group where id = $1", group.id)
        named = [(of_hash[number], listed) for listed in (False, True) for number in of_group[int(listed)]]
        key = detail_key(group)
        member = f" {key[1]}" if key else ""  # once in each programme, or once
        inside[key] = [Unit(period, key, f"{who}{member}", who, listed, {}) for who, listed in named]
    counts = {key: Count(len(of_key), sum(not unit.listed for unit in of_key)) for key, of_key in inside.items()}
    return [
        Told(
            dataset,
            period,
            row.told,
            tuple(unit for key in sorted(row.cells) for unit in inside[key]),
            {},
            (name, *row.key),
            is_revised=True,
        )
        for name, table in revised_tables(dataset, period, counts, rows).items()
        for row in table
    ]


async def _persons_by_hash(owner: asyncpg.Connection) -> dict[int, str]:
    """Every owner by the hash that the register has of it."""
    names = [str(row["id"]) for row in await owner.fetch("select id from ksbb.owner")]
    return {int(hashlib.sha256(name.encode()).hexdigest()[:15], 16): name for name in names}


def few(persons: Iterable[Unit]) -> bool:
    """Whether these are somebody, but fewer unknown persons than may be told of."""
    found = list(persons)
    known = {unit.person for unit in found if unit.listed}
    return bool(found) and len({unit.person for unit in found} - known) < THRESHOLD


Populations = Mapping[str, Sequence[Told]]


def populations(told: Iterable[Told]) -> Populations:
    """Figures by those among whom they count."""
    found = defaultdict(list)
    for figure in told:
        found[figure.population].append(figure)
    return found


def told_apart(figures: Sequence[Told]) -> Iterator[tuple[frozenset[str], Sequence[Told]]]:
    """The members that stand in the same figures, with these figures; those in none are nobody's business."""
    stands_in = defaultdict(list)
    for number, figure in enumerate(figures):
        for member in figure.members:
            stands_in[member].append(number)
    alike = defaultdict(set)
    for member, numbers in stands_in.items():
        alike[tuple(numbers)].add(member)
    for sharing, members in alike.items():
        yield frozenset(members), [figures[number] for number in sharing]


def among(figure: Told, members: frozenset[str]) -> list[Unit]:
    return [unit for unit in figure.counted if unit.member in members]


def assert_revisions_change_nobody_or_ten(told: Sequence[Told]) -> None:
    """A row counts the same persons as when it was told before, or at least ten unknown ones are others."""
    rows = defaultdict(list)
    for figure in told:
        rows[figure.period, figure.row].append(figure)
    for figures in rows.values():
        for before, after in pairwise(figures):
            assert after.is_revised
            changed = before.members ^ after.members
            if changed and after.dataset.revision is Revision.MONTHLY:
                assert abs(len(after.members) - len(before.members)) >= THRESHOLD
            assert not few([*among(before, changed), *among(after, changed - before.members)]), after.row


def assert_no_few_are_told_apart(told: Sequence[Told]) -> None:
    """Neither by tables, nor by ages, nor by releases.

    Unknown is who was unknown when they were told apart first: a figure on the same persons later tells no more of how
    many they are, whoever consented to be listed meanwhile.
    """
    for population, figures in populations(figure for figure in told if not figure.is_revised).items():
        known = set[frozenset[str]]()
        for period in ordered({figure.period for figure in figures}):
            until = [figure for figure in figures if in_time(figure.period) <= in_time(period)]
            for members, sharing in told_apart(until):
                last = max(sharing, key=lambda figure: in_time(figure.period))
                assert members in known or not few(among(last, members)), (last.dataset.name, population, len(members))
                known.add(members)


def assert_figures_are_true(told: Sequence[Told]) -> None:
    for figure in told:
        assert figure.persons == rounded(len(figure.counted))
        for at, text in figure.values.items():
            if isinstance(measure := figure.dataset.more[at], Sum):
                assert text == str(nearest(sum(unit.parts[measure.source] for unit in figure.counted), AMOUNT_STEP))


def assert_measures_are_safe(told: Sequence[Told]) -> None:
    """Every part of a sum or state that the figures of one age tell apart is about enough persons."""
    for figures in _by_period(told):
        for measure, telling in _telling(figures):
            for members, (figure, *_) in told_apart(telling):
                assert _is_safe(measure, among(figure, members)), (figure.dataset.name, figure.period, measure.source)


def _by_period(told: Sequence[Told]) -> Iterable[Sequence[Told]]:
    found = defaultdict(list)
    for figure in told:
        found[figure.period].append(figure)
    return found.values()


def _telling(figures: Sequence[Told]) -> Iterator[tuple[Measure, Sequence[Told]]]:
    """The measures that some figures of a dataset tell, each with those that tell it or another of its family."""
    more = figures[0].dataset.more
    for measure in (measure for measure in more if not isinstance(measure, Moved)):
        family = {at for at, other in enumerate(more) if other.kin == measure.kin}
        if telling := [figure for figure in figures if family & figure.values.keys()]:
            yield measure, telling


def _is_safe(measure: Measure, persons: Sequence[Unit]) -> bool:
    match measure:
        case Sum():
            of_person: Counter[str] = Counter()
            for unit in persons:
                of_person[unit.person] += unit.parts[measure.source]
            payers = [unit for unit in persons if of_person[unit.person] > 0]
            largest, *others = sorted(of_person.values(), reverse=True)
            return bool(payers) and not few(payers) and sum(others[1:]) * 100 >= DOMINANCE_PERCENT * largest
        case InState():
            inside = [unit for unit in persons if unit.parts[measure.source]]
            outside = [unit for unit in persons if not unit.parts[measure.source]]
            share = Fraction(len(inside), len(persons))
            return bool(inside and outside) and not (few(inside) or few(outside)) and share <= MOST_ADVERSE
        case _:
            return not few(persons)


def assert_ages_do_not_tell_of_few(told: Sequence[Told]) -> None:
    """What became of some persons between two ages is told of 10 or of nobody."""
    for figures in populations(told).values():
        for measure, telling in _telling(figures):
            if measure.source in {*MONEY, "late"}:
                for one, other in combinations(telling, 2):
                    if one.members == other.members:
                        assert not few(_moved(measure.source, one, other)), (one.period, other.period, measure.source)


def _moved(source: str, one: Told, other: Told) -> Iterator[Unit]:
    before = {unit.member: unit.parts[source] for unit in one.counted}
    return (unit for unit in other.counted if unit.parts[source] != before[unit.member])


def assert_no_sum_of_figures_is_about_few(told: Sequence[Told], luck: Random) -> None:
    """Of all datasets, periods and releases together; those whom a sum could be about are drawn by lot."""
    inside: defaultdict[str, set[int]] = defaultdict(set)
    unlisted: defaultdict[str, dict[tuple[str, str], bool]] = defaultdict(dict)
    for number, figure in enumerate(told):
        population = (figure.dataset.name, figure.population)
        for unit in figure.counted:
            inside[unit.person].add(number)
            unlisted[unit.person][population] = unlisted[unit.person].get(population, True) and not unit.listed
    stands_in: Counter[frozenset[int]] = Counter()
    for person, figures in inside.items():
        stands_in[frozenset(figures)] += any(unlisted[person].values())
    for about in luck.sample(sorted(stands_in, key=sorted), min(SUMS, len(stands_in))):
        assert fewest(stands_in, about) >= THRESHOLD, [(told[n].dataset.name, told[n].period) for n in about]


CHECKS = [
    assert_revisions_change_nobody_or_ten,
    assert_no_few_are_told_apart,
    assert_figures_are_true,
    assert_measures_are_safe,
    assert_ages_do_not_tell_of_few,
]


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_no_history_lets_its_releases_tell_of_few(publisher: Publisher, seed: int) -> None:
    catalogue = Catalogue()
    history = History(seed)
    async with publisher.writing() as connection:
        await history.found(connection)
    for number in range(MONTHS):
        async with publisher.writing() as connection:
            await history.month(number, connection)
        if number + 1 in RELEASED_AFTER:
            await catalogue.release(publisher, month_after(number + 1) + dt.timedelta(20))
    for dataset in DATASETS:
        told = [figure for figure in catalogue.told if figure.dataset is dataset]
        for check in CHECKS:
            check(told)
    assert_no_sum_of_figures_is_about_few(catalogue.told, Random(seed))


async def test_whole_releases_of_a_history_repeat_what_was_sealed_byte_by_byte(
    publisher: Publisher, root: Path
) -> None:
    history, sealed = History(HISTORIES), dict[str, set[bytes]]()
    async with publisher.writing() as connection:
        await history.found(connection)
    for number in range(RELEASED_AFTER[2]):
        async with publisher.writing() as connection:
            await history.month(number, connection)
        if number + 1 in (RELEASED_AFTER[0], RELEASED_AFTER[2]):
            at = dt.datetime.combine(month_after(number + 1), dt.time(), dt.UTC) + dt.timedelta(20)
            released = (await publisher.publish(root, FixedClock(at))).folder
            for dataset in DATASETS:
                lines = set((released / "data" / f"{dataset.name}.csv").read_bytes().splitlines())
                if dataset.revision is not Revision.NEVER:  # labels and pattern stay, figures may be others
                    lines = {line.rpartition(b",")[0] for line in lines}
                assert sealed.get(dataset.name, set()) <= lines
                sealed[dataset.name] = lines
    assert len(sealed["penerima_agregat"]) > 1
