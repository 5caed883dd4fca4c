"""Owners with their consents, and their businesses with permits and open needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from demo.chance import Chance
from demo.goods import SARPRAS
from demo.identity import identity
from demo.kbli import KBLI, KBLI_VERSION
from demo.names import address, person, phone, words
from demo.places import place_key
from demo.plan import CUT_OFF, LAUNCH, REGISTRY_CLOSED, CityPlan
from demo.rows import Row
from demo.survey import Survey
from kernel.money import Rupiah
from models.vocabulary import (
    BusinessScale,
    BusinessStatus,
    ConsentPurpose,
    JakpreneurStage,
    PackageKind,
    PermitKind,
)
from policy.secrets import Secrets

SCALE_RULE = "UU 20/2008"
AGENCIES = ("DINAS_PPKUKM", "DINAS_KPKP", "DINAS_PPAPP", "DINAS_SOSIAL", "DINAS_PAREKRAF", "DINAS_NAKERTRANSGI")
STAGES = tuple(JakpreneurStage)
_SCALES = (BusinessScale.MIKRO,) * 17 + (BusinessScale.KECIL,) * 2 + (BusinessScale.MENENGAH,)
_ASSETS = {
    BusinessScale.MIKRO: (1_000_000, 50_000_000),
    BusinessScale.KECIL: (51_000_000, 500_000_000),
    BusinessScale.MENENGAH: (501_000_000, 5_000_000_000),
}
_TURNOVERS = {
    BusinessScale.MIKRO: (6_000_000, 300_000_000),
    BusinessScale.KECIL: (301_000_000, 2_500_000_000),
    BusinessScale.MENENGAH: (2_501_000_000, 20_000_000_000),
}
_UNTOUCHED = (BusinessStatus.AKTIF,) * 17 + (BusinessStatus.TIDAK_AKTIF,) * 2 + (BusinessStatus.DUPLIKAT,)


def business_rows(plan: CityPlan, survey: Survey, secrets: Secrets) -> Iterator[Row]:
    """All businesses in order of registration, each behind its owner."""
    chance = plan.chance("business")
    for number in range(plan.size.businesses):
        owner = plan.owner_of(number)
        if owner == number:
            yield _owner(plan, owner, secrets, chance)
            yield from _consents(plan, owner, chance)
        yield _business(plan, survey, number, chance)
        if chance.happens(0.6):
            yield _permit(plan, number, chance)
        if chance.happens(0.25):
            yield _open_need(plan, number, chance)


def _owner(plan: CityPlan, number: int, secrets: Secrets, chance: Chance) -> Row:
    person_numbers = identity(number)
    nik, family_card = person_numbers.nik, person_numbers.family_card
    return (
        "owner",
        {
            "id": plan.owner_key(number),
            "name": person(chance, person_numbers.sex),
            "phone": phone(number) if chance.happens(0.95) else None,
            "sex": person_numbers.sex,
            "nik": secrets.encrypt(nik, "owner.nik"),
            "nik_last4": nik[-4:],
            "nik_hash": secrets.blind(nik, "owner.nik"),
            "family_card": secrets.encrypt(family_card, "owner.family_card"),
            "family_card_last4": family_card[-4:],
            "born_on": person_numbers.born_on,
            "address": address(chance),
            "region_code": plan.home_of(number).code,
        },
    )


def _consents(plan: CityPlan, owner: int, chance: Chance) -> Iterator[Row]:
    given_on = plan.registered_on(owner) + dt.timedelta(chance.between(0, 20))
    if plan.is_listed(owner) or plan.withdrew(owner):
        withdrawn_on = given_on + dt.timedelta(chance.between(30, 300)) if plan.withdrew(owner) else None
        yield consent(plan, owner, ConsentPurpose.TAMPIL_PUBLIK, given_on, withdrawn_on)
    if plan.shows_photo(owner):
        yield consent(plan, owner, ConsentPurpose.FOTO, given_on)


def consent(
    plan: CityPlan, owner: int, purpose: ConsentPurpose, given_on: dt.date, withdrawn_on: dt.date | None = None
) -> Row:
    """A consent of an owner; at most one of a purpose on a day."""
    number = owner * len(ConsentPurpose) + list(ConsentPurpose).index(purpose)
    return (
        "consent",
        {
            "id": plan.key("consent", number, given_on),
            "owner_id": plan.owner_key(owner),
            "region_code": plan.home_of(owner).code,
            "purpose": purpose,
            "given_on": given_on,
            "withdrawn_on": withdrawn_on,
            "note": None,
        },
    )


def _business(plan: CityPlan, survey: Survey, number: int, chance: Chance) -> Row:
    owner, home = plan.owner_of(number), plan.home_of(number)
    code, section, _, trade = chance.pick(KBLI)
    scale = chance.pick(_SCALES)
    touched = survey.is_touched(number)
    verified = touched or chance.happens(0.85)
    shown = plan.shows_photo(owner)
    key = plan.business_key(number)
    return (
        "business",
        {
            "id": key,
            "owner_id": plan.owner_key(owner),
            "place_id": place_key(plan, chance.between(0, plan.size.places - 1)) if chance.happens(0.05) else None,
            "trade_name": f"{trade} Contoh {chance.pick(words().family)}",
            "region_code": home.code,
            "point": plan.point_in(home, chance),
            "address": address(chance),
            "kbli_code": code,
            "kbli_version": KBLI_VERSION,
            "kbli_section": section,
            "scale": scale,
            "scale_rule": SCALE_RULE,
            "assets": _amount(_ASSETS[scale], chance),
            "yearly_turnover": _amount(_TURNOVERS[scale], chance),
            "supervising_agency": chance.pick(AGENCIES),
            "jakpreneur_stage": chance.pick(STAGES) if chance.happens(0.9) else None,
            "photo": f"foto/contoh-{number}.jpg" if shown or chance.happens(0.1) else None,
            "photo_consented": shown,
            "affected": chance.happens(0.8),
            "verified_by": plan.officer_key(home.code) if verified else None,
            "verified_on": REGISTRY_CLOSED if verified else None,
            "source": "JAKPRENEUR",
            "status": BusinessStatus.AKTIF if touched else chance.pick(_UNTOUCHED),
            "registered_on": plan.registered_on(number),
            "listed": plan.is_listed(owner),
            "has_received": survey.has_received(number),
        },
    )


def _amount(bounds: tuple[Rupiah, Rupiah], chance: Chance) -> Rupiah | None:
    return chance.rounded(*bounds, 500_000) if chance.happens(0.9) else None


def _permit(plan: CityPlan, business: int, chance: Chance) -> Row:
    issued_on = plan.registered_on(business) + dt.timedelta(chance.between(0, 60))
    nib = chance.happens(0.4)
    return (
        "permit",
        {
            "id": plan.key("permit", business, issued_on),
            "business_id": plan.business_key(business),
            "owner_id": plan.owner_key(plan.owner_of(business)),
            "region_code": plan.home_of(business).code,
            "kind": PermitKind.NIB if nib else PermitKind.IUMK,
            "number": f"99{chance.digits(11)}" if nib else f"CONTOH/IUMK/{business + 1:07}",
            "issued_by": "OSS" if nib else "PMPTSP",
            "issued_on": issued_on,
            "valid_until": None if nib else issued_on.replace(year=issued_on.year + 5, day=1),
            "jakpreneur": chance.happens(0.7),
        },
    )


def _open_need(plan: CityPlan, business: int, chance: Chance) -> Row:
    good = chance.pick(SARPRAS)
    number = plan.size.collaborations * plan.size.pledges_per_collaboration + business
    owner = plan.owner_of(business)
    day = LAUNCH + dt.timedelta(business * (CUT_OFF - LAUNCH).days // plan.size.businesses)
    whose = {"business_id": plan.business_key(business), "owner_id": plan.owner_key(owner), "place_id": None}
    return "need", need(
        plan, number, day, good.item, quantity=good.each, price=good.price, kind=PackageKind.SARPRAS
    ) | whose | {"region_code": plan.home_of(business).code, "listed": plan.is_listed(owner), "open": True}


def need(
    plan: CityPlan,
    number: int,
    day: dt.date,
    item: str,
    *,
    quantity: int,
    price: Rupiah,
    kind: PackageKind,
    pledged: int = 0,
) -> dict[str, Any]:
    """What every need has, whoever's it is."""
    return {
        "id": plan.key("need", number, day),
        "package_kind": kind,
        "item": item,
        "quantity": quantity,
        "pledged_quantity": pledged,
        "estimated_value": quantity * price,
        "period": f"{day:%Y%m}",
        "note": None,
    }
