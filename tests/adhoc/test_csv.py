"""An answer as a table: RFC 4180, the same columns whatever the rows, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.adhoc import as_csv

LOANS = "{ loans { nodes { id fintech { name region { code } } repayments { nodes { amount } } } } }"


def _table(text: str, data: dict[str, Any]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(text, data), newline=""), strict=True))


def test_nested_objects_are_dotted_columns_and_nested_lists_are_json() -> None:
    row = {"id": "a", "fintech": {"name": "F", "region": None}, "repayments": {"nodes": [{"amount": 1}]}}
    table = _table(LOANS, {"loans": {"nodes": [row, {**row, "fintech": None}]}})
    assert table == [
        ["id", "fintech.name", "fintech.region.code", "repayments"],
        ["a", "F", "", '{"nodes": [{"amount": 1}]}'],
        ["a", "", "", '{"nodes": [{"amount": 1}]}'],
    ]


def test_an_empty_list_has_its_columns() -> None:
    assert as_csv(LOANS, {"loans": {"nodes": []}}) == "id,fintech.name,fintech.region.code,repayments\r\n"


def test_an_answer_without_a_list_is_one_row() -> None:
    assert _table("{ loan(id: 1) { id } }", {"loan": {"id": "a"}}) == [["loan.id"], ["a"]]


def test_edges_aliases_and_fragments_have_their_columns() -> None:
    text = "{ all: loans { edges { cursor node { ...A ... on Loan { b: id } } } } } fragment A on Loan { id t: tenor }"
    row = {"cursor": "c", "node": {"id": "a", "t": 3, "b": "a"}}
    assert _table(text, {"all": {"edges": [row]}}) == [["cursor", "node.id", "node.t", "node.b"], ["c", "a", "3", "a"]]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(begins: str) -> None:
    text = "{ loans { nodes { id } } }"
    assert _table(text, {"loans": {"nodes": [{"id": f"{begins}cmd|' /C calc'!A0"}]}})[1][0][:2] == f"'{begins}"


def test_numbers_and_booleans_stay_what_they_are() -> None:
    text = "{ groups { a b c d } }"
    data = {"groups": [{"a": -5, "b": -2.5, "c": True, "d": None}]}
    assert _table(text, data) == [["a", "b", "c", "d"], ["-5", "-2.5", "true", ""]]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_any_text_comes_back_from_the_table_as_it_was(rows: list[tuple[str, str]]) -> None:
    nodes = [{"a": f"x{a}", "b": f"x{b}"} for a, b in rows]
    table = _table("{ loans { nodes { a b } } }", {"loans": {"nodes": nodes}})
    assert table == [["a", "b"], *([n["a"], n["b"]] for n in nodes)]
