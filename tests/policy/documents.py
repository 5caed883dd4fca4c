"""Every question that a role's GraphQL schema lets one ask, made from the schema itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_list_type,
)

from policy.viewer import Role
from resolvers.catalogue import Noun
from schema.build import role_schema
from schema.nouns import CATALOGUE

AS_OF = "2021-06-30"
PAGE = 500
_NESTED = 3
_FIRST = 40
_ALIASES = 20
_NEAR = "near: { lon: 106.8, lat: -6.2, distanceM: 5000 }"
_BOX = "box: { west: 106.7, south: -6.3, east: 106.85, north: -6.1 }"
_RING = "[[106.7, -6.3], [106.9, -6.3], [106.8, -6.1], [106.7, -6.3]]"
_POLYGON = f'within: {{ type: "Polygon", coordinates: [{_RING}] }}'
LONG = os.environ.get("TESTLONG") == "1"


@dataclass
class Seen:
    """Values that a role has read, by type and field: what it may fill into filters."""

    values: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def note(self, noun: Noun, nodes: Sequence[Mapping[str, Any]]) -> None:
        """Remember what rows of a noun hold."""
        self.ids[noun.name] = [node["id"] for node in nodes]
        for name in nodes[0] if nodes else ():
            found = {repr(node[name]): node[name] for node in nodes if isinstance(node[name], str | int | float | bool)}
            self.values[noun.name, name] = [found[key] for key in sorted(found)]

    def some(self, noun: Noun, name: str) -> list[Any]:
        """Up to three values of a field: the ends and the middle of what was seen."""
        found = self.values.get((noun.name, name), [])
        return list({repr(v): v for v in (found[:1] + found[len(found) // 2 :][:1] + found[-1:])}.values())


@dataclass
class Condition:
    """One condition of a filter, with `$` for its value, the value's type and the values to try."""

    text: str
    type: str = ""
    values: list[Any] = field(default_factory=list)


