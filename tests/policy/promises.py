"""What is promised to whom: the table of DESIGN section 5, transcribed by hand and independent of `policy/`.

A cell is what a role gets of a class: `C` clear, `M` masked, `G` generalised, `-` nothing; `C|G` clear on some rows
and generalised on the rest. Rows and conditions are plain SQL over a table `t`, with the viewer's scope in braces.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy.viewer import Role, Viewer

ROLES = (
    *("PUBLIK", "KOLABORATOR", "AGREGATOR", "FINTECH", "UMKM", "PENDAMPING", "DINAS", "WILAYAH", "BIRO_KSD"),
    *("SATPOL_PP", "INSPEKTORAT", "DISKOMINFOTIK", "PETUGAS_INTAKE", "ADMIN"),
)

#                PUB  KOL  AGR  FIN  UMKM PEN  DIN  WIL  BIRO SAT  INS  DISK INTA ADM
_TABLE = """
    PUBLIC       C    C    C    C    C    C    C    C    C    C    C    C    C    C
    BUSINESS     C    C    C    C    C    C    C    C    C    -    C    G    C    -
    PLACE        G    C|G  G    C    C    C    C    C    G    C    C    G    C    -
    CONTACT      -    C|-  -    C    C    C    M    C    M    -    M    -    C    -
    IDENTITY     -    -    -    C    C    M    M    -    -    -    M    -    C    -
    FINANCE      -    G    -    C    C    C    G    -    C    -    C    G    -    -
    DONOR        G    C|G  C|G  C|G  -    G    G    G    C    -    C    G    G    G
    FREE_TEXT    -    C|-  C|-  C|-  C|-  C|-  C|-  C|-  C    -    C    -    -    -
    INTERNAL     -    -    -    -    -    -    -    -    -    -    -    -    -    -
