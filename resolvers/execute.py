"""Answering a request: the document is prepared once, its plan compiled once per shape, then one statement runs."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Generic, TypeVar

import asyncpg
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    execute_sync,
    type_from_ast,
    validate,
)

from kernel.errors import BadInput, KsbbError
from kernel.settings import Settings
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from policy.wall import LOOK_UPS_A_DAY, TOO_MANY_LOOK_UPS
from resolvers.binds import Values, VariableLimits, check_variables, not_a_member, shape_of
from resolvers.building import Building, Fixable
from resolvers.compile import compile_query
from resolvers.cursors import Sealer
from resolvers.literals import Lifted, lift
from resolvers.meaning import RoleSchema
from resolvers.mutate import CarryOut, Mutator, Steps, planned
from resolvers.plan import Planner, Selection
from resolvers.pools import Pools
from resolvers.request import Answer, GraphQLRequest, QueriesOnly
from resolvers.statement import Statement
from resolvers.views import Views

_NO_DATABASE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
)
_DOCUMENTS_KEPT = 2_000
_TEXTS_KEPT = 2_000
_PLANS_KEPT = 8_000
_TEXT_KEPT = 8_000_000
"""Characters of all texts that are remembered, and of all documents: a parsed one weighs some 50 bytes a character."""
_SQL_KEPT = 40_000_000
"""Characters of all statements that are remembered."""
_IN_A_QUERY = VariableLimits(objects=300, values=5_000)
_IN_A_MUTATION = VariableLimits(objects=20_000, values=200_000)
_PLAIN_STEP = 200
"""What an entry without a statement weighs."""

_Make = Callable[[Role, Planner], Statement | Steps]

K = TypeVar("K")
V = TypeVar("V")


class TooSlow(KsbbError):
    """The statement took longer than one may."""

    code = "QUERY_TOO_SLOW"

    def __init__(self, limit_ms: int) -> None:
        super().__init__(
            f"The query took longer than {limit_ms} ms and was stopped. Ask for smaller pages, fewer lists or groups.",
            limit_ms=limit_ms,
        )


class DatabaseUnavailable(KsbbError):
    """No answer from the database."""

    code = "DATABASE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The database does not answer at the moment. Try again in a few seconds.")


class TooManyLookUps(KsbbError):
    """One person looked up more NIKs than a day's work needs."""

    code = "TOO_MANY_LOOK_UPS"

    def __init__(self) -> None:
        super().__init__(
            f"You have looked up {LOOK_UPS_A_DAY} NIKs in 24 hours (pencarian NIK): that is the limit. Go on tomorrow.",
            limit=LOOK_UPS_A_DAY,
        )


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
    """A document and operation that were parsed and validated for a role, and the plans made of it."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, tuple[GraphQLInputType, bool]]
    """Per variable its type and whether it may be left out."""
    orders: frozenset[str]
    """Variables that are the whole input of a command, which is no part of the plan."""
    literal_at: Mapping[int, int]
    introspects: bool
    hash: str
    key: tuple[Role, str, str | None]
    """Role, text without values, and name of the operation."""


class Invalid(Exception):  # a situation like the others, but of several errors
    """A document that does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} validation errors")
        self.errors = errors


