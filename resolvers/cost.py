"""What an operation costs: before it runs the most that it can take, and afterwards what its answer took.

The bound follows from the page sizes in the document alone, never from what the planner of the database expects: it is
the same whatever is in the tables. A row counts 1, a list that is opened 1, and a total or a list of groups, for which
rows are read that are not answered, `COUNTED`.

Source: DESIGN section 6a; GraphQL Cost Directives Specification (IBM), where `first` and `last` are slicing arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.errors import KsbbError
from policy.reveal import most_values
from resolvers.building import Building
from resolvers.groups import size_of_groups
from resolvers.meaning import ById, ByNik, FromFiles, Groups, Layer, Measures, Page, Revealed, ToOne
from resolvers.paging import slice_of
from resolvers.plan import Selection

COUNTED = 100
"""What a total costs, beside the rows that are answered."""


@dataclass(frozen=True)
class Cost:
    """The most that an operation can take: `rows` that it answers, `lists` that it opens, and totals `counted`."""

    rows: int = 0
    lists: int = 0
    counted: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.rows + other.rows, self.lists + other.lists, self.counted + other.counted)

    @property
    def total(self) -> int:
        """One number, to be held against a budget."""
        return self.rows + self.lists + COUNTED * self.counted


class CostTooHigh(KsbbError):
    """An operation could take more than the role may ask for at once."""

    code = "COST_TOO_HIGH"

    def __init__(self, cost: Cost, limit: int) -> None:
        super().__init__(
            f"This operation could answer {cost.rows:,} rows and costs {cost.total:,}; the limit is {limit:,} "
            f"(terlalu berat). Ask for smaller pages (`first`), for fewer lists within lists, or in several requests.",
            cost=cost.total,
            limit=limit,
            rows=cost.rows,
        )


def within_budget(b: Building, selections: Sequence[Selection]) -> Cost:
    """What selections cost.

    Raises:
        CostTooHigh: more than the budget.
    """
    cost = cost_of(b, selections)
    if b.budget and cost.total > b.budget:
        raise CostTooHigh(cost, b.budget)
    return cost


def cost_of(b: Building, selections: Sequence[Selection], times: int = 1) -> Cost:
    """The most that selections can take, made so many times.

    Raises:
        BadInput: a page is larger than a page may be.
    """
    return sum((_one(b, s, times) for s in selections), Cost())


def _one(b: Building, s: Selection, times: int) -> Cost:
    match s.meaning:
        case Page():
            return _page(b, s, times)
        case ToOne() | ById(several=False):
            return Cost(rows=times) + _dearest(b, s, times)
        case ById():
            number = b.length(s.arguments["ids"])
            return Cost(rows=times * number, lists=times) + _dearest(b, s, times * number)
        case Groups():
            return Cost(rows=times * size_of_groups(b, s), lists=times, counted=times)
        case ByNik():
            return Cost(rows=times * b.page_limit, lists=times, counted=times) + _dearest(b, s, times)
        case Layer() | FromFiles():
            return Cost(rows=times * b.page_limit, lists=times, counted=times)
        case Measures():
            return Cost(rows=times)
        case Revealed():
            return Cost(rows=times * most_values(b.role_schema.role), lists=times)
        case _:
            return Cost()


def _page(b: Building, s: Selection, times: int) -> Cost:
    size = times * slice_of(b, s.arguments).size
    cost = Cost(rows=size, lists=times)
    for part in s.only:
        match part.name:
            case "nodes":
                cost += cost_of(b, part.only, size)
            case "edges":
                cost += sum((cost_of(b, edge.only, size) for edge in part.only if edge.name == "node"), Cost())
            case "totalCount":
                cost += Cost(counted=times)
    return cost


def _dearest(b: Building, s: Selection, times: int) -> Cost:
    """What is selected of a row, of whichever type it is."""
    return max((cost_of(b, inner, times) for inner in s.children.values()), key=lambda cost: cost.total, default=Cost())


def cost_of_answer(selections: Sequence[Selection], answer: Mapping[str, Any]) -> Cost:
    """What an answer to selections took: `cost_of` with the rows that there were."""
    return sum((_taken(s, answer.get(s.key)) for s in selections), Cost())


def _taken(s: Selection, found: Any) -> Cost:
    match s.meaning:
        case Page():
            return _taken_by_page(s, found)
        case ToOne() | ById(several=False):
            return Cost() if found is None else Cost(rows=1) + _of_row(s, found)
        case ById():
            return Cost(lists=1) + _of_rows(s, found)
        case ByNik():
            return Cost(lists=1, counted=1) + _of_rows(s, found)
        case Groups() | Layer() | FromFiles():
            return Cost(rows=len(found or ()), lists=1, counted=1)
        case Measures():
            return Cost(rows=1)
        case Revealed():
            return Cost(rows=len(found), lists=1)
        case _:
            return Cost()


def _taken_by_page(s: Selection, page: Mapping[str, Any]) -> Cost:
    """The rows of a page, counted once even where they stand in `nodes` and in `edges`."""
    cost, rows = Cost(lists=1), 0
    for part in s.only:
        match part.name:
            case "nodes":
                rows = max(rows, len(page[part.key]))
                cost += sum((cost_of_answer(part.only, row) for row in page[part.key]), Cost())
            case "edges":
                rows = max(rows, len(page[part.key]))
                nodes = [edge for edge in part.only if edge.name == "node"]
                cost += sum((cost_of_answer(e.only, edge[e.key]) for edge in page[part.key] for e in nodes), Cost())
            case "totalCount":
                cost += Cost(counted=1)
    return cost + Cost(rows=rows)


def _of_rows(s: Selection, rows: Sequence[Any]) -> Cost:
    return sum((Cost(rows=1) + _of_row(s, row) for row in rows if row is not None), Cost())


def _of_row(s: Selection, row: Mapping[str, Any]) -> Cost:
    """What was selected of a row. Its type is the one of which it has all keys."""
    fitting = (inner for inner in s.children.values() if {one.key for one in inner} <= row.keys())
    return max((cost_of_answer(inner, row) for inner in fitting), key=lambda cost: cost.total, default=Cost())
