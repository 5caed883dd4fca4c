"""The ten questions of an inspector: their files, and the same questions asked of the tables in SQL.

Each SQL statement names its columns as the CSV has them and puts a number in place of every variable, so that it can be
compared with the answer word for word. It is written against the tables, by other ways than the API takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "examples" / "ad_hoc"

_STATE = """
with day(d) as (select unnest($1::date[])),
paid as (
    select day.d, l.id, l.fintech_id, l.business_id, l.kecamatan_code, l.principal,
        coalesce((select sum(amount) from repayment r where r.loan_id = l.id and r.paid_on <= day.d), 0) as repaid,
        (select max(schedule) from instalment i
          where i.loan_id = l.id and (i.effective_on is null or i.effective_on <= day.d)) as in_force
    from loan l, day where l.disbursed_on <= day.d and l.status <> 'BATAL'),
covered as (
    select p.d, p.id, i.due_on, i.principal,
        p.principal - sum(i.principal) over whole as before, sum(i.principal) over in_order as asked
    from paid p join instalment i on i.loan_id = p.id and i.schedule = p.in_force
    window whole as (partition by p.d, p.id), in_order as (partition by p.d, p.id order by i.number)),
state as (
    select p.*, p.principal - p.repaid as outstanding,
        greatest(0, coalesce((select sum(c.principal) + max(c.before) from covered c
            where c.d = p.d and c.id = p.id and c.due_on <= p.d), 0) - p.repaid) as overdue,
        exists (select from covered c where c.d = p.d and c.id = p.id
            and c.due_on < p.d - 90 and c.before + c.asked > p.repaid) as bad
    from paid p)
