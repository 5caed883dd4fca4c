"""What cannot be used is refused by name: what it was, where it stood, and what is allowed instead."""
# ruff: noqa: E501  # a table is read by its rows

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel.errors import KsbbError
from policy.viewer import Role
from resolvers.request import GraphQLRequest
from tests.conftest import Asking

pytestmark = pytest.mark.asyncio(loop_scope="session")

CROSSING = [[[106.8, -6.2], [106.9, -6.3], [106.9, -6.2], [106.8, -6.3], [106.8, -6.2]]]
SWAPPED = [[[-6.2, 106.8], [-6.3, 106.9], [-6.2, 106.9], [-6.2, 106.8]]]
OF_TWO = "query ($v: Int) { regions(first: $v) { totalCount } }"
WITHIN = "query ($v: GeoJSON!) { recipients(filter: {point: {within: $v}}) { nodes { id } } }"
IN_REGION = "query ($v: RegionCode) { loans(filter: {regionCode: {within: $v}}) { totalCount } }"
ON_DAY = "query ($v: Date) { loans(filter: {proposedOn: {eq: $v}}) { totalCount } }"
OF_MONEY = "query ($v: Rupiah) { loans(filter: {principal: {gt: $v}}) { totalCount } }"
TITLED = "query ($v: String) { collaborations(filter: {title: {contains: $v}}) { totalCount } }"
AFTER = "query ($v: String) { loans(after: $v) { nodes { id } } }"
ORDERED = "query ($v: [LoanOrder!]) { loans(orderBy: $v) { totalCount } }"
IN_BOX = "query ($v: BoxInput) { recipients(filter: {point: {box: $v}}) { totalCount } }"
NEAR = "query ($v: NearInput) { recipients(filter: {point: {near: $v}}) { totalCount } }"
MISSING = object()

