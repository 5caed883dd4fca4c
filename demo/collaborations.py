"""Collaborations with the needs they meet, their pledges, and whom they bring together."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from uuid import UUID

from demo.businesses import need
from demo.chance import Chance
from demo.collaboration_plan import EXPIRY_DAYS, CollaborationPlan, PledgePlan
from demo.collaborators import collaborator_key, kind_of
from demo.deliveries import delivery_rows, distributor_key, pledge_key
from demo.institutions import agreement_key
from demo.places import place_home, place_key
from demo.plan import CityPlan
from demo.planted import Measure, Planter
from demo.rows import Row
from demo.survey import Survey
from kernel.collaboration_id import Programme as IdProgramme
from kernel.collaboration_id import new_collaboration_id
from models.vocabulary import CollaborationStatus, PackageKind, PledgeStatus, Programme

_NEVER_ACCEPTED = {PledgeStatus.DRAF, PledgeStatus.DIAJUKAN, PledgeStatus.DITOLAK}
_MOST_INVOLVED = 10_000
_TITLES = {
    PackageKind.SARPRAS: "Bantuan sarana",
    PackageKind.PELATIHAN: "Pelatihan usaha",
    PackageKind.PINJAMAN_MODAL: "Pinjaman modal",
}
_REASONS = {
    CollaborationStatus.DITOLAK: "Contoh: sasaran sudah terpenuhi",
    CollaborationStatus.DIBATALKAN: "Contoh: kolaborator berhalangan",
    CollaborationStatus.KEDALUWARSA: "Contoh: tidak ada realisasi sampai tenggat",
}


def collaboration_key(plan: CityPlan, made: CollaborationPlan) -> UUID:
    """The key of a collaboration."""
    return plan.key("collaboration", made.number, made.created_on)


class Numbers:
    """Issues collaboration numbers (ID kolaborasi), none twice."""

    def __init__(self, chance: Chance) -> None:
        self._random = chance.random
        self._issued: set[str] = set()

    def issue(self, year: int) -> str:
        """A number that was not issued before."""
        while (number := str(new_collaboration_id(IdProgramme.UMK, year, self._random))) in self._issued:
            continue
        self._issued.add(number)
        return number


def collaboration_rows(
    plan: CityPlan, survey: Survey, planter: Planter, numbers: Numbers, made: CollaborationPlan
) -> Iterator[Row]:
    """One collaboration and all that follows from its pledges; loans are written elsewhere."""
    key = collaboration_key(plan, made)
    pledged = made.pledged
    if made.pledged and made.kind is not PackageKind.PINJAMAN_MODAL:
        donor = collaborator_key(plan, made.collaborator)
        pledged = planter.reported(
            Measure.NILAI_KOMITMEN,
            pledged,
            collaboration_id=key,
            collaborator_id=donor,
            institution_id=distributor_key(plan, made),
        )
    yield _collaboration(plan, numbers, made, pledged)
    for pledge in made.pledges:
        need_id = None
        if pledge.place is not None or pledge.need_of is not None:
            need_id = plan.key("need", pledge.number, made.created_on)
            yield _need(plan, made, pledge)
        yield _pledge(plan, made, pledge, need_id)
        if need_id is not None and pledge.status not in _NEVER_ACCEPTED:
            yield _pledge_need(plan, made, pledge, need_id)
        for delivery in pledge.deliveries:
            yield from delivery_rows(plan, survey, planter, made, pledge, delivery)
    if made.issued_on:
        yield from _involvements(plan, survey, made)


def _collaboration(plan: CityPlan, numbers: Numbers, made: CollaborationPlan, pledged: int) -> Row:
    return (
        "collaboration",
        {
            "id": collaboration_key(plan, made),
            "number": numbers.issue(made.issued_on.year) if made.issued_on else None,
            "title": f"{_TITLES[made.kind]} Contoh {made.number + 1}",
            "programme": Programme.UMKM,
            "package_kind": made.kind,
            "collaborator_id": collaborator_key(plan, made.collaborator),
            "collaborator_kind": kind_of(made.collaborator),
            "distributor_id": distributor_key(plan, made),
            "agreement_id": None if made.distributor is None else agreement_key(plan, made.distributor),
            "region_code": made.region_code,
            "status": made.status,
            "created_on": made.created_on,
            "number_issued_on": made.issued_on,
            "closed_on": made.closed_on,
            "pledged_value": pledged,
            "status_reason": _REASONS.get(made.status),
        },
    )


def _need(plan: CityPlan, made: CollaborationPlan, pledge: PledgePlan) -> Row:
    """The need that a pledge meets, in part or in full."""
    quantity = pledge.quantity + pledge.number % 3 * pledge.good.each
    pledged = pledge.quantity if pledge.accepted else 0
    row = need(
        plan,
        pledge.number,
        made.created_on,
        pledge.good.item,
        quantity=quantity,
        price=pledge.good.price,
        kind=made.kind,
        pledged=pledged,
    )
    row |= {"business_id": None, "owner_id": None, "place_id": None, "region_code": made.region_code, "listed": True}
    if pledge.place is not None:
        row |= {"place_id": place_key(plan, pledge.place), "region_code": place_home(plan, pledge.place).code}
    elif pledge.need_of is not None:
        owner = plan.owner_of(pledge.need_of)
        row |= {
            "business_id": plan.business_key(pledge.need_of),
            "owner_id": plan.owner_key(owner),
            "region_code": plan.home_of(pledge.need_of).code,
            "listed": plan.is_listed(owner),
        }
    return "need", row | {"open": pledged < quantity}


def _pledge(plan: CityPlan, made: CollaborationPlan, pledge: PledgePlan, need_id: UUID | None) -> Row:
    form = {
        "formulir": "B" if made.kind is PackageKind.PINJAMAN_MODAL else "A",
        "penyalur": "mandiri" if made.distributor is None else "lembaga",
    }
    return (
        "pledge",
        {
            "id": pledge_key(plan, made, pledge),
            "collaboration_id": collaboration_key(plan, made),
            "collaborator_id": collaborator_key(plan, made.collaborator),
            "distributor_id": distributor_key(plan, made),
            "need_id": need_id,
            "region_code": made.region_code,
            "version": 1,
            "package_kind": made.kind,
            "item": pledge.good.item,
            "quantity": pledge.quantity,
            "delivered_quantity": pledge.delivered,
            "estimated_value": pledge.value,
            "starts_on": pledge.starts_on,
            "ends_on": pledge.ends_on,
            "expires_on": pledge.ends_on + dt.timedelta(EXPIRY_DAYS),
            "status": pledge.status,
            "form": json.dumps(form),
        },
    )


def _pledge_need(plan: CityPlan, made: CollaborationPlan, pledge: PledgePlan, need_id: UUID) -> Row:
    key = plan.key("pledge_need", pledge.number, made.created_on)
    pledge_id = pledge_key(plan, made, pledge)
    return "pledge_need", {"id": key, "pledge_id": pledge_id, "need_id": need_id, "quantity": pledge.quantity}


def _involvements(plan: CityPlan, survey: Survey, made: CollaborationPlan) -> Iterator[Row]:
    """One row for each place and business, however often it occurs."""
    places = dict.fromkeys(p.place for p in made.pledges if p.place is not None)
    helped = [b for p in made.pledges for d in p.deliveries for b in d.recipients]
    businesses: dict[int, UUID | None] = dict.fromkeys(helped)
    businesses |= dict.fromkeys(p.need_of for p in made.pledges if p.need_of is not None)
    if made.kind is not PackageKind.PINJAMAN_MODAL and made.distributor is not None:
        businesses = dict.fromkeys(businesses, plan.institution_key(made.distributor))
    for life in made.loans:
        if life.signed_on:
            handed = survey.handover_of(life)
            businesses[life.business] = plan.institution_key(handed[0].manager) if handed else None
    everybody: list[tuple[int | None, int | None, UUID | None]] = [(place, None, None) for place in places]
    everybody += [(None, business, manager) for business, manager in businesses.items()]
    for turn, (place, business, manager) in enumerate(everybody):
        yield (
            "involvement",
            {
                "id": plan.key("involvement", made.number * _MOST_INVOLVED + turn, made.created_on),
                "collaboration_id": collaboration_key(plan, made),
                "collaborator_id": collaborator_key(plan, made.collaborator),
                "fund_manager_id": manager,
                "business_id": None if business is None else plan.business_key(business),
                "owner_id": None if business is None else plan.owner_key(plan.owner_of(business)),
                "place_id": None if place is None else place_key(plan, place),
                "contact_open": made.contact_open,
            },
        )
