"""What a request is called: its id, and the trace it belongs to (W3C Trace Context, section 3.2: `traceparent`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from secrets import token_hex

_THIS_PROCESS = token_hex(4)
_NUMBERS = count()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_PARENT = re.compile(
    rb"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_NOTHING = {b"0" * 32, b"0" * 16}
_SAMPLED = 0x01


def request_id(headers: Mapping[bytes, bytes]) -> str:
    """The id of a request: the caller's own, if it can be logged, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return f"{_THIS_PROCESS}{next(_NUMBERS):08x}"


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace, and our part in it: 32 and 16 hexadecimal digits."""

    id: str
    span: str
    caller: str = ""
    """The caller's part, 16 digits too."""
    caller_records: bool = False
    is_recorded: bool = False
    """Whether our part is told to a collector (`edge/tracing.py`)."""

    def header(self) -> bytes:
        """`traceresponse`, by which the caller finds our part, and whether it was sampled here."""
        return f"00-{self.id}-{self.span}-{self.is_recorded:02x}".encode()


def trace_of(traceparent: bytes | None) -> Trace | None:
    """The trace that a header names; None where there is none, or none that can be relied on."""
    if traceparent is None:
        return None
    found = _PARENT.fullmatch(traceparent)
    if found is None or found["version"] == b"ff" or {found["trace"], found["span"]} & _NOTHING:
        return None
    if found["version"] == b"00" and found["more"]:
        return None
    records = bool(int(found["flags"], 16) & _SAMPLED)
    return Trace(found["trace"].decode(), token_hex(8), found["span"].decode(), records)
