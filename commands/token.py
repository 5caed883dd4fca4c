"""Bearer tokens that hold no longer (pencabutan token), as of an instant: all of a login, or those of one role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import select

from commands.command import Command, registered
from commands.refusal import Refusal
from commands.work import Work
from models.account import TokenRevocation
from policy.tokens import SUBJECT_LENGTH
from policy.viewer import Role


class UnusableSubject(Refusal):
    """A subject that no token can have."""

    code = "UNUSABLE_SUBJECT"

    def __init__(self) -> None:
        super().__init__(
            f"Give the login as the tokens name it (`sub`), of at most {SUBJECT_LENGTH} characters.",
            f"Isi nama pengguna seperti di dalam token (`sub`), paling banyak {SUBJECT_LENGTH} karakter.",
            path=("subject",),
        )


class UnknownRole(Refusal):
    """A role that no token can have."""

    code = "UNKNOWN_ROLE"

    def __init__(self) -> None:
        listed = ", ".join(Role)
        super().__init__(
            f"Give one of these roles, or none: {listed}.",
            f"Pilih salah satu peran, atau kosongkan: {listed}.",
            path=("role",),
        )


@dataclass(frozen=True, kw_only=True)
class RevokeTokens(Command):
    """Let no token hold that a login was given until now (cabut token); tokens that are issued later hold."""

    subject: Annotated[str, "Login, as the tokens name it in `sub` (nama pengguna)."]
    role: Annotated[str | None, "Only tokens of this role; all, if left out (peran)."] = None


async def revoke_tokens(command: RevokeTokens, work: Work) -> None:
    """Revoke, whether or not there is an account: tokens may come from an issuer that knows others.

    Raises:
        UnusableSubject, UnknownRole: no token can say so.
    """
    subject = command.subject.strip()
    if not 0 < len(subject) <= SUBJECT_LENGTH or not subject.isprintable():
        raise UnusableSubject
    if command.role is not None and command.role not in Role.__members__:
        raise UnknownRole
    revoke(work, subject, command.role)


def revoke(work: Work, subject: str, role: str | None) -> None:
    """Let no token of a login hold that was issued until now; the audit trail keeps whose."""
    work.session.add(
        TokenRevocation(id=work.keys.new(), at=work.now, subject=subject, role=role, issued_before=work.now)
    )
    work.details.setdefault("revoked", []).append({"subject": subject, "role": role})


async def revocations(work: Work, since: dt.datetime | None) -> Sequence[TokenRevocation]:
    """What was revoked, from an instant on or ever, in the order of time."""
    query = select(TokenRevocation).order_by(TokenRevocation.at, TokenRevocation.id)
    later = query if since is None else query.where(TokenRevocation.at >= since)
    return (await work.session.execute(later)).scalars().all()


COMMANDS = (registered(RevokeTokens, revoke_tokens, answers=""),)
