"""Sealing: what a release tells of periods that ended, and of periods that are revised, in all its datasets together.

Persons are counted dataset by dataset. Who is in the groups that would be told is then noted in the register, and what
all figures tell together is audited: those of the new groups, and all that were ever told. A group whose figure could
tell of a few persons is hidden, with the totals that it is in.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from kernel.errors import KsbbError
from publishing.control.anonymous_rows import beside_rows, sexes
from publishing.control.counts import DETAIL, PersonCounts
from publishing.control.disclosure import Count, Key
from publishing.control.ledger import Ledger, cohort_of, ordered
from publishing.control.measures import Cell, united
from publishing.control.microdata import Microdata
from publishing.control.persons import details
from publishing.extract import person_counts
from publishing.hiding import Proposed, hidden_groups
from publishing.period import last_revision
from publishing.register import Proposal, Register, ToldGroup, detail_key, source_of
from publishing.revising import due, revised_rows, standing
from publishing.sealed import Counted, Sealed, new_periods, new_rows

Where = tuple[str, str, str]
"""Dataset, cohort and place of a group."""


@dataclass(frozen=True)
class Outcome:
    """What a release has of a dataset: all its sealed periods; what was counted now; the groups of periods that were
    revised, where that changed anything."""

    sealed: Sealed
    counted: Counted = field(default_factory=dict)
    revised: Mapping[str, Sequence[ToldGroup]] = field(default_factory=dict)

    @property
    def revised_counts(self) -> dict[str, dict[Key, Count]]:
        """By revised period the persons in each group of the detail."""
        return {
            period: {detail_key(group): Count(group.persons, group.unlisted) for group in groups}
            for period, groups in self.revised.items()
        }


class RegisterIsNotComplete(KsbbError):
    """The register does not have the groups of a figure that was released."""

    code = "REGISTER_IS_NOT_COMPLETE"


async def seal(
    connection: asyncpg.Connection,
    datasets: Sequence[PersonCounts | Microdata],
    before: Mapping[str, Sealed],
    until: dt.date,
    ledger: Ledger,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Outcome]:
    """All periods that ended by a day: those sealed before as they were or revised, those that ended since counted now.

    `before` is what the release before has, by dataset. The connection is that of a snapshot which keeps what it notes.

    Raises:
        SealedRowsAreMissing, RegisterIsNotComplete: what was told before is not known any more.
        DisclosureRefused: as in `rows`.
    """
    register = Register(connection)
    known = await _what_was_told(register, ledger)
    say("counting persons")
    sealing = _Sealing({dataset.name: dataset for dataset in datasets}, before, until, ledger, register, known)
    counted = await _counted(connection, datasets, {one.name: sealing.new_periods(one) for one in datasets})
    say("noting who is counted")
    for dataset in datasets:
        await sealing.propose(dataset, counted[dataset.name])
    say("auditing all figures together")
    hidden = _by_cohort(await sealing.decide())
    return await asyncio.to_thread(sealing.outcomes, counted, hidden, await register.groups())


async def _counted(
    connection: asyncpg.Connection, datasets: Sequence[PersonCounts | Microdata], periods: Mapping[str, Sequence[str]]
) -> dict[str, Counted]:
    """The persons of new periods by dataset, put aside in the register.

    Those beside rows of persons are counted once, together with these.
    """
    register, new = Register(connection), [dataset for dataset in datasets if periods[dataset.name]]
    cohorts = {cohort_of(period) for dataset in new for period in periods[dataset.name]}
    await register.gather({source_of(dataset) for dataset in new}, cohorts)
    counted: dict[str, Counted] = {}
    for rows in (dataset for dataset in datasets if isinstance(dataset, Microdata)):
        beside = periods.get(rows.beside.name, ())
        finest = await register.counts(rows, {*beside, *periods[rows.name]})
        counted[rows.name] = {period: finest[period] for period in periods[rows.name]}
        counted[rows.beside.name] = {period: beside_rows(finest[period]) for period in beside}
    for dataset in datasets:
        if dataset.name not in counted:
            ended = periods[dataset.name]
            measured = person_counts(connection, dataset, ended) if dataset.more else register.counts(dataset, ended)
            counted[dataset.name] = await measured
    return counted


async def _what_was_told(register: Register, ledger: Ledger) -> list[ToldGroup]:
    """The groups that were told; those of releases that came to nothing are forgotten."""
    groups, told = await register.groups(), _ToldByLedger(ledger)
    known = {group.id: group for group in groups if group in told}
    if missing := told.details - {_where(group) for group in known.values()}:
        raise RegisterIsNotComplete(
            f"The database does not know who is behind {len(missing)} figures that were released. New ones could not "
            f"be compared with them, so nothing was published. Restore a backup of the database that is as new as the "
            f"catalogue of releases.",
            missing=len(missing),
        )
    await register.forget(group.id for group in groups if group.id not in known)
    return list(known.values())


@dataclass(frozen=True)
class _Sealing:
    """One release in the making; `known` are the groups that were told before."""

    datasets: Mapping[str, PersonCounts | Microdata]
    before: Mapping[str, Sealed]
    until: dt.date
    ledger: Ledger
    register: Register
    known: Sequence[ToldGroup]

    def new_periods(self, dataset: PersonCounts | Microdata) -> list[str]:
        """The periods of a dataset that ended since the release before.

        Rows of persons fit only what is counted beside them at once: somebody may have come or left since it was
        published, be it in a release that was withdrawn.
        """
        closed: set[str] = set()
        if isinstance(dataset, Microdata):
            beside = dataset.beside.name
            closed = {period for entries in self.ledger.withdrawn for period in entries.get(beside, {})}
            closed |= set(self._before(dataset.beside).periods)
        return new_periods(dataset, self._before(dataset), self.until, self.ledger, closed)

    async def propose(self, dataset: PersonCounts | Microdata, counted: Counted) -> None:
        """Note the groups of cohorts that are new, but for those that stand there already as they are."""
        there, seen = {_where(group) for group in self.known}, set[str]()
        for period, cells in counted.items():
            cohort = cohort_of(period)
            if cohort in seen or self.ledger.known(dataset.name, period) is not None:
                continue
            seen.add(cohort)
            proposals = await asyncio.to_thread(_proposals, dataset, period, cells, self.ledger)
            new = [one for one in proposals if (dataset.name, cohort, one.place) not in there]
            await self.register.seal(dataset, cohort, new)

    async def decide(self) -> list[ToldGroup]:
        """Which of the new groups stay hidden. Groups that are not to be told are forgotten.

        Where a group may not be revised, those who are in it stay, and the other groups are looked at again.
        """
        known = {group.id for group in self.known}
        new = [group for group in await self.register.groups() if group.id not in known]
        refused: set[Where] = set()
        while True:
            revised = await self._revised(refused, {*known, *(group.id for group in new)})
            proposed = Proposed(new, revised)
            overlaps = await self.register.overlaps() if proposed.all else {}
            hidden = await asyncio.to_thread(hidden_groups, overlaps, proposed, self.datasets)
            stay = {_where(after) for _, after in revised} & {_where(group) for group in hidden}
            if not stay:
                await self.register.forget(group.id for group in hidden)
                return hidden
            await self.register.forget(after.id for _, after in revised)
            refused |= stay

    async def _revised(self, refused: set[Where], others: set[int]) -> list[tuple[ToldGroup, ToldGroup]]:
        """Groups of revised periods beside what they would be today, where that is something else."""
        standing_ = {
            _where(group): group
            for dataset in self.datasets.values()
            for period in due(dataset, self._before(dataset), self.until, self.ledger)
            for group in standing(self.known, self.ledger, dataset.name, period)
        }
        for name in {name for name, _, _ in standing_}:
            dataset, groups = self.datasets[name], [group for group in standing_.values() if group.dataset == name]
            assert isinstance(dataset, PersonCounts)
            may = [group for group in groups if _where(group) not in refused]
            await self.register.revise(dataset, may, [group for group in groups if _where(group) in refused])
        after = [group for group in await self.register.groups() if group.id not in others]
        return [(standing_[_where(group)], group) for group in after]

    def outcomes(
        self, counted: Mapping[str, Counted], hidden: Mapping[str, Mapping[str, set[str]]], groups: Sequence[ToldGroup]
    ) -> dict[str, Outcome]:
        """The rows of every dataset: kept, revised and new ones; `hidden` are places by dataset and cohort."""
        return {
            name: self._outcome(dataset, _fitting(dataset, counted[name], hidden), hidden.get(name, {}), groups)
            for name, dataset in self.datasets.items()
        }

    def _outcome(
        self,
        dataset: PersonCounts | Microdata,
        counted: Counted,
        hidden: Mapping[str, set[str]],
        groups: Sequence[ToldGroup],
    ) -> Outcome:
        before, revised = self._before(dataset), {}
        found = list(before.rows)
        for period in due(dataset, before, self.until, self.ledger):
            newest = self._newest(dataset.name, period, groups)
            rows, found = found, revised_rows(dataset, period, found, newest, self.ledger)
            if rows != found:
                revised[period] = newest
        found += new_rows(dataset, counted, self.ledger, hidden)
        periods = ordered([*before.periods, *counted])
        last = last_revision(dataset.revision, self.until)
        seen = dict.fromkeys(periods, last) if last else {}
        return Outcome(Sealed(periods, sorted(found), seen), counted, revised)

    def _newest(self, name: str, period: str, groups: Sequence[ToldGroup]) -> list[ToldGroup]:
        """The groups of a period that stand, each as it is since this revision."""
        newest = {_where(group): group for group in groups}
        return [newest[_where(group)] for group in standing(self.known, self.ledger, name, period)]

    def _before(self, dataset: PersonCounts | Microdata) -> Sealed:
        return self.before.get(dataset.name, Sealed())


class _ToldByLedger:
    """What the ledger says of groups: those of which releases that stand or were withdrawn have told."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._digests: defaultdict[Where, set[str]] = defaultdict(set)
        self._cohorts: set[tuple[str, str]] = set()
        for entries in (ledger.entries, *ledger.withdrawn):
            for dataset, periods in entries.items():
                for period, digests in periods.items():
                    self._cohorts.add((dataset, cohort_of(period)))
                    for place, digest in digests.items():
                        self._digests[dataset, cohort_of(period), place].add(digest)

    @property
    def details(self) -> set[Where]:
        """All details."""
        return {where for where in self._digests if _is_detail(where[2])}

    def __contains__(self, group: ToldGroup) -> bool:
        """Whether it was told of a group; of rows of persons, of its cohort."""
        if not _is_detail(group.place):
            return (group.dataset, group.cohort) in self._cohorts
        digest = self._ledger.digest(group.dataset, group.persons, group.members)
        return digest in self._digests.get(_where(group), ())


