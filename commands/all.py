"""Every command that there is, by its class."""

from __future__ import annotations

from collections.abc import Mapping

from commands import complaint
from commands.command import Command, Registered

_MODULES = (complaint,)

REGISTRY: Mapping[type[Command], Registered] = {r.command: r for module in _MODULES for r in module.COMMANDS}
