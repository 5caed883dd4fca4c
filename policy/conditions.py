"""The viewer's settings as SQL, and the row conditions made of them.

Each takes a table and speaks of that table's own columns; a table that lacks the column gives no rows.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, Uuid, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.sql.selectable import ScalarSelect

from models.collaboration import Collaboration, Involvement
from models.delivery import Delivery, DeliveryRecipient
from models.intake import IntakeApplication
from models.loan import Loan
from models.vocabulary import CorrectionField, DeliveryStatus, DocumentKind, RightsRequestKind
from policy.treatment import Condition
from policy.viewer import SCOPE_OF, Role, Scope

CLEAR_TO_THE_AGENCY = (
    CorrectionField.ALAMAT,
    CorrectionField.NAMA_USAHA,
    CorrectionField.ALAMAT_USAHA,
    CorrectionField.KBLI,
)
"""What is proposed of a name or telephone is decided by the officer of the area, who reads both."""


def setting(scope: Scope) -> ScalarSelect[Any]:
    """One scope value of the connection, or NULL (which matches no row) when it has none."""
    text = func.nullif(func.current_setting(f"ksbb.{scope.value}", True), "")
    identifies = scope in {Scope.INSTITUTION, Scope.PERSON}
    return select(cast(text, Uuid()) if identifies else text).scalar_subquery()


def _equals(table: Table, column: str, scope: Scope) -> ColumnElement[bool]:
    return table.c[column] == setting(scope) if column in table.c else false()


def all_rows(_: Table) -> ColumnElement[bool]:
    """Every row."""
    return true()


def own_collaborator(table: Table) -> ColumnElement[bool]:
    """Rows of the viewer's own donations."""
    return _equals(table, "collaborator_id", Scope.INSTITUTION)


def own_fintech(table: Table) -> ColumnElement[bool]:
    """Rows of the viewer's own lending."""
    return _equals(table, "fintech_id", Scope.INSTITUTION)


def own_fund_manager(table: Table) -> ColumnElement[bool]:
    """Rows of money or aid that goes through the viewer."""
    return _equals(table, "fund_manager_id", Scope.INSTITUTION)


def own_institution(table: Table) -> ColumnElement[bool]:
    """Rows that concern the viewer's institution."""
    return _equals(table, "institution_id", Scope.INSTITUTION)


def own_institution_or_its_counterpart(table: Table) -> ColumnElement[bool]:
    """Rows that concern the viewer's institution, as the first or the second of two."""
    return or_(own_institution(table), _equals(table, "other_institution_id", Scope.INSTITUTION))


def outside_loans(table: Table) -> ColumnElement[bool]:
    """Evidence, checks and visits that do not belong to a loan: those tell when it was paid out, and its trouble.

    Proofs of a handover and files of a periodic report belong to loans too.
    """
    keys = (table.c[name] for name in ("loan_id", "handover_id", "periodic_report_id") if name in table.c)
    return and_(*(key.is_(None) for key in keys))


def own_institution_or_handed_over(table: Table) -> ColumnElement[bool]:
    """Documents of the viewer's institution outside loans, and the proofs of money that was sent to it."""
    return or_(own_institution_outside_loans(table), own_fund_manager(table))


def own_donation_outside_loans(table: Table) -> ColumnElement[bool]:
    """Rows of the viewer's own donations that do not belong to a loan."""
    return and_(own_collaborator(table), outside_loans(table))


def own_institution_outside_loans(table: Table) -> ColumnElement[bool]:
    """Rows that concern the viewer's institution and do not belong to a loan."""
    return and_(own_institution(table), outside_loans(table))


def own_person(table: Table) -> ColumnElement[bool]:
    """Rows of the person who asks."""
    return _equals(table, "id" if table.name == "owner" else "owner_id", Scope.PERSON)


def own_complaint(table: Table) -> ColumnElement[bool]:
    """Complaints that the viewer, person or institution, made."""
    return or_(
        _equals(table, "complainant_id", Scope.PERSON),
        _equals(table, "complainant_id", Scope.INSTITUTION),
    )


def in_area(table: Table) -> ColumnElement[bool]:
    """Rows of the viewer's region: a subtree of dotted codes is one range in the C collation ('.' < '/' < '0')."""
    area = setting(Scope.AREA)
    above = select(func.nullif(func.current_setting("ksbb.area", True), "") + "/").scalar_subquery()
    return and_(table.c.region_code >= area, table.c.region_code < above)


def in_area_outside_donations(table: Table) -> ColumnElement[bool]:
    """Rows of the viewer's region that name no donor."""
    return and_(in_area(table), table.c.collaborator_id.is_(None))


