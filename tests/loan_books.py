"""Loan books in a walled database of their own: written as rows, read through GraphQL."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.institution import Institution
from models.loan import Instalment, Loan, Repayment
from models.owner import Owner
from models.vocabulary import InstitutionKind, LoanStatus
from models.writing import writing
from policy import wall
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from server import reader_of
from tests.conftest import City as WalledCity
from tests.databases import a_database
from tests.publishing.rows import TEBET, City

READER = Viewer(Role.BIRO_KSD, "biro-1")


@dataclass(frozen=True)
class Due:
    """An instalment."""

    on: dt.date
    amount: int


@dataclass(frozen=True)
class Paid:
    """A repayment, or its reversal."""

    on: dt.date
    amount: int


@dataclass(frozen=True)
class LoanOfBook:
    """A loan; `restructured` is the day from which the second schedule holds."""

    principal: int
    disbursed_on: dt.date
    schedule: Sequence[Due]
    payments: Sequence[Paid]
    restructured: tuple[dt.date, Sequence[Due]] | None = None


class Book:
    """A database that holds one loan book at a time."""

    def __init__(self, uri: str, reader: QueryReader, fintech: UUID) -> None:
        self._uri = uri
        self._reader = reader
        self._fintech = fintech
        self._borrowers: list[tuple[UUID, UUID]] = []

    async def write(self, loans: Sequence[LoanOfBook]) -> list[UUID]:
        """Put these loans in place of those before; their keys."""
        async with writing(self._uri) as connection:
            await connection.exec_driver_sql("set local session_replication_role = replica")  # or facts would stay
            for model in (Instalment, Repayment, Loan):
                await connection.execute(delete(model))
            city = City(connection)
            while len(self._borrowers) < len(loans):
                owner = await city.row(Owner, region_code=TEBET)
                self._borrowers.append((owner, await city.business(owner, TEBET, "I")))
            pairs = zip(loans, self._borrowers, strict=False)
            return [await self._write(connection, city, loan, *borrower) for loan, borrower in pairs]

    async def _write(
        self, connection: AsyncConnection, city: City, loan: LoanOfBook, owner: UUID, business: UUID
    ) -> UUID:
        parties = {"fintech_id": self._fintech, "owner_id": owner, "region_code": TEBET}
        facts = {"principal": loan.principal, "disbursed_on": loan.disbursed_on, "status": LoanStatus.BERJALAN}
        key = await city.row(Loan, business_id=business, **parties, **facts)
        of_loan = {**parties, "loan_id": key}
        schedules = [(None, loan.schedule), *([loan.restructured] if loan.restructured else [])]
        instalments = [
            {
                **_keys(),
                **of_loan,
                "schedule": schedule,
                "effective_on": effective_on,
                "number": number,
                "due_on": due.on,
                "principal": due.amount,
                "other": 0,
            }
            for schedule, (effective_on, dues) in enumerate(schedules, 1)
            for number, due in enumerate(dues, 1)
        ]
        repayments = [
            {
                **_keys(),
                **of_loan,
                "paid_on": paid.on,
                "amount": paid.amount,
                "invoice": f"CONTOH/{number}",
                "reported_at": dt.datetime.combine(paid.on, dt.time(9), dt.UTC),
                "reporting_lag_days": 0,
                "idempotency_key": f"{key}-{number}",
            }
            for number, paid in enumerate(loan.payments)
        ]
        for model, rows in ((Instalment, instalments), (Repayment, repayments)):
            if rows:
                await connection.execute(insert(model), rows)
        return key

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer, as Biro KSD."""
        answer = await self._reader.answer(READER, GraphQLRequest(query, variables=variables))
        told = json.loads(answer.body, parse_float=str)
        assert "errors" not in told, told
        return told["data"]


def _keys() -> dict[str, Any]:
    key = uuid4()
    return {"id": key, "public_id": f"contoh-{key}"}


@asynccontextmanager
async def an_empty_book(city: WalledCity, name: str) -> AsyncIterator[Book]:
    """A database of its own on the server of the walled city."""
    server = await a_database(city.server, name)
    settings = replace(city.settings, role_prefix=f"{name}_")
    await wall.build(server.uri(), settings.role_prefix, city.secrets.role_password)
    async with writing(server.uri()) as connection:
        fintech = await City(connection).row(Institution, kind=InstitutionKind.FINTECH, name="PT Contoh Dana")
    reader = reader_of(settings, server)
    try:
        yield Book(server.uri(), reader, fintech)
    finally:
        await reader.close()
