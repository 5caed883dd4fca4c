"""One operation over a websocket while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from edge.rates import Standing


@dataclass(eq=False, slots=True)
class Operation:
    """What is known of it, as far as its connection and the log need to know."""

    id: str
    number: int
    started: float = field(default_factory=perf_counter)
    cursor: str | None = None
    """Of the last event that went out; None: it is no stream."""
    standing: Standing | None = None
    task: asyncio.Task[None] | None = None
