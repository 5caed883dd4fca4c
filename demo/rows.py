"""What the modules of the city hand to the loader."""

from __future__ import annotations

from typing import Any, TypeAlias

Row: TypeAlias = tuple[str, dict[str, Any]]
"""A table and the values of one row by column; its public id is left to the loader."""
