"""The guard: what a document may ask for, measured in linear time."""

from __future__ import annotations

import time

import pytest
from graphql import DocumentNode, GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from edge.guard import DocumentNotParsed, DocumentTooLarge, Limits, guard, read_document

LIMITS = Limits()


def nested(depth: int, inner: str = "a") -> str:
    return "{ a " * depth + inner + "}" * depth


def measure_over(source: str, limits: Limits = LIMITS) -> str:
    """The measure for which a document is refused."""
    with pytest.raises(DocumentTooLarge) as refused:
        read_document(source, limits)
    return str(refused.value.details["measure"])


def test_a_document_at_the_limit_passes_and_one_beyond_does_not() -> None:
    small = Limits(depth=3, fields=4, aliases=1, directives=1, operations=2, value_depth=2)
    for at_limit, beyond, measure in [
        ("{ a { a { a } } }", "{ a { a { a { a } } } }", "depth"),
        ("{ a b c d }", "{ a b c d e }", "fields"),
        ("{ x: a }", "{ x: a y: a }", "aliases"),
        ("{ a @skip(if: true) }", "{ a @skip(if: true) ... @include(if: $x) { b } }", "directives"),
        ("query A { a } query B { a }", "query A { a } query B { a } query C { a }", "operations"),
        ("{ a(b: [[1], [2]]) }", "{ a(b: {c: {d: [1]}}) }", "value_depth"),
        ("query($x: [[Int]]) { a }", "query($x: [[[Int]]]) { a }", "value_depth"),
    ]:
        read_document(at_limit, small)
        assert measure_over(beyond, small) == measure


def test_fragments_count_wherever_they_are_spread() -> None:
    small = Limits(depth=3, fields=6, aliases=2)
    assert measure_over("{ a { a { ...F } } } fragment F on T { a { a } }", small) == "depth"
    assert measure_over("{ ...F ...F } fragment F on T { a b c d }", small) == "fields"
    assert measure_over("{ ...F a { ...F } } fragment F on T { x: a y: b }", small) == "aliases"
    read_document("{ ...F b { ...F } } fragment F on T { a }", small)


@pytest.mark.parametrize("tool", [{}, {"input_value_deprecation": True, "schema_description": True, "type_depth": 9}])
def test_introspection_of_todays_tools_passes(tool: dict[str, bool]) -> None:
    read_document(get_introspection_query(**tool), LIMITS)


def test_introspection_has_a_depth_of_its_own() -> None:
    read_document('{ __type(name: "A") { fields ' + nested(15) + " } }", LIMITS)
    assert measure_over("{ __schema " + nested(30) + " }") == "introspection_depth"
    assert measure_over("{ __typename a { __typename " + "a " + nested(12) + " } }") == "depth"


@pytest.mark.parametrize(
    ("source", "measure"),
    [
        ("{ __schema { types { fields { type { fields { name } } } } } }", "introspection_lists"),
        ("{ __schema { types { fields { args { type { inputFields { name } } } } } } }", "introspection_lists"),
        (
            '{ __type(name: "A") { ...F } } fragment F on __Type { fields { type { ...G } } } '
            "fragment G on __Type { possibleTypes { name } }",
            "introspection_lists",
        ),
        ("{ __schema { a: types { name } b: types { name } c: types { name } } }", "introspection_aliases"),
        (
            "{ __schema { ...F ...G } } fragment F on __Schema { a: types { name } b: types { name } } "
            "fragment G on __Schema { c: types { name } }",
            "introspection_aliases",
        ),
        ("{ " + " ".join(f'a{n}: __type(name: "A") {{ name }}' for n in range(6)) + " }", "introspections"),
        ("{ ...F ...F ...F } fragment F on Query { __schema { types { name } } __type { name } }", "introspections"),
    ],
)
def test_introspection_cannot_be_multiplied(source: str, measure: str) -> None:
    assert measure_over(source) == measure


def test_fragments_that_double_at_every_step_are_measured_at_once() -> None:
    chain = "".join(f"fragment F{i} on T {{ ...F{i + 1} ...F{i + 1} }}" for i in range(140))
    started = time.process_time()
    assert measure_over("{ ...F0 }" + chain + "fragment F140 on T { a }") == "fields"
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "source",
    [
        "{ ...F } fragment F on T { ...F }",
        "{ ...F } fragment F on T { a ...G } fragment G on T { b { ...F } }",
        "{ ...A } fragment A on T { ...B ...C } fragment B on T { ...C } fragment C on T { ...A a }",
        "{ ...Missing }",
        "fragment F on T { a } fragment F on T { b }",
    ],
)
def test_fragments_that_validation_refuses_do_not_trouble_the_guard(source: str) -> None:
    read_document(source, LIMITS)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "{",
        "{ a(",
        '{ a(b: "\ud800") }',
        "{ " + "a " * 1_500 + "}",
        "#\n" * 2_000 + "{ a }",
        "{ a # " + "x" * 100_000 + "\n}",
        "{" * 100_000,
        "{ a } " + "x" * 50_000,
        "{ a(b: " + "[" * 700 + "]" * 700 + ") }",
        nested(700),
    ],
)
def test_what_is_no_document_or_too_long_is_not_parsed(source: str) -> None:
    with pytest.raises((DocumentNotParsed, DocumentTooLarge)) as refused:
        read_document(source, LIMITS)
    assert len(refused.value.message) < 300


def test_a_refusal_says_where() -> None:
    with pytest.raises(DocumentNotParsed) as malformed:
        read_document("{\n  a(\n}", LIMITS)
    assert malformed.value.details["locations"] == [{"line": 3, "column": 1}]
    with pytest.raises(DocumentTooLarge) as refused:
        read_document("query A { a }\nquery B " + nested(13), LIMITS)
    assert refused.value.details["locations"] == [{"line": 2, "column": 1}]


@given(st.text(alphabet='{}a:.@#"[]()$ \n…1', max_size=60))
def test_any_text_is_answered_or_refused(source: str) -> None:
    try:
        document: DocumentNode = parse(source)
    except GraphQLError:
        with pytest.raises(DocumentNotParsed):
            read_document(source, LIMITS)
    else:
        guard(document, LIMITS)
