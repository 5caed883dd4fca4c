"""Figures that others reported are shown as reported, with their contradictions, and never turned into one."""

from __future__ import annotations

from decimal import Decimal

import asyncpg
import pytest
from graphql import GraphQLObjectType, get_named_type

from models.reference import figure_check_rows, figure_mention_rows, reported_figure_rows
from policy.viewer import Role
from schema.build import role_schema
from tests.conftest import Asking, City

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIGURES = """
{ reportedFigures(first: 500) { totalCount nodes {
    id value number unit asOf source definition note
    mentions(first: 50) { nodes { check { formula outcome agrees } } }
} } }
"""
CHECKS = """
{ figureChecks(first: 50, filter: { agrees: { eq: false } }) { nodes {
    formula outcome agrees
    mentions(first: 50) { nodes { figure { value source } } }
} } }
"""


@pytest.mark.parametrize("role", [Role.PUBLIK, Role.BIRO_KSD, Role.DISKOMINFOTIK])
async def test_every_figure_comes_with_source_date_and_definition(ask: Asking, role: Role) -> None:
    told = (await ask(role, FIGURES))["data"]["reportedFigures"]
    by_id = {node["id"]: node for node in told["nodes"]}
    expected = list(reported_figure_rows())
    assert told["totalCount"] == len(by_id) == len(expected)
    for figure in expected:
        node = by_id[f"figure_{figure['id']}"]
        for name in ("value", "unit", "source", "definition", "note"):
            assert node[name] == figure[name]
        assert node["asOf"] == figure["as_of"]
        assert (node["number"] is None) == (figure["number"] is None)
        assert figure["number"] is None or Decimal(str(node["number"])) == figure["number"]
        assert node["source"]
        assert node["definition"]


async def test_a_figure_leads_to_the_checks_that_it_fails(ask: Asking) -> None:
    told = (await ask(Role.PUBLIK, FIGURES))["data"]["reportedFigures"]["nodes"]
    checks = {check["id"]: check for check in figure_check_rows()}
    expected: dict[str, set[str]] = {}
    for mention in figure_mention_rows():
        expected.setdefault(f"figure_{mention['figure_id']}", set()).add(checks[mention["check_id"]]["formula"])
    shown = {n["id"]: {m["check"]["formula"] for m in n["mentions"]["nodes"]} for n in told}
    assert {id_: formulas for id_, formulas in shown.items() if formulas} == expected
    assert any(not m["check"]["agrees"] for n in told for m in n["mentions"]["nodes"])


async def test_contradictions_show_both_sides_and_the_figures_behind_them(ask: Asking) -> None:
    told = (await ask(Role.PUBLIK, CHECKS))["data"]["figureChecks"]["nodes"]
    assert sorted(n["formula"] for n in told) == sorted(c["formula"] for c in figure_check_rows() if not c["agrees"])
    assert told
    for check in told:
        assert check["outcome"]
        assert all(m["figure"]["source"] for m in check["mentions"]["nodes"])


@pytest.mark.parametrize("role", list(Role))
async def test_no_role_may_sum_or_average_figures_of_others(role: Role) -> None:
    group = role_schema(role).schema.type_map["ReportedFigureGroup"]
    assert isinstance(group, GraphQLObjectType)
    offered = {name: get_named_type(field.type).name for name, field in group.fields.items()}
    assert offered == {"keys": "ReportedFigureKeys", "count": "Int"}


async def test_the_database_holds_figures_as_reported_not_as_rounded(walled_city: City) -> None:
    connection = await asyncpg.connect(walled_city.server.uri())
    try:
        rows = await connection.fetch("select id, value, number from ksbb.reported_figure")
    finally:
        await connection.close()
    assert {(r["id"], r["value"], r["number"]) for r in rows} == {
        (f["id"], f["value"], f["number"]) for f in reported_figure_rows()
    }
