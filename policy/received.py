"""What owners received, as the counting views of recipients have it (`policy/published_persons.py`)."""

from __future__ import annotations

from sqlalchemy import Subquery, Text, cast, func, select, union_all

from models.business import Business
from models.collaboration import Collaboration
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.loan import Loan
from models.owner import Owner
from models.vocabulary import DeliveryStatus, LoanStatus
from policy.counting import end_of_half_year, was_listed

KEYS_OF_RECIPIENTS = (
    Business.region_code,
    Business.kbli_version,
    Business.kbli_section,
    Business.scale_rule,
    Business.scale,
)


def received_each_time() -> Subquery:
    """What owners received, each time.

    Received means: named as having received in a validated delivery, or paid a loan whose disbursement an officer
    validated and that was not cancelled (Instruksi Sekda DKI 56/2020, Lampiran I no. 24).
    """
    goods = (
        select(
            *(DeliveryRecipient.owner_id, DeliveryRecipient.business_id, Delivery.validated_on),
            *(Collaboration.programme, Collaboration.package_kind.label("aid")),
        )
        .join(Delivery, Delivery.id == DeliveryRecipient.delivery_id)
        .join(Collaboration, Collaboration.id == DeliveryRecipient.collaboration_id)
        .where(Delivery.status == DeliveryStatus.TERVALIDASI, Delivery.validated_on.is_not(None))
        .where(DeliveryRecipient.received_on.is_not(None))
    )
    loans = (
        select(
            *(Loan.owner_id, Loan.business_id, Validation.validated_on),
            *(Collaboration.programme, Collaboration.package_kind.label("aid")),
        )
        .join(Collaboration, Collaboration.id == Loan.collaboration_id)
        .join(Validation, Validation.loan_id == Loan.id)
        .where(Validation.accepted, Loan.disbursed_on.is_not(None), Loan.status != LoanStatus.BATAL)
    )
    return union_all(goods, loans).subquery("received")


def first_help() -> Subquery:
    """What owners received, with its place among all that an owner received in a half-year and programme.

    An owner is counted once per half-year and programme, at the business that was helped first, so that counts add up
    to persons.
    """
    received = received_each_time()
    ends_on = end_of_half_year(received.c.validated_on)
    place = func.row_number().over(
        partition_by=[ends_on, received.c.programme, received.c.owner_id],
        order_by=[received.c.validated_on, received.c.business_id, cast(received.c.aid, Text)],
    )
    return (
        select(
            *(ends_on.label("ends_on"), received.c.programme, *KEYS_OF_RECIPIENTS, Owner.sex, received.c.aid),
            *((~was_listed()).label("is_unlisted"), place.label("place"), received.c.owner_id.label("member")),
        )
        .join(Business, Business.id == received.c.business_id)
        .join(Owner, Owner.id == received.c.owner_id)
        .subquery("first_help")
    )
