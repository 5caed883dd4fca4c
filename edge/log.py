"""What is written down about requests: JSON lines on stderr. Never variables, query text, tokens or error values."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from functools import lru_cache
from types import TracebackType

WRITTEN_WITHIN_S = 0.2

_requests = logging.getLogger("ksbb.request")
_failures = logging.getLogger("ksbb.failure")

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")  # an operation name; anything else a caller puts there is not logged


class JsonLines(logging.Formatter):
    """One JSON object per record; of an exception its class and places only, since its text may hold values."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record: time, level, event and the values given as `extra={"facts": ...}`."""
        line: dict[str, object] = {
            "at": _instant(record.created),
            "level": record.levelname,
            "event": record.name,
        }
        if record.exc_info is None or record.name.startswith("ksbb."):
            line["message"] = record.getMessage()
        line |= getattr(record, "facts", {})
        if record.exc_info is not None and record.exc_info[1] is not None:
            line |= described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send every log record of this process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the migrations


class RequestLog:
    """Notes answered requests, many lines in one write: a line costs 5 us so, and 23 by `logging`."""

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
        """Note one request; written within `WRITTEN_WITHIN_S`. Every part is of a form that JSON need not escape."""
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
