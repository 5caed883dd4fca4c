"""What the publisher may read: its views over the tables, and which columns may go into open data.

The publisher's login reads facts of organisations as the public sees them, and *counts* of persons: the grouping is
inside the view, so no row of a person leaves the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Date,
    Float,
    Integer,
    Select,
    Subquery,
    Text,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from kernel.errors import KsbbError
from models.business import Business
from models.collaboration import Collaboration
from models.collaborator import Collaborator
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.institution import Accreditation, Agreement, AuditReport, Institution
from models.loan import Loan
from models.privacy import Privacy, privacy_of
from models.region import Region
from models.vocabulary import DeliveryStatus, InstitutionKind, LoanStatus, PackageKind
from policy.expressions import expression
from policy.treatment import Kind
from policy.viewer import Role
from policy.visibility import treatment

_KECAMATAN_LENGTH = 8
_PSEUDONYM_LENGTH = 10
_COUNTED_BY = (
    Business.region_code,
    Business.kbli_version,
    Business.kbli_section,
    Business.scale_rule,
    Business.scale,
)


class NotForThePublic(KsbbError):
    """A dataset wants to publish a column that the public may not read."""

    code = "NOT_FOR_THE_PUBLIC"

    def __init__(self, column: Column[Any]) -> None:
        name = f"{column.table}.{column.key}"
        super().__init__(f"{name} cannot be published: the public may not read it as it is.", column=name)


def public_column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    """The column behind an attribute, if the public may read it of every row, clear or generalised.

    Facts of a business are not among them: the public reads those of consenting businesses only, in the API.

    Raises:
        NotForThePublic: any other column.
    """
    column = _column(attribute)
    how = treatment(column, Role.PUBLIK)
    of_persons = privacy_of(column) not in {Privacy.PUBLIC, Privacy.DONOR}
    if of_persons or how.condition is not None or how.kind not in {Kind.CLEAR, Kind.GENERALISED}:
        raise NotForThePublic(column)
    return column


def countable_column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    """The column behind an attribute, if persons may be counted by it under disclosure control.

    Raises:
        NotForThePublic: it is neither public nor a general fact of a business.
    """
    column = _column(attribute)
    if privacy_of(column) not in {Privacy.PUBLIC, Privacy.BUSINESS}:
        raise NotForThePublic(column)
    return column


def publisher_views() -> dict[str, Select[Any]]:
    """The views of the publisher's schema, by name: all that its login may read."""
    return {
        "region": _regions(),
        "institution": _institutions(),
        "collaboration": _collaborations(),
        "recipient_counts": _recipient_counts(),
    }


def _regions() -> Select[Any]:
    """Every region with its centre point."""
    centre = type_coerce(Region.centre, ARRAY(Float))
    public = [_public(Region.code), _public(Region.level), _public(Region.name), _public(Region.bps_code)]
    place = [_public(Region.parent_code), centre[0].label("longitude"), centre[1].label("latitude")]
    return select(*public, *place)


def _institutions() -> Select[Any]:
    """Every institution with its last accreditation per package, agreement and audit report, under its pseudonym."""
    accredited = {
        package: _latest(
            Accreditation.status,
            Accreditation.institution_id,
            Accreditation.applied_on,
            Accreditation.id,
            Accreditation.package_kind == package,
        )
        for package in PackageKind
    }
    audited = select(func.max(AuditReport.year)).where(AuditReport.institution_id == Institution.id)
    agreed = {
        name: _latest(attribute, Agreement.institution_id, Agreement.starts_on, Agreement.id)
        for name, attribute in (
            ("agreement_number", Agreement.number),
            ("agreement_starts_on", Agreement.starts_on),
            ("agreement_ends_on", Agreement.ends_on),
        )
    }
    return select(
        _pseudonym(Institution.id, Institution.kind).label("code"),
        _public(Institution.kind),
        _public(Institution.name),
        _public(Institution.legal_form),
        _public(Institution.permit_number),
        _public(Institution.regulator),
        *(status.label(f"accredited_{package.lower()}") for package, status in accredited.items()),
        *(latest.label(name) for name, latest in agreed.items()),
        audited.scalar_subquery().label("last_audited_year"),
    )