class QueryReader:
    """Answers GraphQL queries for viewers, and mutations where it is given somebody who carries out commands."""

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        pools: Pools,
        *,
        schema_of: Callable[[Role], RoleSchema],
        parse: Callable[[str], DocumentNode],
        longest_document: int,
        carry_out: CarryOut | None = None,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._sealer = Sealer(secrets)
        self._pools = pools
        self._schema_of = schema_of
        self._parse = parse
        self._carry_out = carry_out
        self._longest_document = longest_document
        self._texts: Kept[str, Lifted] = Kept(_TEXTS_KEPT, _TEXT_KEPT)
        self._prepared: Kept[tuple[Role, str, str | None], Prepared] = Kept(_DOCUMENTS_KEPT, _TEXT_KEPT)
        self._plans: Kept[tuple[object, ...], Statement | Steps | Fixable] = Kept(_PLANS_KEPT, _SQL_KEPT)
        """By operation and shape of its variables, and then step by step by the values that became part of the plan:
        what to read next, or the finished statement."""
        self._views: dict[Role, Views] = {}

    async def answer(self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool = False) -> Answer:
        """The finished answer of a request.

        Raises:
            QueriesOnly: `only_queries`, and the operation is none.
            KsbbError: the request cannot be answered; the sentence says why.
        """
        lifted = self._lift(request.query)
        key = (viewer.role, lifted.shape, request.operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            try:
                prepared = self._prepare(viewer.role, request, lifted, only_queries)
            except Invalid as invalid:
                return Answer(_error_body(invalid.errors, self._schema_of(viewer.role).schema), executed=False)
            self._prepared.put(key, prepared, len(lifted.shape))
        self._texts.put(request.query, lifted, len(request.query))  # now that it was found to be one of ours
        values = Values(
            request.variables,
            lifted.values,
            partial(self._sealer.open, viewer),
            self._secrets.internal_key,
            self._secrets.blind,
            viewer.subject,
            prepared.hash,
        )
        if prepared.operation.operation is OperationType.MUTATION:
            return Answer(b'{"data":' + await self._mutate(viewer, prepared, values) + b"}", executed=True)
        statement = self._statement(viewer.role, prepared, values)
        data = await self._run(viewer, statement, values)
        if prepared.introspects:
            data = self._introspected(viewer.role, request, lifted, values, data)
        return Answer(b'{"data":' + data + b"}", executed=True)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pools.close()

    # ---- preparing

    def _lift(self, text: str) -> Lifted:
        lifted = self._texts.get(text)
        if lifted is not None:
            return lifted
        if "\x00" in text:
            raise BadInput("A document must not contain the NUL character.")
        if len(text) > self._longest_document:
            self._parse(text)  # the guard refuses it by its bytes
        return lift(text)

    def _prepare(self, role: Role, request: GraphQLRequest, lifted: Lifted, only_queries: bool) -> Prepared:
        document = self._parse(request.query)
        operation = _operation(document, request.operation_name)
        if operation.operation is not OperationType.QUERY and only_queries:
            raise QueriesOnly
        is_served = operation.operation is OperationType.QUERY or (
            operation.operation is OperationType.MUTATION and self._carry_out is not None
        )
        if not is_served:
            raise NotServed(f"This service does not take {operation.operation.value} operations here.")
        schema = self._schema_of(role).schema
        errors = validate(schema, document)
        if errors:
            raise Invalid(errors)
        variables: dict[str, tuple[GraphQLInputType, bool]] = {}
        for definition in operation.variable_definitions or ():
            type_: Any = type_from_ast(schema, definition.type)
            may_miss = definition.default_value is not None or not str(type_).endswith("!")
            variables[definition.variable.name.value] = (type_, may_miss)
        return Prepared(
            document,
            operation,
            variables,
            _orders(operation),
            _literal_at(lifted),
            "__schema" in lifted.shape or "__type" in lifted.shape.replace("__typename", ""),
            sha256(lifted.shape.encode()).hexdigest(),
            (role, lifted.shape, request.operation_name),
        )

    # ---- planning

    def _statement(self, role: Role, prepared: Prepared, values: Values) -> Statement:
        found = self._planned(role, prepared, values, self._compile)
        assert isinstance(found, Statement)
        return found

    def _steps(self, role: Role, prepared: Prepared, values: Values) -> Steps:
        found = self._planned(role, prepared, values, self._plan_mutation)
        assert isinstance(found, Steps)
        return found

    def _planned(self, role: Role, prepared: Prepared, values: Values, make: _Make) -> Statement | Steps:
        """The plan of an operation, made once per shape of its variables and per value that became part of it."""
        key = shape = (prepared.key, *_shape(prepared, values))
        found = self._plans.get(key)
        while found is not None and not isinstance(found, Statement | Steps):
            key = (*key, found.read(values))
            found = self._plans.get(key)
        if found is not None:
            return found
        planner = Planner(self._schema_of(role), prepared.document, prepared.operation, values, prepared.literal_at)
        plan = make(role, planner)
        key = shape
        for source, value in planner.fixed.items():
            self._plans.put(key, source, _PLAIN_STEP)
            key = (*key, value)
        self._plans.put(key, plan, _PLAIN_STEP + plan.weight)
        return plan

    def _compile(self, role: Role, planner: Planner) -> Statement:
        return self._selected(role, planner, [s for s in planner.plan() if s.name not in _INTROSPECTION])

    def _plan_mutation(self, role: Role, planner: Planner) -> Steps:
        return planned(planner, partial(self._selected, role, planner))

    def _selected(self, role: Role, planner: Planner, selections: list[Selection]) -> Statement:
        building = Building(self._schema_of(role), self._views_of(role), self._settings.page_limit, planner.fix)
        return compile_query(building, selections)

    def _views_of(self, role: Role) -> Views:
        if role not in self._views:
            self._views[role] = Views(role)
        return self._views[role]

    # ---- running

    async def _mutate(self, viewer: Viewer, prepared: Prepared, values: Values) -> bytes:
        assert self._carry_out is not None  # such an operation is not prepared otherwise
        steps = self._steps(viewer.role, prepared, values)
        catalogue = self._schema_of(viewer.role).catalogue
        mutator = Mutator(viewer, values, catalogue, self._carry_out, self._run)
        return await mutator.run(steps, prepared.literal_at)

    async def _run(self, viewer: Viewer, statement: Statement, values: Values) -> bytes:
        parameters = statement.parameters(values)
        try:
            data = await self._pools.of(viewer.role).fetch(viewer, statement.sql, parameters)
        except asyncpg.QueryCanceledError:
            await self._log_attempt(viewer, statement, values)
            raise TooSlow(self._settings.statement_timeout_ms) from None
        except asyncpg.PostgresError as refused:
            if refused.sqlstate == TOO_MANY_LOOK_UPS:
                raise TooManyLookUps from None
            if isinstance(refused, _NO_DATABASE):
                raise DatabaseUnavailable from None
            raise
        except _NO_DATABASE as failure:
            if isinstance(failure, ValueError):
                raise  # the driver could not send a value: that is our fault, not the database's absence
            raise DatabaseUnavailable from None
        return self._sealer.finish(data, viewer) if statement.seals else data

    async def _log_attempt(self, viewer: Viewer, statement: Statement, values: Values) -> None:
        """Write down a read that was stopped: its entry went with it, though that it took long may be an answer."""
        if statement.attempt is not None:
            await self._pools.of(viewer.role).fetch(viewer, statement.attempt.sql, statement.attempt.parameters(values))

    def _introspected(self, role: Role, request: GraphQLRequest, lifted: Lifted, values: Values, data: bytes) -> bytes:
        """The answer with what graphql-core says of the schema itself, in the order of the document.

        graphql-core reads values where they are written, so it gets this request's own document.
        """
        document = self._parse(request.query)
        operation = _operation(document, request.operation_name)
        planner = Planner(self._schema_of(role), document, operation, values, _literal_at(lifted))
        nodes = planner.root_fields()
        asked = tuple(node for node in nodes if node.name.value in _INTROSPECTION)
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=operation.variable_definitions,
            selection_set=SelectionSetNode(selections=asked),
        )
        fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
        found = execute_sync(
            self._schema_of(role).schema,
            DocumentNode(definitions=(operation, *fragments)),
            variable_values=dict(request.variables),
        )
        parts = {**json.loads(data), **(found.data or {})}
        ordered = {key: parts[key] for node in nodes if (key := (node.alias or node.name).value)}
        return json.dumps(ordered, ensure_ascii=False).encode()


