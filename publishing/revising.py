"""Revisions: once a year a sealed figure may count other persons, where at least ten of them are others.

Corrections, withdrawals and erasures wait for it. The count of all recipients since the programme began, which is never
over, follows every month in the same way. Labels and the pattern of what is shown stay as they were; so every
row is the sum of the same groups as before, of which some count other persons now. Which groups may change is decided
together with all other figures (`publishing/sealing.py`).

Source: DESIGN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from policy.small_counts import rounded
from publishing.control.counts import PersonCounts
from publishing.control.ledger import Ledger, place
from publishing.control.microdata import Microdata
from publishing.control.persons import Row, by_row, key_of
from publishing.period import last_revision
from publishing.register import ToldGroup, detail_key
from publishing.sealed import Sealed


def due(dataset: PersonCounts | Microdata, before: Sealed, until: dt.date, ledger: Ledger) -> list[str]:
    """The periods of a dataset that have not seen its last revision; not those from before there was a ledger."""
    last, known = last_revision(dataset.revision, until), ledger.entries.get(dataset.name, {})
    return [period for period in before.periods if period in known and before.revised.get(period, 0) < last]


def standing(groups: Iterable[ToldGroup], ledger: Ledger, dataset: str, period: str) -> list[ToldGroup]:
    """The groups of the detail that figures of a period are about, of all that were ever told."""
    digests = ledger.entries[dataset][period]
    of_period = (group for group in groups if (group.dataset, group.cohort) == (dataset, period))
    return [g for g in of_period if digests.get(g.place) == ledger.digest(dataset, g.persons, g.members)]


def revised_rows(
    dataset: PersonCounts | Microdata, period: str, rows: Iterable[Row], groups: Sequence[ToldGroup], ledger: Ledger
) -> list[Row]:
    """The rows of a dataset, those of a period about the groups they were about, as these are now.

    They are noted in the ledger.
    """
    assert isinstance(dataset, PersonCounts)
    found, digests, by_key = [], {}, {detail_key(group): group for group in groups}
    inside_of = by_row(dataset, by_key)
    for row in rows:
        if row[1] != period:
            found.append(row)
            continue
        key = key_of(dataset, row)
        inside = [by_key[one] for one in inside_of.get((row[0], key), ())]
        persons, members = sum(group.persons for group in inside), sum(group.members for group in inside)
        digests[place(row[0], key)] = ledger.digest(dataset.name, persons, members)
        found.append((*row[:-1], str(rounded(persons))))
    ledger.note(dataset.name, period, digests)
    return found