class Questions:
    """All questions to one role's schema."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.schema: GraphQLSchema = role_schema(role).schema
        self.nouns = [noun for noun in CATALOGUE.nouns.values() if noun.name in self.schema.type_map]

    def type(self, name: str) -> Any:
        """A named type of the schema."""
        return self.schema.type_map[name]

    # ---- everything of a row

    def whole(self, noun: Noun) -> str:
        """A page with everything that can be selected of a row of a noun."""
        total = "totalCount" if "totalCount" in self.type(f"{noun.name}Connection").fields else ""
        return (
            f"query($after: String) {{ page: {noun.plural}(first: {PAGE}, after: $after) {{ {total}"
            f" edges {{ cursor node {{ {self.selection(noun)} }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
        )

    def values(self, noun: Noun) -> str:
        """A page with all values of a row of a noun, without its neighbours."""
        type_ = self.type(noun.name)
        measures = self._field("measures", type_.fields["measures"]) if "measures" in type_.fields else ""
        return (
            f"query($after: String) {{ page: {noun.plural}(first: {PAGE}, after: $after) {{"
            f" edges {{ cursor node {{ {_leaves(type_)} {measures} }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
        )

    def selection(self, noun: Noun) -> str:
        """All fields of a noun: values, the neighbours by their identifiers, short lists and measures."""
        return " ".join(self._field(name, f) for name, f in self.type(noun.name).fields.items())

    def _field(self, name: str, definition: GraphQLField) -> str:
        type_: Any = get_named_type(definition.type)
        if is_leaf_type(type_):
            return name
        if type_.name.endswith("Connection"):
            total = "totalCount" if "totalCount" in type_.fields else ""
            return f"{name}(first: {_NESTED}) {{ nodes {{ id }} {total} }}"
        if "asOf" in definition.args:
            return f'{name}(asOf: "{AS_OF}") {{ {_leaves(type_)} }}'
        return f"{name} {{ __typename id }}"

    # ---- orders

    def orders(self, noun: Noun) -> str | None:
        """The beginning of a list in every order; in the long run from the other end too."""
        ends = [("ASC", "first"), ("DESC", "first"), ("ASC", "last")][: 3 if LONG else 1]
        parts = [
            f"{m}_{way}: {noun.plural}({end}: {_FIRST}, orderBy: [{{field: {m}, direction: {way}}}])"
            " { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } }"
            for m in self._members(f"{noun.name}OrderField")
            for way, end in ends
        ]
        return f"{{ {' '.join(parts)} }}" if parts else None

    def next_pages(self, noun: Noun) -> str:
        """The second page in every rising order, after the cursors `c_<member>`."""
        members = self._members(f"{noun.name}OrderField")
        declared = " ".join(f"$c_{member}: String" for member in members)
        parts = [
            f"{m}: {noun.plural}(first: {_FIRST}, after: $c_{m}, orderBy: [{{field: {m}}}]) {{ nodes {{ id }} }}"
            for m in members
        ]
        return f"query({declared}) {{ {' '.join(parts)} }}"

    def _members(self, name: str) -> list[str]:
        found = self.schema.type_map.get(name)
        return list(found.values) if isinstance(found, GraphQLEnumType) else []

    # ---- filters

    def filters(self, noun: Noun, seen: Seen) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Documents with every filter field, each with the sets of values to ask it with."""
        total = "totalCount" if "totalCount" in self.type(f"{noun.name}Connection").fields else ""
        conditions = [c for c in self._conditions(noun, seen) if c.values or not c.type]
        for start in range(0, len(conditions), _ALIASES):
            some = list(enumerate(conditions[start : start + _ALIASES]))
            declared = " ".join(f"$v{n}: {c.type}" for n, c in some if c.values)
            parts = [
                f"f{n}: {noun.plural}(first: 3, filter: {{{c.text.replace('$', f'$v{n}')}}})"
                f" {{ nodes {{ id }} {total} }}"
                for n, c in some
            ]
            head = f"query({declared}) " if declared else ""
            times = max(len(c.values) for _, c in some) or 1
            sets = [{f"v{n}": c.values[turn % len(c.values)] for n, c in some if c.values} for turn in range(times)]
            yield f"{head}{{ {' '.join(parts)} }}", sets

    def _conditions(self, noun: Noun, seen: Seen) -> Iterator[Condition]:
        for turn, (name, definition) in enumerate(self.type(f"{noun.name}Filter").fields.items()):
            type_: Any = get_named_type(definition.type)
            if name == "search":
                yield Condition("search: $", "String", ["Contoh", "Warung", "1"])
            elif name == "id":
                yield Condition("id: {in: [$]}", "ID!", seen.ids.get(noun.name, [])[:2])
            elif type_.name == "PointFilter":
                yield from (Condition(f"{name}: {{{test}}}") for test in (_NEAR, _BOX, _POLYGON))
            elif type_.name.endswith("ListFilter"):
                yield Condition(f"{name}: {{some: {{}}}}")
            elif type_.name.removesuffix("Filter") in {other.name for other in self.nouns}:
                yield Condition(f"not: {{{name}: {{}}}}")
            else:
                yield from self._comparisons(noun, name, type_, seen, turn)

    def _comparisons(
        self, noun: Noun, name: str, type_: GraphQLInputObjectType, seen: Seen, turn: int
    ) -> Iterator[Condition]:
        """Two comparisons of a field, by turns; all of them in the long run."""
        operators = list(type_.fields)
        if not LONG:
            operators = list(dict.fromkeys([operators[0], operators[turn % len(operators)]]))
        for operator in operators:
            argument: Any = type_.fields[operator].type
            scalar = get_named_type(argument).name
            values = seen.some(noun, name)
            if operator == "isNull":
                yield Condition(f"{name}: {{isNull: true}}")
            elif is_list_type(argument):
                yield Condition(f"{name}: {{{operator}: [$]}}", f"{scalar}!", values)
            elif operator in {"contains", "startsWith"}:
                yield Condition(f"{name}: {{{operator}: $}}", scalar, [str(value)[:5] for value in values])
            else:
                yield Condition(f"{name}: {{{operator}: $}}", scalar, values)

    # ---- groups, layers, identifiers

    def groups(self, noun: Noun) -> Iterator[str]:
        """All groups of a noun by every dimension, with all aggregates."""
        name = f"{noun.singular}Groups"
        if self.schema.query_type is None or name not in self.schema.query_type.fields:
            return
        group: GraphQLObjectType = self.type(f"{noun.name}Group")
        keys = _leaves(self.type(f"{noun.name}Keys"))
        as_of = f'(asOf: "{AS_OF}")'
        aggregates = " ".join(
            f"{field}{as_of if d.args else ''} {{ {_leaves(get_named_type(d.type))} }}"
            for field, d in group.fields.items()
            if field not in {"keys", "count"}
        )
        yield f"{{ whole: {name}(by: []) {{ count {aggregates} }} }}"
        members = self._members(f"{noun.name}Dimension")
        parts = [f"{member}: {name}(by: [{member}], first: {PAGE}) {{ count keys {{ {keys} }} }}" for member in members]
        for start in range(0, len(parts), 12):
            yield f"{{ {' '.join(parts[start : start + 12])} }}"
        yield f"{{ both: {name}(by: [{', '.join(members[-2:])}], first: {PAGE}) {{ count {aggregates} }} }}"

    def layers(self) -> str | None:
        """The map at every level."""
        layers, levels = self._members("MapLayer"), self._members("MapLevel")
        cell = "{ regionCode regionName centre quantity value }"
        parts = [f"{a}_{b}: mapLayer(layer: {a}, level: {b}) {cell}" for a in layers for b in levels]
        return f"{{ {' '.join(parts)} }}" if parts else None


def _leaves(type_: Any) -> str:
    return " ".join(name for name, f in type_.fields.items() if is_leaf_type(get_named_type(f.type)))
