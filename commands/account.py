"""Users and what they are (pengguna, peran): entered, given roles, and ended, by the system steward.

A token says who somebody is, and is made elsewhere: an ended role or account gets no new one, and those that are out
are revoked. Source: our proposal (DOMAIN section 2, ADMIN); what a role needs: DESIGN section 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import or_

from commands.collaborator import plain_text
from commands.command import Command, Fact, Ref, Spelling, registered
from commands.refusal import NotFound, Path, Refusal
from commands.token import revoke
from commands.work import Work
from geo.regions import region
from models.account import RoleAssignment, UserAccount
from models.collaborator import Collaborator
from models.institution import Institution
from models.vocabulary import InstitutionKind, IntakeLevel
from policy.viewer import SCOPE_OF, Agency, Role, Scope

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")
_AGENCY = re.compile(r"[A-Z][A-Z_]{1,39}")
ASSIGNED = frozenset(Role) - {Role.PUBLIK, Role.UMKM}
"""Roles of users: the public needs none, and an owner is one by being in the registry."""


# ---- situations


class UnusableLogin(Refusal):
    """A login that is not of the form."""

    code = "UNUSABLE_LOGIN"

    def __init__(self) -> None:
        super().__init__(
            "A login has 3 to 64 small letters, digits, points, hyphens, `_` or `@`.",
            "Nama pengguna terdiri atas 3 sampai 64 huruf kecil, angka, titik, tanda hubung, `_` atau `@`.",
            path=("login",),
        )


class LoginTaken(Refusal):
    """Another account has the login."""

    code = "LOGIN_TAKEN"

    def __init__(self) -> None:
        super().__init__(
            "Another account has this login. Choose another one.",
            "Nama pengguna ini sudah dipakai akun lain. Pilih yang lain.",
            path=("login",),
        )


class UnusableRole(Refusal):
    """A role that there is not, or that is not given to users."""

    code = "UNUSABLE_ROLE"

    def __init__(self) -> None:
        listed = ", ".join(sorted(ASSIGNED))
        super().__init__(f"Give one of these roles: {listed}.", f"Pilih salah satu peran: {listed}.", path=("role",))


class RoleNeeds(Refusal):
    """A part of the scope that the role needs and that is not given, or is given and not needed."""

    code = "ROLE_SCOPE"

    def __init__(self, role: Role, needs: bool, path: Path) -> None:
        super().__init__(
            f"{role} needs this part: give it as the role has it." if needs else f"{role} has no such part: leave out.",
            f"{role} memerlukan isian ini." if needs else f"{role} tidak memerlukan isian ini: kosongkan.",
            path=path,
        )


class AccountEnded(Refusal):
    """An account or role that ended, or the account of the caller."""

    code = "ACCOUNT_ENDED"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This account or role has ended already. Make a new one.",
            "Akun atau peran ini sudah berakhir. Buat yang baru.",
            path=path,
        )


class OwnAccount(Refusal):
    """A steward that would lock itself out."""

    code = "OWN_ACCOUNT"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This is your own account: let another steward end it.",
            "Ini akun Anda sendiri: mintalah pengelola lain mengakhirinya.",
            path=path,
        )


class AssignedAlready(Refusal):
    """A role that the user has, for the same institution, agency and area."""

    code = "ASSIGNED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "The user has this role already.", "Pengguna ini sudah memiliki peran tersebut.", path=("role",)
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class UserChanged(Fact):
    """An account was made or ended (akun dibuat atau diakhiri)."""

    tells: ClassVar = (UserAccount.active,)

    active: bool


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Fact):
    """A role was given to a user, or taken (peran diberikan atau dicabut)."""

    tells: ClassVar = (RoleAssignment.role, RoleAssignment.until_on)

    role: str
    held: bool


# ---- accounts


@dataclass(frozen=True, kw_only=True)
class RegisterUser(Command):
    """Make an account for a person who logs in (pengguna)."""

    login: Annotated[str, "Login name, nobody else's (nama pengguna); it stands in the audit trail."]
    name: Annotated[str, "Name of the person (nama). Never public."]


@dataclass(frozen=True, kw_only=True)
class DeactivateUser(Command):
    """End an account and all its roles with today (dinonaktifkan)."""

    user_id: Annotated[UUID, Ref("UserAccount"), "The user (pengguna)."]


async def register_user(command: RegisterUser, work: Work) -> UserAccount:
    """Add an account without any role.

    Raises:
        UnusableLogin, UnusableName, NumberOfAPerson: a text is wrong.
        LoginTaken: another account has the login.
    """
    login = command.login.strip()
    if not _LOGIN.fullmatch(login):
        raise UnusableLogin
    plain_text(login, ("login",))
    name = plain_text(command.name, ("name",))
    if await work.rows(UserAccount, UserAccount.login == login):
        raise LoginTaken
    user = work.add(UserAccount, login=login, name=name, active=True, created_on=work.today)
    work.tell(UserChanged(subject=user, active=True))
    return user


async def deactivate_user(command: DeactivateUser, work: Work) -> UserAccount:
    """End the account and the roles that it holds.

    Raises:
        AccountEnded: it was ended before.
        OwnAccount: it is the caller's.
    """
    user = await _open_account(work, command.user_id)
    if user.login == work.viewer.subject:
        raise OwnAccount(("userId",))
    user.active = False
    revoke(work, user.login, None)
    for role in await work.rows(RoleAssignment, RoleAssignment.user_account_id == user.id, *_held(work)):
        _end(work, role)
    work.tell(UserChanged(subject=user, active=False))
    return user


# ---- roles


@dataclass(frozen=True, kw_only=True)
class AssignRole(Command):
    """Give a user a role from today, with what the role needs (peran)."""

    user_id: Annotated[UUID, Ref("UserAccount"), "The user (pengguna)."]
    role: Annotated[str, "The role, such as PENDAMPING (peran)."]
    agency: Annotated[str | None, "Agency, such as DINAS_PPKUKM; DINAS needs it (instansi)."] = None
    institution_id: Annotated[UUID | None, Ref("Institution"), "Of AGREGATOR and FINTECH (lembaga)."] = None
    collaborator_id: Annotated[UUID | None, Ref("Collaborator"), "Of KOLABORATOR: the donor (kolaborator)."] = None
    region_code: Annotated[
        str | None, Spelling("RegionCode"), "Area of PENDAMPING, WILAYAH, SATPOL_PP and PETUGAS_INTAKE (kode wilayah)."
    ] = None
    level: Annotated[IntakeLevel | None, "Level of PETUGAS_INTAKE (jenjang)."] = None


@dataclass(frozen=True, kw_only=True)
class EndRole(Command):
    """End a role of a user with today (peran berakhir)."""

    role_assignment_id: Annotated[UUID, Ref("RoleAssignment"), "The role of the user (peran)."]


async def assign_role(command: AssignRole, work: Work) -> RoleAssignment:
    """Add a role; of an intake officer the level stands for the agency.

    Raises:
        UnusableRole: it is not given to users.
        RoleNeeds: a part of its scope is missing, or too much.
        NotFound: there is no such user, or no institution of that kind.
        AccountEnded, AssignedAlready: the user may have no role, or has this one.
    """
    role = _role(command.role)
    _check_scope(role, command)
    user = await _open_account(work, command.user_id)
    scope = {
        "role": role.value,
        "agency": command.agency if command.level is None else command.level.value,
        "institution_id": await _institution(role, command, work),
        "region_code": command.region_code and region(command.region_code).code,
    }
    same = [getattr(RoleAssignment, name).is_not_distinct_from(value) for name, value in scope.items()]
    if await work.rows(RoleAssignment, RoleAssignment.user_account_id == user.id, *_held(work), *same):
        raise AssignedAlready
    assignment = work.add(RoleAssignment, user_account_id=user.id, from_on=work.today, until_on=None, **scope)
    work.tell(RoleChanged(subject=assignment, role=role.value, held=True))
    return assignment


async def end_role(command: EndRole, work: Work) -> RoleAssignment:
    """End a role; what was done in it stays. Tokens of the same role elsewhere are revoked too: new ones hold.

    Raises:
        AccountEnded: it ended before.
        OwnAccount: it is the caller's own role as steward.
    """
    assignment = await work.own(RoleAssignment, command.role_assignment_id, ("roleAssignmentId",))
    if assignment.until_on is not None:
        raise AccountEnded(("roleAssignmentId",))
    user = await work.seen(UserAccount, assignment.user_account_id, ("roleAssignmentId",))
    if user.login == work.viewer.subject and assignment.role == work.viewer.role.value:
        raise OwnAccount(("roleAssignmentId",))
    _end(work, assignment)
    revoke(work, user.login, assignment.role)
    return assignment


def _role(text: str) -> Role:
    if text not in Role.__members__ or Role[text] not in ASSIGNED:
        raise UnusableRole
    return Role[text]


def _check_scope(role: Role, command: AssignRole) -> None:
    """Make sure that exactly what the role needs is given; an agency may be told of every role with no level."""
    needs = SCOPE_OF[role]
    has_donor = role is Role.KOLABORATOR
    for given, needed, field in (
        (command.institution_id, Scope.INSTITUTION in needs and not has_donor, "institutionId"),
        (command.collaborator_id, has_donor, "collaboratorId"),
        (command.region_code, Scope.AREA in needs, "regionCode"),
        (command.level, Scope.LEVEL in needs, "level"),
    ):
        if (given is not None) is not needed:
            raise RoleNeeds(role, needed, (field,))
    if role is Role.DINAS and command.agency not in Agency.__members__:
        raise RoleNeeds(role, True, ("agency",))
    if command.agency is not None and (Scope.LEVEL in needs or not _AGENCY.fullmatch(command.agency)):
        raise RoleNeeds(role, False, ("agency",))


async def _institution(role: Role, command: AssignRole, work: Work) -> UUID | None:
    if command.collaborator_id is not None:
        return (await work.seen(Collaborator, command.collaborator_id, ("collaboratorId",))).id
    if command.institution_id is None:
        return None
    institution = await work.seen(Institution, command.institution_id, ("institutionId",))
    if institution.kind is not InstitutionKind[role.value]:
        raise NotFound("institution", ("institutionId",))
    return institution.id


async def _open_account(work: Work, key: UUID) -> UserAccount:
    user = await work.own(UserAccount, key, ("userId",))
    if not user.active:
        raise AccountEnded(("userId",))
    return user


def _held(work: Work) -> tuple[object, ...]:
    """Conditions of the roles that are not ended yet."""
    return (or_(RoleAssignment.until_on.is_(None), RoleAssignment.until_on > work.today),)


def _end(work: Work, assignment: RoleAssignment) -> None:
    assignment.until_on = max(work.today, assignment.from_on)
    work.tell(RoleChanged(subject=assignment, role=assignment.role, held=False))


COMMANDS = (
    registered(RegisterUser, register_user, answers="UserAccount"),
    registered(DeactivateUser, deactivate_user, answers="UserAccount"),
    registered(AssignRole, assign_role, answers="RoleAssignment"),
    registered(EndRole, end_role, answers="RoleAssignment"),
)
