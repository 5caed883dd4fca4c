"""The audit of finished microdata together with the dataset beside them, and what the risk report says of both.

It reads the rows as they are published: they must be those of their classes; k, l and shares are computed from them
alone, as anybody can. What both datasets tell together is audited class by class: by the rank test, and by how open the
small numbers stay. That is
enough: a class is made of whole groups of the dataset beside, so that the figures of one say nothing of another, and
the totals of that dataset are sums of its groups.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median_low
from typing import Any

from policy.small_counts import DISTINCT_STATES, REQUIRED_WIDTH, SMALLEST_CLASS, THRESHOLD, rounded
from publishing.audit.cell_classes import Figure, cell_classes
from publishing.audit.exact import audit_states
from publishing.audit.rank import rank_test
from publishing.audit.risk import Risk, at_least, covered_percent, hidden_band
from publishing.control.anonymous_rows import ROWS, Look, classes, rows
from publishing.control.disclosure import NOBODY, Count, DisclosureRefused, Key
from publishing.control.homogeneity import StateCount
from publishing.control.microdata import BOTH_SEXES, Microdata
from publishing.control.persons import Row
from publishing.control.row_classes import Part, widths


def microdata_risk(dataset: Microdata, period: str, cells: Mapping[Key, Count], published: Sequence[Row]) -> Risk:
    """Audit the rows of a period, and say what is left to learn.

    Raises:
        DisclosureRefused: the rows are not those of the classes, k, l or the shares do not hold, or too much follows
            from them together with the dataset beside.
    """
    told = {row[len(dataset.period) :][:1] + row[len(dataset.period) + 2 : -2] for row in published}
    found = {look: parts for look, parts in classes(dataset, cells).items() if look.key in told}
    if Counter(published) != Counter(rows(period, found)):
        raise DisclosureRefused(
            f"{dataset.name}: the rows of {period} are not those of its classes. Nothing was published.",
            dataset=dataset.name,
        )
    hiding = [width for look, parts in found.items() for width in _audit_beside(look, parts)]
    shown = {cell for parts in found.values() for part in parts for cell in part.cells}
    hidden = sum(count.unlisted for key, count in cells.items() if key[:-2] not in shown)
    return {
        "period": period,
        "assessed": True,
        "hidden_unlisted": hidden_band(hidden),
        "covered_percent": covered_percent(len(published), hidden),
        **_audit_rows(dataset, published),
        "derivable_small_numbers": 0,
        "hidden_interval": {
            "narrowest": at_least(min(hiding, default=None)),
            "median": at_least(median_low(hiding) if hiding else None),
        },
        "tables": [_table(dataset, published)],
    }


def look_alike(dataset: Microdata, published: Sequence[Row]) -> dict[Row, Counter[str]]:
    """The published classes: by their quasi-identifiers, how many rows have each sensitive value."""
    names = [column.name for column in dataset.fields]
    known = [names.index(column.name) for column in dataset.quasi_identifiers]
    value = names.index(dataset.sensitive.name)
    found: defaultdict[Row, Counter[str]] = defaultdict(Counter)
    for row in published:
        found[tuple(row[at] for at in known)][row[value]] += 1
    return found


def _audit_rows(dataset: Microdata, published: Sequence[Row]) -> dict[str, Any]:
    """k, l and the largest adverse share, of the rows alone, as are their numbers: of different rows, and of classes.

    Each number of equal rows is about other persons, so their rank is their number.
    """
    alike, different = look_alike(dataset, published), len(set(published))
    numbers = {"figures": different, "rank": different, "classes": len(alike)}
    if not alike:
        return {"k": None, "l": None, "adverse_share": None, **numbers}
    k, distinct = min(values.total() for values in alike.values()), min(map(len, alike.values()))
    if k < SMALLEST_CLASS or distinct < DISTINCT_STATES:
        raise DisclosureRefused(
            f"{dataset.name}: its rows have k = {k} and l = {distinct}, and must have {SMALLEST_CLASS} and "
            f"{DISTINCT_STATES}. Nothing was published.",
            k=k,
            l=distinct,
        )
    states = [StateCount(key, value, number) for key, values in alike.items() for value, number in values.items()]
    audit_states(states, dataset.sensitivity)
    adverse = max(sum(values[value] for value in dataset.adverse) / values.total() for values in alike.values())
    return {"k": k, "l": distinct, "adverse_share": f"{adverse:.3f}", **numbers}


def _audit_beside(look: Look, parts: Sequence[Part]) -> list[int]:
    """Audit a class: its groups, which the dataset beside tells, by its sexes, which the rows tell.

    How open each small number stays comes back.
    """
    counts = _by_group_and_sex(look, parts)
    figures = _margins(counts)
    found = widths(parts) if look.by_sex else []
    if not rank_test(cell_classes(counts, figures), figures).holds or any(w < REQUIRED_WIDTH for w in found):
        raise DisclosureRefused(
            f"A number of fewer than {THRESHOLD} unlisted persons could be told from rows of microdata together with "
            f"the figures beside them. Nothing was published."
        )
    return found


def _by_group_and_sex(look: Look, parts: Sequence[Part]) -> dict[Key, Count]:
    counts: dict[Key, Count] = {}
    for number, part in enumerate(parts):
        for (sex, _), count in part.persons.items():
            cell: Key = (str(number), sex if look.by_sex else BOTH_SEXES)
            if count.persons:
                counts[cell] = counts.get(cell, NOBODY) + count
    return counts


def _margins(counts: Mapping[Key, Count]) -> list[Figure]:
    margins: defaultdict[tuple[int, str], set[Key]] = defaultdict(set)
    for cell in counts:
        for at, value in enumerate(cell):
            margins[at, value].add(cell)
    persons = {margin: sum(counts[cell].persons for cell in inside) for margin, inside in margins.items()}
    return [Figure(frozenset(margins[at]), rounded(persons[at])) for at in sorted(margins)]


def _table(dataset: Microdata, published: Sequence[Row]) -> Risk:
    """The rows as the table of the risk report: a figure is a number of equal rows."""
    level = [column.name for column in dataset.fields].index("tingkat")
    equal = Counter(published)
    return {
        "table": ROWS,
        "figures": len(equal),
        "smallest_figure": at_least(min((n.total() for n in look_alike(dataset, published).values()), default=None)),
        "percent_of_detail": 100 if published else 0,
        "levels": dict(sorted(Counter(row[level] for row in equal).items())),
    }
