"""Role x field x use: what is promised, what the policy says, and what each role's GraphQL schema offers, are one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
from graphql import GraphQLSchema, get_named_type, parse, validate
from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, LargeBinary, Numeric, Text
from sqlalchemy.dialects.postgresql import JSON, TSVECTOR

from models.all import METADATA
from models.base import Point, RupiahAmount
from models.privacy import Privacy, privacy_of
from models.vocabulary import Code
from policy.rows import ROWS
from policy.treatment import Kind
from policy.uses import uses
from policy.viewer import Role, Viewer
from policy.visibility import target_of, treatment
from policy.wall import views
from resolvers.catalogue import Many, Noun, One, camel
from resolvers.meaning import Cut
from resolvers.paging import order_of
from schema.build import role_schema, sdl
from schema.mutation import commands_of
from schema.nouns import CATALOGUE
from tests.policy import promises

every_role = pytest.mark.parametrize("role", list(Role))

SELECT, FILTER, ORDER, GROUP, AGGREGATE = "select", "filter", "order", "group", "aggregate"
CURSOR = "cursor"

NEVER_GROUPED = {"CONTACT", "IDENTITY", "DONOR", "FREE_TEXT", "PLACE"}
NEVER_SUMMED = {"reported_figure.number"}
COUNTED_BY_NOBODY_IN_PUBLIC = {"business", "owner", "need", "delivery_recipient", "loan", "complaint"}

COARSE_REGION = {"business", "owner", "consent", "permit", "delivery_recipient", "attendance", "loan"}
"""Tables whose region is generalised to its kecamatan."""

HAS_GENERAL_FORM = {
    *(f"{table}.region_code" for table in COARSE_REGION),
    *(
        "loan.kecamatan_code",
        "need.region_code",
        "collaborator.name",
        "collaboration.status",
        "collaboration.closed_on",
    ),
    *("pledge.status", "pledge.delivered_quantity"),
}

# ---- the table


@every_role
def test_every_cell_of_the_policy_is_the_one_that_was_promised(role: Role) -> None:
    for table in METADATA.tables.values():
        for column in table.columns:
            privacy = privacy_of(column)
            if privacy is Privacy.KEY:
                continue
            assert _as_cell(column, role) == promises.cell(table.name, column.key, privacy, role), (str(column), role)
            is_logged = (privacy, role) in promises.LOGGED
            assert treatment(column, role).is_logged is is_logged, (str(column), role)
            if treatment(column, role).kind is not Kind.ABSENT:
                can_be_revealed = (privacy, role) in promises.REVEALED
                assert treatment(column, role).can_be_revealed is can_be_revealed, (str(column), role)


def _as_cell(column: Column[Any], role: Role) -> str:
    how = treatment(column, role)
    return how.kind.value if how.condition is None else f"{how.kind.value}|{how.otherwise.value}"


def test_the_named_exceptions_exist_and_are_no_more_than_needed() -> None:
    for name, by_role in promises.EXCEPTIONS.items():
        table, _, key = name.partition(".")
        privacy = privacy_of(METADATA.tables[f"ksbb.{table}"].columns[key])
        differs = [role for role, cell in by_role.items() if cell != promises.CELLS[privacy][role]]
        assert differs, name


@every_role
def test_join_keys_lead_to_rows_that_the_role_may_see_and_nowhere_else(role: Role) -> None:
    for table, view in views(role).items():
        for column in METADATA.tables[f"ksbb.{table}"].columns:
            if privacy_of(column) is Privacy.KEY:
                target = target_of(column)
                leads = target is not None and role in ROWS[target]
                leads = leads and role not in promises.KEPT_BACK.get(f"{table}.{column.key}", "").split()
                assert (column.key in view.selected_columns) is leads, column


@every_role
def test_no_view_holds_anything_internal(role: Role) -> None:
    for table, view in views(role).items():
        for key in view.selected_columns.keys():  # noqa: SIM118  # a collection of columns, not a mapping
            assert privacy_of(METADATA.tables[f"ksbb.{table}"].columns[key]) is not Privacy.INTERNAL, (table, key)


def test_no_field_of_the_api_is_a_key_or_internal() -> None:
    for noun in CATALOGUE.nouns.values():
        for attribute in noun.attributes:
            assert privacy_of(attribute.column) not in {Privacy.KEY, Privacy.INTERNAL}, attribute.column


# ---- what is promised of a column, as uses


def _promised(column: Column[Any], role: Role) -> set[str]:
    """The uses that follow from a cell and the kind of value."""
    table, privacy = column.table.name, privacy_of(column)
    if privacy is Privacy.KEY or role not in promises.ROWS.get(table, {}):
        return set()
    first, _, otherwise = promises.cell(table, column.key, privacy, role).partition("|")
    kinds = {first, otherwise} - {""}
    if otherwise and promises.is_clear(table, column.key, privacy, Viewer(role), _keys(column)) == "false":
        kinds = {otherwise}
    if not any(_shows(column, kind) for kind in kinds):
        return set()
    if "M" in kinds or privacy is Privacy.FREE_TEXT:
        return {SELECT}
    found = _of_type(column)
    found -= {GROUP} if privacy in NEVER_GROUPED else set()
    return found - ({AGGREGATE} if f"{table}.{column.key}" in NEVER_SUMMED else set())


def _keys(column: Column[Any]) -> set[str]:
    return set(column.table.columns.keys())


def _shows(column: Column[Any], kind: str) -> bool:
    """Whether a value of this type has a form of this kind."""
    name, type_ = f"{column.table.name}.{column.key}", column.type
    if kind == Kind.CLEAR:
        return True
    if kind == Kind.MASKED:
        return isinstance(type_, LargeBinary | Date | Text) and not isinstance(type_, Enum | TSVECTOR)
    if kind == Kind.GENERALISED:
        return isinstance(type_, RupiahAmount | Date | DateTime | Point) or name in HAS_GENERAL_FORM
    return False


def _of_type(column: Column[Any]) -> set[str]:  # one return per kind of value
    match column.type:
        case _ if column.key == "public_id":
            return {SELECT}
        case Enum() | Boolean() | Text():
            return {SELECT, FILTER, ORDER, CURSOR, GROUP}
        case Integer() | Numeric() | DateTime():
            return {SELECT, FILTER, ORDER, CURSOR, AGGREGATE}
        case Date():
            return {SELECT, FILTER, ORDER, CURSOR, GROUP, AGGREGATE}
        case Point():
            return {SELECT, FILTER}
        case TSVECTOR():
            return {FILTER}
        case LargeBinary() | JSON():
            return {SELECT}
    raise AssertionError(f"{column}: a type without promised uses")


@every_role
def test_the_uses_of_every_column_are_those_that_were_promised(role: Role) -> None:
    for table in METADATA.tables.values():
        for column in table.columns:
            assert {str(use) for use in uses(column, role)} == _promised(column, role), (str(column), role)


# ---- what the schema offers


def _offered(noun: Noun, role: Role) -> dict[str, set[str]]:
    """Per field of a noun the uses that the role's schema has for it."""
    schema = role_schema(role).schema
    offered: dict[str, set[str]] = {}
    for use, names in (
        (SELECT, _names(schema, noun.name)),
        (FILTER, _names(schema, f"{noun.name}Filter")),
        (ORDER, {camel(member.lower()) for member in _members(schema, f"{noun.name}OrderField")}),
        (CURSOR, _in_cursors(noun, role, schema)),
        (AGGREGATE, _names(schema, f"{noun.name}Group") - {"keys", "count", "portfolio"}),
        (GROUP, _grouped(noun, role)),
    ):
        for name in names:
            offered.setdefault(name, set()).add(use)
    return offered


