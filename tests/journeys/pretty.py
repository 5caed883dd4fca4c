"""SQL laid out for people: a line for each clause, subqueries indented."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?P<kept>'(?:[^']|'')*'|\"[^\"]*\")"
    r"|(?P<open>\(\s*(?=SELECT\b))|(?P<plain>\()|(?P<close>\))"
    r"|(?P<clause>\b(?:FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|LEFT OUTER JOIN|JOIN)\b)"
    r"|(?P<space>\s+)|(?P<other>[^\s'\"()]+)"
)
_INDENT = "  "


def pretty(sql: str) -> str:
    """A statement as many short lines. Brackets that hold no subquery stay on their line, with what is in them."""
    text = ""
    brackets: list[bool] = []
    for match in _TOKEN.finditer(sql):
        kind, token = match.lastgroup, match.group()
        depth = sum(brackets)
        match kind:
            case "open":
                brackets.append(True)
                text += "(" + _line(depth + 1)
            case "plain":
                brackets.append(False)
                text += "("
            case "close":
                text = text.rstrip() + (_line(depth - 1) if brackets.pop() else "") + ")"
            case "clause" if not brackets or brackets[-1]:
                text = text.rstrip() + _line(depth) + token
            case "space":
                text += "" if text.endswith((" ", "\n", "(")) else " "
            case _:
                text += token
    return re.sub(r" +\n", "\n", text) + "\n"


def _line(depth: int) -> str:
    return "\n" + _INDENT * depth
