"""One measurement: wrk sends prepared bodies to one server for some seconds, and the server's CPU time is read."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Served
from kernel.errors import KsbbError

_SCRIPT = Path(__file__).with_name("load.lua")
_MB = 1e6
_PATIENCE = "60s"


class NoWrk(KsbbError):
    """The load generator is not installed."""

    code = "NO_WRK"

    def __init__(self) -> None:
        super().__init__(
            "The benchmark needs the load generator wrk; install it (Debian, Ubuntu: apt-get install wrk)."
        )


class AnswersFailed(KsbbError):
    """Requests failed while they were measured: the figures would mean nothing."""

    code = "ANSWERS_FAILED"


@dataclass(frozen=True)
class Measured:
    """One measurement of one server."""

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms_per_request: float
    rss_mb: float


@dataclass
class Bodies:
    """Request bodies in a file, and how many of them were sent: a measurement goes on where the last one stopped."""

    file: Path
    sent: int = 0

    @classmethod
    def write(cls, file: Path, bodies: Sequence[str]) -> Bodies:
        """Keep bodies, one a line."""
        file.write_text("".join(f"{body}\n" for body in bodies), encoding="utf-8")
        return cls(file)


def wrk() -> str:
    """Path of the load generator.

    Raises:
        NoWrk: it is not installed.
    """
    found = shutil.which("wrk")
    if found is None:
        raise NoWrk
    return found


def measure(served: Served, path: str, bodies: Bodies, *, connections: int, seconds: int, check: bool) -> Measured:
    """Load one server; with `check` every answer is read, which wrk pays for.

    Raises:
        AnswersFailed: an answer was not a 200, or (with `check`) held errors.
    """
    before = served.cpu_s()
    command = [
        wrk(),
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        _PATIENCE,
        "-s",
        str(_SCRIPT),
        *_headers(served),
    ]
    work = [served.url(path), "--", str(bodies.file), str(bodies.sent), "check" if check else "count"]
    done = subprocess.run([*command, *work], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    if found["failed"] or not (found["requests"] or check):
        raise AnswersFailed(f"{served.name}{path}: {found['failed']} of {found['requests']} requests failed.")
    bodies.sent += found["requests"]
    return Measured(
        rps=found["requests"] / found["seconds"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        cpu_ms_per_request=(served.cpu_s() - before) * 1e3 / max(1, found["requests"]),
        rss_mb=served.rss_bytes() / _MB,
    )


def _headers(served: Served) -> list[str]:
    return ["-H", f"Authorization: Bearer {served.token}"] if served.token else []
