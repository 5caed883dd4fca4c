"""A trader's file from the village to the ministry, one level at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from commands.intake import frozen
from commands.work import Work
from kernel.clock import day_in_jakarta
from models.intake import IntakeApplication
from models.vocabulary import DocumentKind
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused
from tests.uploading import an_upload

KELURAHAN = "31.73.03.1008"
LEVELS = {
    "DESA": KELURAHAN,
    "KECAMATAN": KELURAHAN[:8],
    "DINAS_KABUPATEN": KELURAHAN[:5],
    "DINAS_PROVINSI": "31",
    "KEMENTERIAN": "31",
}


def officer(level: str, area: str | None = None) -> Viewer:
    """The officer of a level."""
    return Viewer(Role.PETUGAS_INTAKE, f"intake-{level}", area=area or LEVELS[level], level=level)


def file_of(number: int, **changes: Any) -> dict[str, Any]:
    """A complete file of somebody who does not exist."""
    return {
        "regionCode": KELURAHAN,
        "applicantName": f"Contoh Pedagang {number}",
        "nik": f"31730301018099{number:02}",
        "familyCard": f"31730301011099{number:02}",
        "address": "Contoh jalan 1",
        "phone": "081200000001",
        "businessField": "Contoh warung",
        "permitNumber": "CONTOH/SKU/1",
        "isPublicEmployee": False,
        "hasBankCredit": False,
        **changes,
    }


async def received(acting: Acting, number: int) -> str:
    """A file at the village."""
    shown = "intakeApplication { id status }"
    made = await done(acting, officer("DESA"), "receiveApplication", shown, **file_of(number))
    assert made["status"] == "DITERIMA_DESA"
    identifier: str = made["id"]
    return identifier


async def forwarded(acting: Acting, level: str, *files: str) -> None:
    """Files sent on by the officer of a level."""
    payload = await acting.do(officer(level), "forwardApplications", applicationIds=list(files))
    assert payload["userErrors"] == [], payload


async def state_of(acting: Acting, file: str) -> tuple[str, str]:
    """State and level, looked up behind the wall."""
    key = acting.city.secrets.internal_key(file)[1]
    row = await acting.tables.fetchrow("select status, level from ksbb.intake_application where id = $1", key)
    assert row is not None
    return row["status"], row["level"]


async def as_frozen(acting: Acting, number: str) -> str:
    """The hash of a recap made again, from what its files say now; `number` is of one of them."""

    async def part(work: Work) -> str:
        one = select(IntakeApplication.recap_id).where(IntakeApplication.number == number).scalar_subquery()
        query = select(IntakeApplication).where(IntakeApplication.recap_id == one).order_by(IntakeApplication.number)
        return frozen(work.secrets, (await work.session.execute(query)).scalars().all())

    return await acting.bus.look(part)


async def test_whoever_was_turned_down_applies_again_and_nobody_twice(acting: Acting) -> None:
    desk, shown = officer("DESA"), "intakeApplication { id status }"
    first = await done(acting, desk, "receiveApplication", shown, **file_of(10))
    why = {"applicationId": first["id"], "reason": "Contoh: bukan usaha mikro"}
    await done(acting, desk, "rejectApplication", shown, **why)
    again = await done(acting, desk, "receiveApplication", shown, **file_of(10))
    assert again["status"] == "DITERIMA_DESA"
    assert (await refused(acting, desk, "receiveApplication", **file_of(10)))[0] == "APPLIED_ALREADY"


async def test_a_file_goes_from_the_village_to_the_payment(acting: Acting) -> None:
    files = [await received(acting, number) for number in (1, 2)]
    await forwarded(acting, "DESA", *files)
    assert (await refused(acting, officer("DESA"), "forwardApplications", applicationIds=files))[0] == "NOT_FOUND"
    await done(acting, officer("KECAMATAN"), "compileRecap", "recap { version applications }")
    numbers = await acting.tables.fetch(
        "select a.number, r.file_sha256 from ksbb.intake_application a join ksbb.recap r on r.id = a.recap_id"
        " where a.id = any ($1) order by a.number",
        [acting.city.secrets.internal_key(file)[1] for file in files],
    )
    assert len(numbers) == 2
    assert await as_frozen(acting, numbers[0]["number"]) == numbers[0]["file_sha256"]
    await acting.tables.execute(
        "update ksbb.intake_application set applicant_address = 'Contoh lain' where number = $1", numbers[0]["number"]
    )
    assert await as_frozen(acting, numbers[0]["number"]) != numbers[0]["file_sha256"]
    for level in ("KECAMATAN", "DINAS_KABUPATEN", "DINAS_PROVINSI", "KEMENTERIAN"):
        await forwarded(acting, level, *files)
    paid = {"numbers": [row["number"] for row in numbers], "paidOn": day_in_jakarta(acting.clock.now()).isoformat()}
    ministry = officer("KEMENTERIAN")
    spoiled = {**paid, "numbers": [paid["numbers"][0], "CONTOH/0", *paid["numbers"]]}
    code, path = await refused(acting, ministry, "recordGrantPayments", **spoiled)
    assert (code, path) == ("NUMBERS_NOT_FOUND", ["numbers", "0"])
    assert await state_of(acting, files[0]) == ("TERVALIDASI", "KEMENTERIAN")
    below = officer("DINAS_PROVINSI")
    assert (await refused(acting, below, "recordGrantPayments", **paid))[0] == "NUMBERS_NOT_FOUND"
    tomorrow = (day_in_jakarta(acting.clock.now()) + dt.timedelta(2)).isoformat()
    assert (await refused(acting, ministry, "recordGrantPayments", **paid | {"paidOn": tomorrow}))[0] == (
        "PAID_IN_THE_FUTURE"
    )
    shown = "payments intakeApplication { status paidOn }"
    payload = await acting.do(ministry, "recordGrantPayments", shown, **paid)
    assert payload == {
        "userErrors": [],
        "payments": 2,
        "intakeApplication": {"status": "DICAIRKAN", "paidOn": paid["paidOn"]},
    }
    assert (await refused(acting, ministry, "recordGrantPayments", **paid))[0] == "NOT_AT_YOUR_DESK"
    assert await state_of(acting, files[0]) == ("DICAIRKAN", "KEMENTERIAN")


async def test_a_file_is_returned_by_one_level_with_its_reason(acting: Acting) -> None:
    file = await received(acting, 3)
    await forwarded(acting, "DESA", file)
    given = {"applicationId": file, "reason": "Contoh: KTP tidak terbaca"}
    assert (await acting.do(officer("KECAMATAN"), "returnApplication", **given))["userErrors"] == []
    assert await state_of(acting, file) == ("DITERIMA_DESA", "DESA")
    shown = "intakeApplication { status steps { nodes { fromStatus toStatus level reason } } }"
    moved = (await done(acting, officer("DESA"), "rejectApplication", shown, **given))["steps"]["nodes"]
    assert [(s["fromStatus"], s["toStatus"], s["level"], s["reason"]) for s in moved] == [
        (None, "DITERIMA_DESA", "DESA", None),
        ("DITERIMA_DESA", "DIKIRIM_CAMAT", "KECAMATAN", None),
        ("DIKIRIM_CAMAT", "DITERIMA_DESA", "DESA", given["reason"]),
        ("DITERIMA_DESA", "DITOLAK", "DESA", given["reason"]),
    ]


async def test_what_a_file_lacks_is_named(acting: Acting) -> None:
    payload = await acting.do(officer("DESA"), "receiveApplication", **file_of(4, nik="123", address=" ", phone=" "))
    (error,) = payload["userErrors"]
    assert error["code"] == "INCOMPLETE_FILE"
    assert "address, phone, nik" in error["message"]
    assert "123" not in error["message"]
    shown = "intakeApplication { id status permitNumber }"
    made = await done(acting, officer("DESA"), "receiveApplication", shown, **file_of(5, permitNumber=None))
    assert made["status"] == "DILENGKAPI"
    paper = await an_upload(acting, officer("DESA"), DocumentKind.LAIN)
    letter = {"applicationId": made["id"], "permitNumber": "CONTOH/SKU/5", "documentIds": [paper]}
    shown = "intakeApplication { status permitNumber documents { nodes { id } } }"
    complete = await done(acting, officer("DESA"), "completeApplication", shown, **letter)
    assert (complete["status"], complete["permitNumber"]) == ("DITERIMA_DESA", letter["permitNumber"])
    assert complete["documents"]["nodes"] == [{"id": paper}]
    seen = "query ($id: ID!) { document(id: $id) { kind } }"
    for stranger in (Role.BIRO_KSD, Role.PENDAMPING, officer("DESA", "31.71.01.1001")):
        assert (await acting(stranger, seen, {"id": paper}))["data"]["document"] is None


async def test_who_may_not_apply_or_has_applied_is_told_so(acting: Acting) -> None:
    await received(acting, 6)
    desk = officer("DESA")
    assert (await refused(acting, desk, "receiveApplication", **file_of(6)))[0] == "APPLIED_ALREADY"
    assert (await refused(acting, desk, "receiveApplication", **file_of(7, hasBankCredit=True)))[0] == "NOT_ELIGIBLE"
    elsewhere = officer("DESA", "31.71.01.1001")
    assert (await refused(acting, elsewhere, "receiveApplication", **file_of(7)))[0] == "NOT_YOUR_AREA"
    higher = officer("KECAMATAN")
    assert (await refused(acting, higher, "receiveApplication", **file_of(7)))[0] == "NOT_YOUR_AREA"


async def test_a_list_moves_as_a_whole_or_not_at_all(acting: Acting) -> None:
    file = await received(acting, 8)
    gone = await received(acting, 9)
    await forwarded(acting, "DESA", gone)
    code, path = await refused(acting, officer("DESA"), "forwardApplications", applicationIds=[file, gone])
    assert (code, path) == ("NOT_FOUND", ["applicationIds", "1"])
    assert await state_of(acting, file) == ("DITERIMA_DESA", "DESA")
