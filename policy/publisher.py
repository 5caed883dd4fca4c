"""What the publisher may read: its views over the tables.

The publisher's login reads facts of organisations as the public sees them, and *counts* of persons: the grouping is
inside the view, so no row of a person leaves the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
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

from models.collaboration import Collaboration
from models.collaborator import Collaborator
from models.institution import Accreditation, Agreement, AuditReport, Institution
from models.region import Region
from models.vocabulary import PackageKind
from policy.pseudonym import institution_code
from policy.public_columns import public_column
from policy.public_columns import under_own_name as _public
from policy.published_facts import fact_views
from policy.published_persons import counting_views
from policy.register import told_groups

_KECAMATAN_LENGTH = 8


def publisher_views() -> dict[str, Select[Any]]:
    """The views of the publisher's schema, by name: all that its login may read."""
    return {
        "region": _regions(),
        "institution": _institutions(),
        "collaboration": _collaborations(),
        **fact_views(),
        **counting_views(),
        "told_group": told_groups(),
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
