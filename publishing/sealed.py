"""What of a dataset is sealed: its periods with their rows, carried over from release to release, and new ones.

A period that was released once is never counted again, whatever has happened since to those it counts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from kernel.errors import KsbbError
from publishing.control.anonymous_rows import anonymous_rows
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Key
from publishing.control.ledger import Ledger, ordered
from publishing.control.measures import Cell
from publishing.control.microdata import Microdata
from publishing.control.persons import Row, rows
from publishing.extract import person_counts
from publishing.period import days_of
from publishing.release.released import Released


@dataclass(frozen=True)
class Sealed:
    """The sealed periods of a dataset, and the rows of all of them."""

    periods: Sequence[str] = ()
    rows: Sequence[Row] = ()


class SealedRowsAreMissing(KsbbError):
    """A period of a dataset was published once, but the release before does not have it any more."""

    code = "SEALED_ROWS_ARE_MISSING"


Counted = Mapping[str, Mapping[Key, Cell]]
"""By period: what was counted now."""


def sealed_in(release: Released | None, dataset: PersonCounts | Microdata) -> Sealed:
    """What a release has of a dataset; nothing where it is not in it, or there is no release.

    Raises:
        ReleaseWasChanged: the file is not what was released.
    """
    periods = list(release.resource(dataset.name).get("sealed_periods", [])) if release else []
    return Sealed(periods, release.rows(dataset) if release and periods else [])


def closed_to(dataset: PersonCounts | Microdata, release: Released | None, ledger: Ledger) -> Collection[str]:
    """Periods that are not to be counted for microdata: their rows fit only what is counted beside them at once.

    Somebody may have come or left since the figures beside them were published, be it in a release that was withdrawn.
    """
    if not isinstance(dataset, Microdata):
        return ()
    told = {period for entries in ledger.withdrawn for period in entries.get(dataset.beside.name, {})}
    return told | set(sealed_in(release, dataset.beside).periods)


async def with_new_periods(
    connection: asyncpg.Connection,
    dataset: PersonCounts | Microdata,
    before: Sealed,
    until: dt.date,
    ledger: Ledger,
    closed: Collection[str] = (),
) -> tuple[Sealed, Counted]:
    """All periods that ended by a day: those sealed before as they were, those that ended since counted now.

    `closed` are left out.

    Raises:
        SealedRowsAreMissing: a period would be counted again.
        DisclosureRefused: as in `rows`.
    """
    _require_all_that_was_sealed(dataset, before, ledger)
    new = [period for period in _ended_since(dataset, before, until) if period not in closed]
    counted = await person_counts(connection, dataset, new)
    found = list(before.rows)
    for period, cells in counted.items():
        found += await asyncio.to_thread(_rows, dataset, period, cells, ledger)
    return Sealed(ordered([*before.periods, *counted]), sorted(found)), counted


def _rows(dataset: PersonCounts | Microdata, period: str, cells: Mapping[Key, Cell], ledger: Ledger) -> list[Row]:
    match dataset:
        case Microdata():
            return anonymous_rows(dataset, period, cells, ledger)
        case PersonCounts():
            return rows(dataset, period, cells, ledger)


def _ended_since(dataset: PersonCounts | Microdata, before: Sealed, until: dt.date) -> list[str]:
    """The periods that ended after the last one that was sealed before.

    One that ended earlier and is not among those was sealed with nobody in it, by a version that did not say so.
    """
    last = max((days_of(period)[1] for period in before.periods), default=dt.date.min)
    return ordered(period for period in dataset.periods(until) if days_of(period)[1] > last)


def _require_all_that_was_sealed(dataset: PersonCounts | Microdata, before: Sealed, ledger: Ledger) -> None:
    """Refuse to go on from a release without a period that the ledger knows: the dataset left the package meanwhile."""
    if missing := ledger.entries.get(dataset.name, {}).keys() - set(before.periods):
        raise SealedRowsAreMissing(
            f"{dataset.name}: {len(missing)} periods were published in an earlier release and are not in the last one. "
            f"Counted again, under whatever name, they could tell of one person: leave the dataset out of the package.",
            dataset=dataset.name,
        )
