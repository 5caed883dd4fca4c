"""An inspector's ten questions are answered as the tables say, and every question leaves a trace."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from kernel.clock import FixedClock
from kernel.errors import BadInput, KsbbError
from policy.viewer import Role, Viewer
from resolvers.adhoc import QuestionRefused, as_csv, cut_short, lists, run
from resolvers.literals import lift
from tests.adhoc.questions import FOLDER, QUESTIONS, Question
from tests.conftest import Asking

NEW_YEAR = FixedClock(dt.datetime(2022, 1, 1, tzinfo=dt.UTC))
INSPECTOR = Viewer(Role.INSPEKTORAT, "inspector-7")


async def put(
    ask: Asking, text: str, viewer: Viewer = INSPECTOR, variables: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Ask as `ksbb query` does."""
    return await run(ask.reader, ask.city.server.uri(), NEW_YEAR, viewer, text, variables or {})


def test_every_question_has_a_file_and_every_file_a_question() -> None:
    assert {q.file for q in QUESTIONS} == {path.name for path in FOLDER.glob("*.graphql")}
    assert len({q.file for q in QUESTIONS}) == 10


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: "-".join([q.file[:2], *map(str, q.variables.values())]))
async def test_a_question_is_answered_as_the_tables_say(
    ask: Asking, tables: asyncpg.Connection, question: Question
) -> None:
    data = await put(ask, question.text, variables=question.variables)
    (rows,) = lists(data).values()
    expected = await _asked_of(tables, question)
    assert sorted(map(_flat, rows), key=_in_order) == sorted(expected, key=_in_order)
    assert rows or question.may_be_empty
    assert not list(cut_short(data))
    table = list(csv.reader(io.StringIO(as_csv(question.text, data))))
    assert len(table) == 1 + len(rows)
    assert not expected or sorted(table[0]) == sorted(expected[0])


async def _asked_of(tables: asyncpg.Connection, question: Question) -> list[dict[str, Any]]:
    arguments = [_sql_value(argument) for argument in question.arguments]
    rows = await tables.fetch(f"select row_to_json(answer) from ({question.sql}) answer", *arguments)
    return [json.loads(row[0]) for row in rows]


def _sql_value(argument: object) -> object:
    if isinstance(argument, list):
        return [_sql_value(item) for item in argument]
    text = str(argument)
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and "nodes" not in value:
            flat |= {f"{key}.{inner}": found for inner, found in _flat(value).items()}
        else:
            flat[key] = value
    return flat


def _in_order(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


# ---- the trace


async def _entries(tables: asyncpg.Connection, subject: str) -> list[asyncpg.Record]:
    return list(await tables.fetch("select * from audit_entry where subject = $1 order by act", subject))


async def test_a_question_is_logged_with_who_asked_and_how_many_rows_came(
    ask: Asking, tables: asyncpg.Connection
) -> None:
    text = '{ regions(first: 500, filter: { name: { contains: "Tebet" } }) { nodes { name } } }'
    viewer = Viewer(Role.WILAYAH, "the-lurah", area="31.74.01")
    data = await put(ask, text, viewer)
    (entry,) = await _entries(tables, "the-lurah")
    assert (entry["role"], entry["act"], entry["at"]) == ("WILAYAH", "QUERY", NEW_YEAR.instant)
    assert json.loads(entry["details"]) == {"rows": len(data["regions"]["nodes"]), "area": "31.74.01"}
    assert "Tebet" not in str(dict(entry))


async def test_questions_that_differ_in_values_only_are_one_question_in_the_log(
    ask: Asking, tables: asyncpg.Connection
) -> None:
    viewer = Viewer(Role.DINAS, "the-same-again")
    for name in ("Tebet", "Gambir"):
        await put(ask, f'{{ regions(filter: {{ name: {{ eq: "{name}" }} }}) {{ totalCount }} }}', viewer)
    first, second = await _entries(tables, "the-same-again")
    assert first["document_hash"] == second["document_hash"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("{ loans(first: 3) { of: nodes { principal } } }", 3),
        ("{ loans(first: 3) { edges { node { principal } } pageInfo { hasNextPage } } }", 3),
        ("{ loans(filter: { principal: { gt: 9000000 } }) { totalCount } }", 0),
        ("{ loanGroups(by: []) { principal { sum } } }", 1),
        ("{ a: loans(first: 2) { nodes { principal } } b: loans(first: 1) { nodes { id } } }", 3),
        ('{ loan(id: "LOAN") { principal } regions(first: 2) { nodes { name } } }', 3),
        ('{ loan(id: "loan_00000000000000000000000000") { principal } }', 0),
        ('{ node(id: "LOAN") { ... on Loan { principal } } }', 1),
        ('{ nodes(ids: ["LOAN", "LOAN"]) { ... on Loan { principal } } }', 2),
        ("{ recipients(first: 2) { nodes { loans(first: 5) { nodes { principal } } } } }", 2),
    ],
)
async def test_a_read_is_logged_with_how_many_rows_came(
    ask: Asking, tables: asyncpg.Connection, text: str, rows: int
) -> None:
    viewer = Viewer(Role.INSPEKTORAT, sha256(f"rows {text}".encode()).hexdigest())
    loan = await tables.fetchval("select public_id from loan order by id limit 1")
    answer = await ask(viewer, text.replace("LOAN", loan))
    assert "errors" not in answer
    (read,) = await _entries(tables, viewer.subject)
    assert json.loads(read["details"])["rows"] == rows


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{ loans(first: 1) { nodes { principal } } }", ["loan.principal"]),
        ("{ loans(filter: { principal: { gt: 9000000 } }) { totalCount } }", ["loan.principal"]),
        ("{ loans(orderBy: [{ field: REPAID_ON }]) { totalCount } }", ["loan.repaid_on"]),
        ("{ loanGroups(by: [STATUS]) { count } }", ["loan.status"]),
        ("{ loanGroups(by: []) { tenorMonths { max } } }", ["loan.tenor_months"]),
        ("{ recipients(filter: { loans: { some: { everDefaulted: { eq: true } } } }) { totalCount } }", None),
        ("{ loans(first: 1) { nodes { measures { outstanding } } } }", None),
    ],
)
async def test_the_inspectors_use_of_a_persons_money_is_logged_whatever_the_use(
    ask: Asking, tables: asyncpg.Connection, text: str, fields: list[str] | None
) -> None:
    viewer = Viewer(Role.INSPEKTORAT, sha256(text.encode()).hexdigest())
    await put(ask, text, viewer)
    asked, read = await _entries(tables, viewer.subject)
    assert (asked["act"], read["act"]) == ("QUERY", "READ")
    assert asked["document_hash"] == read["document_hash"] == sha256(lift(text).shape.encode()).hexdigest()
    logged = json.loads(read["details"])
    assert list(logged) == ["fields", "rows"]
    assert logged["fields"]
    assert fields is None or logged["fields"] == fields
    assert all(field.split(".")[0] in {"loan", "repayment", "instalment"} for field in logged["fields"])


