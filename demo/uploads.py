"""Uploads that officers asked an address for and never sent: what every register of files has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from commands.upload import ADDRESS_LASTS, JPEG, KEPT_UNATTACHED
from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from kernel.clock import start_of_day
from models.vocabulary import DocumentKind
from policy.viewer import Role

_ABANDONED = 4


def upload_rows(plan: CityPlan) -> Iterator[Row]:
    """A few, each with its address run out."""
    for number in range(_ABANDONED):
        chance = plan.chance("upload", number)
        day = CUT_OFF - dt.timedelta(chance.between(10, 60))
        asked = start_of_day(day) + dt.timedelta(hours=9)
        yield (
            "upload",
            {
                "id": plan.key("upload", number, day),
                "kind": DocumentKind.FOTO_PENYERAHAN,
                "media_type": JPEG,
                "size_bytes": chance.between(40_000, 900_000),
                "announced_sha256": None,
                "role": Role.PENDAMPING.value,
                "subject": f"contoh-{number}",
                "institution_id": None,
                "person_id": None,
                "requested_at": asked,
                "expires_at": asked + ADDRESS_LASTS,
                "received_at": None,
                "attached_at": None,
                "dropped_at": asked + ADDRESS_LASTS + KEPT_UNATTACHED,
                "sha256": None,
                "storage_name": None,
            },
        )
