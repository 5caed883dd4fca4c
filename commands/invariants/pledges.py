"""Invariants 1 to 3: sums that agree, pledges within needs, deliveries within pledges."""

from __future__ import annotations

from sqlalchemy import Select, String, case, cast, column, func, literal, or_, select, table, tuple_

from commands.invariants.rule import Invariant, Rule, found, is_known, total
from models.all import METADATA
from models.base import SCHEMA, RupiahAmount
from models.business import Need
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery, DeliveryRecipient
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan
from models.vocabulary import DeliveryStatus, PackageKind, PledgeStatus

NOT_ACCEPTED = (PledgeStatus.DRAF, PledgeStatus.DIAJUKAN, PledgeStatus.DITOLAK)
ACCEPTED = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)


def pledge_invariants() -> tuple[Invariant, ...]:
    """Numbers 1, 2 and 3."""
    return (_integers(), _within_needs(), _within_pledges())


def _integers() -> Invariant:
    return Invariant(
        1,
        "Money is whole rupiah, and a reported sum is the sum of its rows.",
        "Uang adalah rupiah bulat, dan jumlah yang dilaporkan sama dengan jumlah barisnya.",
        (
            Rule(
                "money_is_bigint",
                "Every column of money holds whole numbers.",
                "Setiap kolom uang berisi bilangan bulat.",
                _money_not_bigint(),
            ),
            Rule(
                "pledged_value_is_the_sum_of_its_pledges",
                "A collaboration's value is the sum of its pledges, while all of them stand.",
                "Nilai kolaborasi sama dengan jumlah komitmennya, selama semuanya berlaku.",
                _pledged_value(),
            ),
            Rule(
                "handover_is_the_sum_of_its_loans",
                "A handover is the sum of what its loans brought.",
                "Serah terima sama dengan jumlah dari pinjaman di dalamnya.",
                _handover_sum(),
            ),
        ),
        ("models/base.py", "tests/kernel/test_money.py"),
    )


def _money_not_bigint() -> Select[tuple[str, bool]]:
    columns = table(
        "columns", *map(column, ("table_schema", "table_name", "column_name", "data_type")), schema="information_schema"
    )
    money = [(t.name, c.name) for t in METADATA.sorted_tables for c in t.columns if isinstance(c.type, RupiahAmount)]
    name = cast(columns.c.table_name, String) + "." + cast(columns.c.column_name, String)
    return found(name).where(
        columns.c.table_schema == SCHEMA,
        tuple_(cast(columns.c.table_name, String), cast(columns.c.column_name, String)).in_(money),
        columns.c.data_type != literal("bigint"),
    )


def _pledged_value() -> Select[tuple[str, bool]]:
    known = is_known("KOMITMEN", Discrepancy.collaboration_id, Collaboration.id)
    return (
        found(Collaboration.public_id, known)
        .join(Pledge, Pledge.collaboration_id == Collaboration.id)
        .where(Collaboration.number.is_not(None))
        .group_by(Collaboration.id)
        .having(
            func.bool_and(Pledge.status.in_(ACCEPTED)),
            func.sum(Pledge.estimated_value) != Collaboration.pledged_value,
        )
    )


def _handover_sum() -> Select[tuple[str, bool]]:
    known = is_known("SERAH_TERIMA", Discrepancy.handover_id, Handover.id)
    return found(Handover.public_id, known).where(
        Handover.amount != total(HandoverLoan.amount, HandoverLoan.handover_id == Handover.id)
    )


def _within_needs() -> Invariant:
    accepted = (
        select(Pledge.need_id, func.sum(Pledge.quantity).label("quantity"))
        .where(Pledge.status.in_(ACCEPTED), Pledge.need_id.is_not(None))
        .group_by(Pledge.need_id)
        .subquery("accepted")
    )
    taken = func.coalesce(
        func.sum(case((Pledge.status.in_(ACCEPTED), Pledge.quantity), else_=Pledge.delivered_quantity)), 0
    )
    miscounted = (
        found(Need.public_id)
        .join(Pledge, Pledge.need_id == Need.id)
        .where(Pledge.status.not_in(NOT_ACCEPTED))
        .group_by(Need.id)
        .having(taken != Need.pledged_quantity)
    )
    offending = (
        found(Need.public_id)
        .outerjoin(accepted, accepted.c.need_id == Need.id)
        .where(
            or_(
                accepted.c.quantity > Need.quantity,
                accepted.c.quantity > Need.pledged_quantity,
                Need.pledged_quantity > Need.quantity,
            )
        )
    )
    return Invariant(
        2,
        "Accepted pledges of a need are never more than its target.",
        "Komitmen yang diterima untuk suatu kebutuhan tidak melebihi targetnya.",
        (
            Rule(
                "pledged_within_target",
                "What is pledged to a need is counted in it, and within its target.",
                "Yang dijanjikan untuk kebutuhan tercatat padanya, dan tidak melebihi targetnya.",
                offending,
            ),
            Rule(
                "taken_of_a_need_is_counted",
                "What a need counts as pledged is what stands and what was delivered of pledges that ended.",
                "Jumlah komitmen pada kebutuhan sama dengan yang berlaku dan yang terealisasi dari yang berakhir.",
                miscounted,
            ),
        ),
        ("ck_need_pledged_within_quantity", "commands/collaboration.py", "commands/withdrawal.py"),
    )


def _within_pledges() -> Invariant:
    delivered = (
        select(Delivery.pledge_id, func.sum(Delivery.quantity).label("quantity"))
        .where(Delivery.status == DeliveryStatus.TERVALIDASI)
        .group_by(Delivery.pledge_id)
        .subquery("delivered")
    )
    offending = (
        found(Pledge.public_id)
        .outerjoin(delivered, delivered.c.pledge_id == Pledge.id)
        .where(or_(Pledge.delivered_quantity > Pledge.quantity, delivered.c.quantity > Pledge.quantity))
    )
    counted = func.coalesce(delivered.c.quantity, 0)
    miscounted = (
        found(Pledge.public_id)
        .outerjoin(delivered, delivered.c.pledge_id == Pledge.id)
        .where(Pledge.package_kind != PackageKind.PINJAMAN_MODAL, Pledge.delivered_quantity != counted)
    )
    shared = total(DeliveryRecipient.quantity, DeliveryRecipient.delivery_id == Delivery.id)
    return Invariant(
        3,
        "Deliveries stay within their pledge; what is more is marked as extra.",
        "Realisasi tidak melebihi komitmen; kelebihannya ditandai tersendiri.",
        (
            Rule(
                "delivered_within_pledge",
                "What was delivered of a pledge, without extras, is at most what was promised.",
                "Yang direalisasikan dari komitmen, tanpa tambahan, paling banyak sebesar janjinya.",
                offending,
            ),
            Rule(
                "validated_is_delivered",
                "What a pledge of goods or training counts as delivered is what its validated deliveries say.",
                "Jumlah terealisasi dari komitmen barang atau pelatihan sama dengan realisasinya yang tervalidasi.",
                miscounted,
            ),
            Rule(
                "shares_within_delivery",
                "The shares of those who received something are together at most what was delivered, with its extra.",
                "Jumlah bagian para penerima paling banyak sebesar yang direalisasikan beserta tambahannya.",
                found(Delivery.public_id).where(shared > Delivery.quantity + Delivery.extra_quantity),
            ),
        ),
        ("commands/delivery.py", "commands/validation.py"),
    )