def _in_cursors(noun: Noun, role: Role, schema: GraphQLSchema) -> set[str]:
    """The fields whose values stand in a cursor of some order that may be asked for."""
    fields = {a.column.key for a in noun.attributes}
    orders = [order_of(noun, role, [{"field": member}]) for member in _members(schema, f"{noun.name}OrderField")]
    return {camel(key.column) for keys in orders for key in keys if key.column in fields}


def _names(schema: GraphQLSchema, type_name: str) -> set[str]:
    found: Any = schema.type_map.get(type_name)
    return set() if found is None else set(found.fields)


def _members(schema: GraphQLSchema, type_name: str) -> set[str]:
    found: Any = schema.type_map.get(type_name)
    return set() if found is None else set(found.values)


def _grouped(noun: Noun, role: Role) -> set[str]:
    """The own columns that the members of the dimension enum are made of."""
    members = _members(role_schema(role).schema, f"{noun.name}Dimension")
    dimensions = role_schema(role).dimensions.get(noun.name, {})
    assert set(dimensions) == members, noun.name
    own = {d.column.key for d in dimensions.values() if d.link is None}
    own |= {name.lower() for name in dimensions} & set(noun.table.columns.keys())  # a neighbour's that is one's own too
    return {camel(key) for key in own}


@every_role
def test_the_schema_offers_exactly_the_promised_fields_and_uses(role: Role) -> None:
    schema = role_schema(role).schema
    for noun in CATALOGUE.nouns.values():
        if noun.table.name not in views(role):
            assert noun.name not in schema.type_map
            continue
        offered = _offered(noun, role)
        counts = role is not Role.PUBLIK or noun.table.name not in COUNTED_BY_NOBODY_IN_PUBLIC
        is_grouped = f"{noun.name}Group" in schema.type_map
        assert ("totalCount" in _names(schema, f"{noun.name}Connection")) is counts
        for attribute in noun.attributes:
            promised = _promised(attribute.column, role)
            if not counts or not is_grouped:
                promised -= {GROUP, AGGREGATE}
            assert offered.pop(attribute.name, set()) == promised, (noun.name, attribute.name, role)
        rest = set(offered)
        assert rest <= {"id", "and", "or", "not", "search", "measures", *_links(noun, schema)}, (noun.name, rest)
        if "search" in rest:
            assert noun.search is not None
            assert _promised(noun.search, role) == {FILTER}


