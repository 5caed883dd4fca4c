"""Answers to questions that are small, odd and allowed."""

from __future__ import annotations

import pytest

from policy.viewer import Role
from tests.conftest import Asking


@pytest.mark.parametrize("name", ["DKI Jakarta", "Tebet Timur", "none"])
async def test_a_connection_of_which_only_the_place_is_asked_is_there_with_and_without_rows(
    ask: Asking, name: str
) -> None:
    query = """query ($name: String!) {
      regions(filter: {parent: {name: {eq: $name}}}) { pageInfo { hasPreviousPage __typename } }
      empty: regions(first: 0) { pageInfo { hasPreviousPage startCursor endCursor } }
    }"""
    answer = await ask(Role.PUBLIK, query, {"name": name})
    assert answer["data"] == {
        "regions": {"pageInfo": {"hasPreviousPage": False, "__typename": "PageInfo"}},
        "empty": {"pageInfo": {"hasPreviousPage": False, "startCursor": None, "endCursor": None}},
    }


async def test_no_dimension_gives_one_group_even_if_nothing_is_counted(ask: Asking) -> None:
    answer = await ask(Role.PUBLIK, "{ regionGroups(by: []) { keys { level } __typename } }")
    assert answer["data"]["regionGroups"] == [{"keys": {"level": None}, "__typename": "RegionGroup"}]


async def test_aggregates_name_their_type_and_add_up_beyond_32_bits(ask: Asking) -> None:
    query = "{ boundaryGroups(by: []) { areaM2 { __typename sum max } } }"
    (group,) = (await ask(Role.PUBLIK, query))["data"]["boundaryGroups"]
    assert group["areaM2"]["__typename"] == "IntAggregates"
    assert group["areaM2"]["sum"] > group["areaM2"]["max"]


async def test_introspection_asked_in_two_places_under_one_key_is_merged(ask: Asking) -> None:
    query = """{
      s: __schema { queryType { name } }
      regions(first: 1) { nodes { code } }
      ... { s: __schema { subscriptionType { name } __typename } }
      t: __type(name: "Region") { name }
    }"""
    data = (await ask(Role.PUBLIK, query))["data"]
    assert list(data) == ["s", "regions", "t"]
    assert data["s"] == {
        "queryType": {"name": "Query"},
        "subscriptionType": {"name": "Subscription"},
        "__typename": "__Schema",
    }


@pytest.mark.parametrize(
    "noun", ["region", "boundary", "reportedFigure", "figureCheck", "figureMention", "kbliCode", "collaboration"]
)
async def test_every_identifier_that_is_given_opens_what_it_was_given_for(ask: Asking, noun: str) -> None:
    plural = {"boundary": "boundaries"}.get(noun, f"{noun}s")
    listed = await ask(Role.PUBLIK, f"{{ {plural}(first: 2) {{ nodes {{ __typename id }} }} }}")
    query = f"query ($id: ID!) {{ {noun}(id: $id) {{ __typename id }} node(id: $id) {{ __typename id }} }}"
    assert listed["data"][plural]["nodes"]
    for row in listed["data"][plural]["nodes"]:
        assert (await ask(Role.PUBLIK, query, {"id": row["id"]}))["data"] == {noun: row, "node": row}


async def test_filters_by_identifier_find_codes_and_figures(ask: Asking) -> None:
    query = """{
      kbliCodes(first: 1) { nodes { id } }
      reportedFigures(first: 1) { nodes { id } }
      regions(filter: {id: {in: ["region_31", "region_none"]}}) { nodes { id } }
    }"""
    data = (await ask(Role.PUBLIK, query))["data"]
    assert data["regions"]["nodes"] == [{"id": "region_31"}]
    for plural in ("kbliCodes", "reportedFigures"):
        (row,) = data[plural]["nodes"]
        found = await ask(
            Role.PUBLIK,
            f"query ($id: ID!) {{ {plural}(filter: {{id: {{eq: $id}}}}) {{ nodes {{ id }} }} }}",
            {"id": row["id"]},
        )
        assert found["data"][plural]["nodes"] == [row]


async def test_a_null_argument_is_an_argument_left_out(ask: Asking) -> None:
    left_out = await ask(
        Role.INSPEKTORAT, '{ loans(first: 3) { nodes { measures(asOf: "2021-06-30") { collectability } } } }'
    )
    query = """query ($no: Int, $rule: CollectabilityRule, $filter: LoanFilter, $order: [LoanOrder!]) {
      loans(first: 3, last: $no, after: null, filter: $filter, orderBy: $order) {
        nodes { measures(asOf: "2021-06-30", rule: $rule) { collectability } }
      }
      loanGroups(by: [], first: null, filter: null) { portfolio(asOf: null) { loans } }
      mapLayer(layer: TARGET, level: KOTA, packageKind: null) { quantity }
    }"""
    answer = await ask(Role.INSPEKTORAT, query, dict.fromkeys(("no", "rule", "filter", "order")))
    assert answer["data"]["loans"] == left_out["data"]["loans"]
    assert answer["data"]["loanGroups"][0]["portfolio"]["loans"] > 0
    assert len(answer["data"]["mapLayer"]) == 6


async def test_everything_skipped_leaves_empty_objects(ask: Asking) -> None:
    query = """{
      regions(first: 2) { nodes { code @skip(if: true) } edges { cursor @skip(if: true) } }
      regionGroups(by: LEVEL) { count @skip(if: true) }
      region(id: "region_31") { name @include(if: false) }
    }"""
    assert (await ask(Role.PUBLIK, query))["data"] == {
        "regions": {"nodes": [{}, {}], "edges": [{}, {}]},
        "regionGroups": [{}, {}, {}, {}],
        "region": {},
    }


@pytest.mark.parametrize(
    "part",
    [
        '{search: "loksem"}',
        "{point: {near: {lon: 106.8, lat: -6.2, distanceM: 5000}}}",
        "{point: {box: {west: 106.8, south: -6.3, east: 106.9, north: -6.1}}}",
    ],
)
async def test_whatever_can_be_asked_can_be_negated(ask: Asking, part: str) -> None:
    query = f"""{{
      all: places {{ totalCount }}
      with: places(filter: {part}) {{ totalCount }}
      without: places(filter: {{not: {part}}}) {{ totalCount }}
    }}"""
    count = {key: found["totalCount"] for key, found in (await ask(Role.INSPEKTORAT, query))["data"].items()}
    assert count["with"] + count["without"] == count["all"] > count["without"]


@pytest.mark.parametrize("day", ["2021-06-30", "9999-12-31"])
async def test_a_date_stays_the_date_that_was_sent(ask: Asking, day: str) -> None:
    query = "query ($day: Date!) { loans(first: 1) { nodes { measures(asOf: $day) { asOf } } } }"
    answer = await ask(Role.INSPEKTORAT, query, {"day": day})
    assert answer["data"]["loans"]["nodes"] == [{"measures": {"asOf": day}}]
