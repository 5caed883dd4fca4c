"""The independent audit of what is told beside the number of persons: sums, states, medians.

It looks at the finished rows: a value must be that of its cells; every part that the rows tell apart must be safe by
itself; and states are audited as figures on persons, together with the numbers of persons.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from publishing.audit.cell_classes import Figure, cell_classes
from publishing.audit.exact import audit_exactly, audit_states
from publishing.audit.published_rows import PublishedRow, Tables
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import Count, DisclosureRefused, Key
from publishing.control.homogeneity import Sensitivity, StateCount
from publishing.control.measures import Cell, InState, Share, united

_INSIDE, _OUTSIDE = "in", "out"


def audit_measures(dataset: PersonCounts, cells: Mapping[Key, Cell], tables: Tables) -> bool:
    """Refuse measures that tell too much; whether any state is told.

    Raises:
        DisclosureRefused: a value is not that of its cells, or a part that the rows tell apart is not safe; or as in
            `audit_exactly` and `audit_states`.
    """
    rows = [row for table in tables.values() for row in table]
    _audit_values(dataset, cells, rows)
    states = [at for at, measure in enumerate(dataset.more) if isinstance(measure, InState) and _telling([at], rows)]
    for at in states:
        _audit_state(at, cells, rows)
    return bool(states)


def _audit_values(dataset: PersonCounts, cells: Mapping[Key, Cell], rows: Sequence[PublishedRow]) -> None:
    counts = {key: cell.count for key, cell in cells.items()}
    wrong = unsafe = 0
    for kin in dict.fromkeys(measure.kin for measure in dataset.more):
        family = [at for at, measure in enumerate(dataset.more) if measure.kin == kin]
        telling = _telling(family, rows)
        wrong += sum(not _is_true(family, dataset, cells, row) for row in telling)
        for one in cell_classes(counts, [Figure(row.cells, row.told) for row in telling]):
            part = united(cells[key] for key in one.cells)
            unsafe += not all(part.values[at].is_safe for at in family)
    if wrong or unsafe:
        raise DisclosureRefused(
            f"{dataset.name}: {unsafe} parts of sums, states or medians could be told apart that are not safe, and "
            f"{wrong} values are not those of their persons. Nothing was published.",
            unsafe=unsafe,
            wrong=wrong,
        )


def _telling(family: Collection[int], rows: Sequence[PublishedRow]) -> list[PublishedRow]:
    """The rows that tell a measure of a family."""
    return [row for row in rows if any(at in family for at, _ in row.values)]


def _is_true(family: Collection[int], dataset: PersonCounts, cells: Mapping[Key, Cell], row: PublishedRow) -> bool:
    """Whether a row tells of a family what its cells are together."""
    together = united(cells[key] for key in sorted(row.cells))
    truth = [(at, together.values[at].text) for at in family if dataset.more[at].field]
    return [(at, text) for at, text in truth if text] == [(at, text) for at, text in row.values if at in family]


def _audit_state(state: int, cells: Mapping[Key, Cell], rows: Sequence[PublishedRow]) -> None:
    """Audit a state with the numbers of persons: every cell in two halves, of those in the state and the others."""
    counts: dict[Key, Count] = {}
    for key, cell in cells.items():
        counts[_INSIDE, *key], counts[_OUTSIDE, *key] = _halves(cell, state)
    telling = _telling([state], rows)
    persons = [Figure(_half(_INSIDE, row) | _half(_OUTSIDE, row), row.told) for row in rows]
    states = [Figure(_half(_INSIDE, row), int(dict(row.values)[state])) for row in telling]
    audit_exactly(counts, [*persons, *states])
    groups = [
        StateCount((str(number),), half, sum(counts[cell].persons for cell in _half(half, row)))
        for number, row in enumerate(telling)
        for half in (_INSIDE, _OUTSIDE)
    ]
    audit_states(groups, Sensitivity(adverse={_INSIDE}, sensitive=()))


def _half(half: str, row: PublishedRow) -> frozenset[Key]:
    return frozenset((half, *key) for key in row.cells)


def _halves(cell: Cell, at: int) -> tuple[Count, Count]:
    share = cell.values[at]
    assert isinstance(share, Share)
    rest = Count(share.among.persons - share.inside.persons, share.among.unlisted - share.inside.unlisted)
    return share.inside, rest