async def test_what_is_nobodys_money_is_not_logged_as_read(ask: Asking, tables: asyncpg.Connection) -> None:
    await put(ask, "{ recipients(first: 1) { nodes { tradeName } } }", Viewer(Role.INSPEKTORAT, "curious"))
    assert [entry["act"] for entry in await _entries(tables, "curious")] == ["QUERY"]


async def test_there_is_no_answer_where_the_read_cannot_be_logged(ask: Asking, tables: asyncpg.Connection) -> None:
    login = f"{ask.city.settings.role_prefix}inspektorat"
    function = f"function {login}.log_read(uuid, text, text, text[], integer)"
    await tables.execute(f"revoke execute on {function} from {login}")
    try:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, KsbbError)):
            await put(ask, "{ loans(first: 1) { nodes { principal tenorMonths } } }")
    finally:
        await tables.execute(f"grant execute on {function} to {login}")


# ---- refusals


async def test_a_refused_question_says_each_error_on_a_line_and_is_not_answered(ask: Asking) -> None:
    with pytest.raises(QuestionRefused) as refused:
        await put(ask, "{\n  regions { nodes { nonsense } }\n  nothing\n}")
    first, second = refused.value.message.splitlines()
    assert first.startswith("line 2, column 21: Cannot query field 'nonsense'")
    assert second.startswith("line 3, column 3: Cannot query field 'nothing'")


async def test_a_field_that_the_role_lacks_is_refused_like_one_that_does_not_exist(ask: Asking) -> None:
    with pytest.raises(QuestionRefused):
        await put(ask, "{ loans { nodes { principal } } }", Viewer(Role.PUBLIK, "anybody"))


async def test_an_answer_of_several_lists_asks_which_one_is_meant(ask: Asking) -> None:
    text = "{ handovers(first: 2) { nodes { amount } } onwardAids(first: 2) { nodes { amount } } }"
    data = await put(ask, text)
    with pytest.raises(BadInput, match="choose one with --list: handovers, onwardAids"):
        as_csv(text, data)
    with pytest.raises(BadInput, match="no list `loans`"):
        as_csv(text, data, "loans")
    assert as_csv(text, data, "onwardAids").startswith("amount\r\n")


async def test_an_answer_that_shows_a_part_of_its_rows_says_so(ask: Asking) -> None:
    told = list(cut_short(await put(ask, "{ regions(first: 2) { totalCount nodes { name } } }")))
    assert told == ["`regions` shows 2 of 318 rows; ask for more with `first`, or go on with `after`."]
    assert list(cut_short(await put(ask, "{ regions(first: 2) { nodes { name } pageInfo { hasNextPage } } }")))
    assert not list(cut_short(await put(ask, "{ regions(first: 400) { totalCount nodes { name } } }")))