REFUSED = [
    # where it stands, the document, the variable `v`, the code, words of the sentence
    ("unknown enum", "{ loans(filter: {status: {eq: SIAP}}) { totalCount } }", MISSING, "VALIDATION", ["SIAP", "LoanStatus", "DIUSULKAN", "status pinjaman"]),
    ("unknown enum sent", "query ($v: LoanStatus) { loans(filter: {status: {eq: $v}}) { totalCount } }", "SIAP", "INPUT", ["$v", "SIAP", "DIUSULKAN", "status pinjaman"]),
    ("absurd page", OF_TWO, 1_000_000, "INPUT", ["first", "500", "1000000"]),
    ("negative page", OF_TWO, -1, "INPUT", ["first", "0", "-1"]),
    ("page beyond 32 bits", OF_TWO, 2**31, "INPUT", ["$v", "Int", "2147483647"]),
    ("page as text", OF_TWO, "5", "INPUT", ["$v", "Int", '"5"']),
    ("page as a huge number", OF_TWO, 10**400, "INPUT", ["$v", "Int"]),
    ("first and last", "{ regions(first: 1, last: 1) { totalCount } }", MISSING, "INPUT", ["first", "last"]),
    ("groups beyond a page", "{ loanGroups(by: STATUS, first: 501) { count } }", MISSING, "INPUT", ["first", "500"]),
    ("too many dimensions", "{ loanGroups(by: [STATUS, STAGE, KOTA, KECAMATAN, KELURAHAN]) { count } }", MISSING, "INPUT", ["by", "4", "5"]),
    ("broken cursor", AFTER, "bukan-kursor", "CURSOR", ["after", "cursor", "kursor"]),
    ("broken cursor where only a total is asked", "{ loans(after: \"x\") { totalCount } }", MISSING, "CURSOR", ["after"]),
    ("empty cursor", AFTER, "", "CURSOR", ["after"]),
    ("crossing polygon", WITHIN, {"type": "Polygon", "coordinates": CROSSING}, "INPUT", ["$v", "poligon", "crosses itself", "106.8", "-6.2"]),
    ("swapped coordinates", WITHIN, {"type": "Polygon", "coordinates": SWAPPED}, "INPUT", ["$v", "longitude, latitude"]),
    ("no polygon", WITHIN, {"type": "Point", "coordinates": [106.8, -6.2]}, "INPUT", ["$v", "Polygon"]),
    ("polygon without rings", WITHIN, {"type": "Polygon", "coordinates": []}, "INPUT", ["$v"]),
    ("polygon of words", WITHIN, {"type": "Polygon", "coordinates": [["a"]]}, "INPUT", ["$v", "coordinates"]),
    ("endless polygon", WITHIN, {"type": "Polygon", "coordinates": [[[1e999, 0], [1, 1], [1, 0], [1e999, 0]]]}, "INPUT", ["$v"]),
    ("box upside down", IN_BOX, {"west": 107, "east": 106, "south": -7, "north": -6}, "INPUT", ["west <= east"]),
    ("box off the globe", IN_BOX, {"west": -6, "east": -5, "south": 106, "north": 107}, "INPUT", ["lon", "-90 and 90"]),
    ("box without an edge", IN_BOX, {"west": 106, "east": 107, "south": -7}, "INPUT", ["$v", "north"]),
    ("too far", NEAR, {"lon": 106.8, "lat": -6.2, "distanceM": 1e9}, "INPUT", ["distanceM", "100000"]),
    ("bare region", IN_REGION, "3171", "INPUT", ["$v", "31.71", "31.74", "kode wilayah"]),
    ("unknown region", IN_REGION, "31.99", "INPUT", ["$v", "31.99", "31.73.03"]),
    ("region outside", IN_REGION, "32.73", "INPUT", ["$v", "32.73", "DKI Jakarta"]),
    ("unknown id", '{ loan(id: "pinjaman-1") { principal } }', MISSING, "ID", ["id", "26", "kind", "pengenal"]),
    ("unknown code", '{ region(id: "31.73") { name } }', MISSING, "ID", ["region_"]),
    ("30 February", ON_DAY, "2020-02-30", "INPUT", ["$v", "tanggal", "2020-02-30", "YYYY-MM-DD"]),
    ("day of a week", ON_DAY, "2020-W31-5", "INPUT", ["$v", "YYYY-MM-DD"]),
    ("day of another year", ON_DAY, 20200731, "INPUT", ["$v", "YYYY-MM-DD"]),
    ("instant before time", "query ($v: DateTime) { repayments(filter: {reportedAt: {gt: $v}}) { totalCount } }", "0001-01-01T00:00:00+14:00", "INPUT", ["$v", "DateTime"]),
    ("instant without offset", "query ($v: DateTime) { repayments(filter: {reportedAt: {gt: $v}}) { totalCount } }", "2020-07-31T09:00:00", "INPUT", ["$v", "offset"]),
    ("rupiah with a part", OF_MONEY, 0.5, "INPUT", ["$v", "Rupiah", "whole", "0.5"]),
    ("rupiah beyond 2^53", OF_MONEY, 2**53, "INPUT", ["$v", "Rupiah", "9007199254740991"]),
    ("rupiah as text", OF_MONEY, "5000000", "INPUT", ["$v", "Rupiah"]),
    ("rupiah that is no number", OF_MONEY, float("nan"), "INPUT", ["$v", "Rupiah"]),
    ("unknown field", "{ loans { nodes { plafon } } }", MISSING, "VALIDATION", ["plafon", "Loan"]),
    ("unknown field of an input", ORDERED, [{"field": "PRINCIPAL", "arah": "ASC"}], "INPUT", ["$v", "arah", "direction"]),
    ("missing field of an input", ORDERED, [{"direction": "ASC"}], "INPUT", ["$v", "field"]),
    ("text for an input", ORDERED, "PRINCIPAL", "INPUT", ["$v", "LoanOrder", "object"]),
    ("missing variable", "query ($v: ID!) { loan(id: $v) { principal } }", MISSING, "INPUT", ["$v", "ID!", "missing"]),
    ("null variable", "query ($v: ID!) { loan(id: $v) { principal } }", None, "INPUT", ["$v", "ID!", "null"]),
    ("null in place of a default", 'query ($v: ID = "x") { loan(id: $v) { principal } }', None, "INPUT", ["id", "null"]),
    ("null directive", "query ($v: Boolean = true) { regions { totalCount @skip(if: $v) } }", None, "INPUT", ["$v", "skip"]),
    ("null condition", TITLED, None, "INPUT", ["contains", "null", "isNull"]),
    ("null for nobody", "query ($v: LoanFilter) { recipients(filter: {loans: {none: $v}}) { totalCount } }", None, "INPUT", ["none", "loans"]),
    ("null id", "{ loans(filter: {id: {eq: null}}) { totalCount } }", MISSING, "INPUT", ["eq", "id"]),
    ("null in a list", "query ($v: [String!]) { collaborations(filter: {title: {in: $v}}) { totalCount } }", [None], "INPUT", ["$v.0", "null"]),
    ("NUL", TITLED, "a\x00b", "INPUT", ["$v", "NUL"]),
    ("NUL in the document", '{ collaborations(filter: {title: {contains: "\x00"}}) { totalCount } }', MISSING, "INPUT", ["NUL"]),
    ("escaped NUL", '{ collaborations(filter: {title: {contains: "\\u0000"}}) { totalCount } }', MISSING, "INPUT", ["NUL"]),
    ("half a surrogate pair", TITLED, "\ud800", "INPUT", ["$v", "surrogate"]),
    ("half a surrogate pair as an id", "query ($v: [ID!]!) { nodes(ids: $v) { id } }", ["\udfff"], "INPUT", ["$v", "surrogate"]),
    ("half a surrogate pair as an enum", "query ($v: LoanStatus) { loans(filter: {status: {eq: $v}}) { totalCount } }", "\udfff", "INPUT", ["$v", "LoanStatus"]),
    ("too many ids", "query ($v: [ID!]!) { nodes(ids: $v) { id } }", ["x"] * 501, "INPUT", ["ids", "501"]),
    ("unused but wrong", "query ($v: Date) { loans(filter: {proposedOn: {eq: $v}}) @skip(if: true) { totalCount } __typename }", "x", "INPUT", ["$v", "tanggal"]),
    ("a long alias", "{ regions { " + "a" * 64 + ": totalCount } }", MISSING, "INPUT", ["alias", "63"]),
    ("one key for two things", "{ regions(first: 1) { totalCount } regions(first: 2) { totalCount } }", MISSING, "VALIDATION", ["regions"]),
]  # fmt: skip
CODES = {
    "INPUT": "BAD_USER_INPUT",
    "VALIDATION": "GRAPHQL_VALIDATION_FAILED",
    "CURSOR": "BAD_CURSOR",
    "ID": "NOT_AN_ID",
}


