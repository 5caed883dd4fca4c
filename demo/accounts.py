"""Users and their roles: one accompanying officer and one head for each kecamatan, and one user for each other role."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from demo.names import anybody
from demo.plan import LAUNCH, CityPlan
from demo.rows import Row
from geo.regions import Level, at_level
from models.vocabulary import IntakeLevel
from policy.viewer import Role

AGENCIES = ("DINAS_PPKUKM", "OPD_PEMBINA", "PMPTSP")
_CITY_WIDE = (Role.BIRO_KSD, Role.INSPEKTORAT, Role.DISKOMINFOTIK, Role.ADMIN)
_OFFICER_NUMBERS_END = 1_000_000  # the number of an officer is the code of the kecamatan


def account_rows(plan: CityPlan) -> Iterator[Row]:
    """Every user with one role each."""
    for kecamatan in at_level(Level.KECAMATAN):
        key = plan.officer_key(kecamatan.code)
        yield from _account(plan, key, Role.PENDAMPING, kecamatan.code, "SUDIN_PPKUKM", kecamatan.code)
    for number, (role, label, agency, area, institution) in enumerate(_others(plan)):
        key = plan.key("user_account", _OFFICER_NUMBERS_END + number, LAUNCH)
        yield from _account(plan, key, role, label, agency, area, institution)


def intake_officer_key(plan: CityPlan, region_code: str) -> UUID:
    """The key of the intake officer of the kecamatan around a kelurahan."""
    wanted = Role.PETUGAS_INTAKE, region_code[:8]
    number = next(n for n, (role, label, *_) in enumerate(_others(plan)) if (role, label) == wanted)
    return plan.key("user_account", _OFFICER_NUMBERS_END + number, LAUNCH)


def bureau_key(plan: CityPlan) -> UUID:
    """The key of the officer of the bureau that runs collaborations."""
    number = next(n for n, (role, *_) in enumerate(_others(plan)) if role is Role.BIRO_KSD)
    return plan.key("user_account", _OFFICER_NUMBERS_END + number, LAUNCH)


def _others(plan: CityPlan) -> Iterator[tuple[Role, str, str | None, str | None, UUID | None]]:
    """Role, what tells the user from others of the role, agency, area and institution."""
    for kecamatan in at_level(Level.KECAMATAN):
        yield Role.WILAYAH, kecamatan.code, "KECAMATAN", kecamatan.code, None
        yield Role.PETUGAS_INTAKE, kecamatan.code, IntakeLevel.KECAMATAN.value, kecamatan.code, None
    for kota in at_level(Level.KOTA):
        yield Role.WILAYAH, kota.code, "WALIKOTA", kota.code, None
        yield Role.SATPOL_PP, kota.code, "SATPOL_PP", kota.code, None
    for agency in AGENCIES:
        yield Role.DINAS, agency.lower(), agency, None, None
    for role in _CITY_WIDE:
        yield role, "1", role.value, None, None
    yield Role.DISKOMINFOTIK, "2", "PPID", None, None
    for number in range(plan.size.fintechs + plan.size.fund_managers):
        role = Role.FINTECH if number < plan.size.fintechs else Role.AGREGATOR
        yield role, str(number + 1), None, None, plan.institution_key(number)


def _account(
    plan: CityPlan,
    key: UUID,
    role: Role,
    label: str,
    agency: str | None,
    area: str | None,
    institution: UUID | None = None,
) -> Iterator[Row]:
    number = key.int % (1 << 62)
    yield (
        "user_account",
        {
            "id": key,
            "login": f"{role.value.lower()}-{label}",
            "name": anybody(plan.chance("user_account", number)),
            "active": True,
            "created_on": LAUNCH,
            "secret_hash": None,
        },
    )
    yield (
        "role_assignment",
        {
            "id": plan.key("role_assignment", number, LAUNCH),
            "user_account_id": key,
            "role": role.value,
            "agency": agency,
            "institution_id": institution,
            "region_code": area,
            "from_on": LAUNCH,
            "until_on": None,
        },
    )
