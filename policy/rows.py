"""Which rows a role sees: per table and role a condition over the viewer's settings. What is not named is not seen."""

from __future__ import annotations

from collections.abc import Mapping

from policy import conditions as c
from policy.actions import MAY
from policy.treatment import Condition
from policy.viewer import Role

Rows = Mapping[Role, Condition]

_EVERYONE: Rows = dict.fromkeys(Role, c.all_rows)
_OVERSIGHT: Rows = dict.fromkeys((Role.DINAS, Role.BIRO_KSD, Role.INSPEKTORAT), c.all_rows)
_AREA: Rows = dict.fromkeys((Role.PENDAMPING, Role.WILAYAH), c.in_area)
_STEWARD: Rows = {Role.DISKOMINFOTIK: c.all_rows}
_SUPERVISION: Rows = dict.fromkeys((Role.BIRO_KSD, Role.INSPEKTORAT), c.all_rows)

_ISSUED: Rows = {
    **_EVERYONE,
    **dict.fromkeys((Role.PUBLIK, Role.UMKM, Role.PETUGAS_INTAKE, Role.ADMIN), c.issued),
    **dict.fromkeys((Role.AGREGATOR, Role.FINTECH), c.own_distributed_or_issued),
    **dict.fromkeys((Role.PENDAMPING, Role.WILAYAH), c.in_area_or_issued),
    Role.SATPOL_PP: c.scheduled_or_issued,
    Role.KOLABORATOR: c.own_or_issued,
}
_UNDER_A_LOAN: Rows = {
    **_SUPERVISION,
    Role.FINTECH: c.own_fintech,
    Role.UMKM: c.own_person,
    Role.PENDAMPING: c.in_area,
}
_AROUND_A_LOAN: Rows = {
    **_SUPERVISION,
    Role.DINAS: c.outside_loans,
    Role.PENDAMPING: c.in_area,
    Role.UMKM: c.own_person,
}
_COMPLAINTS: Rows = {
    **_OVERSIGHT,
    **_AREA,
    **dict.fromkeys((Role.KOLABORATOR, Role.AGREGATOR, Role.FINTECH, Role.UMKM), c.own_complaint),
}
_FINDINGS: Rows = {
    **_SUPERVISION,
    **dict.fromkeys((Role.FINTECH, Role.AGREGATOR), c.own_institution),
    Role.KOLABORATOR: c.own_collaborator,
    Role.DINAS: c.assigned_to_agency,
    Role.WILAYAH: c.assigned_to_area,
}
_RECEIVED: Rows = {
    **_OVERSIGHT,
    **_AREA,
    **_STEWARD,
    Role.KOLABORATOR: c.own_collaborator,
    Role.AGREGATOR: c.own_fund_manager,
    Role.UMKM: c.own_person,
}
_SENT: Rows = {
    **{role: c.own_webhooks(role) for role in MAY["RegisterWebhook"]},
    Role.INSPEKTORAT: c.all_rows,
}
_WEBHOOKS: Rows = {**_SENT, Role.ADMIN: c.all_rows}

