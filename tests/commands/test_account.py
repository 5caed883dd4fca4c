"""Users and their roles, through GraphQL, by the system steward."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.clock import day_in_jakarta
from models.vocabulary import IntakeLevel
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused

NAME = "Contoh Nama Rahasia"
AREA = "31.73.03"


async def a_user(acting: Acting, login: str) -> str:
    """A user without any role."""
    made = await done(acting, Role.ADMIN, "registerUser", "userAccount { id }", login=login, name=NAME)
    return str(made["id"])


async def scope_of(acting: Acting, role: Role) -> dict[str, Any]:
    """What an assignment of a role needs."""
    institution = "select public_id from ksbb.institution where kind = $1 limit 1"
    match role:
        case Role.KOLABORATOR:
            return {"collaboratorId": await acting.tables.fetchval("select public_id from ksbb.collaborator limit 1")}
        case Role.AGREGATOR | Role.FINTECH:
            return {"institutionId": await acting.tables.fetchval(institution, role.value)}
        case Role.DINAS:
            return {"agency": "DINAS_PPKUKM"}
        case Role.PENDAMPING | Role.WILAYAH | Role.SATPOL_PP:
            return {"regionCode": AREA}
        case Role.PETUGAS_INTAKE:
            return {"regionCode": AREA, "level": "KECAMATAN"}
        case _:
            return {}


async def test_a_user_is_registered_given_a_role_and_deactivated(acting: Acting) -> None:
    shown = "userAccount { id login name active roles { nodes { role } } }"
    made = await done(acting, Role.ADMIN, "registerUser", shown, login="contoh-1", name=NAME)
    assert (made["login"], made["name"], made["active"], made["roles"]["nodes"]) == ("contoh-1", NAME, True, [])
    given = {"userId": made["id"], "role": "DINAS", "agency": "PMPTSP"}
    role = await done(
        acting, Role.ADMIN, "assignRole", "roleAssignment { id role agency fromOn untilOn user { login } }", **given
    )
    today = str(day_in_jakarta(acting.clock.now()))
    held = {"role": "DINAS", "agency": "PMPTSP", "fromOn": today, "untilOn": None, "user": {"login": "contoh-1"}}
    assert role == {"id": role["id"], **held}
    assert (await refused(acting, Role.ADMIN, "assignRole", **given))[0] == "ASSIGNED_ALREADY"
    ended = await done(acting, Role.ADMIN, "deactivateUser", "userAccount { active }", userId=made["id"])
    assert ended == {"active": False}
    assert (
        await acting.tables.fetchval(
            "select until_on::text from ksbb.role_assignment where agency = 'PMPTSP' and public_id = $1", role["id"]
        )
        == today
    )
    for mutation, more in (("deactivateUser", {}), ("assignRole", {"role": "ADMIN"})):
        assert (await refused(acting, Role.ADMIN, mutation, userId=made["id"], **more))[0] == "ACCOUNT_ENDED"
    assert (await refused(acting, Role.ADMIN, "endRole", roleAssignmentId=role["id"]))[0] == "ACCOUNT_ENDED"


async def test_a_login_is_one_users_alone(acting: Acting) -> None:
    await a_user(acting, "contoh-2")
    again = {"login": "contoh-2", "name": "Contoh Lain"}
    assert await refused(acting, Role.ADMIN, "registerUser", **again) == ("LOGIN_TAKEN", ["login"])


@pytest.mark.parametrize("login", ["", "ab", "A-Besar", "x" * 65, "dua kata", "a\nb\nc"])
async def test_a_login_has_its_form(acting: Acting, login: str) -> None:
    refusal = await refused(acting, Role.ADMIN, "registerUser", login=login, name=NAME)
    assert refusal == ("UNUSABLE_LOGIN", ["login"])


async def test_a_login_is_no_number_of_a_person(acting: Acting) -> None:
    for login in ("3171011203900001", "nik-31.7101.120390.0001"):
        refusal = await refused(acting, Role.ADMIN, "registerUser", login=login, name=NAME)
        assert refusal == ("NUMBER_OF_A_PERSON", ["login"])


async def test_the_name_of_a_user_goes_into_its_row_only(acting: Acting) -> None:
    user = await a_user(acting, "contoh-3")
    await done(acting, Role.ADMIN, "deactivateUser", "userAccount { id }", userId=user)
    for table in ("event", "audit_entry", "command_receipt"):
        rows = await acting.tables.fetch(f"select t::text as text from ksbb.{table} t")
        assert not any(NAME in row["text"] for row in rows), table


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PUBLIK, Role.UMKM}))
async def test_a_role_is_given_with_exactly_what_it_needs(acting: Acting, role: Role) -> None:
    user = await a_user(acting, f"contoh-{role.lower()}")
    needs = await scope_of(acting, role)
    given = {"userId": user, "role": role.value}
    for missing in needs:
        rest = {name: value for name, value in needs.items() if name != missing}
        assert await refused(acting, Role.ADMIN, "assignRole", **given, **rest) == ("ROLE_SCOPE", [missing])
    everything: dict[str, Any] = {}
    for other in (Role.KOLABORATOR, Role.FINTECH, Role.PETUGAS_INTAKE):
        everything |= await scope_of(acting, other)
    for name in sorted(set(everything) - set(needs)):
        more = {**needs, name: everything[name]}
        assert await refused(acting, Role.ADMIN, "assignRole", **given, **more) == ("ROLE_SCOPE", [name])
    made = await done(acting, Role.ADMIN, "assignRole", "roleAssignment { id role regionCode }", **given, **needs)
    assert made == {"id": made["id"], "role": role.value, "regionCode": needs.get("regionCode")}
    ended = await done(acting, Role.ADMIN, "endRole", "roleAssignment { untilOn }", roleAssignmentId=made["id"])
    assert ended == {"untilOn": str(day_in_jakarta(acting.clock.now()))}
    assert (await refused(acting, Role.ADMIN, "endRole", roleAssignmentId=made["id"]))[0] == "ACCOUNT_ENDED"


@pytest.mark.parametrize("role", ["PUBLIK", "UMKM", "RAJA", ""])
async def test_nobody_is_made_the_public_an_owner_or_a_king(acting: Acting, role: str) -> None:
    user = await acting.tables.fetchval("select public_id from ksbb.user_account limit 1")
    refusal = await refused(acting, Role.ADMIN, "assignRole", userId=user, role=role)
    assert refusal == ("UNUSABLE_ROLE", ["role"])


async def test_a_fund_manager_is_no_fintech(acting: Acting) -> None:
    user = await a_user(acting, "contoh-4")
    of = await scope_of(acting, Role.AGREGATOR)
    refusal = await refused(acting, Role.ADMIN, "assignRole", userId=user, role="FINTECH", **of)
    assert refusal == ("NOT_FOUND", ["institutionId"])


async def test_a_steward_does_not_lock_itself_out(acting: Acting) -> None:
    user = await a_user(acting, "contoh-steward")
    self = Viewer(Role.ADMIN, "contoh-steward")
    role = await done(acting, Role.ADMIN, "assignRole", "roleAssignment { id }", userId=user, role="ADMIN")
    assert (await refused(acting, self, "deactivateUser", userId=user))[0] == "OWN_ACCOUNT"
    assert (await refused(acting, self, "endRole", roleAssignmentId=role["id"]))[0] == "OWN_ACCOUNT"


async def test_every_level_of_the_intake_chain_has_officers(acting: Acting) -> None:
    user = await a_user(acting, "contoh-5")
    for level in IntakeLevel:
        given = {"userId": user, "role": "PETUGAS_INTAKE", "regionCode": "31", "level": level.value}
        made = await done(acting, Role.ADMIN, "assignRole", "roleAssignment { agency }", **given)
        assert made == {"agency": level.value}