def at_level_in_area(table: Table) -> ColumnElement[bool]:
    """Intake files that lie at the viewer's level, in the viewer's area."""
    return and_(table.c.level == setting(Scope.LEVEL), in_area(table))


def of_own_file(table: Table) -> ColumnElement[bool]:
    """What belongs to intake files that lie at the viewer's level, in the viewer's area."""
    row = IntakeApplication.__table__
    return exists().where(row.c.id == table.c.intake_application_id, at_level_in_area(row)).correlate(table)  # type: ignore[arg-type]  # a Table


def outside_intake(table: Table) -> ColumnElement[bool]:
    """Every document but those of the intake chain."""
    return table.c.intake_application_id.is_(None)


def in_area_outside_intake(table: Table) -> ColumnElement[bool]:
    """Documents of the viewer's region, but those of the intake chain."""
    return and_(in_area(table), outside_intake(table))


def correction_in_area(table: Table) -> ColumnElement[bool]:
    """Corrections that persons of the viewer's area asked for."""
    return and_(table.c.kind == RightsRequestKind.PERBAIKAN, in_area(table))


def correction_in_clear(table: Table) -> ColumnElement[bool]:
    """Corrections of what the agency reads in clear: addresses and facts of a business."""
    return and_(table.c.kind == RightsRequestKind.PERBAIKAN, table.c.field.in_(CLEAR_TO_THE_AGENCY))


def consented(table: Table) -> ColumnElement[bool]:
    """Own loans whose owner consented to the screening."""
    return and_(own_fintech(table), table.c.consented_on.is_not(None))


def consented_to_screening(table: Table) -> ColumnElement[bool]:
    """Businesses and owners proposed to the viewer with their consent."""
    link = Loan.owner_id == table.c.id if table.name == "owner" else Loan.business_id == table.c.id
    return exists().where(link, consented(Loan.__table__)).correlate(table)  # type: ignore[arg-type]  # a Table


def _involved(table: Table, party: ColumnElement[bool]) -> ColumnElement[bool]:
    row = Involvement.__table__
    if table.name in {"business", "owner", "place"}:
        return exists().where(row.c[f"{table.name}_id"] == table.c.id, party).correlate(table)
    if "business_id" in table.c:
        return exists().where(row.c.business_id == table.c.business_id, party).correlate(table)
    return false()


def contact_is_open(table: Table) -> ColumnElement[bool]:
    """Own collaboration, its number issued and not closed (S0 Lampiran II B3, L6)."""
    mine = and_(Involvement.collaborator_id == setting(Scope.INSTITUTION), Involvement.contact_open)
    return _involved(table, mine)


def own_involvement(table: Table) -> ColumnElement[bool]:
    """Persons of the viewer's own collaborations."""
    return _involved(table, Involvement.collaborator_id == setting(Scope.INSTITUTION))


def involved_as_fund_manager(table: Table) -> ColumnElement[bool]:
    """Businesses that aid through the viewer, or money handed over to it, concerns."""
    through = _involved(table, Involvement.fund_manager_id == setting(Scope.INSTITUTION))
    lent = exists().where(Loan.business_id == table.c.id, own_fund_manager(Loan.__table__)).correlate(table)  # type: ignore[arg-type]  # a Table
    return or_(through, lent)


def scheduled(table: Table) -> ColumnElement[bool]:
    """Businesses to which a delivery in the viewer's area is scheduled and not yet made."""
    row = DeliveryRecipient.__table__
    return exists().where(row.c.business_id == table.c.id, awaited(row)).correlate(table)  # type: ignore[arg-type]  # a Table


def awaited(table: Table) -> ColumnElement[bool]:
    """Shares of deliveries that are scheduled in the viewer's area and not yet made, called off or reversed."""
    scheduled_one = and_(Delivery.id == table.c.delivery_id, Delivery.status == DeliveryStatus.DIJADWALKAN)
    return and_(in_area(table), table.c.received_on.is_(None), exists().where(scheduled_one).correlate(table))


def listed(table: Table) -> ColumnElement[bool]:
    """Businesses that consented to be listed in public."""
    return table.c.listed


def listed_or_of_a_place(table: Table) -> ColumnElement[bool]:
    """Needs of places, and of businesses that consented to be listed."""
    return or_(table.c.place_id.is_not(None), table.c.listed)


def own_or_listed_need(table: Table) -> ColumnElement[bool]:
    """Own needs beside those that the public sees."""
    return or_(own_person(table), listed_or_of_a_place(table))


def issued(table: Table) -> ColumnElement[bool]:
    """Collaborations whose number was issued; pledges that were accepted; deliveries that were validated."""
    match table.name:
        case "collaboration":
            return table.c.number_issued_on.is_not(None)
        case "pledge":
            return table.c.status.not_in(["DRAF", "DIAJUKAN", "DITOLAK"])
        case _:
            return table.c.validated_on.is_not(None)


