"""One collaboration as it stands on the cut-off day: its pledges, deliveries, recipients or loans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.chance import Chance
from demo.goods import GOODS, LOAN, Good
from demo.loan_life import LoanLife, loan_life
from demo.plan import CUT_OFF, CityPlan
from kernel.money import Rupiah
from models.vocabulary import CollaborationStatus, DeliveryStatus, LoanStatus, PackageKind, PledgeStatus

_S, _L, _P = PackageKind.SARPRAS, PackageKind.PELATIHAN, PackageKind.PINJAMAN_MODAL
KINDS = (_S, _S, _P, _S, _L, _P, _S, _L, _P, _L)
"""The packages of ten collaborations in turn."""
LOAN_PLACES = tuple(place for place, kind in enumerate(KINDS) if kind is _P)

ENDED_EARLY = {
    3: CollaborationStatus.DRAF,
    7: CollaborationStatus.DITOLAK,
    11: CollaborationStatus.DIBATALKAN,
    15: CollaborationStatus.KEDALUWARSA,
}
"""Of twenty collaborations four come to nothing."""
_ROUND = 20
_NEVER_ACCEPTED = {CollaborationStatus.DRAF, CollaborationStatus.DIAJUKAN, CollaborationStatus.DITOLAK}
_PLEDGE_OF = {
    CollaborationStatus.DRAF: PledgeStatus.DRAF,
    CollaborationStatus.DIAJUKAN: PledgeStatus.DIAJUKAN,
    CollaborationStatus.DITOLAK: PledgeStatus.DITOLAK,
    CollaborationStatus.DIBATALKAN: PledgeStatus.DITARIK,
    CollaborationStatus.KEDALUWARSA: PledgeStatus.KEDALUWARSA,
}
_FINAL_LOANS = {LoanStatus.LUNAS, LoanStatus.DISERAHKAN, LoanStatus.HAPUS, LoanStatus.BATAL, LoanStatus.TIDAK_LOLOS}
_NEED_TIME = {CollaborationStatus.DIBATALKAN, CollaborationStatus.KEDALUWARSA}
TIME_TO_END_DAYS = 130  # at the longest, from creation to the end of a collaboration that expires
EXPIRY_DAYS = 30


@dataclass(slots=True)
class DeliveryPlan:
    """A delivery, done or scheduled, and the numbers of the businesses that receive it."""

    number: int
    scheduled_on: dt.date
    recipients: list[int]
    quantity: int
    extra: int = 0
    delivered_on: dt.date | None = None
    validated_on: dt.date | None = None
    status: DeliveryStatus = DeliveryStatus.DIJADWALKAN

    @property
    def received(self) -> bool:
        """Whether the recipients have it in hand."""
        return self.delivered_on is not None and self.status is not DeliveryStatus.DIBALIK


@dataclass(slots=True)
class PledgePlan:
    """A pledge. At most one of `place` and `need_of` says whose need (kebutuhan) it fulfils."""

    number: int
    good: Good
    quantity: int
    value: Rupiah
    starts_on: dt.date
    ends_on: dt.date
    status: PledgeStatus
    place: int | None = None
    need_of: int | None = None
    deliveries: list[DeliveryPlan] = field(default_factory=list)
    delivered: int = 0

    @property
    def accepted(self) -> bool:
        """Whether it counts against its need."""
        return self.status in {PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI}


@dataclass(slots=True)
class CollaborationPlan:
    """A collaboration with everything under it."""

    number: int
    kind: PackageKind
    created_on: dt.date
    region_code: str
    collaborator: int
    distributor: int | None
    status: CollaborationStatus = CollaborationStatus.DIAJUKAN
    issued_on: dt.date | None = None
    closed_on: dt.date | None = None
    pledges: list[PledgePlan] = field(default_factory=list)
    loans: list[LoanLife] = field(default_factory=list)

    @property
    def contact_open(self) -> bool:
        """Whether the collaborator may now get in touch with those it helps."""
        return self.issued_on is not None and self.closed_on is None

    @property
    def pledged(self) -> Rupiah:
        """The value of the pledges that were accepted."""
        return sum(p.value for p in self.pledges if p.accepted)


def collaborations(plan: CityPlan) -> Iterator[CollaborationPlan]:
    """All collaborations in order of their creation."""
    for number in range(plan.size.collaborations):
        yield collaboration(plan, number)


def collaboration(plan: CityPlan, number: int) -> CollaborationPlan:
    """Collaboration `number`; the same whenever it is asked for."""
    chance = plan.chance("collaboration", number)
    kind = KINDS[number % len(KINDS)]
    home = plan.home_of(chance.between(0, plan.size.businesses - 1)).code
    made = CollaborationPlan(
        number=number,
        kind=kind,
        created_on=created_on(plan, number),
        region_code=home if chance.happens(0.6) else home[:8],
        collaborator=number * 7 % plan.size.collaborators,
        distributor=_distributor(plan, number, kind, chance),
    )
    _decide(plan, made, chance)
    if kind is PackageKind.PINJAMAN_MODAL:
        _lend(plan, made)
    else:
        _give(plan, made, chance)
    return made


def created_on(plan: CityPlan, number: int) -> dt.date:
    """The day a collaboration begins. Those for loans keep pace with the proposals: each is there before its loans."""
    if KINDS[number % len(KINDS)] is PackageKind.PINJAMAN_MODAL:
        return plan.pace(_loan_turn(number) / _loan_turns(plan))
    return plan.pace(number / plan.size.collaborations)


def _distributor(plan: CityPlan, number: int, kind: PackageKind, chance: Chance) -> int | None:
    if kind is PackageKind.PINJAMAN_MODAL:
        return _loan_turn(number) % plan.size.fintechs
    return chance.pick(plan.active_managers()) if chance.happens(0.6) else None


def _decide(plan: CityPlan, made: CollaborationPlan, chance: Chance) -> None:
    """Submitted, and decided upon within ten days."""
    issued_on = made.created_on + dt.timedelta(chance.between(2, 10))
    if ended := _ended_early(plan, made.number):
        made.status = ended
    elif issued_on <= CUT_OFF:
        made.status = CollaborationStatus.DIKONFIRMASI
    if made.status not in _NEVER_ACCEPTED and issued_on <= CUT_OFF:
        made.issued_on = issued_on
    if made.status in {CollaborationStatus.DIBATALKAN, CollaborationStatus.KEDALUWARSA}:
        made.closed_on = made.created_on + dt.timedelta(TIME_TO_END_DAYS)


def _give(plan: CityPlan, made: CollaborationPlan, chance: Chance) -> None:
    """Pledge goods or trainings, and deliver what is due."""
    for turn in range(plan.size.pledges_per_collaboration):
        pledge = _pledge(plan, made, turn, chance)
        for nth, recipients in enumerate(_recipients(plan, made, pledge, chance)):
            pledge.quantity += pledge.good.each * len(recipients)
            if made.status is CollaborationStatus.DIKONFIRMASI:
                number = pledge.number * plan.size.deliveries_per_pledge + nth
                pledge.deliveries.append(_delivery(number, pledge, recipients, chance))
        pledge.value = pledge.quantity * pledge.good.price
        _fulfil(pledge)
        made.pledges.append(pledge)
    if made.status is CollaborationStatus.DIKONFIRMASI:
        _report(made)


def _pledge(plan: CityPlan, made: CollaborationPlan, turn: int, chance: Chance) -> PledgePlan:
    """A pledge without a quantity yet: every fourth is for a place, every fourth of goods for one business's need."""
    number = made.number * plan.size.pledges_per_collaboration + turn
    starts_on = made.created_on + dt.timedelta(chance.between(12, 40))
    pledge = PledgePlan(
        number=number,
        good=chance.pick(GOODS[made.kind]),
        quantity=0,
        value=0,
        starts_on=starts_on,
        ends_on=starts_on + dt.timedelta(chance.between(10, 45)),
        status=_PLEDGE_OF.get(made.status, PledgeStatus.DITERIMA),
    )
    if number % 4 == 0:
        pledge.place = chance.between(0, plan.size.places - 1)
    elif number % 4 == 1 and made.kind is PackageKind.SARPRAS:
        slots = plan.slots(made.region_code)
        pledge.need_of = plan.business_at(slots[chance.between(0, len(slots) - 1)])
    return pledge


