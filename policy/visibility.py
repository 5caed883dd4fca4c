"""Who sees what: privacy class x role -> treatment, with per-column exceptions beside it.

Source: DESIGN section 5 and the legal grounds in `docs/privacy.md`. A role that is not named does not have the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import InstrumentedAttribute

from models.account import UserAccount
from models.base import Base
from models.business import Business, Need
from models.collaboration import Collaboration, Pledge
from models.collaborator import Collaborator
from models.delivery import Delivery, DeliveryRecipient, Document
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan, OnwardAid
from models.institution import Institution
from models.intake import IntakeApplication, IntakeStep
from models.loan import Loan
from models.owner import Owner
from models.place import Place
from models.privacy import Privacy, privacy_of
from models.red_flag import RedFlag
from models.rights import RightsRequest
from policy import conditions as c
from policy.rows import ROWS
from policy.treatment import ABSENT, CLEAR, GENERALISED, MASKED, Kind, Treatment
from policy.viewer import Role

ByRole = Mapping[Role, Treatment]


def _everyone(treatment: Treatment) -> dict[Role, Treatment]:
    return dict.fromkeys(Role, treatment)


SEES: Mapping[Privacy, ByRole] = {
    Privacy.PUBLIC: _everyone(CLEAR),
    Privacy.KEY: _everyone(CLEAR),
    Privacy.BUSINESS: {
        Role.PUBLIK: CLEAR,
        Role.KOLABORATOR: CLEAR,
        Role.AGREGATOR: CLEAR,
        Role.FINTECH: CLEAR,
        Role.UMKM: CLEAR,
        Role.PENDAMPING: CLEAR,
        Role.DINAS: CLEAR,
        Role.WILAYAH: CLEAR,
        Role.BIRO_KSD: CLEAR,
        Role.INSPEKTORAT: CLEAR,
        Role.DISKOMINFOTIK: GENERALISED,
        Role.PETUGAS_INTAKE: CLEAR,
    },
    Privacy.PLACE: {
        Role.PUBLIK: GENERALISED,
        Role.KOLABORATOR: CLEAR.when(c.contact_is_open, otherwise=Kind.GENERALISED),
        Role.AGREGATOR: GENERALISED,
        Role.FINTECH: CLEAR,
        Role.UMKM: CLEAR,
        Role.PENDAMPING: CLEAR,
        Role.DINAS: CLEAR,
        Role.WILAYAH: CLEAR,
        Role.BIRO_KSD: GENERALISED,
        Role.SATPOL_PP: CLEAR,
        Role.INSPEKTORAT: CLEAR,
        Role.DISKOMINFOTIK: GENERALISED,
        Role.PETUGAS_INTAKE: CLEAR,
    },
    Privacy.CONTACT: {
        Role.KOLABORATOR: CLEAR.when(c.contact_is_open),
        Role.FINTECH: CLEAR,
        Role.UMKM: CLEAR,
        Role.PENDAMPING: CLEAR,
        Role.DINAS: MASKED,
        Role.WILAYAH: CLEAR,
        Role.BIRO_KSD: MASKED,
        Role.INSPEKTORAT: MASKED.with_reveal(),
        Role.PETUGAS_INTAKE: CLEAR,
    },
    Privacy.IDENTITY: {
        Role.FINTECH: CLEAR.logged(),
        Role.UMKM: CLEAR,
        Role.PENDAMPING: MASKED,
        Role.DINAS: MASKED,
        Role.INSPEKTORAT: MASKED.with_reveal(),
        Role.PETUGAS_INTAKE: CLEAR.logged(),
    },
    Privacy.FINANCE: {
        Role.KOLABORATOR: GENERALISED,
        Role.FINTECH: CLEAR,
        Role.UMKM: CLEAR,
        Role.PENDAMPING: CLEAR,
        Role.DINAS: GENERALISED,
        Role.BIRO_KSD: CLEAR,
        Role.INSPEKTORAT: CLEAR.logged(),
        Role.DISKOMINFOTIK: GENERALISED,
    },
    Privacy.DONOR: {
        **_everyone(GENERALISED),
        Role.KOLABORATOR: CLEAR.when(c.own_donor, otherwise=Kind.GENERALISED),
        Role.AGREGATOR: CLEAR.when(c.bound_to_fund_manager, otherwise=Kind.GENERALISED),
        Role.FINTECH: CLEAR.when(c.funds_own_loan, otherwise=Kind.GENERALISED),
        Role.UMKM: ABSENT,
        Role.SATPOL_PP: ABSENT,
        Role.BIRO_KSD: CLEAR,
        Role.INSPEKTORAT: CLEAR,
    },
    Privacy.FREE_TEXT: {
        Role.KOLABORATOR: CLEAR.when(c.own_text),
        Role.AGREGATOR: CLEAR.when(c.own_text),
        Role.FINTECH: CLEAR.when(c.own_text),
        Role.UMKM: CLEAR.when(c.own_text),
        Role.PENDAMPING: CLEAR.when(c.assigned),
        Role.DINAS: CLEAR.when(c.assigned_to_agency),
        Role.WILAYAH: CLEAR.when(c.assigned),
        Role.BIRO_KSD: CLEAR,
        Role.INSPEKTORAT: CLEAR,
    },
    Privacy.INTERNAL: {},
}


def _finance_of(*nouns: type[Base]) -> list[InstrumentedAttribute[Any]]:
    return [
        getattr(noun, column.key)
        for noun in nouns
        for column in noun.__mapper__.columns
        if privacy_of(column) is Privacy.FINANCE
    ]


_GENERAL_ALREADY = {Role.DISKOMINFOTIK: CLEAR}
_GENERAL_HERE = {Role.DISKOMINFOTIK: GENERALISED}
_STAGE = {Role.KOLABORATOR: CLEAR, Role.DINAS: CLEAR, Role.DISKOMINFOTIK: CLEAR}
_OF_LOANS = {
    **dict.fromkeys(set(Role) - {Role.DINAS, Role.BIRO_KSD, Role.INSPEKTORAT, Role.PENDAMPING}, GENERALISED),
    Role.KOLABORATOR: CLEAR.when(c.own_collaborator, otherwise=Kind.GENERALISED),
}
_NOBODY_ELSE = dict.fromkeys((Role.FINTECH, Role.UMKM, Role.PENDAMPING, Role.WILAYAH, Role.PETUGAS_INTAKE), ABSENT)
_OF_THE_AREA = {**_NOBODY_ELSE, **dict.fromkeys((Role.PENDAMPING, Role.WILAYAH), CLEAR.when(c.in_area))}
_CHECKED_IN_THE_AREA = {Role.PENDAMPING: CLEAR.when(c.in_area)}
_NO_STEPS = dict.fromkeys((Role.KOLABORATOR, Role.DINAS, Role.DISKOMINFOTIK), ABSENT)
_APART_ONLY = dict.fromkeys((Role.BIRO_KSD, Role.PENDAMPING), ABSENT)
_OWN_MONEY = {Role.AGREGATOR: CLEAR}
_DISPUTED = {**_OWN_MONEY, Role.KOLABORATOR: CLEAR}
_DISPUTED_AMOUNT = {**_OWN_MONEY, Role.KOLABORATOR: CLEAR.when(c.of_own_pledge, otherwise=Kind.GENERALISED)}
_NO_MONEY_BESIDE_A_NAME = {Role.KOLABORATOR: ABSENT, Role.DISKOMINFOTIK: ABSENT}
_NOT_THE_OTHER_SIDE = dict.fromkeys((Role.FINTECH, Role.PENDAMPING), ABSENT)
_NOT_PUBLIC = {Role.PUBLIK: ABSENT}
_NOT_NEARER = {Role.DISKOMINFOTIK: ABSENT}


def _where_clear(privacy: Privacy) -> dict[Role, Treatment]:
    """A join key that tells what a class holds: there for those, and on those rows, for whom the class is clear."""
    shown = {role: how for role, how in SEES[privacy].items() if how.kind is Kind.CLEAR}
    return {role: replace(shown.get(role, ABSENT).unlogged, otherwise=Kind.ABSENT) for role in Role}


_TO_DECIDE = {
    **dict.fromkeys(Role, ABSENT),
    **dict.fromkeys((Role.UMKM, Role.PENDAMPING, Role.DINAS), CLEAR),
}

EXCEPTIONS: Mapping[InstrumentedAttribute[Any], ByRole] = {
    # already general: a section, a scale, a kind tells no more than the group
    Business.kbli_section: _GENERAL_ALREADY,
    Business.scale: _GENERAL_ALREADY,
    Business.status: _GENERAL_ALREADY,
    Business.has_received: _GENERAL_ALREADY,
    Business.affected: _GENERAL_ALREADY,
    DeliveryRecipient.package_kind: _GENERAL_ALREADY,
    # the general form of a loan's status is its stage; a donor sees the status of the loans it funded
    Loan.stage: {**_STAGE, Role.AGREGATOR: CLEAR},
    Loan.status: {Role.KOLABORATOR: CLEAR},
    # fees are smaller than a step of the generalised amounts: nothing would be left of them
    **dict.fromkeys((Loan.admin_fee, Loan.origination_fee, Loan.insurance_premium), _NO_STEPS),
    Loan.default_proposed_on: _NO_STEPS,  # it tells of arrears
    Loan.principal: {Role.AGREGATOR: CLEAR},
    # a fund manager's own receipts and gifts
    **dict.fromkeys(_finance_of(Handover, HandoverLoan, OnwardAid), _OWN_MONEY),
    # a donor sees what is disputed of its own donations; amounts of single loans stay in steps
    **dict.fromkeys(
        (
            *(Discrepancy.measure, Discrepancy.reporter_a, Discrepancy.reporter_b),
            *(Discrepancy.detected_on, Discrepancy.agreed_on, Discrepancy.status),
        ),
        _DISPUTED,
    ),
    **dict.fromkeys((Discrepancy.value_a, Discrepancy.value_b), _DISPUTED_AMOUNT),
    # a fintech or officer is told that something is flagged, not who stands on the other side
    **dict.fromkeys((RedFlag.other_loan_id, RedFlag.reason), _NOT_THE_OTHER_SIDE),
    # how far a loan collaboration or pledge has come tells of persons' loans
    Collaboration.status: _OF_LOANS,
    Collaboration.closed_on: _OF_LOANS,
    Pledge.status: _OF_LOANS,
    Pledge.delivered_quantity: _OF_LOANS,
    # a donor picks its targets from the whole registry, but sees the money of nobody; the id of a listed business gives
    # anybody its name, so that a steward reads no money beside it either
    Business.assets: _NO_MONEY_BESIDE_A_NAME,
    Business.yearly_turnover: _NO_MONEY_BESIDE_A_NAME,
    # the need of a business tells where the business is
    Need.region_code: _GENERAL_HERE,
    # the point of a site is public: who trades there is seen by those who read where it is
    Business.place_id: _where_clear(Privacy.PLACE),
    # a delivery tells the kelurahan and the site of those who received it
    DeliveryRecipient.delivery_id: _NOT_NEARER,
    DeliveryRecipient.collaboration_id: _NOT_NEARER,
    # to whom a loan was handed over tells that it was repaid
    Loan.fund_manager_id: {**_where_clear(Privacy.FINANCE), **_OWN_MONEY},
    # of a published photo the public reads what it shows, and nothing else of the file, its sender or who is around it
    **dict.fromkeys(
        (
            *(Document.size_bytes, Document.uploaded_on, Document.sha256, Document.drop_from, Document.region_code),
            *(Document.collaboration_id, Document.accreditation_id, Document.collaborator_id),
            *(Document.fund_manager_id, Document.institution_id),
        ),
        _NOT_PUBLIC,
    ),
    Business.photo: {Role.PUBLIK: CLEAR.when(c.photo_consented)},
    # the officer who checks a delivery reads why it came back or is given again; heads what they offered to store it in
    Delivery.status_reason: _CHECKED_IN_THE_AREA,
    Delivery.override_reason: _CHECKED_IN_THE_AREA,
    Delivery.storage_note: {**_CHECKED_IN_THE_AREA, Role.WILAYAH: CLEAR.when(c.in_area)},
    # an owner's region is the owner's home
    Owner.region_code: {Role.KOLABORATOR: ABSENT},
    # contacts of donors, institutions and sites: seen by many roles, so the person behind them only by those concerned
    Collaborator.contact_name: {**_NOBODY_ELSE, Role.KOLABORATOR: CLEAR.when(c.own_donor)},
    Collaborator.contact_phone: {**_NOBODY_ELSE, Role.KOLABORATOR: CLEAR.when(c.own_donor)},
    Institution.contact_person: {
        **_NOBODY_ELSE,
        Role.FINTECH: CLEAR.when(c.own_body),
        Role.AGREGATOR: CLEAR.when(c.own_body),
    },
    Place.pic_name: _OF_THE_AREA,
    Place.pic_phone: _OF_THE_AREA,
    # whoever has the file at hand must know why it came back
    IntakeApplication.return_reason: {Role.PETUGAS_INTAKE: CLEAR},
    IntakeStep.reason: {Role.PETUGAS_INTAKE: CLEAR},
    # a proposal is read by the person and by those who decide on it; who supervises sees that it was decided, and when
    RightsRequest.proposed: _TO_DECIDE,
    RightsRequest.reason: _TO_DECIDE,
    RightsRequest.decision_reason: _TO_DECIDE,
    # who compares officer and reporter needs to tell accounts apart, and no more
    UserAccount.login: _APART_ONLY,
    UserAccount.created_on: _APART_ONLY,
    UserAccount.name: {**_APART_ONLY, Role.ADMIN: CLEAR},
}

_BY_COLUMN: Mapping[tuple[str, str], ByRole] = {
    (attribute.class_.__tablename__, attribute.key): by_role for attribute, by_role in EXCEPTIONS.items()
}


_TARGETS = {
    "owner_id": "owner",
    "collaborator_id": "collaborator",
    "fintech_id": "institution",
    "fund_manager_id": "institution",
    "institution_id": "institution",
    "other_institution_id": "institution",
    "officer_id": "user_account",
    "verified_by": "user_account",
    "uploaded_by": "user_account",
}


def target_of(column: Column[Any]) -> str | None:
    """The table that a join key points to; None for a key that leads to no table of the API."""
    for foreign_key in column.foreign_keys:
        return foreign_key.column.table.name
    return column.table.name if column.primary_key else _TARGETS.get(column.key)


def treatment(column: Column[Any], role: Role) -> Treatment:
    """What a role gets of a column; ABSENT unless the table above says more.

    A join key is there only where it leads to rows that the role may see. To a business it leads nobody who reads
    businesses in general form: what else they read of persons would get the name behind the business's public id.
    """
    exception = _BY_COLUMN.get((column.table.name, column.key), {})
    if privacy_of(column) is Privacy.KEY:
        target = target_of(column)
        leads = target is not None and role in ROWS.get(target, {})
        too_near = target == Business.__tablename__ and SEES[Privacy.BUSINESS].get(role) == GENERALISED
        return exception.get(role, CLEAR) if leads and (column.primary_key or not too_near) else ABSENT
    return exception.get(role) or SEES[privacy_of(column)].get(role, ABSENT)
