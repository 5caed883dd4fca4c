"""A well-known cast: somebody for every role to look as, found in the city by what they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute

from geo.regions import KECAMATAN_LENGTH
from kernel.errors import KsbbError
from models import all as every_table
from models.business import Business
from models.collaboration import Collaboration
from models.intake import IntakeApplication
from models.loan import Loan
from models.vocabulary import IntakeLevel, LoanStatus
from policy.viewer import Agency, Role, Viewer


class NobodyThere(KsbbError):
    """The database holds no city to take a cast from."""

    code = "NOBODY_THERE"

    def __init__(self) -> None:
        super().__init__("The database holds no city yet; fill it with `ksbb demo`.")


assert every_table.METADATA.tables  # a key column has its type only when the table it points to is loaded


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Internal keys of the same parties every time the same city is asked.

    `fintech`, `fund_manager` and `collaborator` are those with the most loans, `kecamatan` is the one with the most of
    them; `officer` works there and `owner` repays `loan` there. `running_collaboration` is one of `collaborator` with
    its contact open, if there is any.
    """

    fintech: UUID
    fund_manager: UUID
    collaborator: UUID
    owner: UUID
    business: UUID
    loan: UUID
    officer: UUID
    kecamatan: str
    kelurahan: str
    intake_area: str
    intake_level: str
    running_collaboration: UUID | None

    def viewer(self, role: Role) -> Viewer:
        """Somebody of a role, with the scope that goes with it."""
        match role:
            case Role.KOLABORATOR:
                return Viewer(role, str(self.collaborator), institution_id=str(self.collaborator))
            case Role.AGREGATOR:
                return Viewer(role, str(self.fund_manager), institution_id=str(self.fund_manager))
            case Role.FINTECH:
                return Viewer(role, str(self.fintech), institution_id=str(self.fintech))
            case Role.UMKM:
                return Viewer(role, str(self.owner), person_id=str(self.owner))
            case Role.PENDAMPING:
                return Viewer(role, str(self.officer), area=self.kecamatan, person_id=str(self.officer))
            case Role.WILAYAH | Role.SATPOL_PP:
                return Viewer(role, f"{role.value.lower()}-{self.kecamatan}", area=self.kecamatan)
            case Role.PETUGAS_INTAKE:
                return Viewer(role, f"intake-{self.intake_area}", area=self.intake_area, level=self.intake_level)
            case Role.PUBLIK:
                return Viewer(role)
            case Role.DINAS:
                return Viewer(role, "dinas-1", agency=Agency.DINAS_PPKUKM)
            case Role.BIRO_KSD | Role.INSPEKTORAT | Role.DISKOMINFOTIK | Role.ADMIN:
                return Viewer(role, f"{role.value.lower()}-1")


async def cast(connection: asyncpg.Connection) -> Cast:
    """The cast of the city in a database, read as the owner of its tables.

    Raises:
        NobodyThere: the database is empty.
    """
    disbursed = Loan.disbursed_on.is_not(None)
    (kecamatan,) = await _first(connection, _busiest(Loan.kecamatan_code, disbursed))
    running = (
        select(Loan.id, Loan.owner_id, Loan.business_id, Loan.region_code, Business.verified_by)
        .join(Business, Business.id == Loan.business_id)
        .where(Loan.status == LoanStatus.BERJALAN, Loan.kecamatan_code == kecamatan)
        .order_by(Loan.id)
    )
    loan, owner, business, kelurahan, officer = await _first(connection, running)
    (collaborator,) = await _first(connection, _busiest(Loan.collaborator_id, disbursed))
    (fintech,) = await _first(connection, _busiest(Loan.fintech_id, disbursed))
    (manager,) = await _first(connection, _busiest(Loan.fund_manager_id, Loan.fund_manager_id.is_not(None)))
    area, level = await _first(connection, _busiest_intake())
    return Cast(
        fintech=fintech,
        fund_manager=manager,
        collaborator=collaborator,
        owner=owner,
        business=business,
        loan=loan,
        officer=officer,
        kecamatan=kecamatan,
        kelurahan=kelurahan,
        intake_area=area,
        intake_level=level,
        running_collaboration=await _running_collaboration(connection, collaborator),
    )


async def _first(connection: asyncpg.Connection, query: Select[*tuple[Any, ...]]) -> asyncpg.Record:
    """The first row of a query.

    Raises:
        NobodyThere: there is none.
    """
    dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy left its dialects untyped
    compiled = query.limit(1).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    row = await connection.fetchrow(str(compiled))
    if row is None:
        raise NobodyThere
    return row


def _busiest(column: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> Select[Any]:
    """The value of a column that occurs in the most loans; the smaller one of two."""
    return select(column).where(condition).group_by(column).order_by(func.count().desc(), column)


def _busiest_intake() -> Select[Any]:
    """The kecamatan with the most intake applications that wait at its own level."""
    area = func.left(IntakeApplication.region_code, KECAMATAN_LENGTH).label("area")
    at_level = select(area, IntakeApplication.level).where(IntakeApplication.level == IntakeLevel.KECAMATAN)
    return at_level.group_by(area, IntakeApplication.level).order_by(func.count().desc(), area)


async def _running_collaboration(connection: asyncpg.Connection, collaborator: UUID) -> UUID | None:
    query = select(Collaboration.id).where(
        Collaboration.collaborator_id == collaborator,
        Collaboration.number_issued_on.is_not(None),
        Collaboration.closed_on.is_(None),
    )
    try:
        found: UUID = (await _first(connection, query.order_by(Collaboration.id)))[0]
    except NobodyThere:
        return None
    return found
