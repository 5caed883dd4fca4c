"""The risk report of a release: `risk_report.json` for programs, `risk_report.html` for people.

A sealed period is assessed once, when it is counted, and from then on carried over from the release before, like its
rows: a period that is counted again would be compared with itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy import small_counts as policy
from publishing.audit.measures import audit_measures
from publishing.audit.microdata import microdata_risk
from publishing.audit.published_rows import period_of, published_tables, revised_tables
from publishing.audit.risk import Risk, not_assessed, period_risk
from publishing.audit.risk_page import page
from publishing.control.counts import DETAIL, PersonCounts
from publishing.control.disclosure import Count, DisclosureRefused, Key
from publishing.control.ledger import ordered
from publishing.control.measures import Cell
from publishing.control.microdata import Microdata
from publishing.control.persons import Row
from publishing.package import json_text
from publishing.release.released import Released

REPORT = "risk_report.json"
PAGE = "risk_report.html"

_FORMAT = "1.0"


class RiskReport:
    """The report of a release while it is made, after the release before."""

    def __init__(self, package: str, before: Released | None) -> None:
        self._package = package
        self._before = before
        self._earlier = _read(before)
        self._datasets: dict[str, list[Risk]] = {}

    def add(
        self,
        dataset: PersonCounts | Microdata,
        counted: Mapping[str, Mapping[Key, Cell]],
        rows: Sequence[Row],
        revised: Mapping[str, Mapping[Key, Count]] = MappingProxyType({}),
    ) -> None:
        """Audit the periods that were counted now or `revised`, and carry over what was said of the others.

        `rows` are all that the dataset publishes; of a revised period each group of its detail has its persons.

        Raises:
            DisclosureRefused: the tables tell too much, or not what they told before.
        """
        changed = counted.keys() | revised.keys()
        kept = self._rows_before(dataset, besides=changed)
        if sorted(kept) != sorted(row for row in rows if period_of(dataset, row) not in changed):
            raise DisclosureRefused(
                f"{dataset.name}: rows of sealed periods are not those of the release before. Nothing was published.",
                dataset=dataset.name,
            )
        risks = {risk["period"]: risk for risk in self._carried(dataset, {period_of(dataset, row) for row in kept})}
        for period, cells in counted.items():
            risks[period] = _audited(dataset, period, cells, rows)
        for period, counts in revised.items():
            assert isinstance(dataset, PersonCounts)
            risks[period] = _revised(dataset, period, counts, rows, risks.get(period, not_assessed(period)))
        self._datasets[dataset.name] = [risks[period] for period in ordered(risks)]

    def as_dict(self) -> dict[str, Any]:
        """The content of the report; no time stands in it."""
        earlier = self._earlier.get("releases_compared", [])
        return {
            "format": _FORMAT,
            "package": self._package,
            "parameters": _parameters(),
            "releases_compared": [*earlier, self._before.version] if self._before else [],
            "datasets": [{"name": name, "periods": self._datasets[name]} for name in sorted(self._datasets)],
        }

    def write(self, folder: Path) -> None:
        """Put both files into the folder of a release."""
        content = self.as_dict()
        (folder / REPORT).write_text(json_text(content), encoding="utf-8", newline="")
        (folder / PAGE).write_text(page(content), encoding="utf-8", newline="")

    def _rows_before(self, dataset: PersonCounts | Microdata, besides: Collection[str]) -> list[Row]:
        """The rows of a dataset in the release before, if it was in it, without those of some periods."""
        found = self._before.rows(dataset) if self._before and self._before.resource(dataset.name) else []
        return [row for row in found if period_of(dataset, row) not in besides]

    def _carried(self, dataset: PersonCounts | Microdata, periods: set[str]) -> Iterator[Risk]:
        """What was said of periods of the release before, word by word."""
        datasets = {one["name"]: one["periods"] for one in self._earlier.get("datasets", [])}
        known = {risk["period"]: risk for risk in datasets.get(dataset.name, [])}
        for period in sorted(periods | known.keys()):
            yield known.get(period, not_assessed(period))


def _read(before: Released | None) -> dict[str, Any]:
    """The report of the release before; empty for one that was made before there were reports."""
    if before is None or not (before.folder / REPORT).exists():
        return {}
    content: dict[str, Any] = json.loads((before.folder / REPORT).read_text(encoding="utf-8"))
    return content


def _audited(dataset: PersonCounts | Microdata, period: str, cells: Mapping[Key, Cell], rows: Sequence[Row]) -> Risk:
    """The risk of a period that is counted now."""
    counts = {key: cell.count for key, cell in cells.items()}
    if isinstance(dataset, Microdata):
        return microdata_risk(dataset, period, counts, [row for row in rows if period_of(dataset, row) == period])
    tables = published_tables(dataset, period, counts, rows)
    states = audit_measures(dataset, cells, tables)
    return period_risk(period, counts, tables, DETAIL, states_are_told=states)


def _revised(
    dataset: PersonCounts, period: str, counts: Mapping[Key, Count], rows: Sequence[Row], before: Risk
) -> Risk:
    """The risk of a period whose groups were revised; what was said of those whom it hides stays."""
    risk = period_risk(period, counts, revised_tables(dataset, period, counts, rows), DETAIL)
    return {**risk, **{name: before[name] for name in ("hidden_unlisted", "covered_percent") if name in before}}


def _parameters() -> Risk:
    """The numbers of the policy under which a release is made."""
    return {
        "threshold_persons": policy.THRESHOLD,
        "rounded_to": policy.ROUNDING,
        "required_width": policy.REQUIRED_WIDTH,
        "k": policy.SMALLEST_CLASS,
        "l": policy.DISTINCT_STATES,
        "most_adverse": str(policy.MOST_ADVERSE),
        "nearly_all": str(policy.NEARLY_ALL),
        "dominance_percent": policy.DOMINANCE_PERCENT,
        "sums_rounded_to": policy.AMOUNT_STEP,
    }
