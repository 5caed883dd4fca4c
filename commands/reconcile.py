"""Reconciliation (step 27): differences become discrepancies once, parties are told, and what stays open is escalated.

Nothing is closed here: reports that agree again say so (`agreed_on`, DIKOREKSI), and Biro KSD accepts it or does not.
Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 27; the number of days is a proposal (`KSBB_DISCREPANCY_DAYS`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.command import Fact
from commands.discrepancy import Difference, concerned, open_discrepancies, tell_moved
from commands.job import AT_A_TIME, Job, due
from commands.rules import COMPARISONS, PARTIES, Comparison
from commands.work import Work
from models.discrepancy import Discrepancy
from models.states import DISCREPANCY
from models.vocabulary import Actor, DiscrepancyStatus

S = DiscrepancyStatus


@dataclass(frozen=True, kw_only=True)
class DiscrepancyAgreed(Fact):
    """The two reports of a discrepancy agree again (selisih tidak ada lagi); it still waits for being accepted."""

    tells: ClassVar = (Discrepancy.agreed_on,)


@dataclass(frozen=True, kw_only=True)
class DiscrepancyDiffered(Fact):
    """The two reports of a discrepancy agreed for a while, and differ again (selisih muncul kembali)."""

    tells: ClassVar = (Discrepancy.agreed_on,)


async def open_found(work: Work) -> int:
    """Open what differs and is not known: of each rule some, in the order of their subjects."""
    opened = 0
    for comparison in COMPARISONS:
        rows = _differing(comparison, work.today)
        found = select(rows).where(not_(_is_known(comparison, rows))).order_by(rows.c.subject_id).limit(AT_A_TIME)
        differences = [_difference(comparison, row) for row in await work.session.execute(found)]
        opened += len(await open_discrepancies(work, differences))
    return opened


async def tell_parties(work: Work) -> int:
    """TERDETEKSI -> DIBERITAHUKAN, with an event for the bodies concerned; also of those that commands opened."""
    found = await due(work, select(Discrepancy).where(Discrepancy.status == S.TERDETEKSI), Discrepancy)
    for discrepancy in found:
        work.move(discrepancy, DISCREPANCY, S.DIBERITAHUKAN, by=Actor.SISTEM)
        tell_moved(work, discrepancy)
    return len(found)


async def note_agreement(work: Work) -> int:
    """Say of open discrepancies that their reports agree again; DIBERITAHUKAN -> DIKOREKSI, to be accepted by hand."""
    found = await _open_ones(work, agreed=False)
    for discrepancy in found:
        discrepancy.agreed_on = work.today
        if discrepancy.status is S.DIBERITAHUKAN:
            work.move(discrepancy, DISCREPANCY, S.DIKOREKSI, by=Actor.SISTEM)
        work.tell(DiscrepancyAgreed(subject=discrepancy, institutions=concerned(discrepancy)))
    return len(found)


async def note_difference(work: Work) -> int:
    """Take back, of open discrepancies, that their reports agree: they differ again."""
    found = await _open_ones(work, agreed=True)
    for discrepancy in found:
        discrepancy.agreed_on = None
        work.tell(DiscrepancyDiffered(subject=discrepancy, institutions=concerned(discrepancy)))
    return len(found)


async def escalate(work: Work) -> int:
    """Any open state -> DIESKALASI (to the inspectorate), once open for more than the days of the setting."""
    last = work.today - dt.timedelta(days=work.settings.discrepancy_days)
    query = select(Discrepancy).where(
        Discrepancy.status.not_in([S.DITERIMA, S.DIESKALASI]), Discrepancy.detected_on < last
    )
    found = await due(work, query, Discrepancy)
    for discrepancy in found:
        work.move(discrepancy, DISCREPANCY, S.DIESKALASI, by=Actor.SISTEM)
        tell_moved(work, discrepancy)
    return len(found)


RECONCILIATION: Mapping[str, Job] = {
    "discrepancies opened": open_found,
    "discrepancies told": tell_parties,
    "discrepancies that agree again": note_agreement,
    "discrepancies that differ again": note_difference,
    "discrepancies escalated": escalate,
}
"""In the order in which they depend on each other: who is told first can be corrected."""


async def _open_ones(work: Work, *, agreed: bool) -> Sequence[Discrepancy]:
    """Open discrepancies that say the other thing of their reports than the reports do, locked."""
    said = Discrepancy.agreed_on.is_not(None) if agreed else Discrepancy.agreed_on.is_(None)
    still = and_(Discrepancy.status != S.DITERIMA, said)
    measures = set((await work.session.execute(select(Discrepancy.measure).where(still).distinct())).scalars())
    found: list[Discrepancy] = []
    for comparison in COMPARISONS:
        if comparison.measure in measures:
            rows = _differing(comparison, work.today)
            differs = exists().where(rows.c.subject_id == Discrepancy.subject_id)
            of_rule = and_(Discrepancy.measure == comparison.measure, Discrepancy.subject_id.is_not(None))
            query = select(Discrepancy).where(still, of_rule, differs if agreed else not_(differs))
            found += await due(work, query, Discrepancy)
    return found


def _differing(comparison: Comparison, day: dt.date) -> Subquery:
    return comparison.differing.params(today=day).subquery("differing")


def _is_known(comparison: Comparison, rows: Subquery) -> ColumnElement[bool]:
    """Whether a discrepancy of the subject is open, or these very values were accepted as they are."""
    accepted = and_(
        Discrepancy.agreed_on.is_(None),
        Discrepancy.value_a == rows.c.value_a,
        Discrepancy.value_b == rows.c.value_b,
    )
    return exists().where(
        Discrepancy.measure == comparison.measure,
        Discrepancy.subject_id == rows.c.subject_id,
        or_(Discrepancy.status != S.DITERIMA, accepted),
    )


def _difference(comparison: Comparison, row: Any) -> Difference:
    return Difference(
        measure=comparison.measure,
        reporter_a=comparison.reporter_a,
        value_a=row.value_a,
        reporter_b=comparison.reporter_b,
        value_b=row.value_b,
        **{name: getattr(row, name) for name in PARTIES},
    )


# ---- counts


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one rule finds on a day: subjects that differ, and how many of them are not known yet."""

    measure: str
    english: str
    indonesian: str
    differing: int
    new: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


async def compare(connection: AsyncConnection, day: dt.date) -> list[Compared]:
    """Count what each rule finds, one statement each; reads all rows and writes none."""
    return [one async for one in _compared(connection, day)]


async def _compared(connection: AsyncConnection, day: dt.date) -> AsyncIterator[Compared]:
    for comparison in COMPARISONS:
        rows = _differing(comparison, day)
        new = func.count().filter(not_(_is_known(comparison, rows)))
        counted = (await connection.execute(select(func.count(), new).select_from(rows))).one()
        yield Compared(
            measure=comparison.measure.value,
            english=comparison.english,
            indonesian=comparison.indonesian,
            differing=counted[0],
            new=counted[1],
        )


def lines(compared: Iterable[Compared]) -> Iterator[str]:
    """The counts, for a terminal."""
    for one in compared:
        yield f"{one.differing:7,} differ, {one.new:,} new  {one.measure:18}  {one.english}"
