"""How fast reports come in: `python -m bench.commands`; results in `bench/results/commands.json`.

Repayments of Rp 1 on running loans of the small city, one by one and in reports of 10,000 rows, as GraphQL mutations
answered in this process, beside the bare INSERTs of the same rows in the same transactions, sent by asyncpg.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bench.report import RESULTS, machine
from commands.bus import Bus
from commands.periodic_report import FORM_E
from commands.upload import PDF, RequestUpload, receive
from demo.city import SMALL, build
from kernel.clock import SystemClock, today
from kernel.settings import Settings
from models import migrate
from models.server import Server
from models.vocabulary import DocumentKind
from policy import wall
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from server import bus_of, reader_of

ROUNDS = 3
SINGLE = 1_000
CLIENTS = 8
BATCH = 10_000
ONE = """mutation ($input: RecordRepaymentInput!) {
  recordRepayment(input: $input) { userErrors { code message } repayment { id amount } }
}"""
MANY = """mutation ($input: SubmitPeriodicReportInput!) {
  submitPeriodicReport(input: $input) { userErrors { code message path } periodicReport { id rows } }
}"""
DIGEST = "5e" * 32


def main() -> None:
    """Measure and write down."""
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        with Server.open(settings) as server:
            rows = asyncio.run(_measure(settings, server))
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {**machine(), "rounds": ROUNDS, "clients": CLIENTS, "rows": rows}
    (RESULTS / "commands.json").write_text(json.dumps(found, indent=1) + "\n")
    for row in rows:
        print(f"{row['what']:28} ksbb {row['ksbb']:9,.0f}/s   limit {row['limit']:9,.0f}/s   {row['of_limit']:.2f}")


async def _measure(settings: Settings, server: Server) -> list[dict[str, Any]]:
    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    owner = await asyncpg.connect(server.uri())
    await build(owner, SMALL, secrets)
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)
    loans = await owner.fetch(
        "select id, public_id, fintech_id, collaborator_id, owner_id, region_code from ksbb.loan where status ="
        " 'BERJALAN' and fintech_id = (select fintech_id from ksbb.loan where status = 'BERJALAN' group by 1"
        " order by count(*) desc limit 1)"
    )
    bus = bus_of(settings, server, SystemClock())
    reader = reader_of(settings, server, bus)
    limit = await asyncpg.create_pool(server.uri(), min_size=CLIENTS, max_size=CLIENTS)
    viewer = Viewer(Role.FINTECH, "bench", institution_id=str(loans[0]["fintech_id"]))
    try:
        found: dict[str, list[tuple[float, float]]] = {"single reports": [], f"rows in reports of {BATCH:,}": []}
        for turn in range(ROUNDS):
            one = await _single(reader, viewer, loans, turn), await _single_limit(limit, loans)
            found["single reports"].append(one)
            filed = [await _received(bus, secrets, viewer, kind) for (kind,) in FORM_E]
            many = await _batch(reader, viewer, loans, turn, filed), await _batch_limit(limit, loans)
            found[f"rows in reports of {BATCH:,}"].append(many)
            print(f"round {turn + 1}", file=sys.stderr)
    finally:
        await reader.close()
        await bus.close()
        await limit.close()
        await owner.close()
    return [
        {
            "what": what,
            "ksbb": round(median(mine for mine, _ in pairs), 1),
            "limit": round(median(bare for _, bare in pairs), 1),
            "of_limit": round(median(mine / bare for mine, bare in pairs), 3),
        }
        for what, pairs in found.items()
    ]


def _row(loan: Any, key: str) -> dict[str, Any]:
    day = today(SystemClock()).isoformat()
    return {"loanId": loan["public_id"], "amount": 1, "paidOn": day, "invoice": f"CONTOH/{key}", "reportKey": key}


async def _single(reader: QueryReader, viewer: Viewer, loans: Sequence[Any], turn: int) -> float:
    async def send(number: int) -> None:
        key = f"bench-{turn}-{number}"
        given = {
            "repayment": _row(loans[number % len(loans)], key),
            "idempotencyKey": f"bench-kunci-{turn}-{number:06}",
        }
        _check(await reader.answer(viewer, GraphQLRequest(ONE, variables={"input": given})))

    return await _rate(send, SINGLE)


async def _received(bus: Bus, secrets: Secrets, viewer: Viewer, kind: DocumentKind) -> str:
    """The id of a file of a report, as if its bytes had come."""
    asked = await bus.carry_out(viewer, RequestUpload(kind=kind, media_type=PDF, size_bytes=9))
    key = secrets.internal_key(str(asked.reply["id"]))[1]
    part = partial(receive, key=key, sha256=DIGEST, storage_name=f"{key.hex}-{DIGEST}")
    await bus.perform(viewer, "ReceiveUpload", part)
    return str(asked.reply["id"])


async def _batch(reader: QueryReader, viewer: Viewer, loans: Sequence[Any], turn: int, filed: list[str]) -> float:
    rows = [_row(loans[n % len(loans)], f"bench-many-{turn}-{n}") for n in range(BATCH)]
    given = {"period": "202112", "rows": rows, "total": BATCH, "documentIds": filed}
    start = time.perf_counter()
    _check(await reader.answer(viewer, GraphQLRequest(MANY, variables={"input": given})))
    return BATCH / (time.perf_counter() - start)


def _check(answer: Any) -> None:
    (payload,) = json.loads(answer.body)["data"].values()
    if payload["userErrors"]:
        raise RuntimeError(payload)


async def _rate(send: Callable[[int], Awaitable[None]], total: int) -> float:
    """Calls per second with some clients at once."""
    numbers = iter(range(total))

    async def client() -> None:
        for number in numbers:
            await send(number)

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return total / (time.perf_counter() - start)


# ---- the limit: the same rows in the same transactions


REPAYMENT = (
    "insert into ksbb.repayment (id, public_id, loan_id, collaborator_id, fintech_id, owner_id, region_code, paid_on,"
    " amount, invoice, reported_at, reporting_lag_days, idempotency_key)"
    " values ($1, $2, $3, $4, $5, $6, $7, current_date, 1, 'CONTOH', now(), 0, $2)"
)
EVENT = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
    " values ($1, now(), 'RepaymentRecorded', 1, 'repayment', $1, array[$2::uuid], '{}')"
)
AUDIT = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
    " values ($1, now(), 'FINTECH', 'bench', 'RecordRepayment', '{}')"
)
RECEIPT = (
    "insert into ksbb.command_receipt (id, at, caller, key, body_hash, answer)"
    " values ($1, now(), 'bench', $2, '\\x00', 'limit')"
)


def _values(loan: Any) -> tuple[UUID, list[Any]]:
    key = uuid4()
    of_loan = [loan[name] for name in ("id", "collaborator_id", "fintech_id", "owner_id", "region_code")]
    return key, [key, str(key), *of_loan]


async def _single_limit(pool: asyncpg.Pool, loans: Sequence[Any]) -> float:
    async def send(number: int) -> None:
        loan = loans[number % len(loans)]
        key, values = _values(loan)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("select from ksbb.loan where id = $1 for update", loan["id"])
            await connection.execute(RECEIPT, key, str(key))
            await connection.execute(REPAYMENT, *values)
            await connection.execute(EVENT, key, loan["fintech_id"])
            await connection.execute(AUDIT, key)

    return await _rate(send, SINGLE)


async def _batch_limit(pool: asyncpg.Pool, loans: Sequence[Any]) -> float:
    made = [(loans[n % len(loans)], *_values(loans[n % len(loans)])) for n in range(BATCH)]
    start = time.perf_counter()
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany(REPAYMENT, [values for _, _, values in made])
        await connection.executemany(EVENT, [(key, loan["fintech_id"]) for loan, key, _ in made])
        await connection.execute(AUDIT, made[0][1])
    return BATCH / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
