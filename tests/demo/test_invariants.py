"""The invariants of the subject (DOMAIN section 8) hold in the demo city, but for the planted discrepancies.

Each query finds what breaks a rule; a rule that must hold everywhere finds nothing.
"""

from __future__ import annotations

import asyncpg
import pytest

from demo.planted import PLANTED, Measure

NEVER = {
    "a loan is within the amounts of its rule": "select id from loan where principal not between 5000000 and 10000000",
    "an owner has one active loan": """
        select owner_id from loan where status in ('TERKONTRAK', 'CAIR', 'BERJALAN', 'RESTRUKTURISASI', 'GAGAL_BAYAR')
        group by owner_id having count(*) > 1""",
    "the first schedule is the principal": """
        select l.id from loan l join instalment i on i.loan_id = l.id and i.schedule = 1
        group by l.id having sum(i.principal) <> l.principal or count(*) <> l.tenor_months""",
    "a new schedule is what was owed then": """
        select i.loan_id from instalment i join loan l on l.id = i.loan_id where i.schedule = 2 group by i.loan_id, l.id
        having sum(i.principal) <> l.principal - (select coalesce(sum(r.amount), 0) from repayment r
            where r.loan_id = i.loan_id and r.paid_on < min(i.due_on) - 15)""",
    "the rest of the division is in the last instalment": """
        select a.id from instalment a join instalment b using (loan_id, schedule)
        where a.number = 1 and b.principal < a.principal""",
    "nobody repays more than the principal": """
        select l.id from loan l join repayment r on r.loan_id = l.id
        group by l.id having sum(r.amount) not between 0 and l.principal""",
    "repaid means all of it": """
        select l.id from loan l left join repayment r on r.loan_id = l.id group by l.id
        having (coalesce(sum(r.amount), 0) = l.principal) <> (l.status in ('LUNAS', 'DISERAHKAN'))
            or (l.repaid_on is not null) <> (l.status in ('LUNAS', 'DISERAHKAN'))""",
    "a reversal has its reason": "select id from repayment where (amount < 0) <> (reason is not null)",
    "the donor signs first, the business next, then the money moves": """
        select l.id from loan l
        left join e_contract d on d.loan_id = l.id and d.party = 'DONATUR'
        left join e_contract b on b.loan_id = l.id and b.party = 'UMKM'
        left join disbursement p on p.loan_id = l.id and p.amount > 0
        where (l.disbursed_on is not null or p.id is not null)
            and (d.id is null or b.id is null or d.signed_at > b.signed_at or b.signed_at::date > p.disbursed_on)""",
    "a contracted loan belongs to a collaboration of its fintech that has its number": """
        select l.id from loan l left join collaboration c on c.id = l.collaboration_id
        join e_contract e on e.loan_id = l.id
        where c.id is null or c.number_issued_on > e.signed_at::date or c.distributor_id <> l.fintech_id
            or c.package_kind <> 'PINJAMAN_MODAL' or c.collaborator_id <> l.collaborator_id""",
    "a loan that came back is reversed": """
        select l.id from loan l join disbursement d on d.loan_id = l.id
        where l.status = 'BATAL' group by l.id having sum(d.amount) <> 0""",
    "screening needs the owner's consent": """
        select l.id from loan l where status <> 'DIUSULKAN' and not exists (
            select from consent c where c.owner_id = l.owner_id and c.purpose = 'PENYARINGAN'
                and c.given_on = l.consented_on)""",
    "only verified businesses borrow": """
        select l.id from loan l join business b on b.id = l.business_id
        where b.verified_on is null or b.status <> 'AKTIF' or b.owner_id <> l.owner_id
            or b.region_code <> l.region_code""",
    "what a loan carries down is the loan's": " union all ".join(
        f"""select c.id from {table} c join loan l on l.id = c.loan_id where c.fintech_id <> l.fintech_id
        or c.owner_id <> l.owner_id or c.region_code <> l.region_code
        or c.collaborator_id is distinct from l.collaborator_id"""
        for table in ("e_contract", "disbursement", "instalment", "repayment", "problem_report")
    ),
    "reports come after payments": """
        select id from repayment where (reported_at at time zone 'Asia/Jakarta')::date - paid_on <> reporting_lag_days
            or reporting_lag_days < 0""",
    "a default is more than 90 days late": """
        select p.id from problem_report p join loan l on l.id = p.loan_id
        where not l.ever_defaulted or p.reported_on - l.disbursed_on <= 90""",
    "a loan is handed over when a confirmed handover holds it": """
        select l.id from loan l
        left join handover_loan x on x.loan_id = l.id left join handover h on h.id = x.handover_id
        where (l.status = 'DISERAHKAN') <> coalesce(h.status = 'DITERIMA', false)
            or x.amount > l.principal or (x.id is not null and l.status not in ('LUNAS', 'DISERAHKAN'))
            or x.fund_manager_id <> l.fund_manager_id or x.fund_manager_id <> h.fund_manager_id""",
    "a handover follows the last repayment": """
        select h.id from handover h join handover_loan x on x.handover_id = h.id
        join repayment r on r.loan_id = x.loan_id
        where (r.reported_at at time zone 'Asia/Jakarta')::date > h.sent_on""",
    "only confirmed money is passed on": """
        select o.id from onward_aid o join handover h on h.id = o.handover_id
        where h.status <> 'DITERIMA' or o.given_on < h.received_on or o.fund_manager_id <> h.fund_manager_id""",
    "no need is pledged twice": """
        select n.id from need n left join pledge p on p.need_id = n.id
            and p.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN', 'TERPENUHI')
        group by n.id having coalesce(sum(p.quantity), 0) <> n.pledged_quantity or n.pledged_quantity > n.quantity
            or n.open <> (n.pledged_quantity < n.quantity)""",
    "deliveries stay within their pledge": """
        select p.id from pledge p left join delivery d on d.pledge_id = p.id and d.status = 'TERVALIDASI'
        where p.package_kind <> 'PINJAMAN_MODAL' group by p.id
        having coalesce(sum(d.quantity), 0) <> p.delivered_quantity or p.delivered_quantity > p.quantity""",
    "a delivery is what its recipients got": """
        select d.id from delivery d left join delivery_recipient r on r.delivery_id = d.id group by d.id
        having coalesce(sum(r.quantity), 0) <> d.quantity""",
    "recipients of a delivery that was not made have nothing": """
        select r.id from delivery_recipient r join delivery d on d.id = r.delivery_id
        where (r.received_on is null) <> (d.delivered_on is null or d.status = 'DIBALIK')
            or r.received_on <> d.delivered_on""",
    "nothing is delivered before the number is issued": """
        select d.id from delivery d join collaboration c on c.id = d.collaboration_id
        where c.number is null or d.delivered_on < c.number_issued_on""",
    "who distributes is accredited, with an agreement": """
        select c.id from collaboration c where c.distributor_id is not null and (
            not exists (select from accreditation a where a.institution_id = c.distributor_id
                and a.package_kind = c.package_kind and a.status = 'AKTIF' and a.decided_on <= c.created_on)
            or not exists (select from agreement g where g.institution_id = c.distributor_id
                and c.created_on between g.starts_on and g.ends_on))""",
    "the officer of the area validates": """
        select v.id from validation v where not exists (select from role_assignment a
            where a.user_account_id = v.officer_id and a.role = 'PENDAMPING'
                and v.region_code like a.region_code || '%')""",
    "the days since the previous aid are counted": """
        select r.id from delivery_recipient r where r.days_since_previous is distinct from (
            select r.received_on - max(e.received_on) from delivery_recipient e
            where e.business_id = r.business_id and e.received_on < r.received_on)""",
    "has received means goods or a training, never a loan": """
        select b.id from business b where b.has_received <>
            exists (select from delivery_recipient r where r.business_id = b.id and r.received_on is not null)""",
    "listed means an unwithdrawn consent": """
        select b.id from business b where b.listed <> exists (select from consent c where c.owner_id = b.owner_id
            and c.purpose = 'TAMPIL_PUBLIK' and c.withdrawn_on is null)""",
    "a photo is shown by consent": """
        select b.id from business b where b.photo_consented <> exists (select from consent c
            where c.owner_id = b.owner_id and c.purpose = 'FOTO' and c.withdrawn_on is null)""",
    "a need is listed when its business is": """
        select n.id from need n left join business b on b.id = n.business_id
        where n.listed <> coalesce(b.listed, true)""",
    "contact is open from the number to the end": """
        select i.id from involvement i join collaboration c on c.id = i.collaboration_id
        where i.contact_open <> (c.number_issued_on is not null and c.closed_on is null)
            or i.collaborator_id <> c.collaborator_id""",
    "everybody helped is involved": """
        select collaboration_id, business_id from delivery_recipient
        union select collaboration_id, business_id from loan where collaboration_id is not null
        except select collaboration_id, business_id from involvement""",
    "nobody is involved twice in one collaboration": """
        select collaboration_id from involvement group by collaboration_id, business_id, place_id
        having count(*) > 1""",
    "a complaint stands where its last step left it": """
        select c.id from complaint c left join lateral (select f.status from follow_up f where f.complaint_id = c.id
            order by f.taken_at desc limit 1) last on true where coalesce(last.status, 'DITERIMA') <> c.status
            or (c.closed_at is not null) <> (c.status in ('SELESAI', 'DITOLAK'))""",
    "a recap counts its applications": """
        select r.id from recap r left join intake_application a on a.recap_id = r.id group by r.id
        having count(a.id) <> r.applications or not bool_and(a.region_code like r.region_code || '%')""",
    "nothing is known of the days after the cut-off": " union all ".join(
        f"select id from {table} where {column} > date '2021-12-31'"
        for table, column in {
            "repayment": "paid_on",
            "disbursement": "disbursed_on",
            "delivery": "delivered_on",
            "handover": "sent_on",
            "onward_aid": "given_on",
            "collaboration": "closed_on",
            "loan": "repaid_on",
            "validation": "validated_on",
            "e_contract": "(signed_at at time zone 'Asia/Jakarta')::date",
        }.items()
    ),
}

