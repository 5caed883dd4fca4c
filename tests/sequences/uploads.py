"""Files of evidence in a sequence: uploads that were received, so that a form can name them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from uuid import UUID

from commands.upload import JPEG, PDF, PHOTOS, RequestUpload, receive
from models.vocabulary import DocumentKind
from policy.viewer import Viewer
from tests.sequences.world import World

_MINE = """t.role = $1 and t.subject = $2 and t.kind = $3 and t.attached_at is null and t.dropped_at is null
    and t.received_at is not null and t.id <> all ($4)"""
_LEFT_OUT, _NEVER_SENT = 0.03, 0.02
"""How often a document is not named, and how often its bytes never came."""


async def an_upload(world: World, who: Viewer, kind: DocumentKind, beside: Collection[UUID] = ()) -> UUID:
    """The key of a received upload of somebody, beside others: one that no form named, or a new one."""
    given = (who.role.value, who.subject, kind.value, list(beside))
    if lying := await world.tables.fetch(f"select t.id from ksbb.upload t where {_MINE} order by t.id", *given):
        found: UUID = world.random.choice(lying)["id"]
        return found
    return await (announced if world.chance(_NEVER_SENT) else received)(world, who, kind)


async def announced(world: World, who: Viewer, kind: DocumentKind) -> UUID:
    """The key of a new upload whose bytes did not come."""
    media_type = JPEG if kind in PHOTOS else PDF
    asked = await world.bus.carry_out(who, RequestUpload(kind=kind, media_type=media_type, size_bytes=9))
    return world.secrets.internal_key(str(asked.reply["id"]))[1]


async def received(world: World, who: Viewer, kind: DocumentKind) -> UUID:
    """The key of a new upload whose bytes came."""
    key = await announced(world, who, kind)
    sha256 = hashlib.sha256(key.bytes).hexdigest()
    part = partial(receive, key=key, sha256=sha256, storage_name=f"{key.hex}-{sha256}")
    await world.bus.perform(who, "ReceiveUpload", part)
    return key


async def evidence(world: World, who: Viewer, groups: Iterable[Sequence[DocumentKind]]) -> tuple[UUID, ...]:
    """An upload of each group, now and then without one of them."""
    named = [await an_upload(world, who, world.random.choice(group)) for group in groups]
    return tuple(key for key in named if not world.chance(_LEFT_OUT))
