"""Who is counted in truth: read from the tables themselves, one by one, without the publisher's views.

Written a second time on purpose, in Python and from the definitions of the datasets, so that the views are compared
with something.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from policy.loan_ages import AGES_IN_MONTHS, LATE_DAYS

Key = tuple[str, ...]
Rows = list[asyncpg.Record]

_JAKARTA = dt.timezone(dt.timedelta(hours=7))
_DEFAULTED_AFTER = 90


@dataclass(frozen=True)
class Unit:
    """One thing that is counted, and whose it is: `listed` if everybody can or could see that in the public list.

    `member` names it; what is counted once in each programme is another thing in each: no figure is about several.
    `parts` are what it adds to each measure, by the column of the publisher's view.
    """

    period: str
    key: Key
    member: str
    person: str
    listed: bool
    parts: Mapping[str, int]


async def units(connection: asyncpg.Connection, dataset: str) -> list[Unit]:
    """Everything that a dataset counts, in whatever period."""
    statement, of_rows = _DATASETS[dataset]
    return list(of_rows(await connection.fetch(statement)))


def _half_year(day: dt.date) -> str:
    return f"{day.year}{6 if day.month <= 6 else 12:02}"


def _first_of(rows: Rows, *group: Callable[[Any], Any]) -> Iterator[asyncpg.Record]:
    """The first row of each group."""
    seen = set()
    for row in rows:
        if (which := tuple(part(row) for part in group)) not in seen:
            seen.add(which)
            yield row


_CODES = (
    "(select i.id, case i.kind when 'FINTECH' then 'FIN-' else 'AGR-' end || left(encode(sha256(convert_to("
    "'lembaga:' || i.id::text, 'UTF8')), 'hex'), 10) as code from ksbb.institution i)"
)

_BUSINESSES = (
    "(select b.*, b.listed or exists (select from ksbb.consent c where c.owner_id = b.owner_id"
    " and c.purpose = 'TAMPIL_PUBLIK') as seen from ksbb.business b)"
)

_RECIPIENTS = f"""
select * from (
  select r.owner_id, r.business_id, c.programme, d.validated_on as day
  from ksbb.delivery_recipient r join ksbb.delivery d on d.id = r.delivery_id
  join ksbb.collaboration c on c.id = d.collaboration_id
  where d.status = 'TERVALIDASI' and d.validated_on is not null and r.received_on is not null
  union all
  select l.owner_id, l.business_id, c.programme, v.validated_on
  from ksbb.loan l join ksbb.validation v on v.loan_id = l.id and v.accepted
  join ksbb.collaboration c on c.id = l.collaboration_id
  where l.disbursed_on is not null and l.status <> 'BATAL'
) help join {_BUSINESSES} b on b.id = help.business_id
order by help.day, help.business_id
"""  # nothing of it comes from outside


def _recipients(rows: Rows) -> Iterator[Unit]:
    for row in _first_of(rows, lambda r: _half_year(r["day"]), lambda r: r["programme"], lambda r: r["owner_id"]):
        business = [str(row[name]) for name in ("kbli_section", "kbli_version", "scale", "scale_rule")]
        key = (row["region_code"], row["programme"], *business)
        person = str(row["owner_id"])
        member = f"{person} {row['programme']}"
        yield Unit(_half_year(row["day"]), key, member, person, row["seen"], {})


def _recipients_ever(rows: Rows) -> Iterator[Unit]:
    since = [row for row in rows if _half_year(row["day"]) >= "202006"]
    listed = {row["owner_id"] for row in since if row["seen"]}
    for row in _first_of(since, lambda r: r["owner_id"]):
        yield Unit("202004+", (), str(row["owner_id"]), str(row["owner_id"]), row["owner_id"] in listed, {})


_LOANS = f"""
select l.id, l.owner_id, l.region_code, l.principal, l.disbursed_on, code, b.seen,
  (select min(v.validated_on) from ksbb.validation v where v.loan_id = l.id and v.accepted) as day,
  (select min(i.due_on) from ksbb.instalment i where i.loan_id = l.id) as due_on,
  (select array_agg((r.paid_on, r.reported_at, r.amount)) from ksbb.repayment r where r.loan_id = l.id) as paid
from ksbb.loan l join {_BUSINESSES} b on b.id = l.business_id join {_CODES} f on f.id = l.fintech_id
where l.status <> 'BATAL' and l.disbursed_on is not null
order by day, l.disbursed_on, l.id
"""  # nothing of it comes from outside


def _loans(rows: Rows) -> Iterator[Unit]:
    known = [row for row in rows if row["day"] is not None]
    for row in _first_of(known, lambda r: _months_after(_quarter(r["day"]), 0), lambda r: r["owner_id"]):
        quarter = _quarter(row["day"])
        for age in AGES_IN_MONTHS:
            period = f"{quarter:%Y%m}/{age}"
            parts = _state(row, _months_after(quarter, age))
            yield Unit(
                period, (row["code"], row["region_code"]), str(row["id"]), str(row["owner_id"]), row["seen"], parts
            )


def _state(row: asyncpg.Record, day: dt.date) -> dict[str, int]:
    """What is repaid of a loan at the end of a day, and owed; it is due at once."""
    in_time = dt.datetime.combine(day + dt.timedelta(LATE_DAYS), dt.time(), _JAKARTA)
    repaid = sum(amount for paid_on, reported, amount in row["paid"] or () if paid_on <= day and reported < in_time)
    if row["disbursed_on"] > day:
        return {"disbursed": row["principal"], "repaid": 0, "outstanding": 0, "overdue": 0, "on_time": 0, "late": 0}
    left = max(row["principal"] - repaid, 0)
    late = left > 0 and row["due_on"] is not None and (day - row["due_on"]).days > _DEFAULTED_AFTER
    states = {"overdue": left * late, "on_time": left * (not late), "late": int(late)}
    return {"disbursed": row["principal"], "repaid": repaid, "outstanding": left, **states}


def _quarter(day: dt.date) -> dt.date:
    return _months_after(dt.date(day.year, (day.month - 1) // 3 * 3 + 3, 1), 0)


def _months_after(day: dt.date, months: int) -> dt.date:
    """The last day of the month so many months after that of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