DIFFERS = {
    Measure.PENCAIRAN: """
        select loan_id, d.amount, l.principal - l.admin_fee - l.origination_fee - l.insurance_premium
        from disbursement d join loan l on l.id = d.loan_id where l.status <> 'BATAL'
            and d.amount <> l.principal - l.admin_fee - l.origination_fee - l.insurance_premium""",
    Measure.PEMBAYARAN: """
        select fintech_id, p.total, sum(r.amount) from periodic_report p join repayment r using (fintech_id)
        where to_char(r.paid_on, 'YYYYMM') = p.period group by p.id having p.total <> sum(r.amount)""",
    Measure.SERAH_TERIMA: """
        select h.id, h.amount, sum(x.amount) from handover h join handover_loan x on x.handover_id = h.id
        group by h.id having h.amount <> sum(x.amount)""",
    Measure.NILAI_REALISASI: """
        select d.collaboration_id, d.value, d.quantity * p.estimated_value / p.quantity
        from delivery d join pledge p on p.id = d.pledge_id
        where d.value <> d.quantity * p.estimated_value / p.quantity""",
    Measure.PENYALURAN_ULANG: """
        select h.id, sum(o.amount), h.amount from handover h join onward_aid o on o.handover_id = h.id
        group by h.id having sum(o.amount) > h.amount""",
    Measure.NILAI_KOMITMEN: """
        select c.id, c.pledged_value, coalesce(sum(p.estimated_value), 0) from collaboration c
        left join pledge p on p.collaboration_id = c.id and p.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN', 'TERPENUHI')
        group by c.id having c.pledged_value <> coalesce(sum(p.estimated_value), 0)""",
}
SUBJECT = {
    Measure.PENCAIRAN: "loan_id",
    Measure.PEMBAYARAN: "institution_id",
    Measure.SERAH_TERIMA: "handover_id",
    Measure.NILAI_REALISASI: "collaboration_id",
    Measure.PENYALURAN_ULANG: "handover_id",
    Measure.NILAI_KOMITMEN: "collaboration_id",
}


@pytest.mark.parametrize("rule", NEVER)
async def test_no_row_of_the_city_breaks_a_rule(city: asyncpg.Connection, rule: str) -> None:
    assert await city.fetch(NEVER[rule]) == []


@pytest.mark.parametrize("measure", Measure)
async def test_reports_differ_where_a_discrepancy_says_so_and_nowhere_else(
    city: asyncpg.Connection, measure: Measure
) -> None:
    recorded = await city.fetch(
        f"select {SUBJECT[measure]}, value_a, value_b from discrepancy where measure = $1", measure.value
    )
    assert recorded
    assert {tuple(row) for row in await city.fetch(DIFFERS[measure])} == {tuple(row) for row in recorded}


async def test_there_are_twelve_planted_discrepancies(city: asyncpg.Connection) -> None:
    assert await city.fetchval("select count(*) from discrepancy") == PLANTED == 12
