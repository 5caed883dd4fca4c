"""The one family of errors that callers may see."""

from __future__ import annotations


class KsbbError(Exception):
    """A situation that a caller can understand and act on.

    Each situation is a subclass beside the code that raises it: a stable `code` for programs, a sentence for
    people that names the input, what is allowed and what to do, and details as values. Never put a personal value
    into either: the sentence travels into answers and logs.
    """

    code = "KSBB_ERROR"

    def __init__(self, message: str, /, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadInput(KsbbError):
    """What was sent cannot be used; the sentence says what was wrong and what is allowed."""

    code = "BAD_USER_INPUT"
