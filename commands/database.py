"""What PostgreSQL refuses, as situations that callers understand: the last guard behind those of the handlers."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
from sqlalchemy.exc import DBAPIError

from commands.refusal import Clash, Refusal
from kernel.errors import KsbbError

_ABOUT: Mapping[str, str] = {
    "uq_loan_one_active_per_owner": "the owner has an active loan (pinjaman aktif)",
    "uq_handover_loan_loan_id": "the loan is in another handover (serah terima)",
    "uq_discrepancy_one_open": "a discrepancy about it is open (selisih)",
    "uq_discrepancy_values_once": "a discrepancy of the same values is known (selisih)",
    "uq_intake_application_one_that_stands": "a file with this NIK is on its way (usulan)",
    "uq_agreement_number": "the agreement number is taken (nomor PKS)",
}
"""Per constraint that two callers at once can meet, what it says."""


class DatabaseGone(KsbbError):
    """The database cut the connection: whether the command was carried out is told by its idempotency key."""

    code = "DATABASE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer at the moment. Send the command again with the same idempotency key."
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


def is_worth_another_try(refused: DBAPIError) -> bool:
    """Whether the transaction was ended only so that another could go on."""
    return isinstance(_cause(refused), asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


def situation_of(refused: DBAPIError) -> Exception:
    """The situation behind a refusal of the database, or the refusal itself when it is a fault of ours."""
    cause = _cause(refused)
    constraint = getattr(cause, "constraint_name", None) or ""
    if isinstance(cause, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        return Clash(_ABOUT.get(constraint, ""))
    if isinstance(cause, asyncpg.CheckViolationError | asyncpg.DataError):
        return ValueNotPossible(constraint)
    if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.QueryCanceledError):
        return WaitedInVain()
    if refused.connection_invalidated or isinstance(cause, asyncpg.PostgresConnectionError | OSError):
        return DatabaseGone()
    return refused


def _cause(refused: DBAPIError) -> BaseException | None:
    return refused.orig.__cause__ if refused.orig is not None else None