"""

CELLS: Mapping[str, Mapping[Role, str]] = {
    line.split()[0]: dict(zip(map(Role, ROLES), line.split()[1:], strict=True)) for line in _TABLE.strip().splitlines()
}

LOGGED = {("IDENTITY", Role.FINTECH), ("IDENTITY", Role.PETUGAS_INTAKE), ("FINANCE", Role.INSPEKTORAT)}
"""Classes whose clear reading by a role leaves an entry in the audit trail."""

REVEALED = {("CONTACT", Role.INSPEKTORAT), ("IDENTITY", Role.INSPEKTORAT)}
"""Classes that a role reads masked, and clearly for a while by a reveal."""


def _cells(cell: str, roles: str) -> dict[Role, str]:
    return {Role(role): cell for role in roles.split()}


_OWN_MONEY = _cells("C", "AGREGATOR")
_DISPUTED_AMOUNT = {**_OWN_MONEY, **_cells("C|G", "KOLABORATOR")}
_GENERAL_ALREADY = _cells("C", "DISKOMINFOTIK")
_TELLS_OF_LOANS = {
    **_cells("G", "PUBLIK AGREGATOR FINTECH UMKM WILAYAH SATPOL_PP DISKOMINFOTIK PETUGAS_INTAKE ADMIN"),
    **_cells("C|G", "KOLABORATOR"),
}
_APART_ONLY = _cells("-", "BIRO_KSD PENDAMPING")
_NOT_OF_OTHERS = _cells("-", "FINTECH UMKM PENDAMPING WILAYAH PETUGAS_INTAKE")
_DONOR_CONTACT = {**_NOT_OF_OTHERS, **_cells("C|-", "KOLABORATOR")}
_PLACE_CONTACT = {**_NOT_OF_OTHERS, **_cells("C|-", "PENDAMPING WILAYAH")}
_TO_DECIDE = {**_cells("-", " ".join(ROLES)), **_cells("C", "UMKM PENDAMPING DINAS")}

EXCEPTIONS: Mapping[str, Mapping[Role, str]] = {
    # a section, a size or a kind is general already
    **dict.fromkeys(
        ["business.kbli_section", "business.scale", "business.status", "business.has_received", "business.affected"],
        _GENERAL_ALREADY,
    ),
    "delivery_recipient.package_kind": _GENERAL_ALREADY,
    # "status C": the stage is its general form; "principal C" of loans whose money went through the fund manager
    "loan.stage": _cells("C", "KOLABORATOR AGREGATOR DINAS DISKOMINFOTIK"),
    "loan.status": _cells("C", "KOLABORATOR"),
    "loan.principal": _OWN_MONEY,
    # a default is proposed when there are arrears
    "loan.default_proposed_on": _cells("-", "KOLABORATOR DINAS DISKOMINFOTIK"),
    # smaller than a step of the general form, which would always be nought
    **dict.fromkeys(
        ["loan.admin_fee", "loan.origination_fee", "loan.insurance_premium"],
        _cells("-", "KOLABORATOR DINAS DISKOMINFOTIK"),
    ),
    # "handed over to it": a fund manager's own receipts, gifts and disputes
    **{
        f"{table}.{column}": _OWN_MONEY
        for table, columns in {
            "handover": "sent_on amount status received_on received_amount proof_sha256",
            "handover_loan": "amount",
            "onward_aid": "given_on amount programme description",
        }.items()
        for column in columns.split()
    },
    **{
        f"discrepancy.{column}": _cells("C", "AGREGATOR KOLABORATOR")
        for column in ("measure", "reporter_a", "reporter_b", "detected_on", "agreed_on", "status")
    },
    "discrepancy.value_a": _DISPUTED_AMOUNT,
    "discrepancy.value_b": _DISPUTED_AMOUNT,
    # that something is flagged, not who stands on the other side
    "red_flag.reason": _cells("-", "FINTECH PENDAMPING"),
    # how far a loan collaboration or pledge has come counts the persons who were paid: sealed publications only
    **dict.fromkeys(
        ["collaboration.status", "collaboration.closed_on", "pledge.status", "pledge.delivered_quantity"],
        _TELLS_OF_LOANS,
    ),
    "business.assets": _cells("-", "KOLABORATOR DISKOMINFOTIK"),
    "business.yearly_turnover": _cells("-", "KOLABORATOR DISKOMINFOTIK"),
    "need.region_code": _cells("G", "DISKOMINFOTIK"),
    "business.photo": _cells("C|-", "PUBLIK"),
    # of a photo of goods what it shows, and no more
    **dict.fromkeys(
        [f"document.{column}" for column in ("size_bytes", "uploaded_on", "sha256", "drop_from", "region_code")],
        _cells("-", "PUBLIK"),
    ),
    "owner.region_code": _cells("-", "KOLABORATOR"),
    "collaborator.contact_name": _DONOR_CONTACT,
    "collaborator.contact_phone": _DONOR_CONTACT,
    "institution.contact_person": {**_NOT_OF_OTHERS, **_cells("C|-", "FINTECH AGREGATOR")},
    "place.pic_name": _PLACE_CONTACT,
    "place.pic_phone": _PLACE_CONTACT,
    "intake_application.return_reason": _cells("C", "PETUGAS_INTAKE"),
    "intake_step.reason": _cells("C", "PETUGAS_INTAKE"),
    # what a person proposes is for the person and for those who decide
    "rights_request.proposed": _TO_DECIDE,
    "rights_request.reason": _TO_DECIDE,
    "rights_request.decision_reason": _TO_DECIDE,
    "user_account.name": {**_APART_ONLY, **_cells("C", "ADMIN")},
    "user_account.login": _APART_ONLY,
    "user_account.created_on": _APART_ONLY,
}

KEPT_BACK: Mapping[str, str] = {
    # the site where a business trades has an exact point
    "business.place_id": "PUBLIK AGREGATOR BIRO_KSD DISKOMINFOTIK",
    # with the public id of a business comes the name of a listed one
    "loan.business_id": "DISKOMINFOTIK",
    "rights_request.business_id": "DISKOMINFOTIK",
    "need.business_id": "DISKOMINFOTIK",
    "delivery_recipient.business_id": "DISKOMINFOTIK",
    # a delivery was made in a kelurahan, at a site
    "delivery_recipient.delivery_id": "DISKOMINFOTIK",
    "delivery_recipient.collaboration_id": "DISKOMINFOTIK",
    # who the other lender is
    "red_flag.other_loan_id": "FINTECH PENDAMPING",
    # whose photo it is: its delivery tells what is public of that
    **{
        f"document.{key}_id": "PUBLIK"
        for key in ("collaboration", "accreditation", "collaborator", "fund_manager", "institution")
    },
    # handed over means repaid
    "loan.fund_manager_id": "KOLABORATOR DINAS DISKOMINFOTIK",
}
"""Join keys that lead to rows the role may see, and that it has not: they would tell what is hidden."""

DAYS_HIDDEN: Mapping[str, str] = {
    "delivery_recipient": "SATPOL_PP DISKOMINFOTIK",
    "business": "SATPOL_PP DISKOMINFOTIK",
    "loan": "KOLABORATOR AGREGATOR DINAS DISKOMINFOTIK",
    "handover": "DISKOMINFOTIK",
    "onward_aid": "DISKOMINFOTIK",
    "rights_request": "DINAS DISKOMINFOTIK",
}
"""Whose lists are in no order of time, because the days of the rows are not for them."""

# ---- rows

ALL = "true"
_DONOR = "t.collaborator_id = '{institution}'"
_DISTRIBUTOR = "t.distributor_id = '{institution}'"
_LENDER = "t.fintech_id = '{institution}'"
_MANAGER = "t.fund_manager_id = '{institution}'"
_BODY = "t.institution_id = '{institution}'"
_EITHER_BODY = f"({_BODY} or t.other_institution_id = '{{institution}}')"
_PERSON = "t.owner_id = '{person}'"
_AREA = "(t.region_code = '{area}' or t.region_code like '{area}.%')"
_PROPOSED = "select {key} from ksbb.loan where fintech_id = '{{institution}}' and consented_on is not null"
_INVOLVED = "select {key} from ksbb.involvement where {party} = '{{institution}}'"
_SCHEDULED = (
    "select business_id from ksbb.delivery_recipient t where received_on is null and "
    "delivery_id in (select id from ksbb.delivery where status = 'DIJADWALKAN') and "
    "(region_code = '{area}' or region_code like '{area}.%')"
)

_OF_FILE = (
    "t.intake_application_id in (select id from ksbb.intake_application"
    " where (region_code = '{area}' or region_code like '{area}.%') and level = '{level}')"
)

_OFFICES = _cells(ALL, "DINAS BIRO_KSD INSPEKTORAT")
_SUPERVISORS = _cells(ALL, "BIRO_KSD INSPEKTORAT")
_STEWARD = _cells(ALL, "DISKOMINFOTIK")
_OFFICERS = _cells(_AREA, "PENDAMPING WILAYAH")
_MENTOR = _cells(_AREA, "PENDAMPING")
_OWNER = _cells(_PERSON, "UMKM")
_LOAN_BOOK = {**_SUPERVISORS, **_MENTOR, **_OWNER, **_cells(_LENDER, "FINTECH")}
_NO_LOAN = "t.loan_id is null"
_NO_MONEY_BACK = f"{_NO_LOAN} and t.handover_id is null and t.periodic_report_id is null"
_AROUND_A_LOAN = {**_SUPERVISORS, **_MENTOR, **_OWNER, **_cells(_NO_LOAN, "DINAS")}
_COMPLAINTS = {
    **_OFFICES,
    **_OFFICERS,
    **_cells("t.complainant_id = '{institution}'", "KOLABORATOR AGREGATOR FINTECH"),
    **_cells("t.complainant_id = '{person}'", "UMKM"),
}
_OF_AGENCY = "t.assigned_agency = 'DINAS_PPKUKM'"
_OF_ADMINISTRATION = f"(t.assigned_agency = 'WILAYAH' and {_AREA})"
_FINDINGS = {
    **_SUPERVISORS,
    **_cells(_BODY, "FINTECH AGREGATOR"),
    **_cells(_DONOR, "KOLABORATOR"),
    **_cells(_OF_AGENCY, "DINAS"),
    **_cells(_OF_ADMINISTRATION, "WILAYAH"),
}
_ADMINISTRATION = _cells(ALL, "ADMIN INSPEKTORAT")
_SENT = {
    **{Role(role): f"t.role = '{role}' and {_BODY}" for role in ("KOLABORATOR", "AGREGATOR", "FINTECH")},
    **{Role(role): f"t.role = '{role}'" for role in ("DINAS", "BIRO_KSD", "DISKOMINFOTIK")},
    Role.WILAYAH: "t.role = 'WILAYAH' and t.area = '{area}'",
    Role.INSPEKTORAT: ALL,
}
_INTAKE = _cells(ALL, "DINAS INSPEKTORAT")
_MONEY_BACK = {**_SUPERVISORS, **_cells(_LENDER, "FINTECH"), **_cells(_MANAGER, "AGREGATOR")}
_OF_A_PLACE = "t.place_id is not null or t.listed"


def _issued(condition: str) -> dict[Role, str]:
    return {
        **_cells(ALL, " ".join(ROLES)),
        **_cells(condition, "PUBLIK UMKM PETUGAS_INTAKE ADMIN SATPOL_PP"),
        **_cells(f"{condition} or {_DISTRIBUTOR}", "AGREGATOR FINTECH"),
        **_cells(f"{condition} or {_AREA}", "PENDAMPING WILAYAH"),
        Role.KOLABORATOR: f"{condition} or {_DONOR}",
    }


_DELIVERIES = {
    **_issued("t.validated_on is not null"),
    Role.SATPOL_PP: f"t.validated_on is not null or ({_AREA} and t.delivered_on is null)",
}

ROWS: Mapping[str, Mapping[Role, str]] = {
    **dict.fromkeys(
        (
            *("region", "boundary", "place", "kbli_code", "institution", "accreditation", "agreement", "audit_report"),
            *("accreditation_requirement", "office_contact"),
            *("collaborator", "pledge_need", "release", "reported_figure", "figure_check", "figure_mention"),
            *("step", "step_actor", "step_form", "guide_article", "article_step", "population"),
        ),
        _cells(ALL, " ".join(ROLES)),
    ),
    "collaboration": _issued("t.number_issued_on is not null"),
    "pledge": _issued("t.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN', 'TERPENUHI', 'DITARIK', 'KEDALUWARSA')"),
    "delivery": _DELIVERIES,
    "training_session": {
        role: f"t.delivery_id in (select t.id from ksbb.delivery t where {condition})"
        for role, condition in _DELIVERIES.items()
    },
    "accreditation_item": {**_SUPERVISORS, **_cells(_BODY, "FINTECH AGREGATOR")},
    "prospect": _OFFICES,
    "outreach_event": _OFFICES,
    "announcement": {**_SUPERVISORS, Role.KOLABORATOR: _DONOR},
    "business": {
        **_OFFICES,
        **_STEWARD,
        **_OFFICERS,
        **_OWNER,
        Role.PUBLIK: "t.listed",
        Role.KOLABORATOR: ALL,
        Role.AGREGATOR: f"t.id in ({_INVOLVED.format(key='business_id', party='fund_manager_id')}) or t.id in"
        " (select business_id from ksbb.loan where fund_manager_id = '{institution}')",
        Role.FINTECH: f"t.id in ({_PROPOSED.format(key='business_id')})",
        Role.SATPOL_PP: f"t.id in ({_SCHEDULED})",
    },
    "owner": {
        **_OFFICES,
        **_OFFICERS,
        Role.UMKM: "t.id = '{person}'",
        Role.KOLABORATOR: f"t.id in ({_INVOLVED.format(key='owner_id', party='collaborator_id')})",
        Role.FINTECH: f"t.id in ({_PROPOSED.format(key='owner_id')})",
    },
    "consent": {**_OFFICES, **_MENTOR, **_OWNER},
    "reveal": _cells(ALL, "INSPEKTORAT"),
    "reveal_year": _cells(ALL, " ".join(ROLES)),
    "rights_request": {
        **_STEWARD,
        **_OWNER,
        **_cells(ALL, "INSPEKTORAT"),
        Role.PENDAMPING: f"{_AREA} and t.kind = 'PERBAIKAN'",
        Role.DINAS: "t.field in ('ALAMAT', 'NAMA_USAHA', 'ALAMAT_USAHA', 'KBLI')",
    },
    "permit": {**_OFFICES, **_MENTOR, **_OWNER},
    "need": {
        **_OFFICES,
        **_STEWARD,
        **_OFFICERS,
        **_cells(_OF_A_PLACE, "PUBLIK AGREGATOR FINTECH"),
        Role.KOLABORATOR: ALL,
        Role.UMKM: f"{_OF_A_PLACE} or {_PERSON}",
    },
    "delivery_recipient": {
        **_OFFICES,
        **_STEWARD,
        **_OFFICERS,
        **_OWNER,
        Role.KOLABORATOR: _DONOR,
        Role.AGREGATOR: _MANAGER,
        Role.SATPOL_PP: f"{_AREA} and t.received_on is null"
        " and t.delivery_id in (select id from ksbb.delivery where status = 'DIJADWALKAN')",
    },
    "attendance": {**_OFFICES, **_MENTOR, **_OWNER, Role.KOLABORATOR: _DONOR},
    # evidence, checks and visits of a loan tell when it was paid out and that it is in trouble
    "validation": _AROUND_A_LOAN,
    "mentoring_visit": _AROUND_A_LOAN,
    "document": {
        **_AROUND_A_LOAN,
        Role.PUBLIK: "t.kind = 'FOTO_BARANG' and t.delivery_id in"
        " (select id from ksbb.delivery where status = 'TERVALIDASI' and photos_consented)",
        Role.BIRO_KSD: "t.intake_application_id is null",
        Role.PENDAMPING: f"{_AREA} and t.intake_application_id is null",
        Role.PETUGAS_INTAKE: _OF_FILE,
        Role.KOLABORATOR: f"{_DONOR} and {_NO_MONEY_BACK}",
        Role.AGREGATOR: f"({_BODY} and {_NO_MONEY_BACK}) or {_MANAGER}",
        Role.FINTECH: _BODY,
        Role.DINAS: _NO_MONEY_BACK,
    },
    "loan": {
        **_LOAN_BOOK,
        **_STEWARD,
        Role.DINAS: ALL,
        Role.FINTECH: f"{_LENDER} and t.consented_on is not null",
        Role.KOLABORATOR: _DONOR,
        Role.AGREGATOR: _MANAGER,
    },
    **dict.fromkeys(["e_contract", "disbursement", "instalment", "repayment", "problem_report"], _LOAN_BOOK),
    "periodic_report": {**_SUPERVISORS, Role.FINTECH: _LENDER},
    "handover": {**_MONEY_BACK, **_STEWARD},
    "handover_loan": _MONEY_BACK,
    "onward_aid": {**_MONEY_BACK, **_STEWARD},
    "complaint": _COMPLAINTS,
    "follow_up": _COMPLAINTS,
    "discrepancy": {**_SUPERVISORS, **_cells(_EITHER_BODY, "FINTECH AGREGATOR"), Role.KOLABORATOR: _DONOR},
    "red_flag": {**_SUPERVISORS, Role.FINTECH: _BODY, Role.PENDAMPING: f"{_AREA} and t.collaborator_id is null"},
    **dict.fromkeys(["finding", "finding_step"], _FINDINGS),
    "sekda_report": _cells(ALL, "BIRO_KSD INSPEKTORAT DISKOMINFOTIK"),
    "breach": _cells(ALL, "ADMIN DISKOMINFOTIK INSPEKTORAT"),
    "intake_application": {**_INTAKE, Role.PETUGAS_INTAKE: f"{_AREA} and t.level = '{{level}}'"},
    "intake_step": {**_INTAKE, Role.PETUGAS_INTAKE: _OF_FILE},
    "recap": {**_INTAKE, Role.PETUGAS_INTAKE: _AREA},
    "user_account": {**_ADMINISTRATION, **_cells(ALL, "BIRO_KSD PENDAMPING")},
    "role_assignment": _ADMINISTRATION,
    "subscription": {**_SENT, Role.ADMIN: ALL},
    "webhook_delivery": _SENT,
}
"""Table and role to the rows that the role sees; who is not named sees none."""


BEHIND_CONDITIONS: Mapping[str, Mapping[Role, str]] = {
    "involvement": {Role.KOLABORATOR: _DONOR, Role.AGREGATOR: _MANAGER},
}
"""Rows that no role can select, but on which hangs what it sees of others."""


def rows(table: str, viewer: Viewer) -> str:
    """The SQL condition of the rows of `ksbb.<table> t` that a viewer sees."""
    return filled({**ROWS, **BEHIND_CONDITIONS}.get(table, {}).get(viewer.role, "false"), viewer)


def filled(condition: str, viewer: Viewer) -> str:
    """A condition with the viewer's scope in it."""
    for name, value in {
        "institution": viewer.institution_id,
        "person": viewer.person_id,
        "area": viewer.area,
        "level": viewer.level,
    }.items():
        condition = condition.replace("{{" + name + "}}", value).replace("{" + name + "}", value)
    return condition


