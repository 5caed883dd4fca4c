"""Which of our roles a token's claims say, by our names or by those that an issuer has for its groups and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.settings import Settings, UnusableSetting
from policy.issuer import is_elsewhere
from policy.token_errors import BadToken
from policy.viewer import Role, role_named

ROLE_CLAIM = "role"
SETTING = "KSBB_TOKEN_ROLES"


@dataclass(frozen=True)
class RoleClaims:
    """Finds the role that a token claims.

    Without `roles` the claim `role` says it as we name it. With them the values of the claim at `path` (one text, or a
    list of them) are looked up; values that are not named mean nothing. Of several roles that are meant the claim
    `role` chooses one.
    """

    path: str = ROLE_CLAIM
    roles: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> RoleClaims:
        """The mapping of an installation.

        Raises:
            UnusableSetting: it names no role, one value twice, or there is no issuer whose tokens it would be for.
        """
        if not settings.token_roles:
            return cls()
        if not is_elsewhere(settings):
            raise UnusableSetting(f"{SETTING} is for tokens of an issuer: set KSBB_TOKEN_DISCOVERY too.", name=SETTING)
        pairs = [part.rsplit("=", 1) for part in settings.token_roles.split(",")]
        if len({value for value, _ in pairs}) < len(pairs):
            raise UnusableSetting(f"{SETTING} names a value twice: give each one role.", name=SETTING)
        return cls(settings.token_role_claim, {value: role_named(name, SETTING) for value, name in pairs})

    def role(self, claims: Mapping[str, Any]) -> object:
        """What stands for the claim `role`; of whatever kind where the claims themselves say it.

        Raises:
            BadToken: none of our roles is meant, or several and none of them is chosen.
        """
        if not self.roles:
            return claims.get(ROLE_CLAIM)
        meant = {self.roles[value] for value in _values(claims, self.path) if value in self.roles}
        if len(meant) > 1:
            meant &= {Role[chosen]} if (chosen := claims.get(ROLE_CLAIM)) in list(Role) else set()
        if len(meant) != 1:
            raise BadToken("it means none of the roles here, or several and its `role` names none of them")
        return meant.pop().value


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    """The texts of a claim: of one with that very name, or at a path of names parted by points."""
    found: Any = claims
    for name in [path] if path in claims else path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return [value for value in listed if isinstance(value, str)]
