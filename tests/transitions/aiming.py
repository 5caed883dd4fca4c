"""Carries out one step of the table of transitions: a world in which the steps of the sequences take rows aimed at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from asyncpg.exceptions import IntegrityConstraintViolationError

from commands.clocks import JOBS
from commands.refusal import Refusal
from models.vocabulary import Actor
from policy.actions import actor_of
from policy.viewer import PUBLIC, Agency, Role, Viewer
from tests.acting import Acting
from tests.sequences.all import steps
from tests.sequences.steps import Order
from tests.sequences.world import PRINT, World, institution, owner, players_of
from tests.transitions.performed import Performed

MAKERS = {command.__name__: step.make for command, step in steps().items()}
TRIES = 30
SURE = 6
"""The first tries have no bad luck: all that mostly is so, is."""
_BEHIND = "set session_replication_role = {}"
_SETS = "update ksbb.{} set status = $2 where id = $1"
_OFFICERS = "select region_code, user_account_id from ksbb.role_assignment where role = 'PENDAMPING'"
_COLUMNS = {
    Actor.KOLABORATOR: ("collaborator_id",),
    Actor.AGREGATOR: ("distributor_id", "fund_manager_id", "institution_id", "other_institution_id"),
    Actor.FINTECH: ("fintech_id", "distributor_id", "institution_id"),
}
_ROLE = {**{actor: Role[actor.name] for actor in Actor if actor.name in Role.__members__}}
_ROLE[Actor.DINAS_PPKUKM] = Role.DINAS


@dataclass
class Aiming(World):
    """A world that hands out rows aimed at, and remembers which; `sure` luck brings what mostly is so."""

    aim: Mapping[str, str] = field(default_factory=dict)
    """Per table what its rows must be beside what the maker of a command asks, or instead of it."""
    sure: bool = True
    blind: bool = False
    """Whether rows are taken whatever the maker asks: for commands that are to be refused."""
    met: dict[str, Any] = field(default_factory=dict)
    officers: dict[str, Viewer] = field(default_factory=dict)
    """By their area."""

    def chance(self, share: float) -> bool:
        return share >= 0.5 if self.sure else super().chance(share)

    async def pick(self, table: str, right: str = "true", *given: Any) -> Any:
        wanted = [f"({right}) and ({self.aim[table]})", self.aim[table]] if table in self.aim else [right]
        for condition in wanted[self.blind and len(wanted) - 1 :]:
            values = given if right in condition else ()
            query = f"select t.* from ksbb.{table} t where {condition} order by t.id desc limit 20"
            if rows := await self.tables.fetch(query, *values):
                self.met[table] = self.random.choice(rows)
                return self.met[table]
        return None

    async def some(self, table: str, right: str, *given: Any) -> Any:
        row = await self.pick(table, right, *given)
        return [row["id"]] if row else []

    def speaker(self, who: Viewer, actor: Actor) -> Viewer | None:
        """Somebody who is an actor for the rows that were met; None where there is none."""
        if actor is Actor.PENDAMPING:
            regions = [row["region_code"] for row in self.met.values() if row.get("region_code")]
            return next((who for area, who in self.officers.items() for r in regions if r.startswith(area)), who)
        if actor in {Actor.SISTEM, Actor.PUBLIK, actor_of(who)}:
            return PUBLIC if actor is Actor.PUBLIK else who
        for row in self.met.values():
            for column in _COLUMNS.get(actor, ()):
                if row.get(column):
                    return institution(_ROLE[actor], row[column])
            if actor is Actor.UMKM and row.get("owner_id"):
                return owner(row["owner_id"])
            if actor is Actor.WILAYAH and row.get("region_code"):
                area = row["region_code"][:8]
                return Viewer(Role.WILAYAH, f"wilayah-{area}", area=area)
        agency = Agency.DINAS_PPKUKM if actor is Actor.DINAS_PPKUKM else None
        nobody = actor in {*_COLUMNS, Actor.UMKM, Actor.WILAYAH}
        return None if nobody else Viewer(_ROLE[actor], actor.value.lower(), agency=agency)

    async def order(self, by: str, actor: Actor, luck: int) -> Order | None:
        """A command by an actor, made with some luck."""
        self.random, self.sure, self.met = Random(luck), luck < SURE, {}
        made = await MAKERS[by](self)
        if made is None:
            return None
        who = self.speaker(made[0], actor)
        return None if who is None else (who, made[1])

    async def behind(self, statement: str, *given: Any) -> None:
        """Change a row behind the back of the bus, and of the triggers."""
        await self.tables.execute(_BEHIND.format("replica"))
        try:
            await self.tables.execute(statement, *given)
        finally:
            await self.tables.execute(_BEHIND.format("origin"))

    async def brought(self, noun: str, key: Any, state: str) -> None:
        """Give a row a state behind the back."""
        await self.behind(_SETS.format(noun), key, state)

    async def last_entry(self) -> Any:
        """The youngest entry of the audit trail."""
        return await self.tables.fetchrow("select * from ksbb.audit_entry order by id desc limit 1")


async def aiming_in(acting: Acting) -> Aiming:
    """A world in the city of an `acting`."""
    rules, prints = await acting.tables.prepare("select 1"), await acting.tables.prepare(PRINT)
    players = await players_of(acting.tables)
    world = Aiming(acting.tables, rules, prints, acting.bus, acting.clock, players, acting.city.secrets)
    for area, key in await acting.tables.fetch(_OFFICERS):
        world.officers[area] = Viewer(Role.PENDAMPING, str(key), area=area, person_id=str(key))
    return world


def steps_in(entry: Any) -> list[dict[str, Any]]:
    """The steps that an entry of the audit trail tells."""
    found: list[dict[str, Any]] = json.loads(entry["details"])["steps"]
    return found


def the_step(entry: Any, one: Performed) -> str | None:
    """The public identifier of the row whose step an entry tells, if it does."""
    before = None if one.before == "-" else one.before
    wanted = {"noun": one.noun, "from": before, "to": one.after, "actor": one.actor.value}
    return next((s["id"] for s in steps_in(entry) if {key: s[key] for key in wanted} == wanted), None)


async def performed(world: Aiming, one: Performed) -> str:
    """Carry a step out, on a row that is in its state or is brought to it; what the trail says is in the answer."""
    seen: list[str] = []
    attempt = _ticked if one.by in JOBS else _ordered
    for luck in range(TRIES):
        if (found := await attempt(world, one, luck, seen)) is not None:
            return found
    raise AssertionError(f"{one} was not carried out by {one.by}: {sorted(set(seen))[:9]}")


async def _ticked(world: Aiming, one: Performed, luck: int, seen: list[str]) -> str | None:
    await _first(world, one, luck)
    if one.before != "-":
        await _aim(world, one, luck)
        world.random, world.sure = Random(luck), True
        if (row := await world.pick(one.noun)) is None:
            seen.append("no row")
            return None
        if one.ready:
            await world.behind(one.ready, row["id"])
    await world.bus.tick({one.by: JOBS[one.by]})
    entry = await world.last_entry()
    return the_step(entry, one) if entry["act"] == one.by else None


async def _first(world: Aiming, one: Performed, luck: int) -> None:
    if one.first in MAKERS:
        world.aim = {}
        if (made := await world.order(one.first, Actor.SISTEM, luck)) is not None:
            with suppress(Refusal):
                await world.bus.carry_out(*made)
    elif one.first:
        await world.behind(one.first)


async def _aim(world: Aiming, one: Performed, luck: int) -> None:
    """Aim at rows in the state before; every third time one is brought to it behind the back."""
    world.aim = dict(one.at)
    if one.before == "-" or (one.at and one.noun not in one.at):
        return
    more = one.at.get(one.noun, "true")
    if luck % 3 == 2:
        world.random = Random(luck)
        query = f"select t.id from ksbb.{one.noun} t where {more} order by t.id desc limit 50"
        if rows := await world.tables.fetch(query):
            with suppress(IntegrityConstraintViolationError):  # a row that cannot be in that state
                await world.brought(one.noun, world.random.choice(rows)["id"], one.before)
    world.aim = {**one.at, one.noun: f"t.status = '{one.before}' and {more}"}


async def _order(world: Aiming, one: Performed, luck: int) -> Order | None:
    """The command, of a row that was made ready for it."""
    made, table = await world.order(one.by, one.actor, luck), next(iter(one.at), one.noun)
    if table not in world.met or not one.ready:
        return made
    key = world.met[table]["id"]
    await world.behind(one.ready, key)
    again = await world.order(one.by, one.actor, luck)
    return again if again is not None and world.met[table]["id"] == key else None


async def _ordered(world: Aiming, one: Performed, luck: int, seen: list[str]) -> str | None:
    made = await prepared(world, one, luck)
    if made is None:
        seen.append("no order")
        return None
    who, command = made
    try:
        outcome = await world.bus.carry_out(who, command)
    except Refusal as refused:
        seen.append(f"{refused.code} {refused.message[:100]}")
        return None
    if "trackingCode" in outcome.reply:
        world.codes[outcome.subject] = str(outcome.reply["trackingCode"])
    entry = await world.last_entry()
    assert entry["role"] == who.role.value
    assert entry["act"] == one.by
    seen.append(f"another step: {[(s['noun'], s['from'], s['to'], s['actor']) for s in steps_in(entry)]}")
    return the_step(entry, one)


async def prepared(world: Aiming, one: Performed, luck: int) -> Order | None:
    """The command that carries out a step, of a row that is ready for it."""
    await _first(world, one, luck)
    await _aim(world, one, luck)
    return await _order(world, one, luck)
