"""One operation over a websocket while it runs, and its span where spans are told to a collector."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from edge.rates import Standing
from edge.trace import Trace

if TYPE_CHECKING:
    from edge.tracing import RequestSpan, Tracing


@dataclass(eq=False, slots=True)
class Operation:
    """What is known of it, as far as its connection, the log and whoever follows its trace need to know."""

    id: str
    number: int
    started: float = field(default_factory=perf_counter)
    cursor: str | None = None
    """Of the last event that went out; None: it is no stream."""
    standing: Standing | None = None
    task: asyncio.Task[None] | None = None
    name: str | None = None
    """Where its document is a trusted one."""
    refusal: str | None = None
    """The code of the error that it ended with."""
    span: RequestSpan | None = None

    def begin_span(self, tracing: Tracing | None, caller: Trace | None) -> str | None:
        """Begin its span, below that with which its connection was opened; the id of the trace, if there is one."""
        if tracing is None:
            return None
        self.span = tracing.begin(caller)
        return self.span.trace.id

    def end_span(self, door: str, role: str, status: int) -> None:
        """Say how it ended, or that it became a stream; the first end counts."""
        if self.span is not None:
            self.span.end(door, role, status, self.name, self.refusal)
