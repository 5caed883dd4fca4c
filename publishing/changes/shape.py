"""What changed in the shape of a dataset from one release to another: columns, types, codes, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Described = Mapping[str, Any]

_PROPERTIES = ("type", "format", "satuan")
_CONSTRAINTS = ("required", "pattern")


@dataclass(frozen=True)
class ShapeChange:
    """One change: of a column, or of the dataset where `column` is empty. `what` is a word for programs."""

    column: str
    what: str
    old: Any = None
    new: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Its values by name."""
        return {"column": self.column, "what": self.what, "old": self.old, "new": self.new}

    @property
    def sentence(self) -> str:
        """For people, in English."""
        where = f"column {self.column}: " if self.column else ""
        match self.what:
            case "column_added" | "column_removed":
                return f"column {self.column} {self.what.removeprefix('column_')}"
            case "codes":
                gone, come = sorted({*self.old} - {*self.new}), sorted({*self.new} - {*self.old})
                return f"{where}codes added {_list(come)}, removed {_list(gone)}"
            case _:
                return f"{where}{self.what} from {_list(self.old)} to {_list(self.new)}"


def shape_changes(before: Described, after: Described) -> list[ShapeChange]:
    """The changes between two descriptions of a dataset, in the order of its columns."""
    old, new = _columns(before), _columns(after)
    changes = [ShapeChange(name, "column_removed") for name in old if name not in new]
    for name, column in new.items():
        changes += _of_column(name, old[name], column) if name in old else [ShapeChange(name, "column_added")]
    keys = [resource["schema"].get("primaryKey", []) for resource in (before, after)]
    if keys[0] != keys[1]:
        changes.append(ShapeChange("", "key", keys[0], keys[1]))
    return changes


def _of_column(name: str, old: Described, new: Described) -> Iterator[ShapeChange]:
    for what in _PROPERTIES:
        if old.get(what) != new.get(what):
            yield ShapeChange(name, what, old.get(what), new.get(what))
    had, has = old.get("constraints", {}), new.get("constraints", {})
    for what in _CONSTRAINTS:
        if had.get(what) != has.get(what):
            yield ShapeChange(name, what, had.get(what), has.get(what))
    codes = [list(constraints.get("enum", [])) for constraints in (had, has)]
    if sorted(codes[0]) != sorted(codes[1]):
        yield ShapeChange(name, "codes", codes[0], codes[1])


def _columns(resource: Described) -> dict[str, Described]:
    return {column["name"]: column for column in resource["schema"]["fields"]}


def _list(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
