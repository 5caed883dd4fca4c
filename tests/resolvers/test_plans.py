"""Plans are shared by what differs in values only, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from graphql import FloatValueNode, IntValueNode, Lexer, Node, Source, StringValueNode, TokenKind, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import KsbbError
from policy.viewer import Role
from resolvers import execute
from resolvers.compile import compile_query
from resolvers.literals import lift
from resolvers.request import GraphQLRequest
from server import reader_of
from tests.conftest import Asking, City


class Counted:
    """A reader of its own and the number of plans that it made."""

    def __init__(self, ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ask = ask
        self.plans = 0
        compiled = compile_query

        def counting(*arguments: Any) -> Any:
            self.plans += 1
            return compiled(*arguments)

        monkeypatch.setattr(execute, "compile_query", counting)

    async def of(self, *questions: str | tuple[str, Mapping[str, Any]]) -> int:
        """How many plans some questions need."""
        before = self.plans
        for question in questions:
            query, variables = (question, {}) if isinstance(question, str) else question
            assert "errors" not in await self.ask(Role.PUBLIK, query, variables)
        return self.plans - before


@pytest_asyncio.fixture(loop_scope="session")
async def counted(walled_city: City, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    ask = Asking(walled_city, reader_of(walled_city.settings, walled_city.server))
    yield Counted(ask, monkeypatch)
    await ask.reader.close()


def titled(value: str) -> str:
    return (
        f"{{ collaborations(first: 2, filter: {{title: {{contains: {value}}}}}) {{ totalCount nodes {{ title }} }} }}"
    )


async def test_documents_that_differ_in_values_only_share_one_plan(counted: Counted) -> None:
    assert (
        await counted.of(titled('"a"'), titled('"b"'), titled('""'), titled('"""block"""'), titled(r'"\u0061 \" \\"'))
        == 1
    )


async def test_another_comment_does_not_make_another_plan(counted: Counted) -> None:
    assert await counted.of("#\n" + titled('"a"'), "# a \"comment\" of 5 'words'\n" + titled('"a"')) == 1


async def test_another_page_size_is_another_plan_and_the_same_one_is_not(counted: Counted) -> None:
    query = "query ($n: Int, $t: String) { collaborations(first: $n, filter: {title: {contains: $t}}) { totalCount } }"
    sent: list[dict[str, Any]] = [
        {"n": 1, "t": "a"},
        {"n": 2, "t": "a"},
        {"n": 1, "t": "b"},
        {"t": "b"},
        {"n": None, "t": "c"},
        {"n": 2},
    ]
    assert await counted.of(*((query, variables) for variables in sent)) == 5


async def test_one_value_stands_for_a_list_of_one(counted: Counted) -> None:
    written = await counted.ask(
        Role.PUBLIK, "{ a: regionGroups(by: LEVEL) { count } b: regionGroups(by: [LEVEL]) { count } }"
    )
    assert written["data"]["a"] == written["data"]["b"] == [{"count": n} for n in (44, 267, 6, 1)]
    query = """query ($by: [RegionDimension!]!, $or: [RegionFilter!], $order: [RegionOrder!], $in: [String!]) {
      regionGroups(by: $by) { count }
      regions(first: 1, filter: {or: $or, name: {in: $in}}, orderBy: $order) { totalCount }
    }"""
    one = {"by": "LEVEL", "or": {"code": {"eq": "31"}}, "order": {"field": "NAME"}, "in": "DKI Jakarta"}
    alone = await counted.ask(Role.PUBLIK, query, one)
    assert alone == await counted.ask(Role.PUBLIK, query, {name: [value] for name, value in one.items()})
    assert alone["data"]["regions"]["totalCount"] == 1


async def test_a_page_size_may_be_given_left_out_and_null_in_turn(counted: Counted) -> None:
    query = "query ($n: Int) { regions(first: $n) { nodes { code } } }"
    for variables, size in (({"n": 3}, 3), ({}, 20), ({"n": None}, 20), ({"n": 1}, 1)):
        answer = await counted.ask(Role.PUBLIK, query, variables)
        assert len(answer["data"]["regions"]["nodes"]) == size


async def test_lists_of_identifiers_of_any_length_and_kind_follow_one_another(counted: Counted) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Region { name } } }"
    everything = await counted.ask(
        Role.PUBLIK, "{ places(first: 2) { nodes { id } } reportedFigures { nodes { id } } }"
    )
    places, figures = ([n["id"] for n in part["nodes"]] for part in everything["data"].values())
    for ids in (["region_31", *places], ["region_31"], [], [*figures, "region_31"], [places[0], "x"], "region_31"):
        answer = await counted.ask(Role.PUBLIK, query, {"ids": ids})
        listed = ids if isinstance(ids, list) else [ids]
        assert [n and n["id"] for n in answer["data"]["nodes"]] == [None if i == "x" else i for i in listed]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ regions(first: 1) { totalCount } }", "{ regions(last: 1) { totalCount } }"),
        ("{ a1: regions(first: 1) { totalCount } }", "{ a2: regions(first: 1) { totalCount } }"),
        ("{ r: regions(first: 1) { totalCount } }", "{ r: regions(first: -1) { totalCount } }"),
        ("{ r: regions(first: 1) { totalCount } }", "{ r: regions(first: 1.0) { totalCount } }"),
        ("{ r: regions(first: 1) { totalCount } }", '{ r: regions(first: "1") { totalCount } }'),
        (
            "{ regions(filter: {level: {eq: KOTA}}) { totalCount } }",
            '{ regions(filter: {level: {eq: "KOTA"}}) { totalCount } }',
        ),
        (
            "{ regions(filter: {level: {eq: KOTA}}) { totalCount } }",
            "{ regions(filter: {level: {eq: KECAMATAN}}) { totalCount } }",
        ),
        (
            '{ regions(filter: {name: {eq: "a"}}) { totalCount } } # "b"',
            '{ regions(filter: {name: {eq: "a # b"}}) { totalCount } }',
        ),
        (
            "{ places(filter: {point: {near: {lon: 106, lat: -6, distanceM: 5}}}) { totalCount } }",
            "{ places(filter: {point: {near: {lon: 106.5, lat: -6.5, distanceM: 5000}}}) { totalCount } }",
        ),
        (
            "{ regions(first: 1) { totalCount } regions(first: 1) { nodes { code } } }",
            "{ regions(first: 1) { totalCount } regions(first: 2) { nodes { code } } }",
        ),
        (
            'query ($t: String = "a") { collaborations(filter: {title: {contains: $t}}) { totalCount } }',
            'query ($t: String = "zzz") { collaborations(filter: {title: {contains: $t}}) { totalCount } }',
        ),
    ],
)
async def test_a_reader_that_saw_a_document_that_looks_alike_answers_as_a_fresh_one(
    walled_city: City, one: str, other: str
) -> None:
    for first, second in ((one, other), (other, one)):
        seasoned, fresh = (reader_of(walled_city.settings, walled_city.server) for _ in range(2))
        await answered(Asking(walled_city, seasoned), first)
        assert await answered(Asking(walled_city, seasoned), second) == await answered(
            Asking(walled_city, fresh), second
        )
        await seasoned.close()
        await fresh.close()


async def answered(ask: Asking, document: str) -> Any:
    """Data, or that it is refused."""
    try:
        body = (await ask.reader.answer(ask.city.viewer(Role.PUBLIK), GraphQLRequest(document))).body
    except KsbbError:
        return "refused"
    answer = json.loads(body)
    return "refused" if "errors" in answer else answer


# ---- lifting

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["#", '"', "\\", '"""', "\\u0041", "{}", "$a", "1", "\n", "a # b", '\\"', "\t"]
)
SPACES = st.sampled_from([" ", ", ", "\n", ' # a "quoted" comment with 5 numbers: 1.5e3\n', "\t", "\ufeff"])
WORDS = st.sampled_from(["a1", "_2", "E5", "e10", "null", "true", "INF", "x1e5"])


