"""Rows that commands need, and statements that bring them there behind the back of the bus."""

from __future__ import annotations

GOODS = "t.package_kind <> 'PINJAMAN_MODAL'"
LENT = "t.package_kind = 'PINJAMAN_MODAL'"
NOTHING_LENT = "update ksbb.loan set status = 'BATAL', disbursed_on = null where collaboration_id = $1"
OPEN = (
    f"t.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN') and {GOODS} and exists (select from ksbb.business b"
    " where b.status = 'AKTIF' and starts_with(b.region_code, t.region_code))"
)
HAS_DELIVERIES = f"{OPEN} and exists (select from ksbb.delivery d where d.pledge_id = t.id)"
WAITS = "t.status = 'DILAPORKAN' and t.quantity > 0"
STANDS = "t.status = 'TERVALIDASI' and t.quantity > 0"
MORE = "update ksbb.pledge set need_id = null, quantity = quantity + 100 where id = $1"
SCHEDULED = "update ksbb.delivery set status = 'DIJADWALKAN' where pledge_id = $1"
CONTRACTED = "t.status = 'TERKONTRAK' and t.collaboration_id is not null"
OFFERED = """update ksbb.loan set status = 'DITAWARKAN', consented_on = proposed_on,
    collaboration_id = null, collaborator_id = null, admin_fee = 0,
    origination_fee = 0, insurance_premium = 0 where id in
    (select id from ksbb.loan where status in ('DIUSULKAN', 'DISARING') order by id limit 8)"""
SUBMITTED = """update ksbb.pledge set status = 'DIAJUKAN', delivered_quantity = 0, need_id = null
    where collaboration_id = $1"""


OPENED_AGAIN = """update ksbb.pledge set status = 'DITERIMA', need_id = null where id in (select p.id
    from ksbb.pledge p join ksbb.collaboration c on c.id = p.collaboration_id
    where c.status in ('DIKONFIRMASI', 'BERJALAN', 'TERVALIDASI') and c.package_kind <> 'PINJAMAN_MODAL'
    and c.distributor_id is not null order by p.id desc limit 8)"""
SENT_IN_AGAIN = "update ksbb.collaboration set status = 'DIAJUKAN' where id = $1"
CONFIRMED = "update ksbb.collaboration set status = 'DIKONFIRMASI' where id = $1"


def promises(state: str) -> str:
    """Brings the pledges of a collaboration to a state, nothing of them delivered."""
    how = f"status = '{state}', delivered_quantity = 0, need_id = null"
    return f"update ksbb.pledge set {how} where collaboration_id = $1"


def under(noun: str, state: str) -> str:
    """Brings the collaboration of a row to a state."""
    of = f"select collaboration_id from ksbb.{noun} where id = $1"
    return f"update ksbb.collaboration set status = '{state}' where id = ({of})"


def promised(state: str, delivered: str, quantity: str) -> str:
    """Brings the pledge of a delivery (d) to a state and quantities."""
    return (
        f"update ksbb.pledge p set status = '{state}', need_id = null, delivered_quantity = {delivered},"
        f" quantity = {quantity}"
        " from ksbb.delivery d where d.id = $1 and p.id = d.pledge_id"
    )


def all(*statements: str) -> str:
    """Several statements as one."""
    *before, last = statements
    named = ", ".join(f"s{number} as ({statement})" for number, statement in enumerate(before))
    return f"with {named} {last}"


REPORTED = """update ksbb.delivery set status = 'DILAPORKAN' where id in
    (select id from ksbb.delivery where quantity > 0 and status <> 'DILAPORKAN' order by id desc limit 5)"""
CHECKED = """update ksbb.delivery set status = 'TERVALIDASI' where id in
    (select id from ksbb.delivery where quantity > 0 and status <> 'TERVALIDASI' order by id desc limit 5)"""
PAID_OUT = """update ksbb.loan set status = 'CAIR' where id in (select id from ksbb.loan where status = 'BERJALAN'
    and collaboration_id is not null order by id desc limit 3)"""
SENT_IN = f"""update ksbb.collaboration set status = 'DIAJUKAN' where id in (select t.id from ksbb.collaboration t
    where t.status = 'DIKONFIRMASI' and {GOODS} order by t.id desc limit 2)"""
SIGNED = """update ksbb.loan set status = 'TERKONTRAK' where id in (select id from ksbb.loan
    where status = 'DITAWARKAN' and collaboration_id is not null order by id desc limit 2)"""
ONLY_DELIVERY = """update ksbb.delivery o set status = 'DIBATALKAN' from ksbb.delivery d where d.id = $1
    and o.id <> d.id and o.collaboration_id = d.collaboration_id"""
ONLY_LOAN = """update ksbb.loan o set collaboration_id = null from ksbb.loan l where l.id = $1 and o.id <> l.id
    and o.collaboration_id = l.collaboration_id"""
ONLY_REPORT = all(ONLY_DELIVERY, under("delivery", "DILAPORKAN"), promised("DITERIMA", "0", "d.quantity"))
ONLY_CHECKED = all(ONLY_DELIVERY, under("delivery", "TERVALIDASI"), promised("TERPENUHI", "d.quantity", "d.quantity"))
ONLY_PAID = all(ONLY_LOAN, "delete from ksbb.repayment where loan_id = $1", under("loan", "DILAPORKAN"))
