"""Preparing a request: its document is parsed and validated once per role, its plan made once per shape.

Both are kept for the next request of the same text.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    type_from_ast,
)

from kernel.errors import BadInput, KsbbError
from policy.viewer import Role
from resolvers.aside import Aside
from resolvers.binds import Values, VariableLimits, check_variables, shape_of
from resolvers.building import Fixable
from resolvers.inner import Inner, inner_of
from resolvers.literals import Lifted, lift
from resolvers.meaning import RoleSchema
from resolvers.plan import Planner
from resolvers.request import GraphQLRequest
from resolvers.validation import validation_errors

_DOCUMENTS_KEPT = 2_000
_TEXTS_KEPT = 2_000
_PLANS_KEPT = 8_000
_TEXT_KEPT = 8_000_000
"""Characters of all texts that are remembered, and of all documents."""
_SQL_KEPT = 40_000_000
"""Characters of all statements that are remembered."""
_IN_A_QUERY = VariableLimits(objects=300, values=5_000)
_IN_A_MUTATION = VariableLimits(objects=20_000, values=200_000)
_PLAIN_STEP = 200
"""What an entry without a statement weighs."""


class Plan(Protocol):
    """What is made of an operation and kept."""

    @property
    def weight(self) -> int:
        """What remembering it costs, in characters of SQL."""
        ...


K = TypeVar("K")
V = TypeVar("V")
P = TypeVar("P", bound=Plan)


class NotOneOperation(KsbbError):
    """The operation to run is not clear."""

    code = "OPERATION_NOT_FOUND"


class NotServed(KsbbError):
    """An operation of a kind that is not served."""

    code = "OPERATION_NOT_SUPPORTED"


class Kept(Generic[K, V]):
    """The entries used last: at most so many, and together of at most so much weight."""

    def __init__(self, most: int, heaviest: int) -> None:
        self._most = most
        self._heaviest = heaviest
        self._weight = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """An entry, or None."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep an entry; those not used for longest go."""
        _, before = self._entries.pop(key, (None, 0))
        self._entries[key] = (value, weight)
        self._weight += weight - before
        while len(self._entries) > self._most or self._weight > self._heaviest:
            _, (_, gone) = self._entries.popitem(last=False)
            self._weight -= gone


@dataclass
class Prepared:
    """A document and operation that were parsed and validated for a role.

    What was parsed is not kept: thousands of trees make each look of the garbage collector long, and all callers wait.
    """

    text: str
    """The document as it came first."""
    kind: OperationType
    variables: dict[str, tuple[GraphQLInputType, bool]]
    """Per variable its type and whether it may be left out."""
    orders: frozenset[str]
    """Variables that are the whole input of a command, which is no part of the plan."""
    literal_at: Mapping[int, int]
    introspects: bool
    inner: Inner
    hash: str
    key: tuple[Role, str, str | None]
    """Role, text without values, and name of the operation."""