_HANDOVERS = f"""
select f.code as fintech, m.code as manager, h.received_on, hl.amount, l.id, l.owner_id, b.seen
from ksbb.handover_loan hl join ksbb.handover h on h.id = hl.handover_id join ksbb.loan l on l.id = hl.loan_id
join {_BUSINESSES} b on b.id = l.business_id
join {_CODES} f on f.id = h.fintech_id join {_CODES} m on m.id = h.fund_manager_id
where h.status = 'DITERIMA' and h.received_on is not null
"""  # nothing of it comes from outside


def _handovers(rows: Rows) -> Iterator[Unit]:
    for row in rows:
        period, key = _half_year(row["received_on"]), (row["fintech"], row["manager"])
        yield Unit(period, key, str(row["id"]), str(row["owner_id"]), row["seen"], {"amount": row["amount"]})


_ONWARD = f"""
select m.code as manager, o.programme, o.given_on, o.amount as given, h.amount as whole, hl.amount, l.id, l.owner_id,
  b.seen
from ksbb.onward_aid o join ksbb.handover h on h.id = o.handover_id join ksbb.handover_loan hl on hl.handover_id = h.id
join ksbb.loan l on l.id = hl.loan_id join {_BUSINESSES} b on b.id = l.business_id
join {_CODES} m on m.id = o.fund_manager_id
"""  # nothing of it comes from outside


def _onward(rows: Rows) -> Iterator[Unit]:
    shares: defaultdict[tuple[str, Key, str, str, bool], int] = defaultdict(int)
    for row in rows:
        where = (_half_year(row["given_on"]), (row["manager"], row["programme"]))
        shares[(*where, str(row["id"]), str(row["owner_id"]), row["seen"])] += (
            row["given"] * row["amount"] // row["whole"]
        )
    for (period, key, loan, person, listed), amount in shares.items():
        yield Unit(period, key, f"{loan} {key}", person, listed, {"amount": amount})


_COMPLAINTS = """
select c.id, c.complainant_id, c.region_code, c.category, c.received_at, u.taken_at, u.status
from ksbb.follow_up u join ksbb.complaint c on c.id = u.complaint_id
where u.status in ('SELESAI', 'DITOLAK') order by u.taken_at desc, u.id desc
"""


def _complaints(rows: Rows) -> Iterator[Unit]:
    def closed_on(row: Any) -> dt.date:
        day: dt.date = row["taken_at"].astimezone(_JAKARTA).date()
        return day

    for row in _first_of(rows, lambda r: _half_year(closed_on(r)), lambda r: r["id"]):
        days = (closed_on(row) - row["received_at"].astimezone(_JAKARTA).date()).days
        person = str(row["complainant_id"] or row["id"])
        key = (row["region_code"], row["category"], row["status"])
        yield Unit(_half_year(closed_on(row)), key, str(row["id"]), person, False, {"days": days})


_DISCREPANCIES = f"""
select d.id, i.code, d.measure, d.detected_on, abs(d.value_a - d.value_b) as apart, l.owner_id, b.seen
from ksbb.discrepancy d join {_CODES} i on i.id = d.institution_id
left join ksbb.loan l on l.id = d.loan_id left join {_BUSINESSES} b on b.id = l.business_id
"""  # nothing of it comes from outside


def _discrepancies(rows: Rows) -> Iterator[Unit]:
    for row in rows:
        period, key, person = (
            _half_year(row["detected_on"]),
            (row["code"], row["measure"]),
            row["owner_id"] or row["id"],
        )
        yield Unit(period, key, str(row["id"]), str(person), bool(row["seen"]), {"amount": row["apart"]})


_DATASETS: Mapping[str, tuple[str, Callable[[Rows], Iterator[Unit]]]] = {
    "penerima_agregat": (_RECIPIENTS, _recipients),
    "penerima_kumulatif": (_RECIPIENTS, _recipients_ever),
    "pinjaman_agregat": (_LOANS, _loans),
    "serah_terima": (_HANDOVERS, _handovers),
    "penyaluran_ulang": (_ONWARD, _onward),
    "pengaduan": (_COMPLAINTS, _complaints),
    "selisih_laporan": (_DISCREPANCIES, _discrepancies),
}
