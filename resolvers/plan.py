"""From a validated document to a tree of selections: fragments merged, conditions applied, arguments resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from kernel.errors import BadInput, KsbbError
from resolvers.aside import rest
from resolvers.binds import NULL, Composite, Constant, Leaf, Leaves, Literal, Tree, Values, Variable
from resolvers.binds import Part as SourcePart
from resolvers.building import Fixable
from resolvers.meaning import Does, Meaning, Part, RoleSchema

LONGEST_KEY = 63
"""Bytes of a response key: PostgreSQL cuts longer names."""


class ConflictingFields(KsbbError):
    """One key of the answer is asked for twice, with different arguments."""

    code = "GRAPHQL_VALIDATION_FAILED"

    def __init__(self, key: str) -> None:
        super().__init__(f"Fields `{key}` conflict: they have different arguments. Give one of them an alias.")


@dataclass(frozen=True)
class _Equal:
    """Whether two values written in the document are one."""

    one: int
    other: int

    def read(self, values: Values) -> bool:
        return values.literals[self.one] == values.literals[self.other]


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

    `fixed` collects the sources whose values became part of the plan, in the order in which planning asked for them:
    another value needs another plan.
    """

    role_schema: RoleSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    values: Values
    literal_at: Mapping[int, int]
    fixed: dict[Fixable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._fragments = {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._defaults = {d.variable.name.value: d.default_value for d in self.operation.variable_definitions or ()}

    @property
    def schema(self) -> GraphQLSchema:
        """The role's schema."""
        return self.role_schema.schema

    def plan(self) -> list[Selection]:
        """The root selections."""
        return self._selections(self._root(), [self.operation.selection_set])

    def root_fields(self) -> list[FieldNode]:
        """The fields of the root, in the order of the document."""
        return list(self._fields(self._root(), [self.operation.selection_set]))

    def root_selections(self) -> Iterator[tuple[str, FieldNode, Selection]]:
        """The fields of a mutation with what is selected of them; their inputs are read when they are carried out."""
        root = self._root()
        for key, nodes in self._grouped(root, [self.operation.selection_set]).items():
            yield key, nodes[0], self._selection(root, key, nodes)

    def _root(self) -> GraphQLObjectType:
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None  # validation saw to that
        return root

    def fix(self, source: Fixable) -> Any:
        """The present value of a source, as part of the plan."""
        if source not in self.fixed:
            self.fixed[source] = source.read(self.values)
        return self.fixed[source]

    def _selections(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[Selection]:
        return [self._selection(parent, key, nodes) for key, nodes in self._grouped(parent, sets).items()]

    def _grouped(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The fields of selection sets by their key in the answer."""
        grouped: dict[str, list[FieldNode]] = {}
        for node in self._fields(parent, sets):
            grouped.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return grouped

    def _selection(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Selection:
        rest()
        node = nodes[0]
        name = node.name.value
        if len(key.encode()) > LONGEST_KEY:
            raise BadInput(f"The alias `{key[:20]}…` is longer than {LONGEST_KEY} bytes; shorten it.")
        self._refuse_conflicts(key, nodes)
        if name == "__typename" or name.startswith("__"):
            return Selection(key, name, Part(name), {})
        definition = parent.fields[name]
        given = {a.name.value: a.value for a in node.arguments or ()}
        meaning = self.role_schema.meanings[parent.name][name]
        arguments: dict[str, Tree] = {}
        for argument, declared in definition.args.items():
            if argument not in given or isinstance(meaning, Does):
                continue
            tree = self._tree(given[argument], declared.type, argument)
            if tree is not None:
                arguments[argument] = tree
        selection = Selection(key, name, meaning, arguments)
        sets = [n.selection_set for n in nodes if n.selection_set]
        if sets:
            for concrete in self._possible(get_named_type(definition.type)):
                selection.children[concrete.name] = self._selections(concrete, sets)
        return selection

    def _refuse_conflicts(self, key: str, nodes: list[FieldNode]) -> None:
        """One key must mean one thing. Validation saw to that for the values with which the document came first."""
        first, *others = (list(self._literals(node)) for node in nodes)
        for other in others:
            for mine, its in zip(first, other, strict=True):
                if not self.fix(_Equal(mine, its)):
                    raise ConflictingFields(key)

    def _literals(self, node: FieldNode) -> Iterator[int]:
        """The values written in a field's arguments, by argument name."""
        waiting: list[Any] = [node.arguments or ()]
        while waiting:
            match waiting.pop():
                case tuple() as several:
                    waiting.extend(sorted(several, key=lambda n: n.name.value) if _are_named(several) else several)
                case ArgumentNode(value=value) | ObjectFieldNode(value=value):
                    waiting.append(value)
                case ObjectValueNode(fields=inner) | ListValueNode(values=inner):
                    waiting.append(inner)
                case StringValueNode(loc=loc) | IntValueNode(loc=loc) | FloatValueNode(loc=loc) if loc is not None:
                    yield self.literal_at[loc.start]

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
                raise BadInput(f"${value.name.value} of @{directive.name.value} must not be null.")
            return tree
        return bool(getattr(value, "value", False))

    # ---- arguments

    def _tree(self, node: ValueNode, type_: GraphQLInputType, argument: str) -> Tree | None:
        """A value in the document as a tree; None when it is a variable that was not given."""
        if isinstance(type_, GraphQLNonNull):
            tree = self._tree(node, type_.of_type, argument)
            if tree is NULL:
                raise BadInput(f"Argument `{argument}` of type {type_} must not be null.", argument=argument)
            return tree
        match node:
            case VariableNode():
                return self._variable(node.name.value, type_, argument)
            case NullValueNode():
                return NULL
            case ListValueNode() if isinstance(type_, GraphQLList):
                inner = type_.of_type
                return [tree for item in node.values if (tree := self._tree(item, inner, argument)) is not None]
            case _ if isinstance(type_, GraphQLList):
                tree = self._tree(node, type_.of_type, argument)
                return None if tree is None else [tree]
            case ObjectValueNode() if isinstance(type_, GraphQLInputObjectType):
                return self._object(node, type_, argument)
            case EnumValueNode():
                return node.value
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


def _are_named(nodes: tuple[Any, ...]) -> bool:
    return bool(nodes) and isinstance(nodes[0], ArgumentNode | ObjectFieldNode)


def _sent(value: Any, type_: GraphQLInputType, source: Variable, argument: str) -> Tree:
    """A variable's value as a tree; `shape_of` has checked it."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None:
        return NULL
    if isinstance(type_, GraphQLList):
        inner = get_named_type(type_.of_type)
        if isinstance(inner, GraphQLScalarType):
            return Leaves(source, inner.name, argument)
        if not isinstance(value, list):
            return [_sent(value, inner, source, argument)]
        return [_sent(v, inner, source.at(i), argument) for i, v in enumerate(value)]
    if isinstance(type_, GraphQLInputObjectType):
        fields = type_.fields
        return {k: _sent(v, fields[k].type, source.at(k), f"{argument}.{k}") for k, v in value.items()}
    if isinstance(type_, GraphQLEnumType) or isinstance(value, bool):
        kept: str | bool = value
        return kept
    return Leaf(source, type_.name, argument)
