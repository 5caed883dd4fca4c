"""API keys of partner agencies (kunci API): made at the terminal, and revoked there or by the system steward.

Making one is no mutation: a key speaks for a role, and the steward, who sees no person, could give it one that does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import or_, select, update

from commands.account import ASSIGNED
from commands.command import Command, registered
from commands.refusal import NotFound, Refusal
from commands.work import Work
from models.api_key import ApiKey
from policy.api_keys import LONGEST_DAYS, hash_of, key_text, public_id_of
from policy.tokens import claims_of, viewer_of
from policy.viewer import Act, Agency, Role, Viewer

KEYED = ASSIGNED - {Role.ADMIN}
"""Roles that a key may speak for: the steward's could make itself others, and an owner is a person, not a program."""
USE_NOTED_EVERY = dt.timedelta(minutes=1)


# ---- situations


class UnusableKeyRole(Refusal):
    """A role that no key speaks for."""

    code = "UNUSABLE_ROLE"

    def __init__(self) -> None:
        listed = ", ".join(sorted(KEYED))
        super().__init__(
            f"An API key speaks for one of these roles: {listed}.",
            f"Kunci API hanya untuk salah satu peran: {listed}.",
            path=("role",),
        )


class KeyWithoutScope(Refusal):
    """A key that would be for nothing."""

    code = "KEY_WITHOUT_SCOPE"

    def __init__(self) -> None:
        listed = ", ".join(Act)
        super().__init__(
            f"Say what the key is for, one or more of: {listed}.",
            f"Sebutkan cakupan kunci, satu atau lebih dari: {listed}.",
            path=("scopes",),
        )


class UnusableLifetime(Refusal):
    """A key that would hold for ever, or not at all."""

    code = "UNUSABLE_LIFETIME"

    def __init__(self) -> None:
        super().__init__(
            f"An API key holds for 1 to {LONGEST_DAYS} days. Make the next one before it ends (--replaces).",
            f"Kunci API berlaku 1 sampai {LONGEST_DAYS} hari. Buat penggantinya sebelum berakhir (--replaces).",
            path=("days",),
        )


class KeyEnded(Refusal):
    """A key that was revoked or has expired."""

    code = "API_KEY_ENDED"

    def __init__(self) -> None:
        super().__init__(
            "This API key was revoked, or has expired. Make a new one (ksbb key create).",
            "Kunci API ini sudah dicabut atau kedaluwarsa. Buat yang baru (ksbb key create).",
            path=("key",),
        )


# ---- making one


@dataclass(frozen=True, kw_only=True)
class KeyOrder:
    """A key that is to be made: for whom (`viewer.acts` are its scopes), and for how long."""

    viewer: Viewer
    lifetime: dt.timedelta


async def create_api_key(work: Work, order: KeyOrder, secret: str) -> ApiKey:
    """Add a key; of the secret a hash is kept.

    Raises:
        UnusableKeyRole, KeyWithoutScope, UnusableLifetime: it may not be so.
        BadToken: a part of the scope that the role needs is missing or not of the right form.
    """
    viewer = viewer_of(claims_of(order.viewer))
    if viewer.role not in KEYED:
        raise UnusableKeyRole
    if not order.viewer.acts:
        raise KeyWithoutScope
    columns = {
        "role": viewer.role.value,
        "subject": viewer.subject,
        "institution_id": _key(viewer.institution_id),
        "area": viewer.area or None,
        "person_id": _key(viewer.person_id),
        "level": viewer.level or None,
        "agency": viewer.agency,
        "scopes": " ".join(sorted(order.viewer.acts)),
        "trusted_only": order.viewer.trusted_only,
    }
    return _added(work, columns, order.lifetime, secret, None)


