"""Spans of requests and of the statements that they read, told to a collector of OpenTelemetry (extra `otel`).

Imported only where `KSBB_OTLP_ENDPOINT` is set. A span never holds what a caller wrote but the two numbers of its
`traceparent`: no document, variable, login, address or token, no SQL and no text of an error.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from opentelemetry import trace as otel
from opentelemetry.context import Context, attach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from edge.trace import Trace

UNNAMED = "graphql"
"""A request whose document is not a trusted one."""
DATABASE = "database"

FLUSH_S = 2.0
"""For which the end of the server waits, at most."""
SENT_WITHIN_S = 5.0
SENT_EACH_S = 1.0
WARNED_EACH_S = 60.0
_QUEUE, _BATCH = 2_000, 500
"""Spans that wait, the oldest of which is dropped when there are more; and that are sent together."""
_HASH_DIGITS = 16
_OURS_TO_MEND = 500
"""The least status of what failed, as the conventions of OpenTelemetry for HTTP have it."""

_log = logging.getLogger("ksbb.tracing")


class Tracing:
    """Makes spans, and sends them from a thread of its own: no request waits for the collector, or fails by it."""

    def __init__(self, endpoint: str) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)  # it repeats addresses; `_Deliveries` warns
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "ksbb"}), shutdown_on_exit=False)
        deliveries = _Deliveries(f"{endpoint.rstrip('/')}/v1/traces", timeout=SENT_WITHIN_S)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                deliveries,
                max_queue_size=_QUEUE,
                schedule_delay_millis=SENT_EACH_S * 1_000,
                max_export_batch_size=_BATCH,
            )
        )
        self._tracer = self._provider.get_tracer("ksbb")

    def begin(self, caller: Trace | None) -> RequestSpan:
        """Begin the span of a request, below its caller's if it has one; what this task reads from now on is below it.

        A caller that says that it is not sampled is not recorded here either.
        """
        above = Context() if caller is None else otel.set_span_in_context(_span_of(caller), Context())
        span = self._tracer.start_span(UNNAMED, above, otel.SpanKind.SERVER)
        attach(otel.set_span_in_context(span, above))
        return RequestSpan(span)

    @contextmanager
    def database(self, sql: str) -> Iterator[None]:
        """The span of a statement while it is read; none outside of a request, or after it."""
        if not otel.get_current_span().is_recording():
            yield
            return
        known_by = sha256(sql.encode()).hexdigest()[:_HASH_DIGITS]
        attributes = {"db.system.name": "postgresql", "ksbb.statement": known_by}
        span = self._tracer.start_span(DATABASE, kind=otel.SpanKind.CLIENT, attributes=attributes)
        try:
            yield
        except BaseException as failure:
            span.set_attribute("error.type", type(failure).__qualname__)
            raise
        finally:
            span.end()

    async def close(self) -> None:
        """Send what waits, for `FLUSH_S` at most; what a collector does not take until then is lost."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, FLUSH_S)


@dataclass(frozen=True, slots=True)
class RequestSpan:
    """The span of one request."""

    span: otel.Span

    @property
    def trace(self) -> Trace:
        """The trace it belongs to, with the span as our part."""
        context = self.span.get_span_context()
        trace_id, span_id = otel.format_trace_id(context.trace_id), otel.format_span_id(context.span_id)
        return Trace(trace_id, span_id, is_recorded=context.trace_flags.sampled)

    def end(self, door: str, role: str, status: int, operation: str | None, refusal: str | None) -> None:
        """Say how it ended; the first end counts.

        `operation`: the name in a trusted document; `refusal`: the code of the error.
        """
        if not self.span.is_recording():
            return
        self.span.update_name(operation or UNNAMED)
        self.span.set_attributes({"ksbb.door": door, "ksbb.role": role, "http.response.status_code": status})
        if refusal is not None:
            self.span.set_attribute("error.type", refusal)
        if status >= _OURS_TO_MEND:
            self.span.set_status(otel.StatusCode.ERROR)
        self.span.end()


class _Deliveries(OTLPSpanExporter):
    """Sends spans by OTLP over HTTP. What cannot be sent is dropped, with a warning at most each `WARNED_EACH_S`."""

    _silent_until = 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = super().export(spans)
        if result is not SpanExportResult.SUCCESS and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + WARNED_EACH_S
            _log.warning("Spans are dropped: the collector of KSBB_OTLP_ENDPOINT does not take them.")
        return result


def _span_of(caller: Trace) -> otel.Span:
    """The caller's own span."""
    flags = otel.TraceFlags(otel.TraceFlags.SAMPLED if caller.caller_records else otel.TraceFlags.DEFAULT)
    context = otel.SpanContext(int(caller.id, 16), int(caller.caller, 16), is_remote=True, trace_flags=flags)
    return otel.NonRecordingSpan(context)
