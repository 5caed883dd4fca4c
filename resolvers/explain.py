"""An operation explained instead of run: what it would cost, and how private each field is that it asks for.

Nothing is read: what is told is in the schema, the policy and the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from models.privacy import privacy_of
from policy.visibility import treatment
from resolvers.building import Building
from resolvers.cost import cost_of
from resolvers.meaning import Value
from resolvers.plan import Selection


def explained(b: Building, selections: Sequence[Selection], limit: int) -> dict[str, Any]:
    """Cost, the most rows that can be answered, and per field its privacy class and what the role gets of it."""
    cost = cost_of(b, selections)
    return {
        "cost": {"requested": cost.total, "limit": limit},
        "rows": {"atMost": cost.rows},
        "fields": list(_fields(b, selections, ())),
    }


def _fields(b: Building, selections: Sequence[Selection], path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for s in selections:
        here = (*path, s.key)
        match s.meaning:
            case Value(column=column):
                how = treatment(column, b.role_schema.role)
                yield {
                    "path": list(here),
                    "privacy": privacy_of(column).name,
                    "treatments": sorted(kind.name for kind in how.kinds),
                    "isLogged": how.is_logged,
                }
            case _:
                for inner in s.children.values():
                    yield from _fields(b, inner, here)
