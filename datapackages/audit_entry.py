"""What the system does with releases, as entries of the audit trail: who, which one, and the hash of its manifest."""

from __future__ import annotations

import random

from sqlalchemy import Insert, insert

from commands.bus import SYSTEM
from datapackages.package import NAME
from kernel.clock import Clock
from kernel.keys import KeyMaker
from models.audit import AuditEntry

PUBLISH, HOLD, DROP, TAKE_BACK = "PUBLISH_RELEASE", "HOLD_RELEASE", "DROP_RELEASE", "TAKE_BACK_RELEASE"
"""It came out; it waits for two officers; it was taken away before it came out; places gave it back."""


def entry_of(act: str, version: str, clock: Clock, *, by: str = "", manifest: str | None = None) -> Insert:
    """An entry, to be written with what it tells of; without a name it was the system."""
    return insert(AuditEntry).values(
        id=KeyMaker(random.SystemRandom(), clock).new(),
        at=clock.now(),
        role=SYSTEM.role,
        subject=by or SYSTEM.subject,
        act=act,
        document_hash=manifest,
        details={"package": NAME, "version": version},
    )
