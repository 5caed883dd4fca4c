"""An office that makes API keys, for the tests of what they are and may."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg

from commands.api_key import KeyOrder, create_api_key, replace_api_key
from edge.api_keys import ApiKeys
from edge.authentication import Authentication
from edge.revocations import Revocations
from policy.api_keys import key_text, new_secret, public_id_of
from policy.token_errors import BadToken
from policy.tokens import Verifier
from policy.viewer import Act, Role, Viewer
from tests.acting import Acting

SOME = dt.timedelta(seconds=3)
"""Longer than what was read serves."""
DAY = dt.timedelta(days=1)
STEWARD = Viewer(Role.ADMIN, "contoh-admin")


class Office:
    """Makes keys, and asks who shows them, as one process of several would."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.keys, self.process = self.another()

    def another(self) -> tuple[ApiKeys, Authentication]:
        settings, clock, bus = self.acting.city.settings, self.acting.clock, self.acting.bus
        revocations = Revocations(bus, clock)
        keys = ApiKeys(revocations, self.acting.city.secrets, clock, bus)
        return keys, Authentication(Verifier(settings, clock), clock, revocations, keys)

    def viewer(self, role: Role, *acts: Act, subject: str = "contoh-program") -> Viewer:
        return replace(self.acting.city.viewer(role), subject=subject, acts=frozenset(acts or Act))

    async def made(
        self, role: Role = Role.INSPEKTORAT, *acts: Act, lifetime: dt.timedelta = 30 * DAY, **changes: Any
    ) -> str:
        """A new key, known to every process."""
        secret = new_secret()
        order = KeyOrder(viewer=replace(self.viewer(role, *acts), **changes), lifetime=lifetime)
        row = await self.acting.bus.perform(
            STEWARD, "CreateApiKey", partial(create_api_key, order=order, secret=secret)
        )
        self.wait()
        return key_text(row.public_id, secret)

    async def replaced(self, key: str, overlap: dt.timedelta) -> str:
        secret = new_secret()
        part = partial(replace_api_key, key=beginning(key), lifetime=30 * DAY, overlap=overlap, secret=secret)
        row = await self.acting.bus.perform(STEWARD, "CreateApiKey", part)
        self.wait()
        return key_text(row.public_id, secret)

    async def revoke(self, key: str) -> None:
        told = await self.acting.do(Role.ADMIN, "revokeApiKey", key=beginning(key))
        assert told["userErrors"] == []

    async def holds(self, key: str, process: Authentication | None = None) -> bool:
        try:
            await (process or self.process).viewer(header(key))
        except BadToken:
            return False
        return True

    def wait(self, by: dt.timedelta = SOME) -> None:
        self.acting.clock.move(by)

    async def row(self, key: str) -> asyncpg.Record:
        row = await self.acting.tables.fetchrow("select * from ksbb.api_key where public_id = $1", public_id_of(key))
        assert row is not None
        return row


def header(key: str) -> bytes:
    return f"Bearer {key}".encode()


def beginning(key: str) -> str:
    return key.rpartition("_")[0]