"""


@dataclass(frozen=True)
class Question:
    """A file of `examples/ad_hoc`, and how to answer it without the API."""

    file: str
    sql: str
    arguments: tuple[object, ...] = ()
    variables: dict[str, object] = field(default_factory=dict)
    may_be_empty: bool = False

    @property
    def text(self) -> str:
        """The question as GraphQL."""
        return (FOLDER / self.file).read_text(encoding="utf-8")


QUESTIONS = (
    Question(
        "01_slowest_fintech.graphql",
        """
        select f.name as "keys.fintechName", count(*) as count,
            round(avg(r.reported_at::date - r.paid_on), 2) as "reportingLagDays.avg",
            min(r.reported_at::date - r.paid_on) as "reportingLagDays.min",
            max(r.reported_at::date - r.paid_on) as "reportingLagDays.max", max(r.reported_at) as "reportedAt.max"
        from repayment r join loan l on l.id = r.loan_id join institution f on f.id = l.fintech_id
        where r.paid_on between date '2020-07-01' and date '2021-12-31' group by f.name
        """,
    ),
    Question(
        "02_overdue_principal.graphql",
        _STATE
        + """
        select l.kecamatan_code as "keys.kecamatanCode", k.name as "keys.kecamatanName",
            b.kbli_section as "keys.recipientKbliSection", date '2021-09-30' as "portfolio.asOf",
            count(s.id) as "portfolio.loans", coalesce(sum(s.outstanding), 0) as "portfolio.outstanding",
            coalesce(sum(s.overdue), 0) as "portfolio.overduePrincipal",
            coalesce(sum(s.outstanding) filter (where s.bad), 0) as "portfolio.outstandingOver90Days"
        from loan l left join state s on s.id = l.id join business b on b.id = l.business_id
        join region k on k.code = l.kecamatan_code group by 1, 2, 3
        """,
        (["2021-09-30"],),
    ),
    Question(
        "03_helped_twice.graphql",
        """
        with received as (
            select dr.*, received_on - lag(received_on) over (partition by business_id order by received_on) as days
            from (select distinct business_id, received_on from delivery_recipient where received_on is not null) dr)
        select b.public_id as "recipient.id", b.trade_name as "recipient.tradeName", g.name as "recipient.region.name",
            dr.package_kind as "packageKind", dr.received_on as "receivedOn", r.days as "daysSincePrevious",
            c.number as "collaboration.number", c.title as "collaboration.title"
        from received r join delivery_recipient dr using (business_id, received_on)
        join business b on b.id = dr.business_id join region g on g.code = b.region_code
        join collaboration c on c.id = dr.collaboration_id where r.days <= 90
        """,
    ),
    Question(
        "04_expired_pledges.graphql",
        """
        select d.kind as "keys.collaboratorKind", count(*) as count, sum(p.quantity) as "quantity.sum",
            sum(p.estimated_value) as "estimatedValue.sum"
        from pledge p join collaborator d on d.id = p.collaborator_id
        where p.status = 'KEDALUWARSA' and p.delivered_quantity = 0 group by d.kind
        """,
    ),
    Question(
        "05_deliveries_not_validated.graphql",
        """
        select d.reported_at as "reportedAt", d.delivered_on as "deliveredOn", d.status, d.item, d.quantity, d.value,
            g.code as "region.code", g.name as "region.name", c.number as "collaboration.number"
        from delivery d join region g on g.code = d.region_code join collaboration c on c.id = d.collaboration_id
        where d.status <> 'DIBALIK' and d.reported_at < $1::timestamptz
            and not exists (select from validation v where v.delivery_id = d.id and v.accepted)
        """,
        ("2021-12-02T00:00:00+07:00",),
    ),
    Question(
        "06_complaints_over_the_clocks.graphql",
        """
        with moment(m) as (select timestamptz '2021-12-31 18:00:00+07')
        select g.code as "keys.kotaCode", g.name as "keys.kotaName", c.category as "keys.category", count(*) as count,
            min(c.received_at) as "receivedAt.min"
        from complaint c join region g on g.code = substr(c.region_code, 1, 5), moment
        where c.status not in ('SELESAI', 'DITOLAK')
            and case when c.forwarded_at is null then m - c.received_at > interval '6 hours'
                else m - c.forwarded_at > interval '7 days' end
        group by 1, 2, 3
        """,
    ),
    Question(
        "07_handovers_not_confirmed.graphql",
        """
        select h.sent_on as "sentOn", h.status, h.amount, f.name as "fintech.name", m.name as "fundManager.name",
            json_build_object('nodes', (select coalesce(json_agg(json_build_object(
                'valueA', d.value_a, 'valueB', d.value_b, 'status', d.status)), '[]')
                from discrepancy d where d.handover_id = h.id)) as discrepancies
        from handover h join institution f on f.id = h.fintech_id join institution m on m.id = h.fund_manager_id
        where h.status = 'DIBANTAH' or h.status = 'DIKIRIM' and date '2021-12-31' - h.sent_on > 14
        """,
    ),
    Question(
        "08_open_discrepancies.graphql",
        """
        select i.name as "keys.institutionName", d.measure as "keys.measure", d.status as "keys.status",
            count(*) as count, sum(d.value_a) as "valueA.sum", sum(d.value_b) as "valueB.sum",
            min(d.detected_on) as "detectedOn.min"
        from discrepancy d left join institution i on i.id = d.institution_id
        where d.status <> 'DITERIMA' and date '2021-12-31' - d.detected_on > 14 group by 1, 2, 3
        """,
    ),
    Question(
        "09_tkb90_at_quarter_ends.graphql",
        _STATE
        + """
        , quarter as (
            select fintech_id, d, 100 - round(100.0 * coalesce(sum(outstanding) filter (where bad), 0)
                / nullif(sum(outstanding), 0), 2) as tkb90, count(*) as loans, sum(principal) as disbursed,
                sum(repaid) as repaid from state group by 1, 2)
        select f.name as "keys.fintechName", """
        + ", ".join(
            f'max({what}) filter (where d = $1[{n}]) as "{name}.{what}"'
            for n, name in enumerate(("q4_2020", "q1_2021", "q2_2021", "q3_2021", "q4_2021"), 1)
            for what in ("tkb90", "loans", "disbursed", "repaid")
        )
        + " from quarter join institution f on f.id = fintech_id group by f.name",
        (["2020-12-31", "2021-03-31", "2021-06-30", "2021-09-30", "2021-12-31"],),
    ),
    *(
        Question(
            "10_loans_without_validation.graphql",
            """
            select l.public_id as id, l.disbursed_on as "disbursedOn", l.status, l.principal, f.name as "fintech.name",
                b.trade_name as "recipient.tradeName", g.code as "recipient.region.code",
                g.name as "recipient.region.name"
            from loan l join institution f on f.id = l.fintech_id join business b on b.id = l.business_id
            join region g on g.code = b.region_code left join validation v on v.loan_id = l.id and v.accepted
            where l.disbursed_on < $1::date and v.id is null
            """,
            (before,),
            {"disbursedBefore": before},
            may_be_empty,
        )
        for before, may_be_empty in (("2021-12-01", True), ("2022-01-01", False))
    ),
)
