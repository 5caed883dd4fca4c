"""From a validated document to a tree of selections: fragments merged, conditions applied, arguments resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from kernel.errors import BadInput
from resolvers.binds import NULL, Composite, Constant, Leaf, Leaves, Literal, Tree, Values, Variable
from resolvers.binds import Part as SourcePart
from resolvers.building import Fixable
from resolvers.meaning import Meaning, Part, RoleSchema
from resolvers.scalars import PARSE, shown

LONGEST_KEY = 63
"""Bytes of a response key: PostgreSQL cuts longer names."""


@dataclass
class Selection:
    """One field of the answer: its key, what it means, its arguments and what is selected of it.

    `children` is per concrete type, because a field may be of an interface.
    """

    key: str
    name: str
    meaning: Meaning
    arguments: dict[str, Tree]
    children: dict[str, list[Selection]] = field(default_factory=dict)

    def of(self, type_name: str) -> list[Selection]:
        """What is selected if the value is of a type."""
        return self.children.get(type_name, [])

    @property
    def only(self) -> list[Selection]:
        """What is selected, when there is one possible type."""
        (selections,) = self.children.values()
        return selections


@dataclass
class Planner:
    """Plans one operation for one role, with the values of the request at hand.

    `fixed` collects the sources whose values became part of the plan: another value needs another plan.
    """

    role_schema: RoleSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    values: Values
    literal_at: Mapping[int, int]
    fixed: list[Fixable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fragments = {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._defaults = {d.variable.name.value: d.default_value for d in self.operation.variable_definitions or ()}

    @property
    def schema(self) -> GraphQLSchema:
        """The role's schema."""
        return self.role_schema.schema

    def plan(self) -> list[Selection]:
        """The root selections."""
        root = self.schema.query_type
        assert root is not None
        return self._selections(root, [self.operation.selection_set])

    def root_fields(self) -> list[FieldNode]:
        """The fields of the root, one per key, in the order of the document."""
        root = self.schema.query_type
        assert root is not None
        nodes = self._fields(root, [self.operation.selection_set])
        return list({(n.alias or n.name).value: n for n in nodes}.values())

    def fix(self, source: Fixable) -> Any:
        """The present value of a source, as part of the plan."""
        if source not in self.fixed:
            self.fixed.append(source)
        return source.read(self.values)

    def _selections(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[Selection]:
        grouped: dict[str, list[FieldNode]] = {}
        for node in self._fields(parent, sets):
            grouped.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return [self._selection(parent, key, nodes) for key, nodes in grouped.items()]

    def _selection(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Selection:
        node = nodes[0]
        name = node.name.value
        if len(key.encode()) > LONGEST_KEY:
            raise BadInput(f"The alias `{key[:20]}…` is longer than {LONGEST_KEY} bytes; shorten it.")
        if name == "__typename" or name.startswith("__"):
            return Selection(key, name, Part(name), {})
        definition = parent.fields[name]
        given = {a.name.value: a.value for a in node.arguments or ()}
        arguments: dict[str, Tree] = {}
        for argument, declared in definition.args.items():
            if argument not in given:
                continue
            tree = self._tree(given[argument], declared.type, argument)
            if tree is not None:
                arguments[argument] = tree
        selection = Selection(key, name, self.role_schema.meanings[parent.name][name], arguments)
        sets = [n.selection_set for n in nodes if n.selection_set]
        if sets:
            for concrete in self._possible(get_named_type(definition.type)):
                selection.children[concrete.name] = self._selections(concrete, sets)
        return selection

    def _possible(self, type_: Any) -> list[GraphQLObjectType]:
        if isinstance(type_, GraphQLInterfaceType):
            return list(self.schema.get_possible_types(type_))
        return [type_]

    def _fields(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> Iterator[FieldNode]:
        """The fields of selection sets that apply to a type, each fragment entered once."""
        entered: set[str] = set()
        waiting = [node for s in reversed(sets) for node in reversed(s.selections)]
        while waiting:
            node = waiting.pop()
            if not self._included(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in entered:
                    continue
                entered.add(node.name.value)
                body: FragmentDefinitionNode | InlineFragmentNode = self._fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)
                body = node
            if self._applies(body, parent):
                waiting.extend(reversed(body.selection_set.selections))

    def _applies(self, body: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLObjectType) -> bool:
        if body.type_condition is None:
            return True
        condition = self.schema.get_type(body.type_condition.name.value)
        if isinstance(condition, GraphQLInterfaceType):
            return self.schema.is_sub_type(condition, parent)
        return condition is parent

    def _included(self, directives: tuple[DirectiveNode, ...]) -> bool:
        for directive in directives:
            if directive.name.value in {"include", "skip"}:
                condition = self._condition(directive)
                if condition is (directive.name.value == "skip"):
                    return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            tree = self._variable(value.name.value, self.schema.type_map["Boolean"], "if")
            if not isinstance(tree, bool):
                raise BadInput(f"Variable `${value.name.value}` of @{directive.name.value} must be true or false.")
            return tree
        return bool(getattr(value, "value", False))

    # ---- arguments

    def _tree(self, node: ValueNode, type_: GraphQLInputType, argument: str) -> Tree | None:
        """A value in the document as a tree; None when it is a variable that was not given."""
        while isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        match node:
            case VariableNode():
                return self._variable(node.name.value, type_, argument)
            case NullValueNode():
                return NULL
            case ListValueNode() if isinstance(type_, GraphQLList):
                inner = type_.of_type
                return [tree for item in node.values if (tree := self._tree(item, inner, argument)) is not None]
            case ObjectValueNode() if isinstance(type_, GraphQLInputObjectType):
                return self._object(node, type_, argument)
            case EnumValueNode():
                return node.value
            case _ if isinstance(type_, GraphQLList):
                tree = self._tree(node, type_.of_type, argument)
                return None if tree is None else [tree]
            case _:
                return self._scalar(node, type_, argument)

    def _object(self, node: ObjectValueNode, type_: GraphQLInputObjectType, argument: str) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        for item in node.fields:
            declared = type_.fields[item.name.value]
            tree = self._tree(item.value, declared.type, f"{argument}.{item.name.value}")
            if tree is not None:
                found[item.name.value] = tree
        return found

    def _scalar(self, node: ValueNode, type_: Any, argument: str) -> Tree:
        if type_.name == "Boolean":
            return bool(getattr(node, "value", False))
        source = self._part(node)
        assert not isinstance(source, Constant)
        return Leaf(source, type_.name, argument)

    def _part(self, node: ValueNode) -> SourcePart:
        """A written value as something that is read anew for every request."""
        match node:
            case ObjectValueNode():
                return Composite(tuple((f.name.value, self._part(f.value)) for f in node.fields))
            case ListValueNode():
                return Composite(tuple(self._part(v) for v in node.values))
            case VariableNode():
                return Variable(node.name.value)
            case EnumValueNode() | BooleanValueNode():
                return Constant(node.value)
            case NullValueNode():
                return Constant(None)
            case _:
                assert node.loc is not None
                return Literal(self.literal_at[node.loc.start])

    def _variable(self, name: str, type_: Any, argument: str) -> Tree | None:
        if name not in self.values.variables:
            default = self._defaults.get(name)
            return None if default is None else self._tree(default, type_, argument)
        return _sent(self.values.variables[name], type_, Variable(name), argument)


def _sent(value: object, type_: GraphQLInputType, source: Variable, argument: str) -> Tree:
    """A variable's value as a tree."""
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            raise BadInput(f"{source} of argument `{argument}` must not be null.")
        return _sent(value, type_.of_type, source, argument)
    if value is None:
        return NULL
    if isinstance(type_, GraphQLList):
        inner = type_.of_type
        if is_leaf_type(get_named_type(inner)) and get_named_type(inner).name in PARSE:
            return Leaves(source, get_named_type(inner).name, argument)
        items = value if isinstance(value, list) else [value]
        path = source.path
        return [_sent(v, inner, Variable(source.name, (*path, i)), argument) for i, v in enumerate(items)]
    if isinstance(type_, GraphQLInputObjectType):
        return _sent_object(value, type_, source, argument)
    if isinstance(type_, GraphQLEnumType):
        if not isinstance(value, str) or value not in type_.values:
            allowed = ", ".join(type_.values)
            raise BadInput(f"{source}: {shown(value)} is not a {type_.name}. Allowed: {allowed}.", argument=argument)
        return value
    if type_.name == "Boolean":
        if not isinstance(value, bool):
            raise BadInput(f"{source} of argument `{argument}` must be true or false.", argument=argument)
        return value
    return Leaf(source, type_.name, argument)


def _sent_object(value: object, type_: GraphQLInputObjectType, source: Variable, argument: str) -> dict[str, Tree]:
    if not isinstance(value, dict):
        raise BadInput(f'{source}: a value of type "{type_.name}" must be an object.', argument=argument)
    unknown = [k for k in value if k not in type_.fields]
    if unknown:
        allowed = ", ".join(type_.fields)
        raise BadInput(f'{source}: "{type_.name}" has no field `{unknown[0]}`. Allowed: {allowed}.', argument=argument)
    return {
        k: _sent(v, type_.fields[k].type, Variable(source.name, (*source.path, k)), f"{argument}.{k}")
        for k, v in value.items()
    }
