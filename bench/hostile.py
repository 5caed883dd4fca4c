"""What documents cost that are made to hurt, beside well-formed ones of the same length.

`python -m bench.hostile` asks each once, new, of a small city in a database of its own, and writes CPU milliseconds of
this process (the least of some tries: the parser, guard, planner and driver, not the database) to
`bench/results/hostile.json`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from demo.city import SMALL, build
from kernel.errors import KsbbError
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets
from policy.viewer import PUBLIC
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from server import reader_of

Row = dict[str, Any]
RESULTS = Path(__file__).parent / "results" / "hostile.json"
TRIES = 5
_NUMBERS = count()


@dataclass(frozen=True)
class Part:
    """A part of a document: selections of the root, definitions beside it, and variables that are declared and sent."""

    selections: str = "__typename"
    definitions: str = ""
    declared: str = ""
    sent: Mapping[str, object] = field(default_factory=dict)


def _many(n: int, one: Callable[[int], str]) -> str:
    return " ".join(map(one, range(n)))


HOSTILE: Mapping[str, Callable[[int], Part]] = {
    "fragment bomb": lambda n: Part(
        "...B0", _many(n, lambda i: f"fragment B{i} on Query {{ ...B{i + 1} ...B{i + 1} }}") + _end("B", n)
    ),
    "fragment cycle": lambda n: Part(
        "...C0", _many(n, lambda i: f"fragment C{i} on Query {{ ...C{(i + 1) % n} ...C{(i * 7 + 3) % n} }}")
    ),
    "fragments of all others": lambda n: Part(
        "...W0", _many(n, lambda i: f"fragment W{i} on Query {{ ...W{i + 1} {_others(i, n)} }}") + _end("W", n)
    ),
    "fragments of one field": lambda n: Part(
        _many(n, lambda i: f"...S{i}"),
        _many(n, lambda i: f"fragment S{i} on Query {{ regions {{ nodes {{ name }} }} }}"),
    ),
    "unused fragments": lambda n: Part(definitions=_many(n, lambda i: f"fragment U{i} on Query {{ __typename }}")),
    "aliases": lambda n: Part(_many(n, lambda i: f"a{i}: regions {{ nodes {{ name }} }}")),
    "as many aliases as may be": lambda n: Part(_many(min(n, 20), lambda i: f"a{i}: regions {{ nodes {{ name }} }}")),
    "directives": lambda n: Part("__typename " + "@skip(if: false) " * n),
    "directives that are none": lambda n: Part("__typename " + _many(n, lambda i: f"@skpi{i}")),
    "one field again and again": lambda n: Part("regions { nodes { " + "name " * n + "} }"),
    "one list again and again": lambda n: Part("regions { nodes { name } } " * n),
    "fields in each other's way": lambda n: Part("regions { nodes { " + "k: name k: code " * n + "} }"),
    "arguments in each other's way": lambda n: Part(_many(n, lambda i: f"regions(first: {i}) {{ nodes {{ name }} }}")),
    "inline fragments": lambda n: Part('node(id: "x") { ' + "... on Region { name } ... on Place { name } " * n + "}"),
    "fields that there are not": lambda n: Part(_many(n, lambda i: f"reginos{i}")),
    "arguments that there are not": lambda n: Part(
        "regions(" + _many(n, lambda i: f"fisrt{i}: 1") + ") { nodes { name } }"
    ),
    "input fields that there are not": lambda n: Part(
        "collaborations(filter: {" + _many(n, lambda i: f"titel{i}: 1") + "}) { nodes { id } }"
    ),
    "one input field again and again": lambda n: Part(
        "collaborations(filter: {" + 'title: {eq: "x"} ' * n + "}) { nodes { id } }"
    ),
    "codes that there are not": lambda n: Part(
        "regions(filter: {level: {in: [" + _many(n, lambda i: f"KOTTA{i}") + "]}}) { nodes { name } }"
    ),
    "variables declared": lambda n: Part(declared=_many(n, lambda i: f"$v{i}: Int")),
    "one variable again and again": lambda n: Part(declared="$v: Int " * n),
    "variables sent": lambda n: Part(sent={f"v{i}": i for i in range(20 * n)}),
    "depth": lambda n: Part("regions { nodes { parent { " * n + "name" + " } } }" * n),
    "values in values": lambda n: Part("regions(filter: " + "{and: [" * n + "]}" * n + ") { nodes { name } }"),
    "brackets": lambda n: Part("regions(first: " + "[" * n),
    "introspection of itself": lambda n: Part(
        "__schema { types { " + "fields { type { " * n + "name" + " } }" * n + " } }"
    ),
    "introspections": lambda n: Part(_many(n, lambda i: f"s{i}: __schema {{ types {{ name }} }}")),
    "a long text": lambda n: Part('regions(first: "' + "x" * 20 * n + '") { nodes { name } }'),
    "a text of escapes": lambda n: Part('regions(first: "' + "\\u0041" * n + '") { nodes { name } }'),
    "a text of lines": lambda n: Part('regions(first: """' + "\n   x" * n + '""") { nodes { name } }'),
    "a long number": lambda n: Part("regions(first: " + "9" * n + ") { nodes { name } }"),
    "comments": lambda n: Part("#\n" * n + "__typename"),
    "commas": lambda n: Part("__typename" + "," * n),
}
"""Each of a size that grows with a number."""


def _end(letter: str, n: int) -> str:
    return f" fragment {letter}{n} on Query {{ __typename }}"


def _others(i: int, n: int) -> str:
    return _many(min(n - i, 6), lambda j: f"...W{min(i + j + 1, n)}")


def document(parts: list[Part]) -> GraphQLRequest:
    """The request of parts together, under a name that was never used: no plan of it is known."""
    declared = " ".join(part.declared for part in parts if part.declared)
    text = (
        f"query N{next(_NUMBERS)}{f'({declared})' if declared else ''} {{ {' '.join(p.selections for p in parts)} }} "
        + " ".join(part.definitions for part in parts)
    )
    sent: dict[str, object] = {}
    for part in parts:
        sent |= part.sent
    return GraphQLRequest(text.strip(), variables=sent)


def of_length(make: Callable[[int], Part], length: int) -> int:
    """The number with which a hostile part makes a document of about a length in bytes."""
    low, high = 1, 2
    while _length(make(high)) < length and high < length:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _length(make(middle)) <= length else (low, middle)
    return low


def _length(part: Part) -> int:
    request = document([part])
    return len(request.query) + len(json.dumps(request.variables))


WELL_FORMED: Mapping[str, str] = {
    "lists of several nouns": """
      collaborations(first: 3, filter: {title: {contains: "a"}}, orderBy: [{field: CREATED_ON, direction: DESC}]) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id number title status programme packageKind pledgedValue createdOn numberIssuedOn closedOn
          collaborator { id name } region { code name level parent { code name level } }
          pledges(first: 2) { totalCount nodes { id item quantity estimatedValue startsOn endsOn status } } } }
      regions(first: 5) { totalCount nodes { code name level bpsCode parent { code name level parent { code name } } } }
      places(first: 3) { totalCount nodes { id name kind capacity regionCode region { code name level } } }
      institutions(first: 3) { totalCount nodes { id name kind legalForm permitNumber regulator email phone } }
      needs(first: 3) { nodes { id item estimatedValue quantity pledgedQuantity period open region { code name } } }""",
    "a page with all about it": """
      collaborations(first: 20, orderBy: [{field: CREATED_ON, direction: DESC}, {field: PACKAGE_KIND}]) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { __typename id number title status programme packageKind collaboratorKind regionCode
          createdOn numberIssuedOn closedOn pledgedValue
          collaborator { id name } distributor { id name kind legalForm permitNumber regulator email phone }
          region { id code name level bpsCode parent { id code name level bpsCode parent { id code name level } } }
          pledges(first: 5) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            nodes { id version item quantity deliveredQuantity estimatedValue startsOn endsOn expiresOn status
              need { id item quantity pledgedQuantity estimatedValue period open closedOn
                place { id name kind capacity region { code name level } } recipient { id tradeName } }
              region { id code name level parent { id code name level } } collaboration { id number } } } } } }""",
}
"""Selections of the root as pages ask them, of about 1 kB."""


async def cost_ms(reader: QueryReader, make: Callable[[], GraphQLRequest], tries: int = TRIES) -> tuple[float, str]:
    """CPU milliseconds of the cheapest of some new documents, and how the last was answered."""
    least, answered = float("inf"), ""
    for _ in range(tries):
        request = make()
        started = time.process_time()
        try:
            answered = "data" if (await reader.answer(PUBLIC, request)).executed else "GRAPHQL_VALIDATION_FAILED"
        except KsbbError as refused:
            answered = refused.code
        least = min(least, (time.process_time() - started) * 1e3)
    return least, answered


async def measured(reader: QueryReader, length: int = 1_000) -> list[Row]:
    """A row per document of a length: kind, name, bytes, CPU milliseconds and answer."""
    rows: list[Row] = []
    asked: list[tuple[str, str, Callable[[], GraphQLRequest]]] = [
        ("well-formed", name, lambda text=text: document([Part(" ".join(text.split()))]))  # type: ignore[misc]  # bound
        for name, text in WELL_FORMED.items()
    ]
    for name, make in HOSTILE.items():
        part = make(of_length(make, length))
        asked.append(("hostile", name, lambda part=part: document([part])))  # type: ignore[misc]  # bound now
    for kind, name, ask in asked:
        ms, answered = await cost_ms(reader, ask)
        rows.append({"kind": kind, "name": name, "bytes": len(ask().query), "cpu_ms": round(ms, 1), "answer": answered})
    return rows


async def _run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ksbb-hostile-") as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        secrets = Secrets.of(settings)
        with Server.open(settings) as server:
            await migrate.upgrade(server.uri())
            connection = await asyncpg.connect(server.uri())
            await build(connection, SMALL, secrets)
            await connection.close()
            await wall.build(server.uri(), settings.role_prefix, secrets.role_password)
            reader = reader_of(settings, server)
            await cost_ms(reader, lambda: document([Part()]))  # the schema is built once
            rows = await measured(reader)
            await reader.close()
    return rows


def main() -> None:
    """Measure, print and write."""
    rows = asyncio.run(_run())
    for row in sorted(rows, key=lambda row: (row["kind"], -row["cpu_ms"])):
        print(f"{row['kind']:12} {row['name']:34} {row['bytes']:6} B {row['cpu_ms']:6} ms  {row['answer']}")
    RESULTS.write_text(json.dumps({"python": sys.version.split()[0], "rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
