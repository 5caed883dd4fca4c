"""Deliveries, who received them, trainings with attendance, and the evidence for all that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from demo.chance import at
from demo.collaboration_plan import CollaborationPlan, DeliveryPlan, PledgePlan
from demo.collaborators import collaborator_key
from demo.evidence import PER_THING, document, validation
from demo.goods import PELATIHAN
from demo.places import place_key
from demo.plan import CityPlan
from demo.planted import Measure, Planter
from demo.rows import Row
from demo.survey import Survey
from models.vocabulary import DeliveryStatus, DocumentKind, PackageKind, TrainingMode

REPORT_AFTER_DAYS = 2
_MOST_RECIPIENTS = 1_000
_EVIDENCE = {
    PackageKind.SARPRAS: (DocumentKind.BAST, DocumentKind.FOTO_BARANG, DocumentKind.FOTO_PENYERAHAN),
    PackageKind.PELATIHAN: (DocumentKind.BA_PELATIHAN, DocumentKind.FOTO_PELATIHAN),
}
_REASONS = {
    DeliveryStatus.DIKEMBALIKAN: "Contoh: foto tidak jelas",
    DeliveryStatus.DIBALIK: "Contoh: laporan keliru, barang belum diserahkan",
}

_AGAIN = "Contoh: barang sebelumnya sudah habis"


def pledge_key(plan: CityPlan, made: CollaborationPlan, pledge: PledgePlan) -> UUID:
    """The key of a pledge."""
    return plan.key("pledge", pledge.number, made.created_on)


def distributor_key(plan: CityPlan, made: CollaborationPlan) -> UUID | None:
    """The key of the institution that distributes for the donor, if one does."""
    return None if made.distributor is None else plan.institution_key(made.distributor)


def delivery_rows(
    plan: CityPlan,
    survey: Survey,
    planter: Planter,
    made: CollaborationPlan,
    pledge: PledgePlan,
    delivery: DeliveryPlan,
) -> Iterator[Row]:
    """One delivery and everything under it."""
    scope = {
        "collaboration_id": plan.key("collaboration", made.number, made.created_on),
        "collaborator_id": collaborator_key(plan, made.collaborator),
    }
    key = plan.key("delivery", delivery.number, delivery.scheduled_on)
    again = _is_given_again(survey, made, pledge, delivery)
    yield _delivery(plan, planter, made, pledge, delivery, key, scope, again=again)
    yield from _recipients(plan, survey, made, pledge, delivery, key, scope)
    if not delivery.delivered_on:
        return
    if made.kind is PackageKind.PELATIHAN:
        yield from _training(plan, pledge, delivery, key, scope["collaborator_id"])
    region_code = plan.home_of(delivery.recipients[0]).code
    evidence = _EVIDENCE[made.kind]
    for turn, kind in enumerate(evidence):
        number = (2 * delivery.number + 1) * PER_THING + turn
        day = delivery.delivered_on + dt.timedelta(REPORT_AFTER_DAYS)
        by = scope["collaborator_id"]
        yield document(plan, number, kind, day, by, region_code, delivery_id=key, **scope)
    checked_on = delivery.validated_on or delivery.delivered_on + dt.timedelta(REPORT_AFTER_DAYS + 1)
    if delivery.status is not DeliveryStatus.DILAPORKAN:
        accepted = delivery.status is DeliveryStatus.TERVALIDASI
        number = 2 * delivery.number + 1
        yield validation(plan, number, checked_on, region_code, accepted=accepted, delivery_id=key)


def _delivery(
    plan: CityPlan,
    planter: Planter,
    made: CollaborationPlan,
    pledge: PledgePlan,
    delivery: DeliveryPlan,
    key: UUID,
    scope: dict[str, UUID],
    *,
    again: bool,
) -> Row:
    value = delivery.quantity * pledge.good.price
    reported_on = delivery.delivered_on and delivery.delivered_on + dt.timedelta(REPORT_AFTER_DAYS)
    if delivery.validated_on:
        value = planter.reported(
            Measure.NILAI_REALISASI, value, delivery_id=key, institution_id=distributor_key(plan, made), **scope
        )
    return (
        "delivery",
        {
            "id": key,
            **scope,
            "pledge_id": pledge_key(plan, made, pledge),
            "distributor_id": distributor_key(plan, made),
            "place_id": None if pledge.place is None else place_key(plan, pledge.place),
            "region_code": made.region_code,
            "package_kind": made.kind,
            "item": pledge.good.item,
            "quantity": delivery.quantity,
            "extra_quantity": delivery.extra,
            "value": value,
            "scheduled_on": delivery.scheduled_on,
            "delivered_on": delivery.delivered_on,
            "reported_at": at(reported_on, 16) if reported_on else None,
            "validated_on": delivery.validated_on,
            "status": delivery.status,
            "status_reason": _REASONS.get(delivery.status),
            "override_reason": _AGAIN if again else None,
            "photos_consented": all(plan.shows_photo(plan.owner_of(b)) for b in delivery.recipients),
        },
    )


def _is_given_again(survey: Survey, made: CollaborationPlan, pledge: PledgePlan, delivery: DeliveryPlan) -> bool:
    """Whether somebody received the same goods a short while before, which needs a reason."""
    day = delivery.delivered_on if delivery.received and made.kind is PackageKind.SARPRAS else None
    return day is not None and any(survey.received_the_same(b, pledge.good, day) for b in delivery.recipients)


def _recipients(
    plan: CityPlan,
    survey: Survey,
    made: CollaborationPlan,
    pledge: PledgePlan,
    delivery: DeliveryPlan,
    key: UUID,
    scope: dict[str, UUID],
) -> Iterator[Row]:
    day = delivery.delivered_on if delivery.received else None
    manager_id = distributor_key(plan, made)
    for turn, business in enumerate(delivery.recipients):
        yield (
            "delivery_recipient",
            {
                "id": plan.key(
                    "delivery_recipient", delivery.number * _MOST_RECIPIENTS + turn, day or delivery.scheduled_on
                ),
                "delivery_id": key,
                **scope,
                "fund_manager_id": manager_id,
                **_of_business(plan, business),
                "package_kind": made.kind,
                "quantity": pledge.good.each,
                "scheduled_on": delivery.scheduled_on,
                "received_on": day,
                "days_since_previous": survey.days_since_previous(business, day) if day else None,
            },
        )


def _training(
    plan: CityPlan, pledge: PledgePlan, delivery: DeliveryPlan, delivery_id: UUID, collaborator_id: UUID
) -> Iterator[Row]:
    assert delivery.delivered_on is not None
    key = plan.key("training_session", delivery.number, delivery.delivered_on)
    yield (
        "training_session",
        {
            "id": key,
            "delivery_id": delivery_id,
            "topic": pledge.good.item,
            "kind": PELATIHAN[pledge.good],
            "mode": TrainingMode.DARING if delivery.number % 3 else TrainingMode.LURING,
            "held_on": delivery.delivered_on,
        },
    )
    came = dict.fromkeys(delivery.recipients, delivery.received)
    absent = (delivery.recipients[-1] + 1) % plan.size.businesses
    for turn, (business, attended) in enumerate(({absent: False} | came).items()):
        number = delivery.number * _MOST_RECIPIENTS + turn
        yield (
            "attendance",
            {
                "id": plan.key("attendance", number, delivery.delivered_on),
                "training_session_id": key,
                "collaborator_id": collaborator_id,
                **_of_business(plan, business),
                "attended": attended,
            },
        )


def _of_business(plan: CityPlan, business: int) -> dict[str, Any]:
    return {
        "business_id": plan.business_key(business),
        "owner_id": plan.owner_key(plan.owner_of(business)),
        "region_code": plan.home_of(business).code,
    }
