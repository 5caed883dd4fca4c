"""The limit: one hand-written SQL statement for each shape, on the base tables, as their owner, without a wall.

A bare ASGI application over a bare list of connections; the bytes go to the client as PostgreSQL wrote them. Nothing
that answers GraphQL from this database through this driver and server can be much faster.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
from starlette.types import ASGIApp, Receive, Scope, Send

_BY_ID = {"id": str}

STATEMENTS: Mapping[str, tuple[str, Mapping[str, Callable[[str], Any]]]] = {
    "Q1": (
        """
select row_to_json(d) from (select (select row_to_json(a) from (
  select c.number, c.title, c.status, c.created_on as "createdOn", c.pledged_value as "pledgedValue",
    json_build_object('kind', o.kind, 'name', o.name) as collaborator,
    json_build_object('name', r.name, 'parent', case when p.code is not null then json_build_object('name', p.name) end)
      as region,
    json_build_object('nodes', coalesce((select json_agg(n) from (
      select g.item, g.quantity, g.estimated_value as "estimatedValue", g.status
      from ksbb.pledge g where g.collaboration_id = c.id order by g.id limit 5) n), '[]')) as pledges,
    json_build_object('nodes', coalesce((select json_agg(n) from (
      select l.principal, l.status, l.disbursed_on as "disbursedOn",
        json_build_object('tradeName', b.trade_name, 'scale', b.scale, 'region',
          json_build_object('name', br.name, 'parent', json_build_object('name', bp.name))) as recipient,
        json_build_object('name', i.name) as fintech,
        json_build_object('nodes', coalesce((select json_agg(t) from (
          select y.paid_on as "paidOn", y.amount from ksbb.repayment y where y.loan_id = l.id
          order by y.id limit 10) t), '[]')) as repayments
      from (select * from ksbb.loan l where l.collaboration_id = c.id order by l.id limit 5) l
      left join ksbb.business b on b.id = l.business_id
      left join ksbb.region br on br.code = b.region_code
      left join ksbb.region bp on bp.code = br.parent_code
      left join ksbb.institution i on i.id = l.fintech_id
      order by l.id) n), '[]')) as loans
  from ksbb.collaboration c
  left join ksbb.collaborator o on o.id = c.collaborator_id
  left join ksbb.region r on r.code = c.region_code
  left join ksbb.region p on p.code = r.parent_code
  where c.id = $1) a) as collaboration) d""",
        _BY_ID,
    ),
    "Q2": (
        """
select json_build_object('recipients', json_build_object('nodes', coalesce(json_agg(n), '[]'))) from (
  select b.public_id as id, b.trade_name as "tradeName", b.kbli_code as "kbliCode", b.scale,
    b.registered_on as "registeredOn",
    json_build_object('name', r.name, 'parent',
      json_build_object('name', p.name, 'parent', json_build_object('name', k.name))) as region,
    json_build_object('nodes', coalesce((select json_agg(t) from (
      select y.package_kind as "packageKind", y.quantity, y.received_on as "receivedOn"
      from ksbb.delivery_recipient y where y.business_id = b.id order by y.id limit 3) t), '[]')) as received
  from (
    select b.id, b.public_id, b.trade_name, b.kbli_code, b.scale, b.registered_on, b.region_code from ksbb.business b
    where b.region_code = $1 and b.kbli_section = $2 order by b.trade_name, b.id limit 50) b
  left join ksbb.region r on r.code = b.region_code
  left join ksbb.region p on p.code = r.parent_code
  left join ksbb.region k on k.code = p.parent_code
  order by b.trade_name, b.id) n""",
        {"kelurahan": str, "section": str},
    ),
    "Q3": (
        """
select json_build_object('loans', json_build_object(
  'totalCount', (select count(*) from ksbb.loan where status = $1),
  'nodes', coalesce(json_agg(node) filter (where turn <= 100), '[]'),
  'pageInfo', json_build_object('hasNextPage', count(*) > 100,
    'endCursor', max(key) filter (where turn <= 100))))
from (
  select turn, key, row_to_json(n) as node
  from (
    select row_number() over (order by l.id) as turn, l.id::text as key, l.id, l.public_id, l.principal, l.status,
      l.tenor_months, l.proposed_on, l.business_id, l.fintech_id
    from ksbb.loan l where l.status = $1 and l.id > $2 order by l.id limit 101) l
  left join ksbb.business b on b.id = l.business_id
  left join ksbb.institution i on i.id = l.fintech_id
  cross join lateral (select l.public_id as id, l.principal, l.status, l.tenor_months as "tenorMonths",
    l.proposed_on as "proposedOn",
    json_build_object('tradeName', b.trade_name, 'kbliCode', b.kbli_code) as recipient,
    json_build_object('name', i.name) as fintech) n
  order by l.id) x""",
        {"status": str, "after": str},
    ),
    "Q4": (
        """
select json_build_object('loanGroups', coalesce(json_agg(g), '[]')) from (
  select json_build_object('kecamatanCode', s.code, 'kecamatanName', r.name, 'status', s.status) as keys, s.count,
    json_build_object('sum', s.sum, 'avg', s.avg) as principal
  from (
    select kecamatan_code as code, status, count(*) as count, sum(principal) as sum, round(avg(principal), 2) as avg
    from ksbb.loan where proposed_on >= $1 and proposed_on <= $2
    group by kecamatan_code, status) s
  left join ksbb.region r on r.code = s.code
  order by s.code, r.name, s.status limit 500) g""",
        {"from": dt.date.fromisoformat, "to": dt.date.fromisoformat},
    ),
    "Q5": (
        """
select json_build_object('recipient', (select json_build_object('tradeName', trade_name)
  from ksbb.business where id = $1))""",
        _BY_ID,
    ),
}
"""Per shape its statement, and how each variable is read, in the order of the parameters."""


def create_app(uri: str) -> ASGIApp:
    """The application: `POST /Q1` with the variables of the shape."""
    free: list[asyncpg.Connection] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        sql, reads = STATEMENTS[scope["path"][1:]]
        message = await receive()
        variables = json.loads(message["body"])["variables"]
        connection = free.pop() if free else await _connect(uri)
        try:
            data = await connection.fetchval(sql, *[read(variables[name]) for name, read in reads.items()])
        finally:
            free.append(connection)
        body = b'{"data":' + data + b"}"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


async def _connect(uri: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(uri, server_settings={"jit": "off", "timezone": "UTC"})
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=bytes, format="binary")
    return connection
