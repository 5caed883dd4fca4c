"""Every step that a random sequence may take, and the commands that none drives."""

from __future__ import annotations

from collections.abc import Mapping

from commands.command import Command
from tests.sequences import (
    administering,
    admitting,
    delivering,
    giving,
    lending,
    own_data,
    publishing,
    reaching_out,
    subscribing,
    supervising,
    watching_over,
)
from tests.sequences.steps import STEPS, Step

MODULES = (
    *(giving, lending, watching_over, delivering, admitting, reaching_out, supervising, own_data, administering),
    *(subscribing, publishing),
)
"""Each fills the table as it is imported; a module with the steps of new commands is added here."""

NOT_DRIVEN: Mapping[str, str] = {}
"""By the name of the command: why no sequence gives it."""


def steps() -> Mapping[type[Command], Step]:
    """The whole table."""
    assert MODULES
    return STEPS
