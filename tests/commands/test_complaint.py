"""Complaints from the first form to the last step."""

from __future__ import annotations

import datetime as dt
from typing import Any

from policy.viewer import Role
from tests.acting import Acting

FORM = {"category": "LAIN", "text": "Contoh: barang belum datang", "reporterName": "Contoh Pelapor"}


async def filed(acting: Acting) -> tuple[str, str]:
    """Tracking code and identifier of a new complaint in the area of the city's officers."""
    form = {**FORM, "regionCode": acting.city.cast.kelurahan}
    payload = await acting.do(Role.PUBLIK, "fileComplaint", "trackingCode", **form)
    assert payload["userErrors"] == []
    query = "{ complaints(last: 1, orderBy: [{field: RECEIVED_AT}]) { nodes { id status text } } }"
    (complaint,) = (await acting(Role.DINAS, query))["data"]["complaints"]["nodes"]
    return payload["trackingCode"], complaint["id"]


async def test_a_complaint_goes_from_the_form_to_the_end_and_may_be_reopened_once(acting: Acting) -> None:
    code, complaint = await filed(acting)
    shown = "complaint { status assignedAgency forwardedAt closedAt followUps { nodes { status } } }"
    payload: dict[str, Any] = {}
    for who, mutation, more in [
        (Role.WILAYAH, "verifyComplaint", {"note": "Contoh"}),
        (Role.DINAS, "forwardComplaint", {"agency": "DINAS_PPKUKM"}),
        (Role.DINAS, "followUpComplaint", {}),
        (Role.DINAS, "resolveComplaint", {"note": "Contoh: sudah dikirim"}),
    ]:
        payload = await acting.do(who, mutation, shown, complaintId=complaint, **more)
        assert payload["userErrors"] == [], payload
    assert payload["complaint"]["status"] == "SELESAI"
    assert [step["status"] for step in payload["complaint"]["followUps"]["nodes"]] == [
        "DIVERIFIKASI",
        "DITERUSKAN",
        "DITINDAKLANJUTI",
        "SELESAI",
    ]
    acting.clock.move(dt.timedelta(days=2))
    again = {"trackingCode": code.lower(), "reason": "Contoh: belum selesai"}
    assert (await acting.do(Role.PUBLIK, "reopenComplaint", **again))["userErrors"] == []
    await acting.do(Role.DINAS, "followUpComplaint", complaintId=complaint)
    await acting.do(Role.DINAS, "resolveComplaint", complaintId=complaint)
    (refused,) = (await acting.do(Role.PUBLIK, "reopenComplaint", **again))["userErrors"]
    assert refused["code"] == "TOO_LATE_TO_REOPEN"


async def test_a_step_that_the_machine_does_not_list_is_refused_with_those_that_it_does(acting: Acting) -> None:
    _, complaint = await filed(acting)
    payload = await acting.do(Role.DINAS, "resolveComplaint", "complaint { id }", complaintId=complaint)
    (error,) = payload["userErrors"]
    assert error["code"] == "NOT_POSSIBLE_NOW"
    assert "DIVERIFIKASI" in error["message"]
    assert "DIVERIFIKASI" in error["messageId"]
    assert payload["complaint"] is None


async def test_what_is_wrong_with_the_form_is_said_at_its_place(acting: Acting) -> None:
    for change, code, path in [
        ({"text": "  "}, "UNUSABLE_TEXT", ["text"]),
        ({"collaborationNumber": "KSBB-UMK-2020-000000"}, "NO_SUCH_COLLABORATION", ["collaborationNumber"]),
        ({"idempotencyKey": "short"}, "UNUSABLE_IDEMPOTENCY_KEY", ["idempotencyKey"]),
    ]:
        form = {**FORM, "regionCode": acting.city.cast.kelurahan, **change}
        (error,) = (await acting.do(Role.PUBLIK, "fileComplaint", **form))["userErrors"]
        assert (error["code"], error["path"]) == (code, path)
        assert error["message"] != error["messageId"]


async def test_an_officer_of_another_area_finds_no_complaint_here(acting: Acting) -> None:
    _, complaint = await filed(acting)
    area = "31.01" if not acting.city.cast.kelurahan.startswith("31.01") else "31.73"
    elsewhere = type(acting.city.viewer(Role.WILAYAH))(Role.WILAYAH, "elsewhere", area=area)
    (error,) = (await acting.do(elsewhere, "verifyComplaint", complaintId=complaint))["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["complaintId"])
