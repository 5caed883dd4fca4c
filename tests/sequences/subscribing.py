"""Steps: webhooks of agencies and bodies. Their target is never called: nobody sends in a sequence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from commands.webhook import (
    ChangeWebhook,
    PingWebhook,
    RedeliverWebhook,
    RegisterWebhook,
    RemoveWebhook,
    ReplayWebhook,
    RotateWebhookSecret,
)
from policy.event_cursor import BEGINNING, sealed_position
from policy.viewer import Role, Viewer
from tests.sequences.steps import Order, drives
from tests.sequences.world import World, institution

URL = "https://8.8.8.8/contoh"
OPEN = "t.active"


@drives(RegisterWebhook)
async def register_webhook(world: World) -> Order | None:
    types = world.random.choice([(), ("LoanMoved",), ("LoanMoved", "ComplaintMoved")])
    areas = world.random.choice([(), world.players.areas[:1]])
    return _subscriber(world), RegisterWebhook(name="Contoh", target_url=URL, event_types=types, region_codes=areas)


@drives(ChangeWebhook)
async def change_webhook(world: World) -> Order | None:
    webhook = await world.pick("subscription", "t.ended_on is null")
    if webhook is None:
        return None
    active, name = world.chance(0.6), f"Contoh {world.next()}"
    return _owner(webhook), ChangeWebhook(subscription_id=webhook["id"], active=active, event_types=(), name=name)


@drives(RotateWebhookSecret, often=1)
async def rotate_webhook_secret(world: World) -> Order | None:
    return await _for(world, RotateWebhookSecret)


@drives(PingWebhook)
async def ping_webhook(world: World) -> Order | None:
    return await _for(world, PingWebhook)


@drives(ReplayWebhook, often=1)
async def replay_webhook(world: World) -> Order | None:
    webhook = await world.pick("subscription", OPEN)
    if webhook is None:
        return None
    owner = _owner(webhook)
    after = world.random.choice([BEGINNING, sealed_position(world.secrets, owner, world.random.randint(0, 50))])
    return owner, ReplayWebhook(subscription_id=webhook["id"], after=after)


@drives(RedeliverWebhook, often=1)
async def redeliver_webhook(world: World) -> Order | None:
    return await _for(world, RedeliverWebhook)


@drives(RemoveWebhook, often=1)
async def remove_webhook(world: World) -> Order | None:
    return await _for(world, RemoveWebhook)


async def _for(world: World, command: Any) -> Order | None:
    webhook = await world.pick("subscription", OPEN)
    return webhook and (_owner(webhook), command(subscription_id=webhook["id"]))


def _subscriber(world: World) -> Viewer:
    players = world.players
    desks = [desk for desk in players.desks if desk.role in {Role.BIRO_KSD, Role.INSPEKTORAT, Role.WILAYAH}]
    return world.random.choice([*players.donors, *players.fintechs, *players.fund_managers, *desks])


def _owner(webhook: Any) -> Viewer:
    """The viewer whose webhook it is."""
    role, key = Role(webhook["role"]), webhook["institution_id"]
    if key is not None:
        return institution(role, UUID(str(key)))
    return Viewer(role, role.value.lower(), area=webhook["area"] or "")
