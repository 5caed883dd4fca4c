"""Steps: users and their roles. Officers of the sequence keep theirs: it goes on without what is stopped."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from uuid import UUID

from commands.account import AssignRole, DeactivateUser, EndRole, RegisterUser
from commands.api_key import KeyOrder, RevokeApiKey, create_api_key
from commands.token import RevokeTokens
from models.vocabulary import IntakeLevel
from policy.api_keys import key_text, new_secret
from policy.viewer import Agency, Role, Viewer
from tests.sequences.steps import Order, drives
from tests.sequences.world import World

ADMIN = Viewer(Role.ADMIN, "admin-1")


@drives(RegisterUser)
async def register_user(world: World) -> Order | None:
    taken = await world.pick("user_account")
    login = taken["login"] if world.chance(0.1) else f"contoh-{world.next()}"
    return ADMIN, RegisterUser(login=login, name="Contoh Pengguna")


@drives(DeactivateUser, often=1)
async def deactivate_user(world: World) -> Order | None:
    made = await world.some("user_account", "t.login like 'contoh-%'")
    return (ADMIN, DeactivateUser(user_id=made[0])) if made else None


@drives(AssignRole)
async def assign_role(world: World) -> Order | None:
    made = await world.some("user_account", "t.login like 'contoh-%'")
    role = world.random.choice(list(Role))
    area = world.random.choice(world.players.areas)
    scopes: dict[Role, dict[str, Any]] = {
        Role.KOLABORATOR: {"collaborator_id": _key(world, world.players.donors)},
        Role.AGREGATOR: {"institution_id": _key(world, world.players.fund_managers)},
        Role.FINTECH: {"institution_id": _key(world, world.players.fintechs)},
        Role.DINAS: {"agency": world.random.choice(list(Agency)).value},
        Role.PETUGAS_INTAKE: {"region_code": area, "level": IntakeLevel.KECAMATAN},
        **{role: {"region_code": area} for role in (Role.PENDAMPING, Role.WILAYAH, Role.SATPOL_PP)},
    }
    return (ADMIN, AssignRole(user_id=made[0], role=role.value, **scopes.get(role, {}))) if made else None


@drives(EndRole, often=3)
async def end_role(world: World) -> Order | None:
    of_sequence = "select from ksbb.user_account u where u.id = t.user_account_id and u.login like 'contoh-%'"
    held = await world.some("role_assignment", f"exists ({of_sequence})")
    return (ADMIN, EndRole(role_assignment_id=held[0])) if held else None


@drives(RevokeTokens, often=1)
async def revoke_tokens(world: World) -> Order | None:
    user = await world.pick("user_account")
    return ADMIN, RevokeTokens(subject=user["login"], role=world.random.choice([None, Role.PENDAMPING.value]))


@drives(RevokeApiKey, often=1)
async def revoke_api_key(world: World) -> Order | None:
    """One that the terminal made a moment ago, or some time: no command makes one."""
    if world.chance(0.3) and (known := await world.pick("api_key")):
        return ADMIN, RevokeApiKey(key=key_text(known["public_id"]))
    order = KeyOrder(viewer=Viewer(Role.INSPEKTORAT, "contoh-program"), lifetime=dt.timedelta(days=30))
    made = await world.bus.perform(ADMIN, "CreateApiKey", partial(create_api_key, order=order, secret=new_secret()))
    return ADMIN, RevokeApiKey(key=key_text(made.public_id))


def _key(world: World, players: tuple[Viewer, ...]) -> UUID:
    return UUID(world.random.choice(players).institution_id)
