"""What every schema promises to those who write clients: Relay's rules, a sentence everywhere, nothing out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
    print_type,
)

from models.privacy import Privacy, privacy_of
from policy.treatment import CLEAR
from policy.viewer import Role
from policy.visibility import treatment
from schema.build import role_schema
from schema.nouns import CATALOGUE

PAGING = {"first": "Int", "after": "String", "last": "Int", "before": "String"}
SENTENCE = re.compile(r"[A-Z0-9\"].*[.)]", re.DOTALL)


@pytest.fixture(params=list(Role))
def role(request: pytest.FixtureRequest) -> Role:
    found: Role = request.param
    return found


@pytest.fixture
def schema(role: Role) -> GraphQLSchema:
    return role_schema(role).schema


def our_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for type_ in schema.type_map.values():
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_):
            yield type_


def objects(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    return (t for t in our_types(schema) if isinstance(t, GraphQLObjectType))


def spelled(type_: GraphQLObjectType) -> dict[str, str]:
    return {name: str(field.type) for name, field in type_.fields.items()}


def sentences(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    yield type_.name, type_.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            for argument, declared in field.args.items():
                yield f"{type_.name}.{name}({argument}:)", declared.description
    if isinstance(type_, GraphQLInputObjectType):
        for name, entry in type_.fields.items():
            yield f"{type_.name}.{name}", entry.description
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_.name}.{name}", value.description


def test_everything_is_described_in_a_sentence(schema: GraphQLSchema) -> None:
    told = [pair for type_ in our_types(schema) for pair in sentences(type_)]
    assert [where for where, text in told if not text or not SENTENCE.fullmatch(text)] == []


def test_every_connection_is_one_of_relay(schema: GraphQLSchema) -> None:
    connections = [t for t in objects(schema) if t.name.endswith("Connection")]
    assert connections
    for connection in connections:
        noun = connection.name.removesuffix("Connection")
        fields = spelled(connection)
        assert fields.pop("totalCount", "Int!") == "Int!"
        assert fields == {"edges": f"[{noun}Edge!]!", "nodes": f"[{noun}!]!", "pageInfo": "PageInfo!"}
        edge = schema.type_map[f"{noun}Edge"]
        assert isinstance(edge, GraphQLObjectType)
        assert spelled(edge) == {"cursor": "String!", "node": f"{noun}!"}


def test_every_field_that_gives_a_connection_pages_both_ways(schema: GraphQLSchema) -> None:
    for type_ in objects(schema):
        for name, field in type_.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert str(field.type).endswith("!"), f"{type_.name}.{name}"
                assert PAGING.items() <= {a: str(d.type) for a, d in field.args.items()}.items(), f"{type_.name}.{name}"


def test_page_info_and_node_are_those_of_relay(schema: GraphQLSchema) -> None:
    page_info = schema.type_map["PageInfo"]
    assert isinstance(page_info, GraphQLObjectType)
    assert spelled(page_info) == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }
    assert schema.query_type
    node = schema.query_type.fields["node"]
    assert (str(node.type), {a: str(d.type) for a, d in node.args.items()}) == ("Node", {"id": "ID!"})
    assert 'interface Node {\n  """Public identifier."""\n  id: ID!\n}' in print_type(schema.type_map["Node"])


def test_every_noun_can_be_fetched_again_by_its_id(schema: GraphQLSchema) -> None:
    for noun in CATALOGUE.nouns.values():
        type_ = schema.type_map.get(noun.name)
        if type_ is not None:
            assert isinstance(type_, GraphQLObjectType)
            assert [i.name for i in type_.interfaces] == ["Node"]
            assert str(type_.fields["id"].type) == "ID!"


def test_no_type_stands_in_a_schema_that_no_question_reaches(schema: GraphQLSchema) -> None:
    reached: set[str] = set()
    assert schema.query_type
    ahead: list[GraphQLNamedType] = [
        root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root
    ]
    while ahead:
        type_ = ahead.pop()
        if type_.name in reached:
            continue
        reached.add(type_.name)
        if isinstance(type_, GraphQLInterfaceType):
            ahead += schema.get_possible_types(type_)
        if isinstance(type_, GraphQLObjectType):
            ahead += type_.interfaces
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field in type_.fields.values():
                ahead += [get_named_type(field.type), *(get_named_type(a.type) for a in field.args.values())]
        if isinstance(type_, GraphQLInputObjectType):
            ahead += [get_named_type(entry.type) for entry in type_.fields.values()]
    assert {type_.name for type_ in our_types(schema)} <= reached


def test_a_field_is_promised_never_to_be_empty_only_where_its_column_is_public(
    schema: GraphQLSchema, role: Role
) -> None:
    for noun in CATALOGUE.nouns.values():
        type_ = schema.type_map.get(noun.name)
        if not isinstance(type_, GraphQLObjectType):
            continue
        for a in noun.attributes:
            if a.name in type_.fields:
                public = privacy_of(a.column) is Privacy.PUBLIC and treatment(a.column, role) == CLEAR
                promised = str(type_.fields[a.name].type).endswith("!")
                assert promised == (public and not a.column.nullable), f"{noun.name}.{a.name}"


def test_every_scalar_of_our_own_says_how_it_is_written(schema: GraphQLSchema) -> None:
    scalars = [t for t in our_types(schema) if isinstance(t, GraphQLScalarType)]
    assert {t.name for t in scalars if t.specified_by_url is None} <= {"RegionCode"}  # Kemendagri has no page for it
