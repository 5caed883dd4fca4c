"""Steps: releases of the open data that are asked for and taken back."""

from __future__ import annotations

from commands.release import PublishRelease, WithdrawRelease
from commands.release_approval import ApproveRelease
from policy.viewer import Role, Viewer
from tests.sequences.own_data import ADMIN, STEWARD
from tests.sequences.steps import Order, drives
from tests.sequences.world import World

DATASETS = ("kolaborasi", "wilayah")


async def _released(world: World) -> str:
    """The version of a new release, as publishing would note it: no command makes one."""
    version = f"1.0.{world.next()}"
    await world.tables.executemany(
        "insert into ksbb.release (id, public_id, dataset, version, released_at, rows, sha256, policy_hash, path)"
        " values (gen_random_uuid(), $1, $2, $3, $4, 1, '', '', '')",
        [(f"release_{version}_{name}", name, version, world.clock.now()) for name in DATASETS],
    )
    return version


@drives(WithdrawRelease, often=1)
async def withdraw_release(world: World) -> Order | None:
    if world.chance(0.3) and (known := await world.pick("release")):
        version, other = known["version"], known["version"]
    else:
        version, other = await _released(world), await _released(world)
    replaced_by = other if world.chance(0.5) else None
    who = world.random.choice((STEWARD, ADMIN))
    return who, WithdrawRelease(version=version, reason="Contoh", reason_en="Example", replaced_by=replaced_by)


@drives(PublishRelease, often=1)
async def publish_release(world: World) -> Order | None:
    return world.random.choice((STEWARD, ADMIN)), PublishRelease()


@drives(ApproveRelease, often=1)
async def approve_release(world: World) -> Order | None:
    waits = "t.put_at is null and t.dropped_at is null"
    if (held := await world.pick("held_release", waits)) is None:
        await world.tables.execute(
            "insert into ksbb.held_release (id, version, manifest_sha256, policy_hash, held_at, made_by)"
            " values (gen_random_uuid(), $1, '', '', $2, 'petugas-0')",
            f"1.0.{world.next()}",
            world.clock.now(),
        )
        held = await world.pick("held_release", waits)
    officer = Viewer(Role.DISKOMINFOTIK, f"petugas-{world.random.randint(0, 3)}")
    reason = "Contoh" if world.chance(0.2) else None
    return held and (officer, ApproveRelease(version=held["version"], refused_because=reason))
