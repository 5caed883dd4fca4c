"""Aid of every kind in the city of the publisher: deliveries to many and to few, needs, pledges, reported figures."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import asyncpg

from models.business import Need
from models.collaboration import Pledge
from models.owner import Consent, Owner
from models.place import Place
from models.reference import figure_check_rows, figure_mention_rows, reported_figure_rows
from models.vocabulary import CollaboratorKind, ConsentPurpose, DeliveryStatus, PackageKind, PlaceKind, PledgeStatus
from tests.publishing.city import Publisher
from tests.publishing.rows import CANARY, MANGGARAI, SENEN, TEBET, City

JUNE = dt.date(2021, 6, 7)
MARKET = {"kind": PlaceKind.LOKBIN, "region_code": SENEN}


async def given(city: City) -> uuid.UUID:
    """A collaboration of June 2021 with one delivery of each kind; its key."""
    made = await city.collaboration(
        "KSBB-UMK-2021-EEEEEE", "PT Contoh Juni", region_code=TEBET, number_issued_on=JUNE, pledged_value=0
    )
    await _deliver(city, made, "banyak", 12)
    await _deliver(city, made, "sedikit", 9)
    await _deliver(city, made, "satu", 1, quantity=1, value=3_000_000)
    await _deliver(city, made, "tanpa nama", 0)
    await _deliver(city, made, "sekecamatan", 6, 5)
    await _deliver(city, made, "pelatihan", 10, package_kind=PackageKind.PELATIHAN)
    await _deliver(city, made, "keliru", 11, status=DeliveryStatus.DIBALIK, quantity=4, extra_quantity=2, value=600)
    await _deliver(city, made, f"{CANARY} belum", 12, status=DeliveryStatus.DILAPORKAN, validated_on=None)
    await _deliver(city, made, f"{CANARY} pinjaman", 12, package_kind=PackageKind.PINJAMAN_MODAL)
    return made


async def _deliver(city: City, made: uuid.UUID, item: str, here: int, nearby: int = 0, **more: Any) -> uuid.UUID:
    """A delivery in Tebet to people who trade there, and to others of the kecamatan."""
    stated = {"validated_on": JUNE, "quantity": 24, "extra_quantity": 0, "value": 240_000, **more}
    delivery = await city.delivery(made, item=item, **stated)
    for region in [TEBET] * here + [MANGGARAI] * nearby:
        await city.recipient(delivery, region)
    return delivery


async def needed(city: City) -> dict[str, uuid.UUID]:
    """Needs of a public site, of own premises and of a business; their keys."""
    market = await city.row(Place, **MARKET)
    premises = await city.row(Place, kind=PlaceKind.TEMPAT_USAHA, region_code=SENEN)
    owner = await city.row(Owner, region_code=SENEN)
    business = await city.business(owner, SENEN, "I")
    of_nobody = {"business_id": None, "owner_id": None, "place_id": None}
    stated = {**of_nobody, "region_code": SENEN, "period": "202106", "quantity": 40, "estimated_value": 4_000_000}
    loans = {"package_kind": PackageKind.PINJAMAN_MODAL, "place_id": market}
    await city.row(Need, **{**stated, **loans})
    return {
        "site": await city.row(Need, **{**stated, "place_id": market}),
        "premises": await city.row(Need, **{**stated, "place_id": premises, "quantity": 3}),
        "business": await city.row(Need, **{**stated, "business_id": business, "listed": True, "quantity": 2}),
    }


async def pledged(city: City, made: uuid.UUID, quantity: int, **more: Any) -> uuid.UUID:
    """An accepted pledge of some pieces, worth Rp 100,000 each."""
    donor = await city.donor(made)
    stated = {"status": PledgeStatus.DITERIMA, "region_code": CANARY, "need_id": None, "delivered_quantity": 0}
    value = {"quantity": quantity, "estimated_value": 100_000 * quantity}
    return await city.row(Pledge, collaboration_id=made, collaborator_id=donor, **{**stated, **value, **more})


async def private(city: City) -> uuid.UUID:
    """A private person's collaboration in Senen; its key."""
    return await city.collaboration(
        "KSBB-UMK-2021-FFFFFF",
        f"{CANARY} orang",
        donor_kind=CollaboratorKind.PERORANGAN,
        region_code=SENEN,
        number_issued_on=JUNE,
    )


async def consenting(publisher: Publisher, item: str, given_on: dt.date) -> None:
    """Everybody who received a delivery consents to be listed."""
    connection = await asyncpg.connect(publisher.owner_uri)
    try:
        owners = await connection.fetch(
            "select r.owner_id from ksbb.delivery_recipient r join ksbb.delivery d on d.id = r.delivery_id"
            " where d.item = $1",
            item,
        )
        await connection.execute(
            "update ksbb.business set listed = true where owner_id = any ($1)", [o[0] for o in owners]
        )
    finally:
        await connection.close()
    async with publisher.city() as city:
        for owner in owners:
            purpose = {"purpose": ConsentPurpose.TAMPIL_PUBLIK, "given_on": given_on, "withdrawn_on": None}
            await city.row(Consent, owner_id=owner[0], region_code=TEBET, **purpose)


async def reported(city: City) -> None:
    """The figures that ship with the system."""
    await city.figures(reported_figure_rows(), figure_check_rows(), figure_mention_rows())
