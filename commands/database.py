"""What PostgreSQL refuses, as situations that callers understand: the last guard behind those of the handlers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from commands.refusal import Clash, Refusal
from kernel.errors import KsbbError
from models.away import AWAY, CONNECT_S, FULL, is_away

_ABOUT: Mapping[str, str] = {
    "uq_loan_one_active_per_owner": "the owner has an active loan (pinjaman aktif)",
    "uq_handover_loan_loan_id": "the loan is in another handover (serah terima)",
    "uq_discrepancy_one_open": "a discrepancy about it is open (selisih)",
    "uq_discrepancy_values_once": "a discrepancy of the same values is known (selisih)",
    "uq_intake_application_one_that_stands": "a file with this NIK is on its way (usulan)",
    "uq_reveal_requested_by_requested_on_turn": "you asked for another reveal at the same moment (pengungkapan)",
    "uq_agreement_number": "the agreement number is taken (nomor PKS)",
}
"""Per constraint that two callers at once can meet, what it says."""


FROM_THE_DATABASE = (DBAPIError, NoConnectionFree, asyncpg.InternalClientError)
"""What SQLAlchemy and the driver raise when the database refuses or is away."""


class DatabaseGone(KsbbError):
    """The database cut the connection: whether the command was carried out is told by its idempotency key."""

    code = "DATABASE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer at the moment. Send the command again with the same idempotency key."
        )


class DatabaseFull(KsbbError):
    """The database has no room left: the command was not carried out."""

    code = "DATABASE_FULL"

    def __init__(self) -> None:
        super().__init__(
            "The database has no room left (basis data penuh): nothing was written. Send the command again later; if "
            "it stays so, tell the administrator to make room."
        )


class ValueNotPossible(Refusal):
    """A value that the database does not keep: too large, or against a rule that it watches over itself."""

    code = "VALUE_NOT_POSSIBLE"

    def __init__(self, rule: str) -> None:
        super().__init__(
            f"A value of this command cannot be kept{f' ({rule})' if rule else ''}: it is out of range. Nothing was "
            "written; correct the numbers and days, and send it again.",
            f"Ada nilai dalam perintah ini yang tidak dapat disimpan{f' ({rule})' if rule else ''}: di luar batas. "
            "Tidak ada yang ditulis; perbaiki angka dan tanggalnya, lalu kirim lagi.",
        )


class WaitedInVain(Refusal):
    """Another transaction holds what the command needs, longer than one waits."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__(
            "Somebody else is just working on the same record, and did not finish in time. Nothing was written; send "
            "the command again in a minute.",
            "Catatan yang sama sedang dikerjakan pihak lain dan belum selesai. Tidak ada yang ditulis; kirim lagi "
            "perintah ini dalam satu menit.",
        )


async def connected(dsn: str, **server_settings: str) -> asyncpg.Connection:
    """A new connection.

    Raises:
        DatabaseGone: there is none.
    """
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_S, server_settings=server_settings)
    except AWAY as failure:
        if is_away(failure):
            raise DatabaseGone from failure
        raise


@contextmanager
def situations() -> Iterator[None]:
    """What PostgreSQL refuses inside, as the situation that it is."""
    try:
        yield
    except FROM_THE_DATABASE as refused:
        raise situation_of(refused) from refused


def is_worth_another_try(refused: Exception) -> bool:
    """Whether the transaction was ended only so that another could go on."""
    return isinstance(_cause(refused), asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


def situation_of(refused: Exception) -> Exception:
    """The situation behind a refusal of the database, or the refusal itself when it is a fault of ours."""
    cause = _cause(refused)
    constraint = getattr(cause, "constraint_name", None) or ""
    if isinstance(cause, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        return Clash(_ABOUT.get(constraint, ""))
    if isinstance(cause, asyncpg.CheckViolationError | asyncpg.DataError):
        return ValueNotPossible(constraint)
    if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.QueryCanceledError):
        return WaitedInVain()
    if isinstance(cause, FULL):
        return DatabaseFull()
    if getattr(refused, "connection_invalidated", False) or is_away(cause) or isinstance(refused, NoConnectionFree):
        return DatabaseGone()
    return refused


def _cause(refused: Exception) -> BaseException | None:
    if not isinstance(refused, DBAPIError):
        return refused
    return refused.orig.__cause__ if refused.orig is not None else None