def _recipients(plan: CityPlan, made: CollaborationPlan, pledge: PledgePlan, chance: Chance) -> Iterator[list[int]]:
    """The businesses of each delivery: the one whose need it is, or neighbours in the region."""
    if pledge.need_of is not None:
        yield [pledge.need_of]
        return
    slots = plan.slots(made.region_code)
    most = min(len(slots), plan.size.recipients_per_delivery)
    for _ in range(plan.size.deliveries_per_pledge):
        offset = chance.between(0, len(slots) - 1)
        yield [plan.business_at(slots[(offset + step) % len(slots)]) for step in range(chance.between(1, most))]


def _delivery(number: int, pledge: PledgePlan, recipients: list[int], chance: Chance) -> DeliveryPlan:
    scheduled_on = pledge.starts_on + dt.timedelta(chance.between(0, (pledge.ends_on - pledge.starts_on).days))
    made = DeliveryPlan(number, scheduled_on, recipients, pledge.good.each * len(recipients))
    delivered_on = scheduled_on + dt.timedelta(chance.between(0, 3))
    reported_on = delivered_on + dt.timedelta(3)
    if reported_on > CUT_OFF:
        return made
    made.delivered_on, made.status = delivered_on, DeliveryStatus.DILAPORKAN
    validated_on = reported_on + dt.timedelta(chance.between(1, 12))
    if chance.happens(0.02):
        made.status = DeliveryStatus.DIKEMBALIKAN
    elif chance.happens(0.01):
        made.status = DeliveryStatus.DIBALIK
    elif validated_on <= CUT_OFF and chance.happens(0.97):
        made.status, made.validated_on = DeliveryStatus.TERVALIDASI, validated_on
        made.extra = pledge.good.each if chance.happens(0.03) else 0
    return made


