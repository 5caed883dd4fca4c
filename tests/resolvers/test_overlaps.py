"""Fields that cannot be merged are refused as graphql-core refuses them, and soon."""

from __future__ import annotations

import time

import pytest
from graphql import (
    DocumentNode,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    get_introspection_query,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.viewer import Role
from resolvers.overlaps import Overlaps
from resolvers.validation import validation_errors
from schema.build import role_schema

_SHARED = "id: ID! other: Node list(n: Int, at: In): [Node!] text(n: Int): String"
SCHEMA = build_schema(
    f"""
    interface Node {{ {_SHARED} }}
    type A implements Node {{ {_SHARED} same: Int! a: B odd: [Int] }}
    type B implements Node {{ {_SHARED} same: Int b: A odd: Int }}
    union Either = A | B
    input In {{ x: Int y: Int }}
    type Query {{ node: Node a: A b: B either: Either eithers: [Either] }}
    """
)
NAMES = ["id", "other", "list", "text", "same", "a", "b", "odd", "node", "either", "__typename", "nothing"]
ARGUMENTS = ["", "(n: 1)", "(n: 2)", "(n: $v)", "(at: {x: 1, y: 2})", "(at: {y: 2, x: 1})", "(n: 1, at: {x: 1})"]

KEYS = st.sampled_from(["", "", "", "k: ", "id: ", "other: "])
FIELDS = st.builds("".join, st.tuples(KEYS, st.sampled_from(NAMES), st.sampled_from(["", "", *ARGUMENTS])))
LEAVES = st.one_of(FIELDS, st.sampled_from(["...F0", "...F1", "...F2"]))


def _in_braces(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    selections = st.lists(inner, min_size=1, max_size=4).map(lambda parts: "{ " + " ".join(parts) + " }")
    heads = st.one_of(FIELDS, st.sampled_from(["... on A", "... on B", "... on Node", "... on Either", "..."]))
    return st.builds("{} {}".format, heads, selections)


SELECTIONS = st.lists(st.recursive(LEAVES, _in_braces, max_leaves=12), min_size=1, max_size=4).map(" ".join)
DOCUMENTS = st.builds(
    "query Q($v: Int) {{ {} ...F0 ...F1 ...F2 }} fragment F0 on Node {{ {} }} fragment F1 on A {{ {} }} "
    "fragment F2 on Either {{ {} }}".format,
    SELECTIONS,
    SELECTIONS,
    SELECTIONS,
    SELECTIONS,
)


def both(document: DocumentNode) -> tuple[bool, bool]:
    """Whether graphql-core and we refuse a document for its fields of one name."""
    theirs = validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])
    return bool(theirs), bool(validate(SCHEMA, document, [Overlaps]))


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
def test_what_graphql_core_refuses_is_refused_and_nothing_else(text: str) -> None:
    theirs, ours = both(parse(text))
    assert ours == theirs


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("{ a { id id } a { id } }", False),
        ("{ a { k: id k: text } }", True),
        ("{ a { text(n: 1) text(n: 2) } }", True),
        ("{ a { list(at: {x: 1, y: 2}) { id } list(at: {y: 2, x: 1}) { id } } }", False),
        ("{ node { ... on A { k: id } ... on B { k: text } } }", True),
        ("{ node { ... on A { k: text(n: 1) } ... on B { k: text(n: 2) } } }", False),
        ("{ node { ... on A { k: text(n: 1) } ... on Node { k: text(n: 2) } } }", True),
        ("{ node { ... on A { same } ... on B { same } } }", True),
        ("{ node { ... on A { k: a { x: id } } ... on B { k: b { x: text } } } }", True),
        ("{ node { ... on A { k: odd } ... on B { k: odd } } }", True),
        ("{ a { ...F } a { ...F } } fragment F on A { a { ...G } } fragment G on B { b { ...F } }", False),
        ("{ a { ...F k: id } } fragment F on A { other { ...H } k: text } fragment H on Node { id }", True),
    ],
)
def test_fields_of_one_name_are_told_apart(text: str, is_refused: bool) -> None:
    assert both(parse(text)) == (is_refused, is_refused)


def test_a_conflict_is_told_with_its_places() -> None:
    (error,) = validate(SCHEMA, parse("{ a { k: id\n k: text } }"), [Overlaps])
    assert error.message.startswith("Fields 'k' conflict because 'id' and 'text' are different fields.")
    assert error.locations is not None
    assert [place.line for place in error.locations] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "{ a { " + "id " * 4_000 + "} }",
        "{ " + "a { id } " * 1_500 + "}",
        "{ " + " ".join("...F" for _ in range(2_000)) + "} fragment F on Query { a { id } }",
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Node {{ other {{ ...F{n + 1} }} other {{ ...F{n + 1} }} }}" for n in range(60))
        + "fragment F60 on Node { id }",
        "{ node " + "{ ... on A { other " * 25 + "{ id }" + "} ... on B { other { id } } }" * 25 + " }",
        "{ node "
        + "{ ... on Node { other { id } } ... on A { other { text } } ... on B { other " * 20
        + "{ id }"
        + "} }" * 20
        + "}",
    ],
)
def test_it_takes_no_longer_than_the_document_is_long(text: str) -> None:
    document = parse(text)
    started = time.process_time()
    validate(SCHEMA, document, [Overlaps])
    assert time.process_time() - started < 0.5


def test_introspection_of_todays_tools_fits_every_schema() -> None:
    document = parse(get_introspection_query(input_value_deprecation=True))
    assert validation_errors(role_schema(Role.PUBLIK).schema, document) == []


def test_a_slip_is_told_with_what_was_meant_and_a_hundred_are_not() -> None:
    schema = role_schema(Role.PUBLIK).schema
    (slip,) = validation_errors(schema, parse("{ regions(first: 1) { nodes { nmae } } }"))
    assert "Did you mean" in slip.message
    many = validation_errors(schema, parse("{ " + " ".join(f"regions{n}" for n in range(300)) + " }"))
    assert len(many) == 6
    assert not any("Did you mean" in error.message for error in many)
