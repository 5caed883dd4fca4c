"""The usual way: Strawberry with SQLAlchemy's ORM and data loaders, written with care.

Loaders for every link, lists cut off in SQL, only the columns that the types show, parser and validation kept, no
transaction around a read, connections kept open without resets.
"""

from __future__ import annotations

import datetime as dt
import enum
import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NewType, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import InstrumentedAttribute, aliased, load_only
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from models import business, collaboration, collaborator, delivery, institution, loan, region
from models.base import Base
from models.vocabulary import (
    BusinessScale,
    CollaborationStatus,
    CollaboratorKind,
    LoanStatus,
    PackageKind,
    PledgeStatus,
)

Row = TypeVar("Row", bound=Base)
Sessions = async_sessionmaker[AsyncSession]

Rupiah = NewType("Rupiah", int)
RegionCode = NewType("RegionCode", str)
_SCALARS: Any = {
    Rupiah: strawberry.scalar(name="Rupiah", serialize=int, parse_value=int),
    RegionCode: strawberry.scalar(name="RegionCode", serialize=str, parse_value=str),
}

for _codes in (CollaborationStatus, CollaboratorKind, PledgeStatus, LoanStatus, BusinessScale, PackageKind):
    strawberry.enum(_codes)

_COLUMNS: dict[type[Base], list[Any]] = {
    region.Region: [region.Region.name, region.Region.parent_code],
    collaborator.Collaborator: [collaborator.Collaborator.kind, collaborator.Collaborator.name],
    institution.Institution: [institution.Institution.name],
    business.Business: [
        business.Business.public_id,
        business.Business.trade_name,
        business.Business.kbli_code,
        business.Business.scale,
        business.Business.registered_on,
        business.Business.region_code,
    ],
    loan.Loan: [
        loan.Loan.public_id,
        loan.Loan.principal,
        loan.Loan.status,
        loan.Loan.tenor_months,
        loan.Loan.proposed_on,
        loan.Loan.disbursed_on,
        loan.Loan.business_id,
        loan.Loan.fintech_id,
        loan.Loan.collaboration_id,
    ],
    loan.Repayment: [loan.Repayment.loan_id, loan.Repayment.paid_on, loan.Repayment.amount],
    collaboration.Collaboration: [
        collaboration.Collaboration.number,
        collaboration.Collaboration.title,
        collaboration.Collaboration.status,
        collaboration.Collaboration.created_on,
        collaboration.Collaboration.pledged_value,
        collaboration.Collaboration.collaborator_id,
        collaboration.Collaboration.region_code,
    ],
    collaboration.Pledge: [
        collaboration.Pledge.collaboration_id,
        collaboration.Pledge.item,
        collaboration.Pledge.quantity,
        collaboration.Pledge.estimated_value,
        collaboration.Pledge.status,
    ],
    delivery.DeliveryRecipient: [
        delivery.DeliveryRecipient.business_id,
        delivery.DeliveryRecipient.package_kind,
        delivery.DeliveryRecipient.quantity,
        delivery.DeliveryRecipient.received_on,
    ],
}
"""The columns that the types show or follow."""