@st.composite
def literals(draw: st.DrawFn) -> tuple[str, Any]:
    """A written value and what it means."""
    match draw(st.sampled_from(["int", "float", "string", "block"])):
        case "int":
            number = draw(st.integers())
            return str(number), number
        case "float":
            real = draw(st.floats(allow_nan=False, allow_infinity=False))
            text = repr(real) if "." in repr(real) or "e" in repr(real) else f"{real}.0"
            return text, real
        case "string":
            text = draw(TEXTS)
            return json.dumps(text, ensure_ascii=draw(st.booleans())), text
        case _:
            text = draw(st.text(st.sampled_from('ab#1 "\\'), max_size=8)).strip().rstrip('"\\')
            written = text.replace('"""', '\\"""')
            return f'"""{written}"""', text


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A document with values and names in lists, and the values that it holds."""
    parts, values = [], []
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            parts.append(draw(WORDS))
        else:
            text, value = draw(literals())
            parts.append(text)
            values.append(value)
    spaces = [draw(SPACES) for _ in parts]
    inside = "".join(part + space for part, space in zip(parts, spaces, strict=True))
    return f"{{ f(a: [{inside}]) }}", values


@given(documents())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_lifted_is_what_the_parser_reads_where_it_reads_it(document: tuple[str, list[Any]]) -> None:
    text, values = document
    lifted = lift(text)
    nodes = list(value_nodes(parse(text)))
    assert list(lifted.positions) == [node.loc.start for node in nodes if node.loc is not None]
    assert list(lifted.values) == values
    assert [type(v) for v in lifted.values] == [type(v) for v in values]


@given(documents(), documents())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_documents_have_one_shape_exactly_when_they_differ_in_values_only(
    one: tuple[str, list[Any]], other: tuple[str, list[Any]]
) -> None:
    same = lift(one[0]).shape.split() == lift(other[0]).shape.split()
    if same:
        assert without_values(one[0]) == without_values(other[0])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[1-5]", (1, -5)),
        ("[1.5-2e3]", (1.5, -2000.0)),
        ('["a""b"]', ("a", "b")),
        ('["" ""]', ("", "")),
        ('["""a""""b"]', ("a", "b")),
        ("[a1 -1 b-2]", (-1, -2)),
        ("[$v1 1]", (1,)),
        ('["#" 1 # "2" 3\n 4]', ("#", 1, 4)),
    ],
)
def test_values_without_space_between_them_are_told_apart(text: str, values: tuple[Any, ...]) -> None:
    document = f"{{ f(a: {text}) }}"
    lifted = lift(document)
    assert lifted.values == values
    assert list(lifted.positions) == [n.loc.start for n in value_nodes(parse(document)) if n.loc is not None]


def value_nodes(node: Node) -> Iterator[Node]:
    """The numbers and strings of a document, in its order."""
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        yield node
    for key in node.keys:
        child = getattr(node, key, None)
        for item in child if isinstance(child, list | tuple) else [child]:
            if isinstance(item, Node):
                yield from value_nodes(item)


def without_values(text: str) -> list[str]:
    """A document's tokens with the kind of each value in place of it."""
    lexer, found = Lexer(Source(text)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        kind = "string" if token.kind is TokenKind.BLOCK_STRING else token.kind.name.lower()
        found.append(kind if kind in {"string", "int", "float"} else token.value or token.kind.value)
    return found