def own_or_issued(table: Table) -> ColumnElement[bool]:
    """The viewer's own beside those that the public sees."""
    return or_(own_collaborator(table), issued(table))


def own_distributed_or_issued(table: Table) -> ColumnElement[bool]:
    """What the viewer distributes for a donor beside what the public sees."""
    return or_(_equals(table, "distributor_id", Scope.INSTITUTION), issued(table))


def of_a_seen_delivery(table: Table) -> ColumnElement[bool]:
    """What belongs to a delivery that the viewer sees: the row conditions of the deliveries hold inside this one."""
    return exists().where(Delivery.id == table.c.delivery_id).correlate(table)


def in_area_or_issued(table: Table) -> ColumnElement[bool]:
    """Everything of the viewer's area beside what the public sees."""
    return or_(in_area(table), issued(table))


def scheduled_or_issued(table: Table) -> ColumnElement[bool]:
    """Deliveries of the viewer's area that are scheduled and not yet made, beside what the public sees."""
    if table.name != "delivery":
        return issued(table)
    return or_(and_(in_area(table), table.c.delivered_on.is_(None)), issued(table))


def assigned(table: Table) -> ColumnElement[bool]:
    """Texts that were given to the viewer to work on: complaints and findings of its area, own visits and checks."""
    if table.name in {"complaint", "follow_up"}:
        return in_area(table)
    if table.name in {"finding", "finding_step"}:
        return assigned_to_area(table)
    return _equals(table, "officer_id", Scope.PERSON)


def assigned_to_agency(table: Table) -> ColumnElement[bool]:
    """Complaints routed to the MSME agency, and findings that it is to answer."""
    return table.c.assigned_agency == "DINAS_PPKUKM" if "assigned_agency" in table.c else false()


def assigned_to_area(table: Table) -> ColumnElement[bool]:
    """Findings that the administration of the viewer's region is to answer."""
    return and_(table.c.assigned_agency == "WILAYAH", in_area(table))


def own_text(table: Table) -> ColumnElement[bool]:
    """Texts in the viewer's own rows."""
    return or_(
        own_complaint(table),
        own_person(table),
        own_collaborator(table),
        own_fintech(table),
        own_fund_manager(table),
        own_institution(table),
        _equals(table, "distributor_id", Scope.INSTITUTION),
    )


def of_own_pledge(table: Table) -> ColumnElement[bool]:
    """Discrepancies about what the viewer itself promised or delivered, not about a loan or a handover."""
    return and_(own_collaborator(table), table.c.loan_id.is_(None), table.c.handover_id.is_(None))


def own_donor(table: Table) -> ColumnElement[bool]:
    """The donor who asks."""
    return table.c.id == setting(Scope.INSTITUTION)


def own_body(table: Table) -> ColumnElement[bool]:
    """The institution that asks."""
    return table.c.id == setting(Scope.INSTITUTION)


def bound_to_fund_manager(table: Table) -> ColumnElement[bool]:
    """Donors whose aid goes through the viewer."""
    through = and_(
        Collaboration.collaborator_id == table.c.id, Collaboration.distributor_id == setting(Scope.INSTITUTION)
    )
    return exists().where(through).correlate(table)


def funds_own_loan(table: Table) -> ColumnElement[bool]:
    """Donors whose money the viewer lent."""
    return exists().where(Loan.collaborator_id == table.c.id, own_fintech(Loan.__table__)).correlate(table)  # type: ignore[arg-type]  # a Table


def photo_of_goods_consented(table: Table) -> ColumnElement[bool]:
    """Photos of goods of validated deliveries, where everybody who received them consented to photos."""
    shown = and_(Delivery.status == DeliveryStatus.TERVALIDASI, Delivery.photos_consented)
    of_goods = table.c.kind == DocumentKind.FOTO_BARANG
    return and_(of_goods, exists().where(Delivery.id == table.c.delivery_id, shown).correlate(table))


@cache
def own_webhooks(role: Role) -> Condition:
    """The condition of a role: its own webhooks; another role of the same body has others."""

    def own(table: Table) -> ColumnElement[bool]:
        """The viewer's own webhooks, and what was sent to them."""
        of_the_role = [table.c.role == role.value]
        if Scope.INSTITUTION in SCOPE_OF[role]:
            of_the_role.append(own_institution(table))
        if Scope.AREA in SCOPE_OF[role]:
            of_the_role.append(_equals(table, "area", Scope.AREA))
        return and_(*of_the_role)

    return own


def photo_consented(table: Table) -> ColumnElement[bool]:
    """Businesses whose owner consented to the photo being published."""
    return table.c.photo_consented