# ---- conditional cells

_OPEN = (
    "(select i.{key} from ksbb.involvement i join ksbb.collaboration c on c.id = i.collaboration_id"
    " where i.collaborator_id = '{{institution}}' and c.number_issued_on is not null and c.closed_on is null)"
)
_TELLS = (
    "t.package_kind = 'PINJAMAN_MODAL' and t.status in ('BERJALAN', 'DILAPORKAN', 'TERVALIDASI', 'SELESAI',"
    " 'KEDALUWARSA', 'DITERIMA', 'TERPENUHI_SEBAGIAN', 'TERPENUHI')"
)
_OF_A_CHECK = {"delivery.status_reason", "delivery.override_reason"}
_OWN_KEYS = {
    "collaborator_id": "{institution}",
    "fintech_id": "{institution}",
    "fund_manager_id": "{institution}",
    "distributor_id": "{institution}",
    "institution_id": "{institution}",
    "owner_id": "{person}",
}


def cell(table: str, column: str, privacy: str, role: Role) -> str:
    """What a role gets of a column."""
    exception = EXCEPTIONS.get(f"{table}.{column}", {}).get(role)
    return CELLS[privacy][role] if exception is None else exception


def is_clear(table: str, column: str, privacy: str, viewer: Viewer, columns: set[str]) -> str:
    """The SQL condition of the rows on which a viewer's cell `C|x` is clear; `columns` are those of the table."""
    return filled(_clear(table, column, privacy, viewer.role, columns), viewer)


