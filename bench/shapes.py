"""What is asked: five shapes of questions, and the values that are put into them.

Each shape is one GraphQL document that `ksbb` and `usual` answer alike; `limit` has one SQL statement for each.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from policy.secrets import Secrets
from policy.viewer import Viewer
from resolvers.cursors import MARK, Sealer
from resolvers.paging import order_of, signature
from schema.nouns import CATALOGUE

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """One question: its name, what it is about, and its document."""

    name: str
    about: str
    document: str


@dataclass(frozen=True)
class Draw:
    """The values of one request: with identifiers as `ksbb` gives them out, and with the plain keys of the tables."""

    sealed: Variables
    plain: Variables


Q1 = Shape(
    "Q1",
    "one collaboration by id: 5 pledges; 5 loans, each with recipient, region, parent, fintech and 10 repayments",
    """query Q1($id: ID!) {
  collaboration(id: $id) {
    number title status createdOn pledgedValue
    collaborator { kind name }
    region { name parent { name } }
    pledges(first: 5) { nodes { item quantity estimatedValue status } }
    loans(first: 5) {
      nodes {
        principal status disbursedOn
        recipient { tradeName scale region { name parent { name } } }
        fintech { name }
        repayments(first: 10) { nodes { paidOn amount } }
      }
    }
  }
}""",
)
Q2 = Shape(
    "Q2",
    "the first 50 recipients of a kelurahan and KBLI section by name: region -> parent -> parent, 3 receipts each",
    """query Q2($kelurahan: RegionCode!, $section: String!) {
  recipients(
    first: 50
    filter: {regionCode: {eq: $kelurahan}, kbliSection: {eq: $section}}
    orderBy: [{field: TRADE_NAME}]
  ) {
    nodes {
      id tradeName kbliCode scale registeredOn
      region { name parent { name parent { name } } }
      received(first: 3) { nodes { packageKind quantity receivedOn } }
    }
  }
}""",
)
Q3 = Shape(
    "Q3",
    "a page of 100 loans of a status after a cursor, with totalCount (12,300 on average), recipient and fintech",
    """query Q3($status: LoanStatus!, $after: String!) {
  loans(first: 100, after: $after, filter: {status: {eq: $status}}) {
    totalCount
    nodes { id principal status tenorMonths proposedOn recipient { tradeName kbliCode } fintech { name } }
    pageInfo { hasNextPage endCursor }
  }
}""",
)
Q4 = Shape(
    "Q4",
    "loans proposed in a range of days (nearly all 50,000) by kecamatan and status: count, sum and mean",
    """query Q4($from: Date!, $to: Date!) {
  loanGroups(by: [KECAMATAN, STATUS], filter: {proposedOn: {gte: $from, lte: $to}}, first: 500) {
    keys { kecamatanCode kecamatanName status }
    count
    principal { sum avg }
  }
}""",
)
Q5 = Shape("Q5", "one field by id", "query Q5($id: ID!) { recipient(id: $id) { tradeName } }")

SHAPES = (Q1, Q2, Q3, Q4, Q5)


async def draws(
    connection: asyncpg.Connection, secrets: Secrets, viewer: Viewer, shape: Shape, most: int
) -> list[Draw]:
    """Up to `most` different values for a shape; the same ones for the same city."""
    match shape.name:
        case "Q1":
            return [_by_id(secrets, "collaboration", r["id"]) for r in await connection.fetch(_WITH_FIVE_LOANS, most)]
        case "Q2":
            found = await connection.fetch(_KELURAHAN_AND_SECTION, most)
            return [_same({"kelurahan": r["region_code"], "section": r["kbli_section"]}) for r in found]
        case "Q3":
            found = await connection.fetch(_LOANS_OF_STATUS, most)
            return [_after(secrets, viewer, r["status"], r["id"]) for r in found]
        case "Q4":
            return [_days(number, most) for number in range(most)]
        case _:
            return [_by_id(secrets, "business", r["id"]) for r in await connection.fetch(_BUSINESSES, most)]


_WITH_FIVE_LOANS = """
    select c.id from ksbb.collaboration c
    where (select count(*) from ksbb.loan l where l.collaboration_id = c.id) >= 5
    order by md5(c.id::text) limit $1"""
_KELURAHAN_AND_SECTION = """
    select region_code, kbli_section from ksbb.business group by 1, 2
    order by count(*) < 50, md5(region_code || kbli_section) limit $1"""
_LOANS_OF_STATUS = """
    select id, status from (
        select id, status, row_number() over (partition by status order by md5(id::text)) as turn
        from ksbb.loan where status in ('DISERAHKAN', 'BERJALAN', 'LUNAS')
    ) as found
    order by turn * (case status when 'DISERAHKAN' then 2 else 1 end), status limit $1"""
_BUSINESSES = "select id from ksbb.business order by md5(id::text) limit $1"


def _by_id(secrets: Secrets, kind: str, key: UUID) -> Draw:
    return Draw({"id": secrets.public_id(kind, key)}, {"id": str(key)})


def _same(variables: Variables) -> Draw:
    return Draw(variables, variables)


def _after(secrets: Secrets, viewer: Viewer, status: str, key: UUID) -> Draw:
    loan = CATALOGUE.nouns["Loan"]
    mark = f"{MARK}c:{signature(loan, order_of(loan, viewer.role, None))}:{json.dumps([str(key)]).encode().hex()}"
    cursor = Sealer(secrets).finish(mark.encode(), viewer).decode()
    return Draw({"status": status, "after": cursor}, {"status": status, "after": str(key)})


def _days(number: int, most: int) -> Draw:
    """A range of days that leaves out a little at both ends."""
    late, early = divmod(number, max(1, round(most**0.5)))
    first, last = dt.date(2020, 7, 1) + dt.timedelta(early), dt.date(2021, 12, 31) - dt.timedelta(late)
    return _same({"from": first.isoformat(), "to": last.isoformat()})


_DECLARED = re.compile(r"\$(\w+): (\w+)!")
_ENUMS = {"LoanStatus"}


def written_out(shape: Shape, variables: Variables) -> str:
    """The document with the values written in its text instead of variables."""
    head, body = shape.document.split("{", 1)
    for name, type_ in _DECLARED.findall(head):
        value = variables[name]
        body = re.sub(rf"\${name}\b", value if type_ in _ENUMS else json.dumps(value), body)
    return "{" + body