def _collaborations() -> Select[Any]:
    """Collaborations with an issued number; donor, status and end as the public sees them."""
    wide = func.length(Collaboration.region_code) < _KECAMATAN_LENGTH
    kecamatan = case((wide, null()), else_=func.left(Collaboration.region_code, _KECAMATAN_LENGTH))
    return (
        select(
            _public(Collaboration.number),
            _public(Collaboration.programme),
            _public(Collaboration.package_kind),
            _public(Collaboration.collaborator_kind),
            _public(Collaborator.name).label("collaborator_name"),
            _pseudonym(Institution.id, Institution.kind).label("distributor_code"),
            kecamatan.label("kecamatan_code"),
            _public(Collaboration.pledged_value),
            _public(Collaboration.status),
            _public(Collaboration.created_on),
            _public(Collaboration.number_issued_on),
            _public(Collaboration.closed_on),
        )
        .join(Collaborator, Collaborator.id == Collaboration.collaborator_id)
        .outerjoin(Institution, Institution.id == Collaboration.distributor_id)
        .where(Collaboration.number.is_not(None))
    )


def _recipient_counts() -> Select[Any]:
    """Distinct owners who received something, by half-year of validation and the business that received it.

    Received means: named as having received in a validated delivery, or paid a loan whose disbursement an officer
    validated and that was not cancelled (Instruksi Sekda DKI 56/2020, Lampiran I no. 24). An owner is counted once per
    half-year and programme, at the business that was helped first, so that counts add up to persons. Of them, those
    are unlisted whose business nobody knows from the public list of consenting businesses.
    """
    once = _first_help()
    groups = [once.c.half_year, once.c.programme, *(once.c[column.key] for column in _COUNTED_BY)]
    counts = [func.count().label("persons"), func.count().filter(~once.c.listed).label("unlisted")]
    return select(*groups, *counts).where(once.c.place == 1).group_by(*groups)


def _first_help() -> Subquery:
    """Every receipt, with its place in time among those of the same owner, half-year and programme."""
    goods = (
        select(
            DeliveryRecipient.owner_id, DeliveryRecipient.business_id, Collaboration.programme, Delivery.validated_on
        )
        .join(Delivery, Delivery.id == DeliveryRecipient.delivery_id)
        .join(Collaboration, Collaboration.id == DeliveryRecipient.collaboration_id)
        .where(Delivery.status == DeliveryStatus.TERVALIDASI, Delivery.validated_on.is_not(None))
        .where(DeliveryRecipient.received_on.is_not(None))
    )
    loans = (
        select(Loan.owner_id, Loan.business_id, Collaboration.programme, Validation.validated_on)
        .join(Collaboration, Collaboration.id == Loan.collaboration_id)
        .join(Validation, Validation.loan_id == Loan.id)
        .where(Validation.accepted, Loan.disbursed_on.is_not(None), Loan.status != LoanStatus.BATAL)
    )
    received = union_all(goods, loans).subquery("received")
    half_year = _half_year(received.c.validated_on)
    place = func.row_number().over(
        partition_by=[half_year, received.c.programme, received.c.owner_id],
        order_by=[received.c.validated_on, received.c.business_id],
    )
    return (
        select(half_year.label("half_year"), received.c.programme, *_COUNTED_BY, Business.listed, place.label("place"))
        .join(Business, Business.id == received.c.business_id)
        .subquery("first_help")
    )


def _half_year(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of the half-year of a day."""
    month = case((extract("month", day) <= 6, 1), else_=7)
    return cast(func.make_date(cast(extract("year", day), Integer), month, 1), Date)


def _latest(
    attribute: InstrumentedAttribute[Any],
    institution: InstrumentedAttribute[Any],
    day: InstrumentedAttribute[Any],
    key: InstrumentedAttribute[Any],
    *conditions: ColumnElement[bool],
) -> ColumnElement[Any]:
    newest = select(public_column(attribute)).where(institution == Institution.id, *conditions)
    return newest.order_by(day.desc(), key.desc()).limit(1).scalar_subquery()


def _pseudonym(key: InstrumentedAttribute[Any], kind: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A stable code of an institution in open data; it leads neither to the key nor to the id of the API."""
    digest = func.encode(func.sha256(func.convert_to(literal("lembaga:") + cast(key, Text), "UTF8")), "hex")
    prefix = case((kind == InstitutionKind.FINTECH, "FIN-"), else_="AGR-")
    return case((key.is_not(None), prefix + func.left(digest, _PSEUDONYM_LENGTH)), else_=null())


def _public(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column as the public reads it, under its own name."""
    column = public_column(attribute)
    shown = expression(column, Role.PUBLIK)
    assert shown is not None
    return shown.label(column.key)


def _column(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    column = attribute.property.columns[0]
    assert isinstance(column, Column)
    return column
