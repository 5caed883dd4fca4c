"""Applications for the national BPUM grant, and the recaps of each kecamatan."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from demo.accounts import intake_officer_key
from demo.chance import at
from demo.evidence import PER_THING, document, sha256
from demo.identity import identity
from demo.kbli import KBLI
from demo.names import address, person, phone
from demo.plan import CityPlan
from demo.rows import Row
from geo.regions import Region
from models.vocabulary import DocumentKind, IntakeLevel, IntakeStatus
from policy.secrets import Secrets

OPENED = dt.date(2021, 4, 5)
FROZEN = dt.date(2021, 6, 30)
_S, _L = IntakeStatus, IntakeLevel
_STANDS = (
    (_S.DITERIMA_DESA, _L.DESA),
    (_S.DILENGKAPI, _L.DESA),
    (_S.DIKIRIM_CAMAT, _L.KECAMATAN),
    (_S.DIREKAP, _L.KECAMATAN),
    (_S.DIKIRIM_DINAS, _L.DINAS_KABUPATEN),
    (_S.DIKIRIM_PROVINSI, _L.DINAS_PROVINSI),
    (_S.DIKIRIM_KEMENTERIAN, _L.KEMENTERIAN),
    (_S.TERVALIDASI, _L.KEMENTERIAN),
    (_S.DICAIRKAN, _L.KEMENTERIAN),
    (_S.DITOLAK, _L.DESA),
)
"""Where ten applications in turn stand, and at which level."""
_ONWARD = tuple(status for status, _ in _STANDS if status not in {_S.DILENGKAPI, _S.DITOLAK})
_DAYS_A_STEP = 3
_TURN = PER_THING - 1  # the place of an intake file's paper among the documents of one number
_FIRST_COMPILED = 3
_RETURNED = {_S.DILENGKAPI: "Contoh: surat usaha belum ada", _S.DITOLAK: "Contoh: bukan usaha mikro"}


def intake_rows(plan: CityPlan, secrets: Secrets) -> Iterator[Row]:
    """Recaps first, then the applications, those compiled inside their recap."""
    compiled = Counter(_home(plan, n).code[:8] for n in range(plan.size.intake_applications) if _is_compiled(n))
    for kecamatan, count in sorted(compiled.items()):
        key = _recap_key(plan, kecamatan)
        yield (
            "recap",
            {
                "id": key,
                "region_code": kecamatan,
                "level": IntakeLevel.KECAMATAN,
                "version": 1,
                "applications": count,
                "frozen_on": FROZEN,
                "file_sha256": sha256(key),
            },
        )
    for number in range(plan.size.intake_applications):
        yield _application(plan, secrets, number)
        yield from _steps(plan, number)
        yield document(
            plan,
            2 * number * PER_THING + _TURN,
            DocumentKind.LAIN,
            _received_on(plan, number),
            intake_officer_key(plan, _home(plan, number).code),
            _home(plan, number).code,
            intake_application_id=_application_key(plan, number),
        )


def _application(plan: CityPlan, secrets: Secrets, number: int) -> Row:
    chance = plan.chance("intake", number)
    someone = identity(plan.size.businesses + number)
    home = _home(plan, number)
    status, level = _STANDS[number % len(_STANDS)]
    return (
        "intake_application",
        {
            "id": _application_key(plan, number),
            "number": f"CONTOH/BPUM/2021/{number + 1:06}",
            "recap_id": _recap_key(plan, home.code[:8]) if _is_compiled(number) else None,
            "region_code": home.code,
            "level": level,
            "status": status,
            "business_field": chance.pick(KBLI)[2],
            "applicant_name": person(chance, someone.sex),
            "applicant_phone": phone(number),
            "applicant_address": address(chance),
            "nik": secrets.encrypt(someone.nik, "intake_application.nik"),
            "nik_last4": someone.nik[-4:],
            "nik_hash": secrets.blind(someone.nik, "intake_application.nik"),
            "family_card": secrets.encrypt(someone.family_card, "intake_application.family_card"),
            "family_card_last4": someone.family_card[-4:],
            "permit_number": None if status is _S.DILENGKAPI else f"CONTOH/SKU/{number + 1:06}",
            "received_on": _received_on(plan, number),
            "paid_on": _moved_on(plan, number, len(_ONWARD) - 1) if status is _S.DICAIRKAN else None,
            "return_reason": _RETURNED.get(status),
        },
    )


def _steps(plan: CityPlan, number: int) -> Iterator[Row]:
    """The way of a file to where it stands."""
    status, _ = _STANDS[number % len(_STANDS)]
    way = _ONWARD[: _ONWARD.index(status) + 1] if status in _ONWARD else (_S.DITERIMA_DESA, status)
    officer = intake_officer_key(plan, _home(plan, number).code)
    for turn, (before, after) in enumerate(pairwise((None, *way))):
        day = _moved_on(plan, number, turn)
        level = dict(_STANDS)[after]
        yield (
            "intake_step",
            {
                "id": plan.key("intake_step", number * len(_STANDS) + turn, day),
                "intake_application_id": _application_key(plan, number),
                "officer_id": officer if after is _S.DIREKAP else None,
                "from_status": before,
                "to_status": after,
                "level": level,
                "at": at(day, 9),
                "reason": _RETURNED.get(after),
            },
        )


def _application_key(plan: CityPlan, number: int) -> UUID:
    return plan.key("intake_application", number, _received_on(plan, number))


def _received_on(plan: CityPlan, number: int) -> dt.date:
    return OPENED + dt.timedelta(number * (FROZEN - OPENED).days // plan.size.intake_applications)


def _moved_on(plan: CityPlan, number: int, turn: int) -> dt.date:
    return _received_on(plan, number) + dt.timedelta(_DAYS_A_STEP * turn)


def _home(plan: CityPlan, number: int) -> Region:
    return plan.home_of(number * 7 % plan.size.businesses)


def _is_compiled(number: int) -> bool:
    return _FIRST_COMPILED <= number % len(_STANDS) < len(_STANDS) - 1


def _recap_key(plan: CityPlan, kecamatan: str) -> UUID:
    return plan.key("recap", int(kecamatan.replace(".", "")), FROZEN)
