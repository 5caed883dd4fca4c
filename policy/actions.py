"""Who may do what: command -> roles. What is not named here is refused; guards and state machines narrow it further.

Source: DOMAIN sections 2, 3 and 7, from Instruksi Sekda DKI 56/2020 (Lampiran I and II) and the PAIS UMi SOP.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.vocabulary import Actor
from policy.viewer import Role

_HANDLERS = frozenset({Role.DINAS, Role.WILAYAH, Role.INSPEKTORAT})

MAY: Mapping[str, frozenset[Role]] = {
    # complaints (pengaduan): anybody files and reopens, the agency and the heads of the area work on them
    "FileComplaint": frozenset(Role),
    "ReopenComplaint": frozenset(Role),
    "VerifyComplaint": _HANDLERS,
    "ForwardComplaint": _HANDLERS,
    "FollowUpComplaint": _HANDLERS,
    "ResolveComplaint": _HANDLERS,
    "RejectComplaint": _HANDLERS,
}
"""By the name of the command."""


def may_do(command: str, role: Role) -> bool:
    """Whether a role may give a command at all."""
    return role in MAY.get(command, frozenset())


def actor_of(role: Role) -> Actor:
    """The actor of the state machines that a role speaks for; DINAS stands for the MSME agency and those beside it."""
    return Actor.DINAS_PPKUKM if role is Role.DINAS else Actor[role.value]
