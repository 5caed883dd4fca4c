"""Whether fields that are answered under one name can be merged: each is looked at once per place, not once per pair.

graphql-core compares each two fields of one name: 190 lists of one place took 0.4 s (version 3.3.2). Here those that
must agree are put together, and each is held against the first. That both refuse the same documents is tested
(`tests/resolvers/test_overlaps.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    print_ast,
    type_from_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

MOST_LOOKS = 20_000
"""Looks at a field; the guard takes documents of 1,000 fields, which are looked at once per level and twice at some."""


@dataclass(slots=True)
class _Seen:
    """A field where it stands."""

    parent: Any
    node: FieldNode
    type: GraphQLType | None


@dataclass
class _Work:
    """What was looked at already in a document."""

    exact: set[frozenset[int]] = field(default_factory=set)
    shapes: set[frozenset[int]] = field(default_factory=set)
    arguments: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    looks: int = 0


class _TooMany(Exception):
    """A document that takes too long to look through."""


class Overlaps(ValidationRule):
    """Takes the place of graphql-core's OverlappingFieldsCanBeMergedRule."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._work = _Work()

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Look through an operation with all its fragments; those that are in none make the document invalid anyway."""
        root = self.context.schema.get_root_type(node.operation)
        try:
            self._exact(self._fields([(root, node.selection_set)]))
        except _TooMany:
            message = "The document selects the same fields too often (terlalu banyak field yang sama); split it."
            self.report_error(GraphQLError(message, node))

    def _exact(self, fields: list[_Seen]) -> None:
        """Fields of one place: those of one name that can meet in one object must be the same."""
        if self._is_known(self._work.exact, fields):
            return
        for name, group in _by_name(fields).items():
            classes = _that_can_meet(group)
            if all(self._same_field(name, same) for same in classes):
                self._same_shape(name, group)
            for same in classes:
                self._exact(self._below(same))
            if len(classes) > 1:
                self._shapes(self._below(group))

    def _shapes(self, fields: list[_Seen]) -> None:
        """Fields of one place in objects that differ: those of one name must look alike."""
        if self._is_known(self._work.shapes, fields):
            return
        for name, group in _by_name(fields).items():
            self._same_shape(name, group)
            self._shapes(self._below(group))

    def _is_known(self, known: set[frozenset[int]], fields: list[_Seen]) -> bool:
        """Whether these fields were looked at; ends what fragments would repeat, and cycles of them."""
        key = frozenset(id(seen.node) for seen in fields)
        if not key or key in known:
            return True
        known.add(key)
        return False

    # ---- what fields there are

    def _below(self, fields: list[_Seen]) -> list[_Seen]:
        inner = [(seen.type and get_named_type(seen.type), seen.node.selection_set) for seen in fields]
        return self._fields((type_, selections) for type_, selections in inner if selections)

    def _fields(self, places: Iterable[tuple[Any, SelectionSetNode]]) -> list[_Seen]:
        """The fields of selection sets that are answered in one place, with those of fragments."""
        found: list[_Seen] = []
        spread: set[str] = set()
        waiting = [*places][::-1]
        while waiting:
            parent, selections = waiting.pop()
            for node in selections.selections:
                self._work.looks += 1
                match node:
                    case FieldNode():
                        found.append(_Seen(parent, node, _type_of(parent, node)))
                    case InlineFragmentNode():
                        waiting.append((self._condition(node, parent), node.selection_set))
                    case FragmentSpreadNode() if node.name.value not in spread:
                        spread.add(node.name.value)
                        fragment = self.context.get_fragment(node.name.value)
                        if fragment is not None:
                            waiting.append((self._condition(fragment, parent), fragment.selection_set))
            if self._work.looks > MOST_LOOKS:
                raise _TooMany
        return found

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode, parent: Any) -> Any:
        if node.type_condition is None:
            return parent
        named: Any = type_from_ast(self.context.schema, node.type_condition)
        return named if is_composite_type(named) else parent

    # ---- what must be alike

    def _same_field(self, name: str, fields: list[_Seen]) -> bool:
        first = fields[0].node
        for other in (seen.node for seen in fields[1:]):
            if other.name.value != first.name.value:
                self._report(name, f"'{first.name.value}' and '{other.name.value}' are different fields", first, other)
                return False
            if self._arguments(other) != self._arguments(first):
                self._report(name, "they have differing arguments", first, other)
                return False
        return True

    def _same_shape(self, name: str, fields: list[_Seen]) -> None:
        typed = [(seen.node, seen.type) for seen in fields if seen.type is not None]
        for node, type_ in typed[1:]:
            if not _look_alike(typed[0][1], type_):
                reason = f"they return conflicting types '{typed[0][1]}' and '{type_}'"
                self._report(name, reason, typed[0][0], node)
                return

    def _arguments(self, node: FieldNode) -> tuple[tuple[str, str], ...]:
        known = self._work.arguments.get(id(node))
        if known is None:
            given = ((a.name.value, print_ast(sort_value_node(a.value))) for a in node.arguments or ())
            known = self._work.arguments[id(node)] = tuple(sorted(given))
        return known

    def _report(self, name: str, reason: str, *nodes: FieldNode) -> None:
        self.report_error(
            GraphQLError(
                f"Fields '{name}' conflict because {reason}. Use different aliases on the fields to fetch both if this "
                "was intentional.",
                [*nodes],
            )
        )


def _by_name(fields: list[_Seen]) -> dict[str, list[_Seen]]:
    groups: dict[str, list[_Seen]] = {}
    for seen in fields:
        groups.setdefault((seen.node.alias or seen.node.name).value, []).append(seen)
    return groups


def _type_of(parent: Any, node: FieldNode) -> GraphQLType | None:
    """The type of a field; None where there is none such, and of `__typename`, as graphql-core has it."""
    if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
        return None
    found = parent.fields.get(node.name.value)
    return None if found is None else found.type


def _that_can_meet(group: list[_Seen]) -> list[list[_Seen]]:
    """Fields that may be of one object: those of each object type, each with those of interfaces and unions."""
    by_object: dict[str, list[_Seen]] = {}
    anywhere = [seen for seen in group if not isinstance(seen.parent, GraphQLObjectType)]
    for seen in group:
        if isinstance(seen.parent, GraphQLObjectType):
            by_object.setdefault(seen.parent.name, []).append(seen)
    return [same + anywhere for same in by_object.values()] or [anywhere]


def _look_alike(one: GraphQLType, other: GraphQLType) -> bool:
    """Whether two types have the same lists and nulls, and are the same where they are leaves."""
    while isinstance(one, (GraphQLList, GraphQLNonNull)) or isinstance(other, (GraphQLList, GraphQLNonNull)):
        if type(one) is not type(other):
            return False
        one, other = one.of_type, other.of_type  # type: ignore[attr-defined]  # both have one
    return one is other or not (is_leaf_type(one) or is_leaf_type(other))
