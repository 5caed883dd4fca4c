"""The fields `datasets` and `publishedStatistics`: values of the statement that are read from published files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement

from kernel.errors import BadInput
from publishing.formats.cells import columns
from publishing.release.released import Released
from resolvers.binds import NULL, Leaf, Tree, Values
from resolvers.building import Building
from resolvers.meaning import FromFiles
from resolvers.paging import DEFAULT_SIZE
from resolvers.plan import Selection
from resolvers.publications import RULES, TABLE, NothingPublished, Publications, Resource, Row, menu
from resolvers.shown import shown

_CURSOR = re.compile(r"(?P<version>[0-9.]{1,40}):(?P<place>[0-9]{1,9})")


class NotOnTheMenu(BadInput):
    """A table, a dataset or a column that is not published so."""

    code = "NOT_ON_THE_MENU"

    def __init__(self, what: str, asked: str, allowed: Sequence[str], more: str = "") -> None:
        listed = ", ".join(allowed) or "-"
        super().__init__(f"{what} {asked[:60]!r} is not published (tidak tersedia). Allowed: {listed}.{more}")


def published(b: Building, s: Selection) -> ColumnElement[Any]:
    """What is selected of publications, as a value that the request binds."""
    b.reads_files = True
    limit, asks_datasets = b.page_limit, s.meaning == FromFiles(datasets=True)

    def read(values: Values) -> bytes:
        found = values.publications
        assert found is not None
        told: Any = found.datasets() if asks_datasets else _statistics(found, _asked(s, values, limit))
        return json.dumps(shown(told, s), ensure_ascii=False).encode()  # as the pools hand JSON over

    return b.binds.add(read, JSON())


@dataclass(frozen=True)
class _Asked:
    """The arguments of `publishedStatistics`."""

    dataset: str
    table: str | None
    equal: Sequence[tuple[str, str]]
    first: int
    after: str | None


def _asked(s: Selection, values: Values, limit: int) -> _Asked:
    def text(name: str) -> Any:
        tree = s.arguments.get(name)
        return tree.read(values) if isinstance(tree, Leaf) else None

    first = text("first")
    size = DEFAULT_SIZE if first is None else first
    if not 0 <= size <= limit:
        raise BadInput(f"`first` must lie between 0 and {limit}, not {size}.", limit=limit)
    return _Asked(text("dataset"), text("by"), _equal(s.arguments.get("filter"), values), size, text("after"))


def _equal(tree: Tree | None, values: Values) -> list[tuple[str, str]]:
    """Which columns must be equal to what; each at most once."""
    given = [] if tree is None or tree is NULL else tree
    assert isinstance(given, list)
    found: list[tuple[str, str]] = []
    for part in given:
        if not isinstance(part, dict):
            raise BadInput("`filter` is a list of objects with `column` and `equals`, none of them null.")
        column, equals = part["column"], part["equals"]
        assert isinstance(column, Leaf)
        assert isinstance(equals, Leaf)
        found.append((column.read(values), equals.read(values)))
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise BadInput("`filter` names a column twice. A row has one value in it: name each column once.")
    return found


def _statistics(publications: Publications, asked: _Asked) -> dict[str, Any]:
    """A page of the rows of one published table, as they were published: nothing is counted or summed here.

    Raises:
        NothingPublished: there is no release that stands.
        NotOnTheMenu: a dataset that does not count persons, or a table, column or code that it does not have.
        BadInput: a cursor of another release.
    """
    release = publications.newest()
    if release is None:
        raise NothingPublished
    resource = _resource(release, asked.dataset)
    table = _table(resource, asked.table)
    keys = [key for key in resource["schema"]["primaryKey"] if key != TABLE]
    _check_filter(resource, keys, asked.equal)
    equal = [(TABLE, table), *asked.equal]
    rows = [row for row in publications.rows(release, resource) if all(str(row[n]) == v for n, v in equal)]
    begin = _place(asked.after, release)
    page = rows[begin : begin + asked.first]
    return {
        "dataset": asked.dataset,
        "version": release.version,
        "table": table,
        "nodes": [_node(row, keys) for row in page],
        "pageInfo": _page_info(release, begin, len(page), len(rows)),
        "totalCount": len(rows),
    }


def _resource(release: Released, name: str) -> Resource:
    resource = release.resource(name)
    if RULES not in resource:
        of_persons = [str(r["name"]) for r in release.descriptor["resources"] if RULES in r]
        more = " `datasets` has the addresses of the files of the others." if resource else ""
        raise NotOnTheMenu("As statistics, the dataset", name, of_persons, more)
    return resource


def _table(resource: Resource, asked: str | None) -> str:
    """The table that is asked for, or the first of the menu: the detail."""
    tables = menu(resource)
    if asked is not None and asked not in tables:
        raise NotOnTheMenu("The table", asked, tables)
    return tables[0] if asked is None else asked


def _check_filter(resource: Resource, keys: Sequence[str], equal: Sequence[tuple[str, str]]) -> None:
    described = {column["name"]: column.get("constraints", {}) for column in columns(resource)}
    for name, value in equal:
        if name not in keys:
            raise NotOnTheMenu("As a condition, the column", name, keys, " `by` chooses the table.")
        codes, pattern = described[name].get("enum"), described[name].get("pattern")
        if codes and value not in codes:
            raise NotOnTheMenu(f"In the column {name}, the value", value, codes)
        if pattern and not re.fullmatch(pattern, value):
            raise NotOnTheMenu(f"In the column {name}, the value", value, [f"what matches {pattern}"])


def _node(row: Row, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    measures = {name: value for name, value in row.items() if name not in keys and name != TABLE}
    return {"keys": {name: row[name] for name in keys}, "measures": measures}


def _place(cursor: str | None, release: Released) -> int:
    """From which row on."""
    if cursor is None:
        return 0
    found = _CURSOR.fullmatch(cursor)
    if found is None or found["version"] != release.version:
        raise BadInput(
            f"`after` is no cursor of release {release.version}: another one came out, or it is none of ours. "
            "Begin again without it."
        )
    return int(found["place"])


def _page_info(release: Released, begin: int, shown_rows: int, all_rows: int) -> dict[str, Any]:
    end = begin + shown_rows
    return {
        "hasNextPage": end < all_rows,
        "hasPreviousPage": begin > 0,
        "startCursor": f"{release.version}:{begin + 1}" if shown_rows else None,
        "endCursor": f"{release.version}:{end}" if shown_rows else None,
    }
