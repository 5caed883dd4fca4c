"""API keys of partner agencies: made, listed and revoked at the terminal."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.answer import answer, note
from cli.database import open_server
from cli.options import AgencyName, AreaCode, AsJson, InstitutionId, LevelName, PersonId
from cli.viewers import login, viewer_of
from kernel.errors import BadInput
from kernel.settings import Settings
from policy.api_keys import LONGEST_DAYS, key_text, new_secret
from policy.viewer import SCOPE_OF, Act, Agency, Role, Viewer

if TYPE_CHECKING:
    from commands.bus import Bus
    from commands.work import Work
    from models.api_key import ApiKey

T = TypeVar("T")

key = typer.Typer(help="API keys: by which programs of partner agencies are known.", no_args_is_help=True)


@key.command()
def create(
    subject: Annotated[
        str, typer.Option("--for", help="Login that the key speaks for, as tokens have it (sub); an agency's program.")
    ] = "",
    role: Annotated[Role | None, typer.Option(case_sensitive=False, help="The role, with what it needs below.")] = None,
    scopes: Annotated[
        list[Act] | None, typer.Option("--scope", help="What it may be used for; give it again for more.")
    ] = None,
    institution: InstitutionId = "",
    area: AreaCode = "",
    person: PersonId = "",
    level: LevelName = "",
    agency: AgencyName = None,
    trusted_only: Annotated[
        bool, typer.Option("--trusted-only", help="It may send trusted documents only (ksbb documents add).")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long it holds.")] = 90,
    replaces: Annotated[
        str, typer.Option(help="Make it for the same as this key (ksbb_...), which ends after the overlap.")
    ] = "",
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="How long the old key holds on.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, this once: only a hash is kept.

    ksbb key create --for ojk-laporan --role FINTECH --institution institution_... --scope read --scope subscribe

    ksbb key create --replaces ksbb_... --overlap-hours 48
    """
    settings, secret, lifetime = Settings.read(os.environ), new_secret(), dt.timedelta(days=days)
    if replaces:
        if any((subject, role, scopes, institution, area, person, level, agency, trusted_only)):
            raise BadInput("--replaces takes all from the old key: give only --days and --overlap-hours with it.")
        part = _replacing(replaces, lifetime, dt.timedelta(hours=overlap_hours), secret)
    else:
        if not subject or role is None or not scopes:
            raise BadInput("Say for whom (--for LOGIN), as what (--role) and what for (--scope), or --replaces a key.")
        _require_scope(role, institution, area, person, level, agency)
        viewer = viewer_of(settings, subject, role, institution, area, person, level, agency)
        part = _making(replace(viewer, acts=frozenset(scopes), trusted_only=trusted_only), lifetime, secret)
    row = _with_bus(settings, lambda bus: bus.perform(_steward(), "CreateApiKey", part))
    text = key_text(row.public_id, secret)
    answer({"key": text, **_shown(row)}, as_json, [text])
    note(f"Keep the key: it is not shown again. It holds until {row.expires_at:%Y-%m-%d %H:%M} UTC, in 2 s everywhere.")


@key.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also those that were revoked or have expired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List API keys, by their beginnings, and when each was last used."""
    from commands.api_key import api_keys

    async def known(bus: Bus) -> Sequence[ApiKey]:
        return await bus.look(partial(api_keys, since=None))

    rows = [_shown(row) for row in _with_bus(Settings.read(os.environ), known)]
    rows = [row for row in rows if all_ or row["state"] == "holds"]
    answer(
        rows,
        as_json,
        (
            f"{r['id']}  {r['state']:7}  {r['role']:14}  {r['for']}  {r['scopes']}  until {r['expires']:%Y-%m-%d}"
            f"  used {'never' if r['lastUsed'] is None else format(r['lastUsed'], '%Y-%m-%d %H:%M')}"
            for r in rows
        ),
    )


@key.command()
def revoke(
    named: Annotated[str, typer.Argument(metavar="KEY", help="Its beginning: ksbb_ and 26 letters and digits.")],
) -> None:
    """Let an API key hold no longer; running servers know it within seconds."""
    from commands.api_key import RevokeApiKey

    async def ordered(bus: Bus) -> None:
        await bus.carry_out(_steward(), RevokeApiKey(key=_beginning(named)))

    _with_bus(Settings.read(os.environ), ordered)


def _making(viewer: Viewer, lifetime: dt.timedelta, secret: str) -> Callable[[Work], Awaitable[ApiKey]]:
    from commands.api_key import KeyOrder, create_api_key

    return partial(create_api_key, order=KeyOrder(viewer=viewer, lifetime=lifetime), secret=secret)


def _replacing(
    named: str, lifetime: dt.timedelta, overlap: dt.timedelta, secret: str
) -> Callable[[Work], Awaitable[ApiKey]]:
    from commands.api_key import replace_api_key

    return partial(replace_api_key, key=_beginning(named), lifetime=lifetime, overlap=overlap, secret=secret)


def _require_scope(role: Role, institution: str, area: str, person: str, level: str, agency: Agency | None) -> None:
    """Make sure that all is given which the role needs: a key is for somebody certain, nothing is filled in.

    Raises:
        BadInput: something is missing.
    """
    given = {"institution_id": institution, "area": area, "person_id": person, "level": level}
    missing = [f"--{scope.value.removesuffix('_id')}" for scope in sorted(SCOPE_OF[role]) if not given[scope.value]]
    if role is Role.DINAS and agency is None:
        missing.append("--agency")
    if missing:
        raise BadInput(f"{role} needs {' and '.join(missing)}.")


def _beginning(named: str) -> str:
    """What of a key may go on: never its secret, should that have been given too."""
    from policy.api_keys import public_id_of

    public_id = public_id_of(named.strip())
    if public_id is None:
        raise BadInput("Name a key by its beginning as `ksbb key list` shows it: ksbb_ and 26 letters and digits.")
    return key_text(public_id)


def _shown(row: ApiKey) -> dict[str, object]:
    """A key as people may know it."""
    from kernel.clock import SystemClock

    state = "holds" if row.expires_at > SystemClock().now() else "expired"
    return {
        "id": key_text(row.public_id),
        "state": "revoked" if row.revoked_at is not None else state,
        "role": row.role,
        "for": row.subject,
        "scopes": row.scopes + (" trusted-only" if row.trusted_only else ""),
        "created": row.created_at,
        "expires": row.expires_at,
        "revoked": row.revoked_at,
        "lastUsed": row.last_used_at,
    }


def _steward() -> Viewer:
    return Viewer(Role.ADMIN, f"ksbb-key:{login()}")


def _with_bus(settings: Settings, part: Callable[[Bus], Awaitable[T]]) -> T:
    from kernel.clock import SystemClock
    from server import bus_of

    async def done() -> T:
        bus = bus_of(settings, server, SystemClock())
        try:
            return await part(bus)
        finally:
            await bus.close()

    with open_server(settings) as server:
        return asyncio.run(done())
