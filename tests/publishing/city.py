"""A small city behind the wall, with every case that the publisher must tell apart, and the publisher's login."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from datapackages.package import package
from kernel.clock import Clock, FixedClock
from kernel.settings import Settings
from models.migrate import upgrade
from models.vocabulary import CollaborationStatus, CollaboratorKind, DeliveryStatus, InstitutionKind, PackageKind
from policy.secrets import Secrets
from policy.wall import build
from publishing.pipeline import ReleaseReport, publish
from publishing.release.signing import ReleaseKey
from tests.publishing.rows import CANARY, MANGGARAI, SENEN, SPRING_2021, TEBET, City

PREFIX = "ksbb_"
LOGIN = f"{PREFIX}publisher"
KEY = ReleaseKey.of(Settings(), Secrets(b"-" * 32))
SEALED_AUTUMN = FixedClock(dt.datetime(2021, 2, 1, tzinfo=dt.UTC))
SEALED_SPRING = FixedClock(dt.datetime(2021, 8, 1, tzinfo=dt.UTC))


@dataclass(frozen=True)
class Publisher:
    """A database with a city in it, and the login that publishes it."""

    owner_uri: str
    uri: str

    async def publish(self, root: Path, clock: Clock = SEALED_AUTUMN, **more: Any) -> ReleaseReport:
        """Release the package of the city."""
        given = {"policy_hash": "a policy", "secret": b"a secret", "key": KEY, **more}
        return await publish(package(), self.uri, root, clock=clock, **given)

    @asynccontextmanager
    async def city(self) -> AsyncIterator[City]:
        """Write more rows."""
        async with self.writing() as connection:
            yield City(connection)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Write whatever."""
        return _writing(self.owner_uri)


async def found(uri: str) -> None:
    """Fill an empty database: tables, a city, and its wall."""
    await upgrade(uri)
    async with _writing(uri) as connection:
        await _fill(City(connection))
    await build(uri, PREFIX, lambda _: "secret")


async def _fill(city: City) -> None:
    """A city with every case that the publisher must tell apart."""
    await city.regions()
    fintech = await city.institution(InstitutionKind.FINTECH, "PT Contoh Dana")
    manager = await city.institution(InstitutionKind.AGREGATOR, "Yayasan Contoh")
    person = {"donor_kind": CollaboratorKind.PERORANGAN}
    main = await city.collaboration("KSBB-UMK-2020-7K3M9K", "PT Contoh Sejahtera", distributor_id=manager)
    await city.collaboration("KSBB-UMK-2020-2D8RXC", f"{CANARY} tanpa izin", **person)
    await city.collaboration("KSBB-UMK-2020-5VTC0T", "Contoh Ibu Ratna", donor_name_consented=True, **person)
    await city.collaboration("KSBB-UMK-2020-AAAAAA", f"{CANARY} anonim", donor_anonymous=True, region_code="31.74")
    await city.collaboration(None, f"{CANARY} draf", title=f"{CANARY} draf", status=CollaborationStatus.DRAF)
    ended = {"status": CollaborationStatus.SELESAI, "closed_on": dt.date(2021, 12, 1)}
    loans = {"package_kind": PackageKind.PINJAMAN_MODAL, "distributor_id": fintech, "collaborator_kind": "DUNIA_USAHA"}
    lending = await city.collaboration("KSBB-UMK-2020-BBBBBB", "PT Contoh Modal", **loans, **ended)
    await city.recipients(main, 31, TEBET)
    await city.recipients(main, 4, TEBET, "C")
    await city.recipients(main, 9, MANGGARAI, "C")
    await city.recipients(main, 5, SENEN, "G")
    await city.recipients(main, 12, SENEN, "I")
    await city.recipients(main, 50, SENEN, "A", status=DeliveryStatus.DILAPORKAN, validated_on=None)
    await city.recipients(main, 20, SENEN, "I", validated_on=SPRING_2021)
    for _ in range(11):
        await city.borrower(lending, fintech, MANGGARAI)
    await city.borrower(lending, fintech, MANGGARAI, accepted=False)


@asynccontextmanager
async def _writing(uri: str) -> AsyncIterator[AsyncConnection]:
    async def connect() -> Any:
        return await asyncpg.connect(uri)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def as_owner(uri: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