async def replace_api_key(work: Work, key: str, lifetime: dt.timedelta, overlap: dt.timedelta, secret: str) -> ApiKey:
    """Add a key for the same as another, which ends after the overlap if it would not sooner.

    Raises:
        NotFound, KeyEnded: there is no such key, or no more.
        UnusableLifetime: the new one may not hold so long.
    """
    old = await _open_key(work, key)
    columns = {name: getattr(old, name) for name in _COPIED}
    new = _added(work, columns, lifetime, secret, old.id)
    old.expires_at = min(old.expires_at, work.now + overlap)
    old.changed_at = max(old.changed_at, work.now)
    work.details["replaced"] = {"key": key_text(old.public_id), "expires": old.expires_at.isoformat()}
    return new


_COPIED = ("role", "subject", "institution_id", "area", "person_id", "level", "agency", "scopes", "trusted_only")


def _added(
    work: Work, columns: Mapping[str, Any], lifetime: dt.timedelta, secret: str, replaces: UUID | None
) -> ApiKey:
    if not dt.timedelta(days=1) <= lifetime <= dt.timedelta(days=LONGEST_DAYS):
        raise UnusableLifetime
    times = {"created_at": work.now, "expires_at": work.now + lifetime, "changed_at": work.now}
    made = work.add(ApiKey, replaces_id=replaces, **columns, **times)
    made.secret_hash = hash_of(work.secrets, made.public_id, secret)
    work.details["key"] = {
        "key": key_text(made.public_id),
        **{name: columns[name] for name in ("role", "subject", "scopes")},
        "expires": made.expires_at.isoformat(),
    }
    return made


def _key(text: str) -> UUID | None:
    return UUID(text) if text else None


# ---- ending one


@dataclass(frozen=True, kw_only=True)
class RevokeApiKey(Command):
    """Let an API key hold no longer (cabut kunci API); every process knows it within seconds."""

    key: Annotated[str, "The key's beginning, `ksbb_` and 26 letters and digits; a leaked key as it is (kunci API)."]


async def revoke_api_key(command: RevokeApiKey, work: Work) -> ApiKey:
    """End a key for good.

    Raises:
        NotFound, KeyEnded: there is no such key, or no more.
    """
    key = await _open_key(work, command.key.strip())
    key.revoked_at, key.changed_at = work.now, max(key.changed_at, work.now)
    work.details["key"] = {"key": key_text(key.public_id), "role": key.role, "subject": key.subject}
    return key


async def _open_key(work: Work, text: str) -> ApiKey:
    key = await work.locked(ApiKey, ApiKey.public_id == (public_id_of(text) or ""))
    if key is None:
        raise NotFound("API key", ("key",))
    if key.revoked_at is not None or key.expires_at <= work.now:
        raise KeyEnded
    return key


# ---- what the edge and the terminal read of them


async def api_keys(work: Work, since: dt.datetime | None) -> Sequence[ApiKey]:
    """The keys, or those that were made or ended from an instant on, in the order of time."""
    query = select(ApiKey).order_by(ApiKey.changed_at, ApiKey.id)
    later = query if since is None else query.where(ApiKey.changed_at >= since)
    return (await work.session.execute(later)).scalars().all()


def speaks_for(key: ApiKey) -> Viewer:
    """Who asks by a key."""
    return Viewer(
        role=Role[key.role],
        subject=key.subject,
        institution_id=str(key.institution_id or ""),
        area=key.area or "",
        person_id=str(key.person_id or ""),
        level=key.level or "",
        agency=None if key.agency is None else Agency[key.agency],
        acts=frozenset(map(Act, key.scopes.split())),
        trusted_only=key.trusted_only,
    )


async def note_use(work: Work, key: UUID, at: dt.datetime) -> None:
    """Note that a key was used, where that was not noted a moment ago by this process or another."""
    is_news = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= at - USE_NOTED_EVERY)
    await work.session.execute(update(ApiKey).where(ApiKey.id == key, is_news).values(last_used_at=at))


COMMANDS = (registered(RevokeApiKey, revoke_api_key, answers=""),)