class Loaders:
    """The loaders of one request."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.regions = self._one(region.Region, region.Region.code)
        self.collaborators = self._one(collaborator.Collaborator, collaborator.Collaborator.id)
        self.institutions = self._one(institution.Institution, institution.Institution.id)
        self.businesses = self._one(business.Business, business.Business.id)
        self._many: dict[tuple[Any, int], DataLoader[UUID, list[Any]]] = {}

    def of(self, row: type[Row], key: InstrumentedAttribute[Any], first: int) -> DataLoader[UUID, list[Row]]:
        """The first rows under each parent."""
        if (key, first) not in self._many:
            self._many[key, first] = DataLoader(load_fn=self._children(row, key, first))
        return self._many[key, first]

    def _one(self, row: type[Row], key: InstrumentedAttribute[Any]) -> DataLoader[Any, Row | None]:
        async def load(keys: list[Any]) -> list[Row | None]:
            async with self._sessions() as session:
                rows = await session.scalars(select(row).options(load_only(*_COLUMNS[row])).where(key.in_(keys)))
                found = {getattr(r, key.key): r for r in rows}
            return [found.get(k) for k in keys]

        return DataLoader(load_fn=load)

    def _children(self, row: type[Row], key: InstrumentedAttribute[Any], first: int) -> Callable[[list[UUID]], Any]:
        turn = func.row_number().over(partition_by=key, order_by=row.id).label("turn")  # type: ignore[attr-defined]  # every entity has it
        columns = [row.id, *_COLUMNS[row]]  # type: ignore[attr-defined]  # as above

        async def load(keys: list[UUID]) -> list[list[Row]]:
            numbered = select(*columns, turn).where(key.in_(keys)).subquery()
            each = aliased(row, numbered)
            chosen = [getattr(each, column.key) for column in _COLUMNS[row]]
            query = select(each).options(load_only(*chosen)).where(numbered.c.turn <= first).order_by(numbered.c.turn)
            found: dict[UUID, list[Row]] = {k: [] for k in keys}
            async with self._sessions() as session:
                for child in await session.scalars(query):
                    found[getattr(child, key.key)].append(child)
            return [found[k] for k in keys]

        return load


@dataclass
class Context:
    """What a resolver needs."""

    sessions: Sessions
    loaders: Loaders


Info = strawberry.Info[Context, None]


@strawberry.type
class Region:
    name: str

    @strawberry.field
    async def parent(self: Any, info: Info) -> Region | None:
        return await info.context.loaders.regions.load(self.parent_code) if self.parent_code else None  # type: ignore[return-value]  # rows stand for types


@strawberry.type
class Collaborator:
    kind: CollaboratorKind
    name: str


@strawberry.type
class Institution:
    name: str


@strawberry.type
class Pledge:
    item: str
    quantity: int
    estimated_value: Rupiah
    status: PledgeStatus


@strawberry.type
class Repayment:
    paid_on: dt.date
    amount: Rupiah


@strawberry.type
class DeliveryRecipient:
    package_kind: PackageKind
    quantity: int
    received_on: dt.date | None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class PledgeConnection:
    nodes: list[Pledge]


@strawberry.type
class RepaymentConnection:
    nodes: list[Repayment]


@strawberry.type
class DeliveryRecipientConnection:
    nodes: list[DeliveryRecipient]


@strawberry.type
class Recipient:
    trade_name: str
    kbli_code: str
    scale: BusinessScale
    registered_on: dt.date

    @strawberry.field
    def id(self: Any) -> strawberry.ID:
        return strawberry.ID(self.public_id)

    @strawberry.field
    async def region(self: Any, info: Info) -> Region | None:
        return await info.context.loaders.regions.load(self.region_code)  # type: ignore[return-value]  # as above

    @strawberry.field
    async def received(self: Any, info: Info, first: int = 20) -> DeliveryRecipientConnection:
        row = delivery.DeliveryRecipient
        loader = info.context.loaders.of(row, row.business_id, first)
        return DeliveryRecipientConnection(nodes=await loader.load(self.__dict__["id"]))  # type: ignore[arg-type]  # as above


@strawberry.type
class RecipientConnection:
    nodes: list[Recipient]


@strawberry.type
class Loan:
    principal: Rupiah
    status: LoanStatus
    tenor_months: int
    proposed_on: dt.date
    disbursed_on: dt.date | None

    @strawberry.field
    def id(self: Any) -> strawberry.ID:
        return strawberry.ID(self.public_id)

    @strawberry.field
    async def recipient(self: Any, info: Info) -> Recipient | None:
        return await info.context.loaders.businesses.load(self.business_id)  # type: ignore[return-value]  # as above

    @strawberry.field
    async def fintech(self: Any, info: Info) -> Institution | None:
        return await info.context.loaders.institutions.load(self.fintech_id)  # type: ignore[return-value]  # as above

    @strawberry.field
    async def repayments(self: Any, info: Info, first: int = 20) -> RepaymentConnection:
        loader = info.context.loaders.of(loan.Repayment, loan.Repayment.loan_id, first)
        return RepaymentConnection(nodes=await loader.load(self.__dict__["id"]))  # type: ignore[arg-type]  # as above


@strawberry.type
class LoanConnection:
    nodes: list[Loan]
    counted: strawberry.Private[Callable[[], Any]]
    page_info: PageInfo | None = None

    @strawberry.field
    async def total_count(self) -> int:
        count: int = await self.counted()
        return count


@strawberry.type
class Collaboration:
    number: str | None
    title: str
    status: CollaborationStatus
    created_on: dt.date
    pledged_value: Rupiah

    @strawberry.field
    async def collaborator(self: Any, info: Info) -> Collaborator | None:
        return await info.context.loaders.collaborators.load(self.collaborator_id)  # type: ignore[return-value]  # as above

    @strawberry.field
    async def region(self: Any, info: Info) -> Region | None:
        return await info.context.loaders.regions.load(self.region_code)  # type: ignore[return-value]  # as above

    @strawberry.field
    async def pledges(self: Any, info: Info, first: int = 20) -> PledgeConnection:
        row = collaboration.Pledge
        loader = info.context.loaders.of(row, row.collaboration_id, first)
        return PledgeConnection(nodes=await loader.load(self.id))  # type: ignore[arg-type]  # as above

    @strawberry.field
    async def loans(self: Any, info: Info, first: int = 20) -> LoanConnection:
        loader = info.context.loaders.of(loan.Loan, loan.Loan.collaboration_id, first)
        return LoanConnection(nodes=await loader.load(self.id), counted=_nothing)  # type: ignore[arg-type]  # as above


async def _nothing() -> int:
    return 0


@strawberry.type
class LoanKeys:
    kecamatan_code: str
    kecamatan_name: str | None
    status: LoanStatus


@strawberry.type
class RupiahAggregates:
    sum: Rupiah
    avg: float


@strawberry.type
class LoanGroup:
    keys: LoanKeys
    count: int
    principal: RupiahAggregates


@strawberry.enum
class RecipientOrderField(enum.Enum):
    TRADE_NAME = "trade_name"


@strawberry.enum
class LoanDimension(enum.Enum):
    KECAMATAN = "kecamatan_code"
    STATUS = "status"


@strawberry.input
class RecipientOrder:
    field: RecipientOrderField


@strawberry.input
class StringFilter:
    eq: str


@strawberry.input
class RegionCodeFilter:
    eq: RegionCode


@strawberry.input
class LoanStatusFilter:
    eq: LoanStatus


@strawberry.input
class DateFilter:
    gte: dt.date | None = None
    lte: dt.date | None = None


@strawberry.input
class RecipientFilter:
    region_code: RegionCodeFilter | None = None
    kbli_section: StringFilter | None = None


@strawberry.input
class LoanFilter:
    status: LoanStatusFilter | None = None
    proposed_on: DateFilter | None = None


def _recipients_where(filter: RecipientFilter | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filter is not None and filter.region_code is not None:
        where.append(business.Business.region_code == filter.region_code.eq)
    if filter is not None and filter.kbli_section is not None:
        where.append(business.Business.kbli_section == filter.kbli_section.eq)
    return where


def _loans_where(filter: LoanFilter | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filter is not None and filter.status is not None:
        where.append(loan.Loan.status == filter.status.eq)
    if filter is not None and filter.proposed_on is not None:
        if filter.proposed_on.gte is not None:
            where.append(loan.Loan.proposed_on >= filter.proposed_on.gte)
        if filter.proposed_on.lte is not None:
            where.append(loan.Loan.proposed_on <= filter.proposed_on.lte)
    return where


@strawberry.type
class Query:
    @strawberry.field
    async def collaboration(self, info: Info, id: strawberry.ID) -> Collaboration | None:
        row = collaboration.Collaboration
        async with info.context.sessions() as session:
            query = select(row).options(load_only(*_COLUMNS[row])).where(row.id == UUID(id))
            return await session.scalar(query)  # type: ignore[no-any-return]  # rows stand for types

    @strawberry.field
    async def recipient(self, info: Info, id: strawberry.ID) -> Recipient | None:
        row = business.Business
        async with info.context.sessions() as session:
            query = select(row).options(load_only(*_COLUMNS[row])).where(row.id == UUID(id))
            return await session.scalar(query)  # type: ignore[no-any-return]  # as above

    @strawberry.field
    async def recipients(
        self,
        info: Info,
        first: int = 20,
        filter: RecipientFilter | None = None,
        order_by: list[RecipientOrder] | None = None,
    ) -> RecipientConnection:
        row = business.Business
        order = [getattr(row, o.field.value) for o in order_by or ()]
        query = select(row).options(load_only(*_COLUMNS[row])).where(*_recipients_where(filter))
        async with info.context.sessions() as session:
            rows = await session.scalars(query.order_by(*order, row.id).limit(first))
            return RecipientConnection(nodes=list(rows))  # type: ignore[arg-type]  # as above

    @strawberry.field
    async def loans(
        self, info: Info, first: int = 20, after: str | None = None, filter: LoanFilter | None = None
    ) -> LoanConnection:
        row = loan.Loan
        where = _loans_where(filter)
        query = select(row).options(load_only(*_COLUMNS[row])).where(*where)
        if after is not None:
            query = query.where(row.id > UUID(after))
        async with info.context.sessions() as session:
            rows = list(await session.scalars(query.order_by(row.id).limit(first + 1)))

        async def counted() -> int:
            async with info.context.sessions() as session:
                return await session.scalar(select(func.count()).select_from(row).where(*where)) or 0

        page = rows[:first]
        info_ = PageInfo(has_next_page=len(rows) > first, end_cursor=str(page[-1].id) if page else None)
        return LoanConnection(nodes=page, counted=counted, page_info=info_)  # type: ignore[arg-type]  # as above

    @strawberry.field
    async def loan_groups(
        self, info: Info, by: list[LoanDimension], filter: LoanFilter | None = None, first: int = 100
    ) -> list[LoanGroup]:
        row = loan.Loan
        keys = [getattr(row, dimension.value) for dimension in by]
        sums = [func.count(), func.sum(row.principal), func.round(func.avg(row.principal), 2)]
        query = select(*keys, *sums).where(*_loans_where(filter)).group_by(*keys).order_by(*keys).limit(first)
        async with info.context.sessions() as session:
            groups = (await session.execute(query)).all()
            names = await _names(session, {g.kecamatan_code for g in groups})
        return [_group(g, names) for g in groups]


async def _names(session: AsyncSession, codes: set[str]) -> dict[str, str]:
    row = region.Region
    return {r.code: r.name for r in await session.execute(select(row.code, row.name).where(row.code.in_(codes)))}


def _group(group: Sequence[Any], names: dict[str, str]) -> LoanGroup:
    code, status, count, total, mean = group
    keys = LoanKeys(kecamatan_code=code, kecamatan_name=names.get(code), status=status)
    return LoanGroup(keys=keys, count=count, principal=RupiahAggregates(sum=Rupiah(int(total)), avg=float(mean)))


class View(GraphQL[Context, None]):
    """Strawberry's own ASGI view; each request has loaders of its own."""

    def __init__(self, schema: strawberry.Schema, sessions: Sessions) -> None:
        super().__init__(schema, graphql_ide=None)
        self._sessions = sessions

    async def get_context(self, request: Request | WebSocket, response: Any) -> Context:  # noqa: ARG002  # Strawberry's
        """The context of a request."""
        return Context(self._sessions, Loaders(self._sessions))


def create_app(uri: str) -> ASGIApp:
    """The application: GraphQL at `/graphql`."""
    gc.freeze()  # with Python's own thresholds collections take half of the time under load
    gc.set_threshold(50_000, 20, 50)
    engine = create_async_engine(
        uri.replace("postgresql:", "postgresql+asyncpg:"),
        isolation_level="AUTOCOMMIT",
        pool_size=16,
        max_overflow=0,  # connections beyond the pool would be opened and closed again all the time
        pool_reset_on_return=None,
        pool_pre_ping=False,
        connect_args={"server_settings": {"jit": "off", "timezone": "UTC"}},
    )
    schema = strawberry.Schema(
        query=Query,
        extensions=[ParserCache, ValidationCache],
        config=StrawberryConfig(scalar_map=_SCALARS),
    )
    app = Starlette()
    app.mount("/graphql", View(schema, async_sessionmaker(engine, expire_on_commit=False)))
    return app