_INTROSPECTION = frozenset({"__schema", "__type"})


def _orders(operation: OperationDefinitionNode) -> frozenset[str]:
    if operation.operation is not OperationType.MUTATION:
        return frozenset()
    fields = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    values = [argument.value for node in fields for argument in node.arguments or ()]
    return frozenset(value.name.value for value in values if isinstance(value, VariableNode))


def _literal_at(lifted: Lifted) -> dict[int, int]:
    """Which of the lifted values begins where in the text."""
    return {start: index for index, start in enumerate(lifted.positions)}


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
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
    is_mutation = prepared.operation.operation is OperationType.MUTATION
    check_variables(values.variables, _IN_A_MUTATION if is_mutation else _IN_A_QUERY)
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


def _error_body(errors: list[GraphQLError], schema: GraphQLSchema) -> bytes:
    entries = [
        {**e.formatted, "message": _said(e, schema), "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
        for e in errors
    ]
    return json.dumps({"errors": entries}, ensure_ascii=False).encode()


_NOT_A_MEMBER = re.compile(r'Value ["\'](?P<value>\w+)["\'] does not exist in ["\'](?P<type>\w+)["\'] enum')


def _said(error: GraphQLError, schema: GraphQLSchema) -> str:
    """What is wrong; of a code that is not in its list, also which are."""
    found = _NOT_A_MEMBER.match(error.message)
    codes = None if found is None else schema.get_type(found["type"])
    if found is None or not isinstance(codes, GraphQLEnumType):
        return error.message
    return not_a_member(found["value"], codes)
