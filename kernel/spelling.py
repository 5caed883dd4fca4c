"""How names are spelled outside: columns and fields of commands as GraphQL has them."""

from __future__ import annotations


def camel(name: str) -> str:
    """`paid_on` as GraphQL spells it: `paidOn`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
