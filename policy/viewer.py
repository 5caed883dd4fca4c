"""Who is asking: a role with the scope that its rows depend on, and what it may be used for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kernel.errors import KsbbError
from kernel.settings import UnusableSetting


class Role(StrEnum):
    """A kind of reader. Each is a database role of its own (`ksbb_<role>`)."""

    PUBLIK = "PUBLIK"
    KOLABORATOR = "KOLABORATOR"
    AGREGATOR = "AGREGATOR"
    FINTECH = "FINTECH"
    UMKM = "UMKM"
    PENDAMPING = "PENDAMPING"
    DINAS = "DINAS"
    WILAYAH = "WILAYAH"
    BIRO_KSD = "BIRO_KSD"
    SATPOL_PP = "SATPOL_PP"
    INSPEKTORAT = "INSPEKTORAT"
    DISKOMINFOTIK = "DISKOMINFOTIK"
    PETUGAS_INTAKE = "PETUGAS_INTAKE"
    ADMIN = "ADMIN"


def by_role(text: str, setting: str) -> dict[Role, int]:
    """Numbers by role as a setting gives them: `PUBLIK=1200,*=6000`, where `*` are all other roles, 0 without it.

    Raises:
        UnusableSetting: it names no role.
    """
    given = dict(part.split("=") for part in filter(None, text.split(",")))
    others = int(given.pop("*", 0))
    return dict.fromkeys(Role, others) | {role_named(name, setting): int(number) for name, number in given.items()}


def role_named(name: str, setting: str) -> Role:
    """The role that a setting names.

    Raises:
        UnusableSetting: there is none.
    """
    if name not in Role.__members__:
        raise UnusableSetting(f"{setting} names {name}, which is no role. Roles: {', '.join(Role)}.", name=setting)
    return Role[name]


class Agency(StrEnum):
    """The agency that a viewer of role DINAS speaks for: the one for MSMEs, or one beside it.

    Those that foster businesses of their own are named one by one, as `business.supervising_agency` names them;
    OPD_PEMBINA is one of them that is not named. Source: Instruksi Sekda DKI 56/2020, KESATU d, e and f.
    """

    DINAS_PPKUKM = "DINAS_PPKUKM"
    PMPTSP = "PMPTSP"
    OPD_PEMBINA = "OPD_PEMBINA"
    DINAS_KPKP = "DINAS_KPKP"
    DINAS_PPAPP = "DINAS_PPAPP"
    DINAS_SOSIAL = "DINAS_SOSIAL"
    DINAS_PAREKRAF = "DINAS_PAREKRAF"
    DINAS_KEBUDAYAAN = "DINAS_KEBUDAYAAN"
    DINAS_NAKERTRANSGI = "DINAS_NAKERTRANSGI"


class Scope(StrEnum):
    """What a role's rows depend on; each is a database setting `ksbb.<name>` of the reading connection."""

    INSTITUTION = "institution_id"
    AREA = "area"
    PERSON = "person_id"
    LEVEL = "level"


SCOPE_OF: dict[Role, frozenset[Scope]] = {
    Role.PUBLIK: frozenset(),
    Role.KOLABORATOR: frozenset({Scope.INSTITUTION}),
    Role.AGREGATOR: frozenset({Scope.INSTITUTION}),
    Role.FINTECH: frozenset({Scope.INSTITUTION}),
    Role.UMKM: frozenset({Scope.PERSON}),
    Role.PENDAMPING: frozenset({Scope.AREA, Scope.PERSON}),
    Role.DINAS: frozenset(),
    Role.WILAYAH: frozenset({Scope.AREA}),
    Role.BIRO_KSD: frozenset(),
    Role.SATPOL_PP: frozenset({Scope.AREA}),
    Role.INSPEKTORAT: frozenset(),
    Role.DISKOMINFOTIK: frozenset(),
    Role.PETUGAS_INTAKE: frozenset({Scope.AREA, Scope.LEVEL}),
    Role.ADMIN: frozenset(),
}


class Act(StrEnum):
    """A kind of operation. A token may all of them; an API key those that it was made for (`policy/api_keys.py`)."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    WRITE = "write"


ALL_ACTS = frozenset(Act)


class KeyMayNot(KsbbError):
    """An operation of a kind that the caller's API key was not made for."""

    code = "FORBIDDEN"

    def __init__(self, act: Act, acts: frozenset[Act]) -> None:
        has = ", ".join(sorted(acts))
        super().__init__(
            f"This API key may not {act}: its scopes are {has}. Ask whoever keeps this service for a key with the "
            f"scope `{act}` (kunci API ini tidak memiliki cakupan `{act}`).",
            scope=act.value,
            scopes=sorted(acts),
        )


@dataclass(frozen=True)
class Viewer:
    """One caller: role, who it is, and its scope.

    `institution_id` is the internal key of the institution or (KOLABORATOR) of the collaborator, `area` a dotted
    Kemendagri code of any level, `person_id` the internal key of the owner or officer, `level` the intake level.
    `agency` is that of DINAS: rows do not depend on it, what may be done does; without one that is no more than the
    public may. `acts` and `trusted_only` (trusted documents only) narrow what an API key may be used for.
    """

    role: Role
    subject: str = "anonymous"
    institution_id: str = ""
    area: str = ""
    person_id: str = ""
    level: str = ""
    agency: Agency | None = None
    acts: frozenset[Act] = ALL_ACTS
    trusted_only: bool = False

    def require(self, act: Act) -> None:
        """Make sure that the caller may do such an operation at all; the policy tells which and with what.

        Raises:
            KeyMayNot: its API key was not made for it.
        """
        if act not in self.acts:
            raise KeyMayNot(act, self.acts)

    @cached_property
    def scope(self) -> tuple[tuple[Scope, str], ...]:
        """The settings that this viewer's rows depend on, in a fixed order; empty for a role without row conditions."""
        return tuple((s, str(getattr(self, s.value))) for s in Scope if s in SCOPE_OF[self.role])


PUBLIC = Viewer(role=Role.PUBLIK)
