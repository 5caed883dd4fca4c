"""What of a request a subscription's selection uses: subscribers who bring the same for it hear the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    VariableNode,
)

_LITERALS = (StringValueNode, IntValueNode, FloatValueNode)


@dataclass(frozen=True)
class Inner:
    """Names of variables, and places of values that are written in the document."""

    variables: tuple[str, ...] = ()
    literals: tuple[int, ...] = ()


def inner_of(document: DocumentNode, operation: OperationDefinitionNode, literal_at: Mapping[int, int]) -> Inner:
    """What is used beside the arguments of the root field.

    A value that is written as the default of a variable is one of them too, where what is selected uses the variable.
    """
    names, places = set(), set()
    root = operation.selection_set.selections[0]
    waiting: list[Node] = [document]
    while waiting:
        for node in _walk(waiting.pop(), root):
            if isinstance(node, VariableNode) and node.name.value not in names:
                names.add(node.name.value)
                waiting += _defaults(operation, node.name.value)
            elif isinstance(node, _LITERALS) and node.loc is not None:
                places.add(literal_at[node.loc.start])
    return Inner(tuple(sorted(names)), tuple(sorted(places)))


def _defaults(operation: OperationDefinitionNode, name: str) -> list[Node]:
    definitions = operation.variable_definitions or ()
    return [d.default_value for d in definitions if d.variable.name.value == name and d.default_value is not None]


def _walk(document: Node, root: Node) -> Iterator[Node]:
    """All nodes of a document, but the arguments of its root field and the definitions of its variables."""
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        for key in node.keys:
            if key == "variable_definitions" or (node is root and isinstance(node, FieldNode) and key == "arguments"):
                continue
            child = getattr(node, key, None)
            if isinstance(child, Node):
                waiting.append(child)
            elif isinstance(child, list | tuple):
                waiting.extend(child)
