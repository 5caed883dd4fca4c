"""What is written down: JSON lines on stderr, by structlog. Never variables, query text, tokens or error values.

Whoever logs in this process, by `logging` as libraries and our lower layers do, is written by `JsonLines`. Lines within
a request carry its id and trace, which the edge binds (`within`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, WrappedLogger

WRITTEN_WITHIN_S = 0.2

_requests = logging.getLogger("ksbb.request")
_failures = logging.getLogger("ksbb.failure")

_within: ContextVar[tuple[str | None, str | None]] = ContextVar("within", default=(None, None))

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")  # what needs no escape


class JsonLines(ProcessorFormatter):
    """One JSON object per record; of an exception its class and places only, since its text may hold values."""

    def __init__(self) -> None:
        super().__init__(
            processors=[_shaped, _placed, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        )


def _shaped(_: WrappedLogger, __: str, told: EventDict) -> EventDict:
    """The parts of a line: time, level, event, message, and the values given as `extra={"facts": ...}`.

    What a library says beside an exception may repeat its text, and is left out.
    """
    record: logging.LogRecord = told["_record"]
    error = (told.get("exc_info") or (None, None, None))[1]
    line: dict[str, Any] = {"at": _instant(record.created), "level": record.levelname, "event": record.name}
    if error is None or record.name.startswith("ksbb."):
        line["message"] = told["event"]
    line |= getattr(record, "facts", {})
    if error is not None:
        line |= described(error)
    return line


def _placed(_: WrappedLogger, __: str, told: EventDict) -> EventDict:
    """The request and the trace within which a line was written."""
    request_id, trace_id = _within.get()
    if request_id is not None:
        told.setdefault("request", request_id)
    if trace_id is not None:
        told.setdefault("trace", trace_id)
    return told


def configure(level: str) -> None:
    """Send every log record of this process to stderr as JSON lines; of libraries only what they warn of.

    At lower levels some of them write what they send and get.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING), force=True)
    logging.getLogger("ksbb").setLevel(least)


def within(request_id: str, trace_id: str | None = None) -> None:
    """Bind a request to all that is logged from here on in the task that answers it, and in those that it begins."""
    _within.set((request_id, trace_id))  # on the path of every read: structlog's own variables take 3 us


class RequestLog:
    """Notes answered requests, many lines in one write: a line costs 4 us so, and 15 by structlog."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self._write = write or _to_stderr
        self._lines: list[str] = []

    def note(
        self,
        request_id: str,
        role: str,
        operation: str | None,
        status: int,
        duration_s: float,
        trace_id: str | None = None,
    ) -> None:
        """Note one request; written within `WRITTEN_WITHIN_S`. Every part is of a form that JSON need not escape.

        `operation`: a name that is ours, or of a trusted document; callers may write anything into theirs.
        """
        if not _requests.isEnabledFor(logging.INFO):
            return
        name = f'"{operation}"' if operation is not None and _NAME.fullmatch(operation) else "null"
        trace = f', "trace": "{trace_id}"' if trace_id else ""
        self._lines.append(
            f'{{"at": "{_instant(time.time())}", "level": "INFO", "event": "ksbb.request", "id": "{request_id}", '
            f'"role": "{role}", "operation": {name}, "status": {status}, "ms": {duration_s * 1e3:.2f}{trace}}}\n'
        )
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_later(WRITTEN_WITHIN_S, self.flush)

    def flush(self) -> None:
        """Write what was noted."""
        lines, self._lines = self._lines, []
        self._write("".join(lines))


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _instant(epoch_s: float) -> str:
    """An instant in UTC, to the millisecond."""
    whole = int(epoch_s)
    return f"{_second(whole)}.{int((epoch_s - whole) * 1e3):03d}+00:00"


@lru_cache(maxsize=2)
def _second(epoch_s: int) -> str:
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def log_failure(request_id: str, error: BaseException) -> None:
    """Note an error that is ours, under the id that the caller was given."""
    _failures.error("internal error", extra={"facts": {"id": request_id, **described(error)}})


def described(error: BaseException) -> dict[str, object]:
    """An exception without its text: its class, SQLSTATE if it has one, and where it was raised."""
    description: dict[str, object] = {"error": type(error).__qualname__, "at_line": _places(error.__traceback__)}
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        description["sqlstate"] = sqlstate
    return description


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace, limit=-20)]
