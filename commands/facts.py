"""Every fact that the event log may hold, by its name there."""

from __future__ import annotations

from collections.abc import Mapping

from commands import clocks, expiry, imported_file, reconcile, red_flags
from commands.all import MODULES
from commands.command import Fact

_WITHOUT_COMMANDS = (clocks, expiry, reconcile, red_flags, imported_file)
"""Modules that tell what time or an import did."""

FACTS: Mapping[str, type[Fact]] = {
    name: kind
    for module in (*MODULES, *_WITHOUT_COMMANDS)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Fact) and kind is not Fact
}


def subject_of(fact: type[Fact]) -> str:
    """The table of a fact's subjects: the one of the columns that it tells of."""
    table: str = fact.tells[0].class_.__tablename__
    return table