async def refusal(ask: Asking, document: str, variables: dict[str, Any]) -> tuple[str, str]:
    """Code and sentence of what refuses a question; whatever is no `KsbbError` breaks the test."""
    try:
        viewer = ask.city.viewer(Role.BIRO_KSD)
        answer = json.loads((await ask.reader.answer(viewer, GraphQLRequest(document, None, variables))).body)
    except KsbbError as refused:
        return refused.code, refused.message
    (error, *_) = answer["errors"]
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(("document", "value", "code", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
async def test_bad_input_is_refused_with_its_name_and_what_is_allowed(
    ask: Asking, document: str, value: Any, code: str, words: list[str]
) -> None:
    found, sentence = await refusal(ask, document, {} if value is MISSING else {"v": value})
    assert found == CODES[code]
    assert [word for word in words if word not in sentence] == [], sentence
    sentence.encode()


NIK = "3174055508909901"
MISPLACED = {
    "an id": "query ($v: ID!) { loan(id: $v) { principal } }",
    "a day": ON_DAY,
    "a whole number": "query ($v: Int!) { regions(first: $v) { totalCount } }",
    "a code": "query ($v: LoanStatus) { loans(filter: {status: {eq: $v}}) { totalCount } }",
    "an instant": "query ($v: DateTime) { repayments(filter: {reportedAt: {gt: $v}}) { totalCount } }",
    "an order": ORDERED,
}


@pytest.mark.parametrize("where", MISPLACED)
@pytest.mark.parametrize("value", [NIK, f"{NIK[:6]} {NIK[6:12]}-{NIK[12:]}", int(NIK), float(NIK), "0812 3456 7890"])
async def test_a_persons_number_in_the_wrong_place_is_not_repeated(ask: Asking, where: str, value: Any) -> None:
    _, sentence = await refusal(ask, MISPLACED[where], {"v": [value] if where == "an order" else value})
    digits = "".join(c for c in str(value) if c.isdigit())
    assert not any(digits[at : at + 7] in sentence.replace(" ", "").replace("-", "") for at in range(len(digits) - 6))
