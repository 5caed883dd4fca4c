"""Webhooks of an agency or body: registered, tested and sent again at the terminal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.answer import answer, note
from cli.database import open_server
from cli.options import AgencyName, AreaCode, AsJson, AsRole, InstitutionId
from cli.viewers import internal_key, login, viewer_of
from kernel.errors import KsbbError
from kernel.settings import Settings
from policy.viewer import Agency, Role, Viewer

if TYPE_CHECKING:
    from commands.bus import Outcome
    from commands.command import Command

webhook = typer.Typer(help="Webhooks: where an agency or body hears of events.", no_args_is_help=True)

WebhookId = Annotated[str, typer.Argument(help="Public id of the webhook.")]
_LISTED = """{ agencySubscriptions(first: 100) { nodes {
  id name role active paused targetHost eventTypes regionCodes createdOn endedOn
} } }"""
_DEAD = """{ webhookDeliveries(first: 100, filter: {state: {eq: DEAD}}) { nodes {
  id eventType messageId attempts lastStatus problem firstAt subscription { id }
} } }"""


@webhook.command("list")
def list_(
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    agency: AgencyName = None,
    as_json: AsJson = False,
) -> None:
    """List the webhooks that a role sees."""
    found = _asked(_LISTED, _viewer(role, institution, area, agency))["agencySubscriptions"]["nodes"]
    states = [one["paused"] or "active" for one in found]
    answer(
        found,
        as_json,
        (f"{o['id']}  {s:8}  {o['targetHost']}  {o['name']}" for o, s in zip(found, states, strict=True)),
    )


@webhook.command()
def register(
    name: Annotated[str, typer.Argument(help="Name to tell it by.")],
    url: Annotated[str, typer.Argument(help="Where to send: https://...")],
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    agency: AgencyName = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Type of events, such as LoanMoved.")] = None,
    regions: Annotated[list[str] | None, typer.Option("--region", help="Kemendagri code of a region.")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a webhook; its secret is printed this once."""
    from commands.webhook import RegisterWebhook
    from geo.names import region_code

    codes = tuple(map(region_code, regions or ()))
    command = RegisterWebhook(name=name, target_url=url, event_types=tuple(types or ()), region_codes=codes)
    made = _done(command, _viewer(role, institution, area, agency))
    answer({"id": made.subject, **made.reply}, as_json, [made.subject, made.reply["secret"]])
    note("Keep the secret: it is not shown again.")


@webhook.command()
def ping(
    id_: WebhookId,
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    agency: AgencyName = None,
    as_json: AsJson = False,
) -> None:
    """Have a test message sent; a running server sends it."""
    from commands.webhook import PingWebhook

    settings = Settings.read(os.environ)
    command = PingWebhook(subscription_id=_key(settings, id_))
    made = _done(command, _viewer(role, institution, area, agency))
    answer({"id": made.subject}, as_json, [made.subject])


@webhook.command()
def replay(
    id_: WebhookId,
    after: Annotated[str, typer.Argument(help="The cursor of the last event that you have, or BEGINNING.")],
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    agency: AgencyName = None,
    as_json: AsJson = False,
) -> None:
    """Have everything sent again that came after an event."""
    from commands.webhook import ReplayWebhook

    settings = Settings.read(os.environ)
    command = ReplayWebhook(subscription_id=_key(settings, id_), after=after)
    made = _done(command, _viewer(role, institution, area, agency))
    answer({"id": made.subject}, as_json, [made.subject])


@webhook.command()
def dead(
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    agency: AgencyName = None,
    again: Annotated[str, typer.Option("--redeliver", help="Have those of this webhook sent again.")] = "",
    as_json: AsJson = False,
) -> None:
    """List dead letters, which were given up after all attempts; or have those of a webhook sent again."""
    from commands.webhook import RedeliverWebhook

    viewer = _viewer(role, institution, area, agency)
    if again:
        made = _done(RedeliverWebhook(subscription_id=_key(Settings.read(os.environ), again)), viewer)
        answer(made.reply, as_json, [f"{made.reply['redelivered']} wait again"])
        return
    found = _asked(_DEAD, viewer)["webhookDeliveries"]["nodes"]
    answer(
        found, as_json, (f"{o['id']}  {o['problem']:10}  {o['lastStatus'] or '-':>3}  {o['eventType']}" for o in found)
    )


def _viewer(role: Role, institution: str, area: str, agency: Agency | None) -> Viewer:
    who = f"ksbb-webhook:{login()}"
    return viewer_of(Settings.read(os.environ), who, role, institution, area, "", "", agency)


def _key(settings: Settings, public_id: str) -> Any:
    from uuid import UUID

    return UUID(internal_key(settings, public_id))


def _done(command: Command, viewer: Viewer) -> Outcome:
    """Carry a command out."""
    from kernel.clock import SystemClock
    from server import bus_of

    async def carried_out() -> Outcome:
        bus = bus_of(settings, server, SystemClock())
        try:
            return await bus.carry_out(viewer, command)
        finally:
            await bus.close()

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        return asyncio.run(carried_out())


def _asked(query: str, viewer: Viewer) -> Mapping[str, Any]:
    """Ask as the viewer, through its own database role."""
    import json

    from resolvers.request import GraphQLRequest
    from server import check_policy, reader_of

    async def data() -> Mapping[str, Any]:
        await check_policy(server.uri())
        reader = reader_of(settings, server)
        try:
            return json.loads((await reader.answer(viewer, GraphQLRequest(query))).body)  # type: ignore[no-any-return]  # JSON
        finally:
            await reader.close()

    settings = Settings.read(os.environ)
    with open_server(settings) as server:
        found = asyncio.run(data())
    if "errors" in found:
        raise KsbbError(str(found["errors"][0]["message"]))
    return found["data"]  # type: ignore[no-any-return]  # JSON
