"""What is selected of a value that did not come from the database's own JSON, such as a reply or a publication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolvers.plan import Selection


def shown(value: Any, s: Selection) -> Any:
    """A value with the fields that are selected of it, in their order; a value without selections as it is."""
    if isinstance(value, list):
        return [shown(item, s) for item in value]
    if not isinstance(value, Mapping) or not s.children:
        return value
    ((type_name, selections),) = s.children.items()
    return {c.key: type_name if c.name == "__typename" else shown(value.get(c.name), c) for c in selections}
