"""What was decided about releases and is still to be done: withdrawals, approvals, and releases that were asked for."""

from __future__ import annotations

from sqlalchemy import select, update

from datapackages.publish import CATALOGUE, CKAN, catalogue, portals, publish, put_what_is_approved
from datapackages.withdrawing import carry_out_withdrawals
from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.settings import Settings
from models.release import PublicationRequest
from models.server import Server
from models.writing import writing

WITHDRAWN = "withdrawn releases"
APPROVED = "approved releases"
PUBLISHED = "requested releases"


async def carry_out(settings: Settings, server: Server, clock: Clock) -> dict[str, int]:
    """Do what is due; per kind how much was done.

    A request is done once, whatever comes of it: its outcome says why nothing was released, and asking again is another
    request. A withdrawal that a portal held up is due again the next time.

    Raises:
        KsbbError: what held a withdrawal up, after the catalogue was cleared of it, or why nothing was released.
    """
    root, uri = catalogue(settings), server.uri()
    withdrawn = await carry_out_withdrawals(uri, root, clock, settings.public_url, portals(settings))
    approved = await put_what_is_approved(settings, server, clock)
    published = await _publish_requested(settings, server, clock)
    return {WITHDRAWN: len(withdrawn), APPROVED: approved, PUBLISHED: published}


async def _publish_requested(settings: Settings, server: Server, clock: Clock) -> int:
    """Publish, if somebody asked for it: to the catalogue, and to the portal that the settings name."""
    async with writing(server.uri()) as connection:
        waiting = select(PublicationRequest.id, PublicationRequest.subject)
        request = (await connection.execute(waiting.where(PublicationRequest.done_at.is_(None)))).one_or_none()
    if request is None:
        return 0
    outcome = "INTERNAL_ERROR"
    try:
        to = CKAN if settings.ckan_url else CATALOGUE
        report = await publish(settings, server, clock=clock, to=to, by=request.subject)
        outcome = report.version
    except KsbbError as refused:
        outcome = refused.code
        raise
    finally:
        done = update(PublicationRequest).where(PublicationRequest.id == request.id)
        async with writing(server.uri()) as connection:
            await connection.execute(done.values(done_at=clock.now(), outcome=outcome))
    return 1
