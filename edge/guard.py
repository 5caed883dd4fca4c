"""The guard: how large a document may be, measured before it is validated.

One walk over each definition, then each fragment's measure is added up once: linear in the document, whatever its
fragments spread into. Neither a recursive walk nor a fragment cycle can hurt it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    ListTypeNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    get_location,
    parse,
)

from kernel.errors import KsbbError

_MESSAGE_LENGTH = 250  # the parser repeats the token that it did not expect, however long


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The largest document that is taken. Counts are those of the document with all fragments spread."""

    source_bytes: int = 50_000
    tokens: int = 1_500
    depth: int = 12
    introspection_depth: int = 24  # the query of today's tools is 13 to 16 deep
    introspection_lists: int = 1  # of members within members: fields of the types of fields would be all, squared
    introspection_aliases: int = 2  # within introspection: each asks for all of it again
    introspections: int = 5
    fields: int = 1_000
    aliases: int = 20
    directives: int = 50
    operations: int = 10
    value_depth: int = 12  # of lists and objects written as an argument, and of list types of a variable


class DocumentNotParsed(KsbbError):
    """The text is no GraphQL document, or has too many bytes or tokens to be read as one."""

    code = "GRAPHQL_PARSE_FAILED"


class DocumentTooLarge(KsbbError):
    """A document that asks for more than one request may."""

    code = "GRAPHQL_VALIDATION_FAILED"

    def __init__(self, measure: str, found: int, limit: int, definition: Node) -> None:
        super().__init__(
            f"The document is over the limit of {limit:,} {measure.replace('_', ' ')}; split it into several requests.",
            measure=measure,
            found=found,
            limit=limit,
            **_locations(definition),
        )


@dataclass
class _Measure:
    """What a definition holds: itself first, then with its fragments."""

    depth: int = 0
    introspection_depth: int = 0
    introspection_lists: int = 0
    introspection_aliases: int = 0
    introspections: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    value_depth: int = 0
    spreads: list[tuple[str, _Around]] = field(default_factory=list)


class _Around(NamedTuple):
    """What a node stands in: so many fields, fields of introspection, members in it, and lists and objects."""

    depth: int = 0
    meta: int = 0
    members: int = 0
    value: int = 0


_SUMMED = ("fields", "aliases", "directives", "introspection_aliases", "introspections")
_ROOTS = frozenset({"__schema", "__type"})
_MEMBERS = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})


