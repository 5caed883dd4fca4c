"""The guard: how large a document may be, measured before it is validated.

One walk over each definition, then each fragment's measure is added up once: linear in the document, whatever its
fragments spread into. Neither a recursive walk nor a fragment cycle can hurt it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    get_location,
    parse,
)

from kernel.errors import KsbbError

_MESSAGE_LENGTH = 250  # the parser repeats the token that it did not expect, however long


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The largest document that is taken. Counts are those of the document with all fragments spread."""

    source_bytes: int = 100_000
    tokens: int = 1_500
    depth: int = 12
    introspection_depth: int = 24  # the query of today's tools is 13 to 16 deep
    fields: int = 1_000
    aliases: int = 50
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
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    value_depth: int = 0
    spreads: list[tuple[str, int, int]] = field(default_factory=list)  # name, depth and introspection depth around it


_SUMMED = ("fields", "aliases", "directives")


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
    guard(document, limits)
    return document


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
    waiting: list[tuple[Node, int, int, int]] = [(definition, 0, 0, 0)]  # node; depth of fields, meta fields, values
    while waiting:
        node, depth, meta, value = waiting.pop()
        match node:
            case FieldNode():
                measure.fields += 1
                measure.aliases += node.alias is not None
                if meta or is_meta or node.name.value in ("__schema", "__type"):
                    meta += 1
                else:
                    depth += node.name.value != "__typename"
                measure.depth = max(measure.depth, depth)
                measure.introspection_depth = max(measure.introspection_depth, meta)
            case FragmentSpreadNode():
                measure.spreads.append((node.name.value, depth, meta))
            case _:
                measure.directives += node.kind == "directive"
                value += node.kind in _NESTED_VALUES
                measure.value_depth = max(measure.value_depth, value)
        waiting.extend((child, depth, meta, value) for child in _children(node))
    return measure


def _is_introspection(definition: Node) -> bool:
    """A fragment on a type such as `__Type`; validation refuses to spread it anywhere but in introspection."""
    return isinstance(definition, FragmentDefinitionNode) and definition.type_condition.name.value.startswith("__")


_NESTED_VALUES = ("list_value", "object_value", "list_type")


def _children(node: Node) -> Iterator[Node]:
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, Node):
            yield child
        elif isinstance(child, (list, tuple)):
            yield from child


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
                waiting.extend((spread, False) for spread, _, _ in measures[name].spreads)
    return order


def _add_fragments(measure: _Measure, measures: Mapping[str, _Measure]) -> None:
    """Add what the spread fragments hold, complete by now; inside introspection their fields are introspection."""
    for name, depth, meta in measure.spreads:
        inner = measures.get(name)
        if inner is None or inner is measure:
            continue
        for what in _SUMMED:
            setattr(measure, what, getattr(measure, what) + getattr(inner, what))
        if meta:
            within = max(inner.depth, inner.introspection_depth)
            measure.introspection_depth = max(measure.introspection_depth, meta + within)
        else:
            measure.depth = max(measure.depth, depth + inner.depth)
            measure.introspection_depth = max(measure.introspection_depth, inner.introspection_depth)


def _refuse_over(measure: _Measure, limits: Limits, definition: Node) -> None:
    for what in ("fields", "aliases", "directives", "value_depth", "introspection_depth", "depth"):
        found, limit = getattr(measure, what), getattr(limits, what)
        if found > limit:
            raise DocumentTooLarge(what, found, limit, definition)


def _locations(node: Node) -> dict[str, object]:
    if node.loc is None:
        return {}
    return {"locations": [get_location(node.loc.source, node.loc.start).formatted]}
