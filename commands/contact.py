"""Whom a collaboration brings together, and for how long the contact between them is open."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from commands.work import Work
from models.business import Business
from models.collaboration import Collaboration, Involvement
from models.vocabulary import PackageKind


def involvement(
    work: Work,
    collaboration: Collaboration,
    *,
    business_id: UUID | None,
    owner_id: UUID | None,
    place_id: UUID | None,
    contact_open: bool,
) -> Involvement:
    """The link of a collaboration to a business or a place; the parties are those of the collaboration."""
    is_loan = collaboration.package_kind is PackageKind.PINJAMAN_MODAL
    return Involvement(
        id=work.keys.new(),
        collaboration_id=collaboration.id,
        collaborator_id=collaboration.collaborator_id,
        fund_manager_id=None if is_loan else collaboration.distributor_id,
        business_id=business_id,
        owner_id=owner_id,
        place_id=place_id,
        contact_open=contact_open,
    )


async def involve(work: Work, collaboration: Collaboration, businesses: Iterable[Business]) -> None:
    """Link those who received something to the collaboration, so that the donor can follow how they fare.

    Contact is not opened by it: that is for those whom the donor chose on the map before the number was issued.
    """
    query = select(Involvement.business_id).where(Involvement.collaboration_id == collaboration.id)
    known = set((await work.session.execute(query)).scalars())
    for business in businesses:
        if business.id not in known:
            of = {"business_id": business.id, "owner_id": business.owner_id, "place_id": None}
            work.session.add(involvement(work, collaboration, contact_open=False, **of))


async def close_contact(work: Work, collaboration: Collaboration) -> None:
    """Close the contact between the donor and those whom a collaboration concerned."""
    of = select(Involvement).where(Involvement.collaboration_id == collaboration.id)
    for link in (await work.session.execute(of)).scalars():
        link.contact_open = False