def _fulfil(pledge: PledgePlan) -> None:
    """What was validated counts as delivered."""
    pledge.delivered = sum(d.quantity for d in pledge.deliveries if d.status is DeliveryStatus.TERVALIDASI)
    if pledge.delivered:
        whole = pledge.delivered == pledge.quantity
        pledge.status = PledgeStatus.TERPENUHI if whole else PledgeStatus.TERPENUHI_SEBAGIAN


def _report(made: CollaborationPlan) -> None:
    """The status that follows from the deliveries."""
    deliveries = [d for p in made.pledges for d in p.deliveries]
    done = [d for d in deliveries if d.delivered_on]
    statuses = {d.status for d in done}
    if len(done) == len(deliveries) and statuses == {DeliveryStatus.TERVALIDASI}:
        closing = max(d.validated_on or CUT_OFF for d in done) + dt.timedelta(14)
        made.closed_on = closing if closing <= CUT_OFF else None
        made.status = CollaborationStatus.SELESAI if made.closed_on else CollaborationStatus.TERVALIDASI
    elif DeliveryStatus.DIKEMBALIKAN in statuses:
        made.status = CollaborationStatus.BERJALAN
    elif done:
        reported = DeliveryStatus.DILAPORKAN in statuses
        made.status = CollaborationStatus.DILAPORKAN if reported else CollaborationStatus.TERVALIDASI
    elif any(p.starts_on <= CUT_OFF for p in made.pledges):
        made.status = CollaborationStatus.BERJALAN


def _lend(plan: CityPlan, made: CollaborationPlan) -> None:
    """Fund the loans that were proposed around the time of the collaboration."""
    turn, turns = _loan_turn(made.number), _loan_turns(plan)
    if not _ended_early(plan, made.number):
        until = turn + 1
        while until < turns and _ended_early(plan, _loan_number(until)):
            until += 1  # nobody else funds the loans of a collaboration that came to nothing
        first, last = (-(-t * plan.size.loans // turns) for t in (turn, until))
        made.loans = [loan_life(plan, n, made.distributor or 0) for n in range(first, last)]
    signed = [life for life in made.loans if life.signed_on]
    for nth in range(plan.size.pledges_per_collaboration):
        made.pledges.append(_loan_pledge(plan, made, nth, signed[nth :: plan.size.pledges_per_collaboration]))
    disbursed = [life for life in made.loans if life.received]
    if made.status is CollaborationStatus.DIKONFIRMASI and disbursed:
        made.status = CollaborationStatus.BERJALAN
        if all(life.status in _FINAL_LOANS for life in made.loans):
            closing = max(life.repaid_on or life.written_off_on or life.proposed_on for life in disbursed)
            made.closed_on = min(CUT_OFF, closing + dt.timedelta(14))
            made.status = CollaborationStatus.SELESAI


def _loan_pledge(plan: CityPlan, made: CollaborationPlan, nth: int, lives: list[LoanLife]) -> PledgePlan:
    """A pledge over some of the loans; over the smallest, withdrawn if it was accepted, when none was signed."""
    received = sum(life.received for life in lives)
    pledge = PledgePlan(
        number=made.number * plan.size.pledges_per_collaboration + nth,
        good=LOAN,
        quantity=max(1, len(lives)),
        value=sum(life.principal for life in lives) or LOAN.price,
        starts_on=made.created_on + dt.timedelta(20),
        ends_on=made.created_on + dt.timedelta(60),
        status=_PLEDGE_OF.get(made.status, PledgeStatus.DITERIMA),
        delivered=received,
    )
    if not lives and pledge.accepted:
        pledge.status = PledgeStatus.DITARIK
    if received:
        pledge.status = PledgeStatus.TERPENUHI if received == pledge.quantity else PledgeStatus.TERPENUHI_SEBAGIAN
    return pledge


def _ended_early(plan: CityPlan, number: int) -> CollaborationStatus | None:
    """The fate of a collaboration that comes to nothing; which one of a round it is moves on by one each time."""
    fate = ENDED_EARLY.get((number + number // _ROUND) % _ROUND)
    if fate in _NEED_TIME and created_on(plan, number) > CUT_OFF - dt.timedelta(TIME_TO_END_DAYS):
        return None
    return fate


def _loan_turn(number: int) -> int:
    """How many loan collaborations come before this one."""
    rounds, place = divmod(number, len(KINDS))
    return rounds * len(LOAN_PLACES) + sum(p < place for p in LOAN_PLACES)


def _loan_number(turn: int) -> int:
    rounds, place = divmod(turn, len(LOAN_PLACES))
    return rounds * len(KINDS) + LOAN_PLACES[place]


def _loan_turns(plan: CityPlan) -> int:
    return _loan_turn(plan.size.collaborations)
