"""Ad hoc questions: a GraphQL query answered outside the server, as JSON or as one table, and always logged."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from random import SystemRandom
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from sqlalchemy import insert

from kernel.clock import Clock
from kernel.errors import BadInput, KsbbError
from kernel.keys import KeyMaker
from models.audit import AuditEntry
from models.writing import writing
from policy.viewer import Viewer
from resolvers.execute import QueryReader
from resolvers.literals import lift
from resolvers.request import GraphQLRequest

ACT = "QUERY"
"""What an ad hoc question is called in the audit trail."""

_ROWS = ("nodes", "edges")  # the parts of a connection that are its rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a text begins that a spreadsheet may run


class QuestionRefused(KsbbError):
    """A question that does not fit the schema of the role; one line per error."""

    code = "QUESTION_REFUSED"

    def __init__(self, errors: Iterable[Mapping[str, Any]]) -> None:
        super().__init__("\n".join(map(_line, errors)))


def _line(error: Mapping[str, Any]) -> str:
    places = [f"line {place['line']}, column {place['column']}: " for place in error.get("locations") or ()]
    return "".join([*places[:1], " ".join(error["message"].split())])


async def run(
    reader: QueryReader, uri: str, clock: Clock, viewer: Viewer, text: str, variables: Mapping[str, object]
) -> dict[str, Any]:
    """The data of a question as a viewer sees it. Nothing is answered that is not in the audit trail at `uri`.

    Raises:
        QuestionRefused: the question does not fit what the role may ask.
        KsbbError: it cannot be answered; the sentence says why.
    """
    answer = await reader.answer(viewer, GraphQLRequest(text, variables=variables))
    body = json.loads(answer.body)
    if not answer.executed:
        raise QuestionRefused(body["errors"])
    data: dict[str, Any] = body["data"]
    await _log(uri, clock, viewer, text, sum(len(rows) for rows in lists(data).values()))
    return data


async def _log(uri: str, clock: Clock, viewer: Viewer, text: str, rows: int) -> None:
    """Who asked what as whom, and how many rows came; the hash is that of the question without its values."""
    scope = {name.value: value for name, value in viewer.scope if value}
    entry = insert(AuditEntry).values(
        id=KeyMaker(SystemRandom(), clock).new(),
        at=clock.now(),
        role=viewer.role.value,
        subject=viewer.subject,
        act=ACT,
        document_hash=sha256(lift(text).shape.encode()).hexdigest(),
        details={"rows": rows, **scope},
    )
    async with writing(uri) as connection:
        await connection.execute(entry)


def lists(data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The lists of an answer by name: groups, and the rows of connections."""
    return {name: rows for name, value in data.items() if (rows := _rows_of(value)) is not None}


def _rows_of(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return next((value[part] for part in _ROWS if part in value), None)
    return None


def cut_short(data: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each connection that tells of more rows than it shows."""
    for name, rows in lists(data).items():
        connection = data[name] if isinstance(data[name], dict) else {}
        whole = connection.get("totalCount")
        if (whole or 0) > len(rows) or connection.get("pageInfo", {}).get("hasNextPage"):
            of = f" of {whole:,}" if whole else ""
            yield f"`{name}` shows {len(rows):,}{of} rows; ask for more with `first`, or go on with `after`."


# ---- one table


def as_csv(text: str, data: Mapping[str, Any], name: str | None = None) -> str:
    """One list of an answer as CSV (RFC 4180): a column per selected field, in the order of the question.

    Nested objects become dotted columns, nested lists JSON. An answer without a list is one row. A text that a
    spreadsheet would take for a formula gets an apostrophe in front.

    Raises:
        BadInput: several lists and no name, or a name that no list has.
    """
    found = lists(data)
    if name is None and len(found) > 1:
        raise BadInput(f"The answer has {len(found)} lists; choose one with --list: {', '.join(found)}.")
    if name is not None and name not in found:
        raise BadInput(f"The answer has no list `{name}`. It has: {', '.join(found) or 'none'}.")
    document = _Document(parse(text, no_location=True))
    chosen = name or next(iter(found), None)
    if chosen is None:
        return _table(list(document.columns(document.root)), [data])
    return _table(list(document.columns(document.rows_of(chosen))), found[chosen])


def _table(columns: list[tuple[str, ...]], rows: list[Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(".".join(column) for column in columns)
    writer.writerows([_cell(_at(row, column)) for column in columns] for row in rows)
    return out.getvalue()


def _at(row: Any, column: tuple[str, ...]) -> Any:
    for step in column:
        row = None if row is None else row.get(step)
    return row


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case bool() | dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


class _Document:
    """The fields that a question selects, whatever came as an answer: an empty list has its columns too."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        (self.root,) = ([d.selection_set] for d in document.definitions if isinstance(d, OperationDefinitionNode))

    def columns(self, sets: list[SelectionSetNode]) -> Iterator[tuple[str, ...]]:
        """The paths of the leaves under selection sets; a nested list is a leaf."""
        for key, inner in self._fields(sets).items():
            if not inner or self._fields(inner).keys() & set(_ROWS):
                yield (key,)
            else:
                yield from ((key, *path) for path in self.columns(inner))

    def rows_of(self, name: str) -> list[SelectionSetNode]:
        """What is selected of the rows of a list."""
        inner = self._fields(self.root)[name]
        parts = self._fields(inner)
        return next((parts[part] for part in _ROWS if part in parts), inner)

    def _fields(self, sets: Iterable[SelectionSetNode]) -> dict[str, list[SelectionSetNode]]:
        """Per key what is selected of it, fragments merged."""
        found: dict[str, list[SelectionSetNode]] = {}
        for node in (node for one in sets for node in one.selections):
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                found.setdefault(key, []).extend([node.selection_set] if node.selection_set else [])
                continue
            body = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            for key, inner in self._fields([body.selection_set]).items():  # type: ignore[union-attr]  # no field
                found.setdefault(key, []).extend(inner)
        return found