ROWS: Mapping[str, Rows] = {
    # facts of organisations and reference data
    "region": _EVERYONE,
    "boundary": _EVERYONE,
    "place": _EVERYONE,
    "kbli_code": _EVERYONE,
    "population": _EVERYONE,
    "institution": _EVERYONE,
    "accreditation": _EVERYONE,
    "accreditation_requirement": _EVERYONE,
    "accreditation_item": {**_SUPERVISION, **dict.fromkeys((Role.AGREGATOR, Role.FINTECH), c.own_institution)},
    "agreement": _EVERYONE,
    "audit_report": _EVERYONE,
    "collaborator": _EVERYONE,
    "collaboration": _ISSUED,
    "pledge": _ISSUED,
    "pledge_need": _EVERYONE,  # of accepted pledges only, which everybody sees
    "delivery": _ISSUED,
    "training_session": dict.fromkeys(Role, c.of_a_seen_delivery),
    "release": _EVERYONE,
    "reported_figure": _EVERYONE,
    "figure_check": _EVERYONE,
    "figure_mention": _EVERYONE,
    "step": _EVERYONE,
    "step_actor": _EVERYONE,
    "step_form": _EVERYONE,
    "guide_article": _EVERYONE,
    "article_step": _EVERYONE,
    "prospect": _OVERSIGHT,
    "outreach_event": _OVERSIGHT,
    "announcement": {**_SUPERVISION, Role.KOLABORATOR: c.own_collaborator},
    "office_contact": _EVERYONE,
    # persons
    "business": {
        **_OVERSIGHT,
        **_AREA,
        **_STEWARD,
        Role.PUBLIK: c.listed,
        Role.KOLABORATOR: c.all_rows,
        Role.AGREGATOR: c.involved_as_fund_manager,
        Role.FINTECH: c.consented_to_screening,
        Role.UMKM: c.own_person,
        Role.SATPOL_PP: c.scheduled,
    },
    "owner": {
        **_OVERSIGHT,
        **_AREA,
        Role.KOLABORATOR: c.own_involvement,
        Role.FINTECH: c.consented_to_screening,
        Role.UMKM: c.own_person,
    },
    "consent": {**_OVERSIGHT, Role.PENDAMPING: c.in_area, Role.UMKM: c.own_person},
    "rights_request": {
        **_STEWARD,
        Role.INSPEKTORAT: c.all_rows,
        Role.UMKM: c.own_person,
        Role.PENDAMPING: c.correction_in_area,
        Role.DINAS: c.correction_in_clear,
    },
    "permit": {**_OVERSIGHT, Role.PENDAMPING: c.in_area, Role.UMKM: c.own_person},
    "need": {
        **_OVERSIGHT,
        **_AREA,
        **_STEWARD,
        **dict.fromkeys((Role.PUBLIK, Role.AGREGATOR, Role.FINTECH), c.listed_or_of_a_place),
        Role.KOLABORATOR: c.all_rows,
        Role.UMKM: c.own_or_listed_need,
    },
    "delivery_recipient": {**_RECEIVED, Role.SATPOL_PP: c.awaited},
    "attendance": {
        **_OVERSIGHT,
        Role.PENDAMPING: c.in_area,
        Role.KOLABORATOR: c.own_collaborator,
        Role.UMKM: c.own_person,
    },
    "validation": _AROUND_A_LOAN,
    "mentoring_visit": _AROUND_A_LOAN,
    "document": {
        **_AROUND_A_LOAN,
        Role.PUBLIK: c.photo_of_goods_consented,
        Role.BIRO_KSD: c.outside_intake,
        Role.PENDAMPING: c.in_area_outside_intake,
        Role.PETUGAS_INTAKE: c.of_own_file,
        Role.KOLABORATOR: c.own_donation_outside_loans,
        Role.AGREGATOR: c.own_institution_or_handed_over,
        Role.FINTECH: c.own_institution,
    },
    # loans and the money that comes back
    "loan": {
        **_UNDER_A_LOAN,
        **_STEWARD,
        Role.FINTECH: c.consented,
        Role.DINAS: c.all_rows,
        Role.KOLABORATOR: c.own_collaborator,
        Role.AGREGATOR: c.own_fund_manager,
    },
    "e_contract": _UNDER_A_LOAN,
    "disbursement": _UNDER_A_LOAN,
    "instalment": _UNDER_A_LOAN,
    "repayment": _UNDER_A_LOAN,
    "problem_report": _UNDER_A_LOAN,
    "periodic_report": {**_SUPERVISION, Role.FINTECH: c.own_fintech},
    "handover": {
        **_SUPERVISION,
        **_STEWARD,
        Role.FINTECH: c.own_fintech,
        Role.AGREGATOR: c.own_fund_manager,
    },
    "handover_loan": {**_SUPERVISION, Role.FINTECH: c.own_fintech, Role.AGREGATOR: c.own_fund_manager},
    "onward_aid": {
        **_SUPERVISION,
        **_STEWARD,
        Role.FINTECH: c.own_fintech,
        Role.AGREGATOR: c.own_fund_manager,
    },
    # supervision
    "complaint": _COMPLAINTS,
    "follow_up": _COMPLAINTS,
    "discrepancy": {
        **_SUPERVISION,
        **dict.fromkeys((Role.FINTECH, Role.AGREGATOR), c.own_institution_or_its_counterpart),
        Role.KOLABORATOR: c.own_collaborator,
    },
    "finding": _FINDINGS,
    "finding_step": _FINDINGS,
    "red_flag": {**_SUPERVISION, Role.FINTECH: c.own_institution, Role.PENDAMPING: c.in_area_outside_donations},
    "reveal": {Role.INSPEKTORAT: c.all_rows},
    "reveal_year": _EVERYONE,
    "sekda_report": {**_SUPERVISION, **_STEWARD},  # the Sekda reads as the data steward
    "breach": dict.fromkeys((Role.ADMIN, Role.DISKOMINFOTIK, Role.INSPEKTORAT), c.all_rows),
    # the intake chain
    "intake_application": {
        Role.PETUGAS_INTAKE: c.at_level_in_area,
        Role.DINAS: c.all_rows,
        Role.INSPEKTORAT: c.all_rows,
    },
    "intake_step": {Role.PETUGAS_INTAKE: c.of_own_file, Role.DINAS: c.all_rows, Role.INSPEKTORAT: c.all_rows},
    "recap": {Role.PETUGAS_INTAKE: c.in_area, Role.DINAS: c.all_rows, Role.INSPEKTORAT: c.all_rows},
    # administration
    "user_account": {Role.ADMIN: c.all_rows, **_SUPERVISION, Role.PENDAMPING: c.all_rows},
    "role_assignment": {Role.ADMIN: c.all_rows, Role.INSPEKTORAT: c.all_rows},
    "subscription": _WEBHOOKS,
    "webhook_delivery": _SENT,  # their number and types tell of persons' loans, so the system steward sees none
    # read by conditions only: its columns are keys, so no role has a view of it
    "involvement": {Role.KOLABORATOR: c.own_collaborator, Role.AGREGATOR: c.own_fund_manager},
}

COUNTED_PERSONS = frozenset({"business", "owner", "need", "delivery_recipient", "loan", "complaint"})
"""Tables whose number of rows is a number of persons."""


def may_count(table: str, role: Role) -> bool:
    """Whether a role may read totals and groups of a table. The public counts persons in sealed publications only."""
    return role is not Role.PUBLIK or table not in COUNTED_PERSONS