def _proposals(
    dataset: PersonCounts | Microdata, period: str, cells: Mapping[Key, Cell], ledger: Ledger
) -> list[Proposal]:
    """The groups of which a period would tell."""
    if isinstance(dataset, Microdata):
        found = sexes(dataset, cells)
    else:
        found = ((one.place, one.group.cells) for one in details(dataset, period, cells, ledger))
    return [_proposal(place, inside, cells) for place, inside in found]


def _proposal(place: str, inside: Iterable[Key], cells: Mapping[Key, Cell]) -> Proposal:
    keys = sorted(inside)
    all_ = united(cells[key] for key in keys)
    return Proposal(place, keys, all_.count.persons, all_.members)


def _fitting(
    dataset: PersonCounts | Microdata, counted: Counted, hidden: Mapping[str, Mapping[str, set[str]]]
) -> Counted:
    """What was counted; of rows of persons the periods in which nothing is hidden beside them."""
    if not isinstance(dataset, Microdata):
        return counted
    beside = hidden.get(dataset.beside.name, {})
    return {period: cells for period, cells in counted.items() if cohort_of(period) not in beside}


def _by_cohort(groups: Iterable[ToldGroup]) -> dict[str, dict[str, set[str]]]:
    """The places of groups by dataset and cohort."""
    found: dict[str, dict[str, set[str]]] = {}
    for group in groups:
        found.setdefault(group.dataset, {}).setdefault(group.cohort, set()).add(group.place)
    return found


def _where(group: ToldGroup) -> Where:
    return group.dataset, group.cohort, group.place


def _is_detail(place: str) -> bool:
    return place.partition("|")[0] == DETAIL
