"""Values written in a document, lifted out of its text: documents that differ in them only are one document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphql import GraphQLError, StringValueNode, parse_value

_LITERAL = re.compile(
    r'(?P<block>"""(?:[^"\\]|\\(?:""")?|"(?!""))*+""")'
    r'|(?P<cut_block>"""(?:[^"\\]|\\(?:""")?|"(?!""))*+)'
    r'|(?P<string>"(?:[^"\\\r\n]|\\.)*+")'
    r'|(?P<cut_string>"(?:[^"\\\r\n]|\\.)*+)'
    r"|(?P<comment>#[^\r\n]*+)"
    r"|(?P<name>[_A-Za-z][_0-9A-Za-z]*+)"
    r"|(?P<float>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?+|[eE][+-]?[0-9]++)(?![\w.]))"
    r"|(?P<int>-?(?:0|[1-9][0-9]*+)(?![\w.]))"
    r"|(?P<odd>-?[0-9][\w.+-]*+)"
)
"""The values of a document. Every alternative takes what it looked at (possessive), so that a text is read once however
odd it is: what is cut has no end and what is odd is no number, both for the parser to refuse."""

_MARKS = {"string": "\x00s", "block": "\x00s", "float": "\x00f", "int": "\x00i", "comment": ""}
_LEFT_ALONE = frozenset({"name", "cut_block", "cut_string", "odd"})


@dataclass(frozen=True)
class Lifted:
    """A document's text without its values.

    `positions` tells where in the original text each value began, as the parsed document's nodes know it.
    """

    shape: str
    values: tuple[object, ...]
    positions: tuple[int, ...]


def lift(text: str) -> Lifted:
    """Lift numbers and strings out of a document; enum values, booleans and null are part of its shape.

    A text that is not GraphQL is lifted in some way too: it is parsed, and refused, in its original form.
    """
    values: list[object] = []
    positions: list[int] = []

    def mark(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        if kind in _LEFT_ALONE:
            return match.group()
        if kind != "comment":
            values.append(_value(kind, match.group()))
            positions.append(match.start())
        return _MARKS[kind]

    return Lifted(_LITERAL.sub(mark, text), tuple(values), tuple(positions))


def _value(kind: str, text: str) -> object:
    match kind:
        case "int":
            return int(text) if len(text) < _LONGEST_NUMBER else float("inf")
        case "float":
            return float(text)
        case "string" if "\\" not in text:
            return text[1:-1]
        case _:
            return _unescaped(text)


_LONGEST_NUMBER = 300
"""Digits beyond which a number is out of every range and is not worth converting."""


def _unescaped(text: str) -> object:
    try:
        node = parse_value(text)
    except GraphQLError:
        return None  # the parser of the whole document refuses it, with its place
    return node.value if isinstance(node, StringValueNode) else None
