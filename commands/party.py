"""Whose a collaboration is: the donor's and the distributor's. What the public sees of others is not enough to act."""

from __future__ import annotations

from uuid import UUID

from commands.refusal import NotFound
from commands.work import Work
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery


async def own_delivery(work: Work, key: UUID) -> tuple[Collaboration, Pledge, Delivery]:
    """A delivery of the caller's own collaboration, all three locked.

    Raises:
        NotFound: it is of others.
    """
    delivery = await work.own(Delivery, key, ("deliveryId",))
    collaboration, pledge = await above(work, delivery)
    if not is_party(work, collaboration):
        raise NotFound("delivery", ("deliveryId",))
    return collaboration, pledge, delivery


async def above(work: Work, delivery: Delivery) -> tuple[Collaboration, Pledge]:
    """What a delivery belongs to, locked."""
    pledge = await work.locked(Pledge, Pledge.id == delivery.pledge_id)
    collaboration = await work.locked(Collaboration, Collaboration.id == delivery.collaboration_id)
    assert pledge is not None
    assert collaboration is not None
    return collaboration, pledge


async def own_pledge(work: Work, key: UUID) -> tuple[Collaboration, Pledge]:
    """A pledge of the caller's own collaboration, both locked.

    Raises:
        NotFound: it is of others.
    """
    pledge = await work.own(Pledge, key, ("pledgeId",))
    collaboration = await work.locked(Collaboration, Collaboration.id == pledge.collaboration_id)
    if collaboration is None or not is_party(work, collaboration):
        raise NotFound("pledge", ("pledgeId",))
    return collaboration, pledge


def is_party(work: Work, collaboration: Collaboration) -> bool:
    """Whether the caller is the donor of a collaboration, or distributes for it."""
    return UUID(work.viewer.institution_id) in {collaboration.collaborator_id, collaboration.distributor_id}
