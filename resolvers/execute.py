"""Answering a request: the document is prepared once, its plan compiled once per shape, then one statement runs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
)

from kernel.errors import BadInput
from kernel.settings import Settings
from policy.secrets import Secrets
from policy.viewer import Act, Role, Viewer, by_role
from resolvers.binds import Values, not_a_member
from resolvers.building import Building, Fixable
from resolvers.compile import compile_query
from resolvers.cost import cost_of_answer
from resolvers.cursors import Sealer
from resolvers.explain import explained
from resolvers.literals import Lifted
from resolvers.meaning import RoleSchema
from resolvers.mutate import CarryOut, Mutator, Steps, planned
from resolvers.plan import Planner, Selection
from resolvers.pools import Pools, PoolUse
from resolvers.prepare import Invalid, Kept, Prepared, Preparing, literal_at, operation_of
from resolvers.publications import Publications
from resolvers.request import Answer, Charge, GraphQLRequest, NeedsStream, QueriesOnly
from resolvers.run import Runner
from resolvers.statement import Statement
from resolvers.views import Views


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
        publications: Publications | None = None,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._pools = pools
        self._carry_out = carry_out
        self._publications = publications or Publications(settings.data_dir / "-")
        kinds = {OperationType.QUERY, OperationType.SUBSCRIPTION} | ({OperationType.MUTATION} if carry_out else set())
        self.preparing = Preparing(
            schema_of, parse, longest_document=longest_document, others=pools.reading, kinds=frozenset(kinds)
        )
        self._budgets = by_role(settings.cost_limits, "KSBB_COST_LIMITS")
        self.runner = Runner(pools, Sealer(secrets))
        self._views: dict[Role, Views] = {}
        self._introspecting = asyncio.Lock()
        self._introspections: Kept[tuple[Role, str, str | None], dict[str, bytes]] = Kept(
            _INTROSPECTIONS_KEPT, _INTROSPECTION_KEPT
        )

    async def answer(
        self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool = False, charge: Charge | None = None
    ) -> Answer:
        """The finished answer of a request. Of a query `charge` is told what it may cost, before it is read.

        Raises:
            NeedsStream: the operation is a subscription.
            QueriesOnly: `only_queries`, and the operation is a mutation.
            KeyMayNot: the caller's API key is not for such operations, or not for what the payload would show.
            KsbbError: the request cannot be answered; the sentence says why.
        """
        try:
            prepared, lifted = await self.preparing.prepared(viewer.role, request)
        except Invalid as invalid:
            return self.refused(viewer.role, invalid)
        if prepared.kind is OperationType.SUBSCRIPTION:
            raise NeedsStream
        if only_queries and prepared.kind is OperationType.MUTATION:
            raise QueriesOnly
        viewer.require(Act.READ if prepared.kind is OperationType.QUERY else Act.WRITE)
        values = self.values(viewer, request, prepared, lifted)
        if request.explains:
            return self._explained(viewer.role, prepared, values)
        if prepared.kind is OperationType.MUTATION:
            return Answer(b'{"data":' + await self._mutate(viewer, prepared, values) + b"}", executed=True)
        statement = await self.preparing.planned_aside(viewer.role, prepared, values, self._compile)
        remaining = None if charge is None else await charge(statement.cost)
        data = await self.runner.value(viewer, statement, values)
        told = b""
        if request.tells_cost:
            actual = self._taken(viewer.role, prepared, values, data)
            cost = {"requested": statement.cost, "actual": actual, "limit": self._budgets[viewer.role]}
            told = b',"extensions":' + _json({"cost": {**cost, "remaining": remaining}})
        if prepared.introspects:
            data = await self._introspected(viewer.role, request, lifted, values, data)
        return Answer(b'{"data":' + data + told + b"}", executed=True)

    def _taken(self, role: Role, prepared: Prepared, values: Values, data: bytes) -> int | None:
        """What an answer took; None for a long one, since to read it again would hold everybody up."""
        if len(data) > _LONGEST_COUNTED:
            return None
        return cost_of_answer(_selections(self.preparing.planner(role, prepared, values)), json.loads(data)).total

    def _explained(self, role: Role, prepared: Prepared, values: Values) -> Answer:
        """What an operation would cost and touch. It is not run, so its data are null."""
        if prepared.kind is not OperationType.QUERY:
            raise BadInput("Only queries are explained; a mutation costs what its payload selects.")
        planner = self.preparing.planner(role, prepared, values)
        found = explained(self.building(role, planner.fix), _selections(planner), self._budgets[role])
        return Answer(b'{"data":null,"extensions":' + _json({"explain": found}) + b"}", executed=True)

    def values(self, viewer: Viewer, request: GraphQLRequest, prepared: Prepared, lifted: Lifted) -> Values:
        """What a request brings."""
        return Values(
            request.variables,
            lifted.values,
            partial(self.runner.sealer.open, viewer),
            self._secrets.internal_key,
            self._secrets.blind,
            viewer.subject,
            prepared.hash,
            publications=self._publications,
        )

    def refused(self, role: Role, invalid: Invalid) -> Answer:
        """The answer to a document that does not fit the schema."""
        return Answer(_error_body(invalid.errors, self.preparing.schema_of(role).schema), executed=False)

    def building(self, role: Role, fix: Callable[[Fixable], Any]) -> Building:
        """A new statement for a role."""
        if role not in self._views:
            self._views[role] = Views(role)
        schema, budget = self.preparing.schema_of(role), self._budgets[role]
        return Building(schema, self._views[role], self._settings.page_limit, fix, budget)

    def pool_uses(self) -> Mapping[str, PoolUse]:
        """How the connections are used, by role."""
        return self._pools.uses()

    async def close(self) -> None:
        """Let go of the connections."""
        self.preparing.close()
        await self.runner.close()

    # ---- planning

    def _compile(self, role: Role, planner: Planner) -> Statement:
        return self._selected(role, planner, _selections(planner))

    def _plan_mutation(self, role: Role, planner: Planner) -> Steps:
        return planned(planner, partial(self._selected, role, planner))

    def _selected(self, role: Role, planner: Planner, selections: list[Selection]) -> Statement:
        return compile_query(self.building(role, planner.fix), selections)

    # ---- running

    async def _mutate(self, viewer: Viewer, prepared: Prepared, values: Values) -> bytes:
        assert self._carry_out is not None  # such an operation is not prepared otherwise
        steps = await self.preparing.planned_aside(viewer.role, prepared, values, self._plan_mutation)
        if steps.shows_rows:
            viewer.require(Act.READ)
        catalogue = self.preparing.schema_of(viewer.role).catalogue
        mutator = Mutator(viewer, values, catalogue, self._carry_out, self.runner.value)
        return await mutator.run(steps, prepared.literal_at)

    async def _introspected(
        self, role: Role, request: GraphQLRequest, lifted: Lifted, values: Values, data: bytes
    ) -> bytes:
        """The answer with what graphql-core says of the schema itself, in the order of the document.

        graphql-core reads values where they are written, so it gets this request's own document. All of a large schema
        takes it a second: one at a time, beside the loop, and once for all who send the same text without variables.
        """
        document = self.preparing.parse(request.query)
        operation = operation_of(document, request.operation_name)
        planner = Planner(self.preparing.schema_of(role), document, operation, values, literal_at(lifted))
        nodes = planner.root_fields()
        key = (role, request.query, request.operation_name)
        parts = None if request.variables else self._introspections.get(key)
        if parts is None:
            asked = tuple(node for node in nodes if node.name.value in _INTROSPECTION)
            fragments = tuple(d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
            alone = OperationDefinitionNode(
                operation=OperationType.QUERY,
                variable_definitions=operation.variable_definitions,
                selection_set=SelectionSetNode(selections=asked),
            )
            async with self._introspecting:
                only = DocumentNode(definitions=(alone, *fragments))
                parts = await asyncio.to_thread(_told, self.preparing.schema_of(role).schema, only, request.variables)
            if not request.variables:
                self._introspections.put(key, parts, sum(map(len, parts.values())) + len(request.query))
        parts = {**{name: _json(part) for name, part in json.loads(data).items()}, **parts}
        named = {name: parts[name] for node in nodes if (name := (node.alias or node.name).value)}
        return b"{" + b",".join(_json(name) + b":" + part for name, part in named.items()) + b"}"


def _selections(planner: Planner) -> list[Selection]:
    """What an operation asks of the database."""
    return [s for s in planner.plan() if s.name not in _INTROSPECTION]


def _told(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, object]) -> dict[str, bytes]:
    """What graphql-core answers, as JSON by response name."""
    found = execute_sync(schema, document, variable_values=dict(variables))
    return {name: _json(part) for name, part in (found.data or {}).items()}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


_INTROSPECTIONS_KEPT = 100
_INTROSPECTION_KEPT = 20_000_000
"""Characters; all that today's tools ask of the largest schema is 1.4 million."""
_LONGEST_COUNTED = 500_000
"""Bytes of an answer; to read so many takes some 5 ms."""
_INTROSPECTION = frozenset({"__schema", "__type"})


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
