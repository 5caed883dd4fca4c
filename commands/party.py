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
    collaboration, pledge, delivery = await with_above(work, key)
    if not is_party(work, collaboration):
        raise NotFound("delivery", ("deliveryId",))
    return collaboration, pledge, delivery


async def with_above(work: Work, key: UUID) -> tuple[Collaboration, Pledge, Delivery]:
    """A delivery that the caller sees and what it belongs to, locked; the collaboration first, as everybody does.

    Raises:
        NotFound: the caller does not see it.
    """
    seen = await work.seen(Delivery, key, ("deliveryId",))
    collaboration = await work.locked(Collaboration, Collaboration.id == seen.collaboration_id)
    delivery = await work.own(Delivery, key, ("deliveryId",))
    await work.session.refresh(delivery)  # as it is now that it is ours
    pledge = await work.locked(Pledge, Pledge.id == delivery.pledge_id)
    assert collaboration is not None
    assert pledge is not None
    return collaboration, pledge, delivery


async def own_pledge(work: Work, key: UUID) -> tuple[Collaboration, Pledge]:
    """A pledge of the caller's own collaboration, both locked; the collaboration first, as everybody does.

    Raises:
        NotFound: it is of others.
    """
    seen = await work.seen(Pledge, key, ("pledgeId",))
    collaboration = await work.locked(Collaboration, Collaboration.id == seen.collaboration_id)
    if collaboration is None or not is_party(work, collaboration):
        raise NotFound("pledge", ("pledgeId",))
    pledge = await work.own(Pledge, key, ("pledgeId",))
    await work.session.refresh(pledge)  # as it is now that it is ours
    return collaboration, pledge


def is_party(work: Work, collaboration: Collaboration) -> bool:
    """Whether the caller is the donor of a collaboration, or distributes for it."""
    return UUID(work.viewer.institution_id) in {collaboration.collaborator_id, collaboration.distributor_id}