def _clear(table: str, column: str, privacy: str, role: Role, columns: set[str]) -> str:
    name = f"{table}.{column}"
    if EXCEPTIONS.get(name) is _DISPUTED_AMOUNT:
        return f"{_DONOR} and t.loan_id is null and t.handover_id is null"
    if name == "business.photo":
        return "t.photo_consented"
    if EXCEPTIONS.get(name) is _TELLS_OF_LOANS:
        return _DONOR
    if name in _OF_A_CHECK and role is Role.PENDAMPING:
        return _AREA
    if name.startswith(("place.pic_", "delivery.storage_")) and role in {Role.PENDAMPING, Role.WILAYAH}:
        return _AREA
    if name == "institution.contact_person":
        return "false" if role is Role.KOLABORATOR else "t.id = '{institution}'"
    if name in {"collaborator.contact_name", "collaborator.contact_phone"}:
        return "t.id = '{institution}'"
    if privacy in {"PLACE", "CONTACT"}:
        key = {"owner": "owner_id", "business": "business_id", "place": "place_id"}.get(table)
        return "false" if key is None else f"t.id in {_OPEN.format(key=key)}"
    if privacy == "DONOR":
        return {
            Role.KOLABORATOR: "t.id = '{institution}'",
            Role.AGREGATOR: "t.id in (select collaborator_id from ksbb.collaboration"
            " where distributor_id = '{institution}')",
            Role.FINTECH: "t.id in (select collaborator_id from ksbb.loan where fintech_id = '{institution}')",
        }[role]
    return _own_text(table, role, columns)


def _own_text(table: str, role: Role, columns: set[str]) -> str:
    if role is Role.DINAS:
        return _OF_AGENCY if table in {"complaint", "finding", "finding_step"} else "false"
    if role in {Role.PENDAMPING, Role.WILAYAH}:
        if table in {"complaint", "follow_up"}:
            return _AREA
        if table in {"finding", "finding_step"}:
            return _OF_ADMINISTRATION
        return "t.officer_id = '{person}'" if "officer_id" in columns and role is Role.PENDAMPING else "false"
    own = {**_OWN_KEYS, "complainant_id": "{person}" if role is Role.UMKM else "{institution}"}
    parts = [f"t.{key}::text = '{value}'" for key, value in own.items() if key in columns]
    return f"({' or '.join(parts)})" if parts else "false"


def is_hidden_for_all(table: str, column: str) -> str | None:
    """The rows whose generalised value tells nothing of a column, where that is not the form of the value alone."""
    name = f"{table}.{column}"
    if EXCEPTIONS.get(name) is _TELLS_OF_LOANS:
        return _TELLS
    if name == "need.region_code":
        return "t.business_id is not null"
    if name == "collaborator.name":
        return "t.anonymous or (t.kind = 'PERORANGAN' and not t.name_consented)"
    return None
