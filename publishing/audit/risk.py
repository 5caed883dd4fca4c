"""The risk of one sealed period of a dataset: the audit of its tables, in words that tell nothing of a small number.

What is said of the tables is computed from what they publish. Of what they do not publish two things are said, both as
a band: how many unlisted persons are in no row, and how open the hidden numbers are. So a report tells no more than
its tables and these bands: `tests/publishing/test_risk_report.py` compares cities that differ in nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from policy.small_counts import DISTINCT_STATES, MOST_ADVERSE, THRESHOLD
from publishing.audit.cell_classes import Figure
from publishing.audit.exact import Audited, audit_exactly
from publishing.audit.published_rows import PublishedRow, Tables
from publishing.control.disclosure import Count, DisclosureRefused, Key

Risk = dict[str, Any]
"""What a report says of something, as it stands in `risk_report.json`."""

_FIRST_HIDDEN_BAND = 100
"""The first band of hidden persons ends here: above nine recipients in each programme, all that groups can leave out.
There it tells nobody whether there are any, not even who knows all but a few; elsewhere it tells of 100 together."""
_HUNDRED = 100


def period_risk(
    period: str, counts: Mapping[Key, Count], tables: Tables, detail: str, *, states_are_told: bool = False
) -> Risk:
    """Audit the numbers of persons in the tables of a period, and say what is left to learn.

    Raises:
        DisclosureRefused: they tell too much, or the detail counts somebody twice.
    """
    rows = tables[detail]
    in_detail = Counter(cell for row in rows for cell in row.cells)
    if any(number > 1 for number in in_detail.values()):
        raise DisclosureRefused(f"The table {detail} counts persons twice. Nothing was published.")
    audited = audit_exactly(counts, [Figure(row.cells, row.told) for table in tables.values() for row in table])
    hidden = sum(number.unlisted for cell, number in counts.items() if cell not in in_detail)
    shown = _sum(rows)
    return {
        "period": period,
        "assessed": True,
        "hidden_unlisted": hidden_band(hidden),
        "covered_percent": covered_percent(shown, hidden),
        "k": at_least(min((row.told for row in rows), default=None)),
        "l": DISTINCT_STATES if states_are_told else None,
        "adverse_share": f"<= {MOST_ADVERSE * _HUNDRED} %" if states_are_told else None,
        **_audit(audited),
        "tables": [{"table": name, **_table(table, shown)} for name, table in tables.items()],
    }


def not_assessed(period: str) -> Risk:
    """What is said of a period that was published before there were reports: it is never counted again."""
    return {"period": period, "assessed": False}


def at_least(number: int | None) -> str | None:
    """A lower bound in steps 10, 20, 50, 100, ...: never an exact number, never one below the threshold."""
    if number is None:
        return None
    return f">= {max((step for step in _steps(number) if step >= THRESHOLD), default=0)}"


def hidden_band(persons: int) -> str:
    """A number of hidden persons as one of the bands 0-99, 100-199, 200-499, 500-999, ..."""
    least, most = _band(persons)
    return f"{least}-{most}"


def covered_percent(shown: int, hidden: int) -> str:
    """The share of persons that the detail shows: what the figures and the band of the hidden leave certain."""
    _, most = _band(hidden)
    return f">= {shown * _HUNDRED // (shown + most)}"


def _band(persons: int) -> tuple[int, int]:
    least = 0
    for step in _endless_steps():
        if step >= _FIRST_HIDDEN_BAND:
            if persons < step:
                return least, step - 1
            least = step
    raise AssertionError


def _table(table: Sequence[PublishedRow], shown: int) -> Risk:
    """Of one table: only what anybody can compute from its rows."""
    return {
        "figures": len(table),
        "smallest_figure": at_least(min((row.told for row in table), default=None)),
        "percent_of_detail": min(_HUNDRED, _sum(table) * _HUNDRED // shown) if shown else 0,
        "levels": dict(sorted(Counter(row.level for row in table if row.level).items())),
    }


def _audit(audited: Audited) -> Risk:
    return {
        "figures": audited.figures,
        "rank": audited.rank,
        "classes": audited.classes,
        "derivable_small_numbers": 0,
        "hidden_interval": {"narrowest": at_least(audited.narrowest), "median": at_least(audited.median)},
    }


def _sum(table: Sequence[PublishedRow]) -> int:
    return sum(row.told for row in table)


def _endless_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50, ..."""
    for power in count():
        for lead in (1, 2, 5):
            yield lead * 10**power


def _steps(up_to: int) -> list[int]:
    found = []
    for step in _endless_steps():
        if step > up_to:
            break
        found.append(step)
    return found