class Invalid(Exception):  # a situation like the others, but of several errors
    """A document that does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} validation errors")
        self.errors = errors


@dataclass(frozen=True)
class _Step:
    """A value to read on the way to a plan."""

    source: Fixable


class Preparing:
    """The documents and plans of all roles."""

    def __init__(
        self,
        schema_of: Callable[[Role], RoleSchema],
        parse: Callable[[str], DocumentNode],
        *,
        longest_document: int,
        others: Callable[[], bool],
        kinds: frozenset[OperationType],
    ) -> None:
        self.schema_of = schema_of
        self.parse = parse
        self._aside = Aside(others)
        self._latest: tuple[Prepared, DocumentNode] | None = None
        """What was prepared last, with its tree: mostly it is planned next."""
        self._longest_document = longest_document
        self._kinds = kinds
        self._texts: Kept[str, Lifted] = Kept(_TEXTS_KEPT, _TEXT_KEPT)
        self._prepared: Kept[tuple[Role, str, str | None], Prepared] = Kept(_DOCUMENTS_KEPT, _TEXT_KEPT)
        self._plans: Kept[tuple[object, ...], Any] = Kept(_PLANS_KEPT, _SQL_KEPT)
        """By operation and shape of its variables, and then step by step by the values that became part of the plan:
        what to read next, or the finished plan."""

    async def prepared(self, role: Role, request: GraphQLRequest) -> tuple[Prepared, Lifted]:
        """The document and operation of a request, with the values that were lifted out of its text.

        Raises:
            Invalid: the document does not fit the role's schema.
            KsbbError: it does not parse, is too large, or names no operation.
        """
        known = self._texts.get(request.query)
        lifted = known or self._lift(request.query)
        key = (role, lifted.shape, request.operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = await self._aside.do(partial(self._prepare, role, request, lifted))
            self._prepared.put(key, prepared, len(lifted.shape))
        if known is None:  # now that it was found to be one of ours
            self._texts.put(request.query, lifted, len(request.query))
        return prepared, lifted

    def _lift(self, text: str) -> Lifted:
        if "\x00" in text:
            raise BadInput("A document must not contain the NUL character.")
        if len(text) > self._longest_document:
            self.parse(text)  # the guard refuses it by its bytes
        return lift(text)

    def _prepare(self, role: Role, request: GraphQLRequest, lifted: Lifted) -> Prepared:
        document = self.parse(request.query)
        operation = operation_of(document, request.operation_name)
        if operation.operation not in self._kinds:
            raise NotServed(f"This service does not take {operation.operation.value} operations here.")
        schema = self.schema_of(role).schema
        if schema.get_root_type(operation.operation) is None:
            raise NotServed(f"Role {role} has no {operation.operation.value} operations.")
        errors = validation_errors(schema, document)
        if errors:
            raise Invalid(errors)
        variables: dict[str, tuple[GraphQLInputType, bool]] = {}
        for definition in operation.variable_definitions or ():
            type_: Any = type_from_ast(schema, definition.type)
            may_miss = definition.default_value is not None or not str(type_).endswith("!")
            variables[definition.variable.name.value] = (type_, may_miss)
        places = literal_at(lifted)
        is_followed = operation.operation is OperationType.SUBSCRIPTION
        prepared = Prepared(
            request.query,
            operation.operation,
            variables,
            _orders(operation),
            places,
            "__schema" in lifted.shape or "__type" in lifted.shape.replace("__typename", ""),
            inner_of(document, operation, places) if is_followed else Inner(),
            sha256(lifted.shape.encode()).hexdigest(),
            (role, lifted.shape, request.operation_name),
        )
        self._latest = prepared, document
        return prepared

    def planner(self, role: Role, prepared: Prepared, values: Values) -> Planner:
        """Who plans an operation."""
        latest, (_, _, name) = self._latest, prepared.key
        document = latest[1] if latest is not None and latest[0] is prepared else self.parse(prepared.text)
        return Planner(self.schema_of(role), document, operation_of(document, name), values, prepared.literal_at)

    def planned(
        self, role: Role, prepared: Prepared, values: Values, make: Callable[[Role, Planner], P], *of: str
    ) -> P:
        """The plan of an operation (or of the part `of` it), made once per shape of its variables and per value that
        became part of it.
        """
        shape = (prepared.key, *of, *_shape(prepared, values))
        kept: P | None = self._kept_plan(shape, values)
        return kept if kept is not None else self._keep_plan(shape, *self._plan(role, prepared, values, make))

    async def planned_aside(
        self, role: Role, prepared: Prepared, values: Values, make: Callable[[Role, Planner], P]
    ) -> P:
        """As `planned`; a plan that has to be made holds nobody up."""
        shape = (prepared.key, *_shape(prepared, values))
        kept: P | None = self._kept_plan(shape, values)
        if kept is not None:
            return kept
        return self._keep_plan(shape, *await self._aside.do(partial(self._plan, role, prepared, values, make)))

    def close(self) -> None:
        """Prepare no more."""
        self._aside.close()

    def _kept_plan(self, shape: tuple[object, ...], values: Values) -> Any:
        key, found = shape, self._plans.get(shape)
        while isinstance(found, _Step):
            key = (*key, found.source.read(values))
            found = self._plans.get(key)
        return found

    def _plan(
        self, role: Role, prepared: Prepared, values: Values, make: Callable[[Role, Planner], P]
    ) -> tuple[P, Mapping[Fixable, Any]]:
        planner = self.planner(role, prepared, values)
        return make(role, planner), planner.fixed

    def _keep_plan(self, shape: tuple[object, ...], plan: P, fixed: Mapping[Fixable, Any]) -> P:
        key = shape
        for source, value in fixed.items():
            self._plans.put(key, _Step(source), _PLAIN_STEP)
            key = (*key, value)
        self._plans.put(key, plan, _PLAIN_STEP + plan.weight)
        return plan


def _orders(operation: OperationDefinitionNode) -> frozenset[str]:
    if operation.operation is not OperationType.MUTATION:
        return frozenset()
    fields = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    values = [argument.value for node in fields for argument in node.arguments or ()]
    return frozenset(value.name.value for value in values if isinstance(value, VariableNode))


def literal_at(lifted: Lifted) -> dict[int, int]:
    """Which of the lifted values begins where in the text."""
    return {start: index for index, start in enumerate(lifted.positions)}


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        operations = [o for o in operations if o.name is not None and o.name.value == name]
        if not operations:
            raise NotOneOperation(f'The document has no operation named "{name[:60]}".')
    if len(operations) != 1:
        raise NotOneOperation("Name the operation to run in `operationName`: the document must have exactly one other.")
    return operations[0]


def _shape(prepared: Prepared, values: Values) -> tuple[object, ...]:
    """What of the variables the plan depends on.

    Raises:
        BadInput: a variable is missing or not of its type.
    """
    check_variables(values.variables, _IN_A_MUTATION if prepared.kind is OperationType.MUTATION else _IN_A_QUERY)
    shape: list[object] = []
    for name, (type_, may_miss) in prepared.variables.items():
        if name in values.variables:
            found = shape_of(values.variables[name], type_, f"${name}")
            shape.append("order" if name in prepared.orders else found)
        elif may_miss:
            shape.append("-")
        else:
            raise BadInput(f"Variable `${name}` of type {type_} is missing.", variable=name)
    return tuple(shape)