def _links(noun: Noun, schema: GraphQLSchema | None = None) -> Iterator[str]:
    """The links of a noun, or those of them that lead to what a schema has."""
    links: list[One | Many] = [*CATALOGUE.ones.get(noun.name, ()), *CATALOGUE.manies.get(noun.name, ())]
    for link in links:
        if schema is None or link.target in schema.type_map:
            yield link.name


@every_role
def test_groups_over_a_link_are_made_of_what_the_role_may_group_there(role: Role) -> None:
    for noun_name, dimensions in role_schema(role).dimensions.items():
        for name, dimension in dimensions.items():
            if dimension.link is not None:
                promised = _promised(dimension.column, role)
                assert (SELECT if dimension.cut is Cut.ROW else GROUP) in promised, (noun_name, name)


@every_role
def test_measures_of_loans_are_offered_where_the_money_is_clear_only(role: Role) -> None:
    clear = {Role.FINTECH, Role.UMKM, Role.PENDAMPING, Role.BIRO_KSD, Role.INSPEKTORAT}
    assert ("measures" in _names(role_schema(role).schema, "Loan")) is (role in clear)
    assert ("measures" in _names(role_schema(role).schema, "Instalment")) is (role in clear)
    assert ("LoanPortfolio" in role_schema(role).schema.type_map) is (role in clear)


def inner_types(command: type) -> set[type]:
    """The classes that the fields of a command, and of what it holds, are annotated with."""
    waiting: list[Any] = list(get_type_hints(command, include_extras=True).values())
    found: set[type] = set()
    while waiting:
        hint = waiting.pop()
        waiting += get_args(hint)
        if is_dataclass(hint) and isinstance(hint, type):
            waiting += get_type_hints(hint, include_extras=True).values()
        elif isinstance(hint, type):
            found.add(hint)
    return found


