"""Files of evidence for tests: uploads that were received, in one call."""

from __future__ import annotations

import hashlib
from functools import partial

from commands.upload import JPEG, PDF, PHOTOS, receive
from models.vocabulary import DocumentKind
from policy.viewer import Role, Viewer
from tests.acting import Acting


async def an_upload(acting: Acting, who: Role | Viewer, kind: DocumentKind, content: bytes = b"%PDF-1.7\n") -> str:
    """The id of a received upload of somebody, for `documentIds`. Its bytes are taken on trust, and kept nowhere."""
    viewer = acting.city.viewer(who) if isinstance(who, Role) else who
    media_type = JPEG if kind in PHOTOS else PDF
    announced = {"kind": kind.value, "mediaType": media_type, "sizeBytes": len(content)}
    payload = await acting.do(viewer, "requestUpload", "id url expiresAt", **announced)
    assert payload["userErrors"] == [], payload
    identifier: str = payload["id"]
    key = acting.city.secrets.internal_key(identifier)[1]
    digest = hashlib.sha256(content).hexdigest()
    part = partial(receive, key=key, sha256=digest, storage_name=f"{key.hex}-{digest}")
    await acting.bus.perform(viewer, "ReceiveUpload", part)
    return identifier