def read_document(source: str, limits: Limits) -> DocumentNode:
    """Parse and guard a document.

    Raises:
        DocumentNotParsed: not GraphQL, or too many bytes or tokens.
        DocumentTooLarge: too deep, too wide, too many of something.
    """
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > limits.source_bytes:
        raise DocumentNotParsed(
            f"The document has more than {limits.source_bytes:,} bytes.", found=size, limit=limits.source_bytes
        )
    try:
        document = parse(source, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as malformed:
        places = {"locations": [place.formatted for place in malformed.locations]} if malformed.locations else {}
        raise DocumentNotParsed(malformed.message[:_MESSAGE_LENGTH], **places) from None
    _let_go_of_tokens(document)
    guard(document, limits)
    return document


def _let_go_of_tokens(document: DocumentNode) -> None:
    """Part the tokens of a document, of which each holds the one before and the next: only the garbage collector could
    free them, and every caller waits for it.
    """
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following


def guard(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that is over a limit. Documents may be invalid in any other way.

    Raises:
        DocumentTooLarge: names the measure, the limit and the definition.
    """
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        raise DocumentTooLarge("operations", len(operations), limits.operations, operations[limits.operations])
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measures = {name: _measured(fragment) for name, fragment in fragments.items()}
    for name in _leaves_first(measures):
        _add_fragments(measures[name], measures)
        _refuse_over(measures[name], limits, fragments[name])
    for operation in operations:
        measure = _measured(operation)
        _add_fragments(measure, measures)
        _refuse_over(measure, limits, operation)


def _measured(definition: Node) -> _Measure:
    """One definition by itself, by an explicit stack: deep nesting cannot exhaust the interpreter's."""
    measure = _Measure()
    is_meta = _is_introspection(definition)
    waiting: list[tuple[Node, _Around]] = [(definition, _Around())]
    while waiting:
        node, around = waiting.pop()
        match node:
            case FieldNode():
                around = _within(measure, node, around, is_meta)
            case FragmentSpreadNode():
                measure.spreads.append((node.name.value, around))
            case DirectiveNode():
                measure.directives += 1
            case ListValueNode() | ObjectValueNode() | ListTypeNode():
                around = around._replace(value=around.value + 1)
                measure.value_depth = max(measure.value_depth, around.value)
        waiting.extend((child, around) for child in _children(node))
    return measure


def _within(measure: _Measure, node: FieldNode, around: _Around, is_meta: bool) -> _Around:
    """Measure a field; what its own selections stand in."""
    name, is_inside = node.name.value, bool(around.meta) or is_meta
    measure.fields += 1
    measure.aliases += node.alias is not None
    if is_inside or name in _ROOTS:
        measure.introspections += not is_inside
        measure.introspection_aliases += is_inside and node.alias is not None
        around = around._replace(meta=around.meta + 1, members=around.members + (is_inside and name in _MEMBERS))
        measure.introspection_depth = max(measure.introspection_depth, around.meta)
        measure.introspection_lists = max(measure.introspection_lists, around.members)
    elif name != "__typename":
        around = around._replace(depth=around.depth + 1)
        measure.depth = max(measure.depth, around.depth)
    return around


def _is_introspection(definition: Node) -> bool:
    """A fragment on a type such as `__Type`; validation refuses to spread it anywhere but in introspection."""
    return isinstance(definition, FragmentDefinitionNode) and definition.type_condition.name.value.startswith("__")


_MEASURES = (
    "fields",
    "aliases",
    "directives",
    "value_depth",
    "introspections",
    "introspection_aliases",
    "introspection_lists",
    "introspection_depth",
    "depth",
)


def _children(node: Node) -> Iterator[Node]:
    """The parts of a node that hold anything to be measured: all but names."""
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, (list, tuple)):
            yield from child
        elif isinstance(child, Node) and not isinstance(child, NameNode):
            yield child


def _leaves_first(measures: Mapping[str, _Measure]) -> list[str]:
    """Fragment names, each after those that it spreads; a cycle (validation refuses it) is cut where it closes."""
    order: list[str] = []
    seen: set[str] = set()
    for root in measures:
        waiting = [(root, False)]
        while waiting:
            name, is_done = waiting.pop()
            if is_done:
                order.append(name)
            elif name not in seen and name in measures:
                seen.add(name)
                waiting.append((name, True))
                waiting.extend((spread, False) for spread, _ in measures[name].spreads)
    return order


def _add_fragments(measure: _Measure, measures: Mapping[str, _Measure]) -> None:
    """Add what the spread fragments hold, complete by now; inside introspection their fields are introspection."""
    for name, around in measure.spreads:
        inner = measures.get(name)
        if inner is None or inner is measure:
            continue
        for what in _SUMMED:
            setattr(measure, what, getattr(measure, what) + getattr(inner, what))
        lists = around.members + inner.introspection_lists
        measure.introspection_lists = max(measure.introspection_lists, lists)
        if around.meta:
            within = max(inner.depth, inner.introspection_depth)
            measure.introspection_depth = max(measure.introspection_depth, around.meta + within)
        else:
            measure.depth = max(measure.depth, around.depth + inner.depth)
            measure.introspection_depth = max(measure.introspection_depth, inner.introspection_depth)


def _refuse_over(measure: _Measure, limits: Limits, definition: Node) -> None:
    for what in _MEASURES:
        found, limit = getattr(measure, what), getattr(limits, what)
        if found > limit:
            raise DocumentTooLarge(what, found, limit, definition)


def _locations(node: Node) -> dict[str, object]:
    if node.loc is None:
        return {}
    return {"locations": [get_location(node.loc.source, node.loc.start).formatted]}