@every_role
def test_every_type_of_a_schema_belongs_to_something_that_the_role_sees(role: Role) -> None:
    """Reachable from the query, and named after a noun of the role, a code list in use or a shared type."""
    schema = role_schema(role).schema
    nouns = {noun.name for noun in CATALOGUE.nouns.values() if noun.table.name in views(role)}
    hidden = {noun.name for noun in CATALOGUE.nouns.values()} - nouns
    suffixes = ("", "Filter", "ListFilter", "OrderField", "Order", "Edge", "Connection", "Dimension", "Keys", "Group")
    assert not {name + suffix for name in hidden for suffix in suffixes} & set(schema.type_map)
    assert schema.query_type is not None
    for noun in CATALOGUE.nouns.values():
        roots = {noun.plural, noun.singular, f"{noun.singular}Groups"}
        assert bool(roots & set(schema.query_type.fields)) is (noun.name in nouns)
    codes = {
        a.column.type.enum_class.__name__
        for noun in CATALOGUE.nouns.values()
        for a in noun.attributes
        if isinstance(a.column.type, Enum) and a.column.type.enum_class is not None and not _promised(a.column, role)
    }
    in_use = {
        a.column.type.enum_class.__name__
        for noun in CATALOGUE.nouns.values()
        for a in noun.attributes
        if isinstance(a.column.type, Enum) and a.column.type.enum_class is not None and _promised(a.column, role)
    }
    written = {
        hint.__name__
        for registered in commands_of(role)
        for hint in inner_types(registered.command)
        if issubclass(hint, Code)
    }
    answered = {codes.__name__ for r in commands_of(role) for shape in r.shapes for codes in shape.codes}
    assert not (codes - in_use - written - answered - {"PackageKind"}) & set(schema.type_map)


# ---- what does not exist is not hinted at


def _everything_named(schema: GraphQLSchema) -> set[str]:
    names = set(schema.type_map)
    for type_ in schema.type_map.values():
        names |= set(getattr(type_, "fields", {})) | set(getattr(type_, "values", {}))
        for field in getattr(type_, "fields", {}).values():
            names |= set(getattr(field, "args", {}))
    return names


def _told(schema: GraphQLSchema, document: str) -> str:
    errors = validate(schema, parse(document))
    assert errors, document
    return " ".join(error.message for error in errors)


@every_role
def test_an_absent_field_is_answered_like_one_that_nobody_ever_heard_of(role: Role) -> None:
    schema = role_schema(role).schema
    known = _everything_named(schema)
    for noun in CATALOGUE.nouns.values():
        if noun.name not in schema.type_map:
            for name in (noun.plural, noun.singular, f"{noun.singular}Groups"):
                _check_hints(_told(schema, f"{{ {name} {{ id }} }}"), _told(schema, "{ xqzwv { id } }"), name, known)
            continue
        fields, filters = _names(schema, noun.name), _names(schema, f"{noun.name}Filter")
        everything = {a.name for a in noun.attributes} | {*_links(noun)} | {*noun.table.columns.keys()}
        selected = f"{{ {noun.plural} {{ nodes {{ xqzwv }} }} }}"
        filtered = f"{{ {noun.plural}(filter: {{xqzwv: {{}}}}) {{ nodes {{ id }} }} }}"
        for document, typed_names in (
            (selected, everything - fields),
            (selected, {f"{name[:-1]}x" for name in everything - fields}),
            (filtered, everything - filters),
        ):
            nothing = _told(schema, document)
            for typed in sorted(typed_names - fields - filters):
                _check_hints(_told(schema, document.replace("xqzwv", typed)), nothing, typed, known)


def _check_hints(told: str, nothing: str, typed: str, known: set[str]) -> None:
    """The same sentence as for nonsense, and hints at nothing but what the role has."""
    hint = re.compile(r"Did you mean ([^?]*)\?")

    def words(sentence: str) -> list[str]:
        return re.findall(r"\w+", hint.sub("", sentence).lower())

    assert words(told.replace(typed, "xqzwv")) == words(nothing)
    hinted = set(re.findall(r"[\"']([A-Za-z_0-9]+)[\"']", " ".join(hint.findall(told))))
    assert hinted <= known, told


@every_role
def test_the_written_schema_names_no_field_that_the_role_does_not_have(role: Role) -> None:
    """Introspection and SDL are made of the same types; nothing more is in the text than in the types."""
    written = set(re.findall(r"^  ([A-Za-z_0-9]+)(?:\(|:)", sdl(role), re.MULTILINE))
    assert written <= _everything_named(role_schema(role).schema)
    schema = role_schema(role).schema
    for noun in CATALOGUE.nouns.values():
        for attribute in noun.attributes:
            if noun.name in schema.type_map and SELECT not in _promised(attribute.column, role):
                fields: Any = get_named_type(schema.type_map[noun.name])
                assert attribute.name not in fields.fields
