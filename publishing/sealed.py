"""What of a dataset is sealed: its periods with their rows, carried over from release to release, and new ones.

A period that was released once is never counted again, whatever has happened since to those it counts; only the yearly
revision (`publishing/revising.py`) comes back to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kernel.errors import KsbbError
from publishing.control.anonymous_rows import anonymous_rows
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Key
from publishing.control.ledger import Ledger, cohort_of, ordered
from publishing.control.measures import Cell
from publishing.control.microdata import Microdata
from publishing.control.persons import Row, rows
from publishing.period import days_of
from publishing.release.released import Released


@dataclass(frozen=True)
class Sealed:
    """The sealed periods of a dataset, the rows of all of them, and which yearly revision each has seen."""

    periods: Sequence[str] = ()
    rows: Sequence[Row] = ()
    revised: Mapping[str, int] = field(default_factory=dict)


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
    resource = release.resource(dataset.name) if release else {}
    if release is None or not (periods := list(resource.get("sealed_periods", []))):
        return Sealed()
    return Sealed(periods, release.rows(dataset), resource.get("revised_in", {}))


def new_periods(
    dataset: PersonCounts | Microdata, before: Sealed, until: dt.date, ledger: Ledger, closed: Collection[str] = ()
) -> list[str]:
    """The periods that ended by a day and are not among those sealed before; `closed` are left out.

    Raises:
        SealedRowsAreMissing: a period would be counted again.
    """
    _require_all_that_was_sealed(dataset, before, ledger)
    return [period for period in _ended_since(dataset, before, until) if period not in closed]


def new_rows(
    dataset: PersonCounts | Microdata, counted: Counted, ledger: Ledger, hidden: Mapping[str, Collection[str]]
) -> list[Row]:
    """The rows of periods that are counted now, but for the places that are `hidden` in their cohort.

    Raises:
        DisclosureRefused: as in `rows`.
    """
    found: list[Row] = []
    for period, cells in counted.items():
        match dataset:
            case Microdata():
                found += anonymous_rows(dataset, period, cells, ledger, hidden.get(period, ()))
            case PersonCounts():
                found += rows(dataset, period, cells, ledger, hidden.get(cohort_of(period), ()))
    return found


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
