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
    Float,
    Select,
    case,
    func,
    null,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute

from kernel.errors import KsbbError
from models.collaboration import Collaboration
from models.collaborator import Collaborator
from models.institution import Accreditation, Agreement, AuditReport, Institution
from models.privacy import Privacy, privacy_of
from models.region import Region
from models.vocabulary import PackageKind
from policy.expressions import expression
from policy.pseudonym import institution_code
from policy.published_persons import counting_views
from policy.treatment import Kind
from policy.viewer import Role
from policy.visibility import treatment

_KECAMATAN_LENGTH = 8


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
        **counting_views(),
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
        institution_code(Institution.id, Institution.kind).label("code"),
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
            institution_code(Institution.id, Institution.kind).label("distributor_code"),
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


def _latest(
    attribute: InstrumentedAttribute[Any],
    institution: InstrumentedAttribute[Any],
    day: InstrumentedAttribute[Any],
    key: InstrumentedAttribute[Any],
    *conditions: ColumnElement[bool],
) -> ColumnElement[Any]:
    newest = select(public_column(attribute)).where(institution == Institution.id, *conditions)
    return newest.order_by(day.desc(), key.desc()).limit(1).scalar_subquery()


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
