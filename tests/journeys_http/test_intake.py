"""The PAIS UMi chain: a trader's file from village to ministry, through HTTP, in the order of the SOP's part D."""

from __future__ import annotations

from kernel.clock import day_in_jakarta
from policy.viewer import Role
from tests.commands.test_intake import file_of, forwarded, officer, state_of
from tests.commands.test_loan_journey import done, refused
from tests.journeys_http.annex import Journey, numbered
from tests.journeys_http.conftest import OverHttp

ROUTE = tuple(f"PAIS-D{number}" for number in range(1, 10))


def test_the_route_holds_every_step_of_the_chain() -> None:
    assert numbered("PAIS-D", 1, 9) == set(ROUTE)


async def test_a_file_travels_the_steps_of_the_sop(http: OverHttp) -> None:
    journey, shown = Journey(ROUTE), "intakeApplication { id status }"
    journey.outside("PAIS-D1", "a decree on paper")
    journey.outside("PAIS-D2", "people talk to each other")
    journey.outside("PAIS-D3", "an announcement; the criteria are upheld at step 4")
    with journey.step("PAIS-D4", "The trader brings the file to the head of the village."):
        desk = officer("DESA")
        credit = file_of(1, hasBankCredit=True)
        assert (await refused(http, desk, "receiveApplication", **credit))[0] == "NOT_ELIGIBLE"
        without_letter = file_of(1, permitNumber=None)
        file = (await done(http, desk, "receiveApplication", shown, **without_letter))["id"]
        assert await state_of(http, file) == ("DILENGKAPI", "DESA")
    with journey.step("PAIS-D5", "The village checks that the file is complete and passes it to the district."):
        assert (await refused(http, desk, "forwardApplications", applicationIds=[file]))[0] == "NOT_AT_YOUR_DESK"
        letter = {"applicationId": file, "permitNumber": "CONTOH/SKU/1"}
        await done(http, desk, "completeApplication", shown, **letter)
        await forwarded(http, "DESA", file)
        assert (await refused(http, desk, "forwardApplications", applicationIds=[file]))[0] == "NOT_FOUND"
    with journey.step(
        "PAIS-D6", "The district enters and compiles the applications and sends the data file to the agency."
    ):
        recap = await done(http, officer("KECAMATAN"), "compileRecap", "recap { applications fileSha256 }")
        assert recap["applications"] >= 1
        await forwarded(http, "KECAMATAN", file)
    with journey.step("PAIS-D7", "The agency collects the recaps and sends them to the province."):
        await forwarded(http, "DINAS_KABUPATEN", file)
    with journey.step("PAIS-D8", "The province forwards them to the ministry."):
        await forwarded(http, "DINAS_PROVINSI", file)
    with journey.step("PAIS-D9", "The ministry's deputy for micro businesses validates them."):
        await forwarded(http, "KEMENTERIAN", file)
        assert await state_of(http, file) == ("TERVALIDASI", "KEMENTERIAN")
        number = await http.tables.fetchval("select number from ksbb.intake_application where public_id = $1", file)
        paid = {"numbers": [number], "paidOn": day_in_jakarta(http.clock.now()).isoformat()}
        below = officer("DINAS_PROVINSI")
        assert (await refused(http, below, "recordGrantPayments", **paid))[0] == "NUMBERS_NOT_FOUND"
        await done(http, officer("KEMENTERIAN"), "recordGrantPayments", shown, **paid)
        seen = await http(Role.DINAS, "query ($id: ID!) { intakeApplication(id: $id) { status } }", {"id": file})
        assert seen["data"]["intakeApplication"]["status"] == "DICAIRKAN"
        hidden = await http(Role.PUBLIK, '{ __type(name: "IntakeApplication") { name } }')
        assert hidden["data"]["__type"] is None
    journey.arrive()
