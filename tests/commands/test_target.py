"""Targets, consent and discrepancies: small commands, each seen to do what it says."""

from __future__ import annotations

from kernel.clock import day_in_jakarta
from policy.viewer import PUBLIC, Role
from tests.acting import Acting
from tests.commands.test_loan_journey import done, parties, refused


async def test_a_business_is_verified_by_an_officer_of_its_area_only(acting: Acting) -> None:
    p = await parties(acting, 9)
    shown = "recipient { verifiedOn status }"
    today = day_in_jakarta(acting.clock.now()).isoformat()
    seen = await done(acting, p.officer, "verifyBusiness", shown, recipientId=p.business)
    assert seen == {"verifiedOn": today, "status": "AKTIF"}
    elsewhere = type(p.officer)(Role.PENDAMPING, "other", area="31.01", person_id=p.officer.person_id)
    code, path = await refused(acting, elsewhere, "verifyBusiness", recipientId=p.business)
    assert (code, path) == ("NOT_FOUND", ["recipientId"])
    gone = await done(acting, Role.DINAS, "verifyBusiness", shown, recipientId=p.business, isActive=False)
    assert gone["status"] == "TIDAK_AKTIF"


async def test_a_need_is_open_until_it_is_closed(acting: Acting) -> None:
    p = await parties(acting, 10)
    form = {"packageKind": "SARPRAS", "item": "Contoh gerobak", "quantity": 2, "estimatedValue": 10, "period": "202201"}
    shown = "need { id open quantity recipient { id } }"
    need = await done(acting, p.officer, "registerNeed", shown, recipientId=p.business, **form)
    assert (need["open"], need["recipient"]["id"]) == (True, p.business)
    assert not (await done(acting, Role.DINAS, "closeNeed", "need { open }", needId=need["id"]))["open"]
    assert (await refused(acting, p.officer, "registerNeed", **form))[0] == "UNUSABLE_NEED"
    far = await acting.tables.fetchval(
        "select public_id from ksbb.place where region_code not like $1", f"{p.region[:8]}%"
    )
    assert (await refused(acting, p.officer, "registerNeed", placeId=far, **form))[0] == "NOT_FOUND"


async def test_a_site_is_registered_where_its_region_is(acting: Acting) -> None:
    form = {"kind": "LOKSEM", "name": "Contoh Loksem Baru", "regionCode": acting.city.cast.kelurahan}
    made = await done(acting, Role.DINAS, "registerPlace", "place { name region { code } }", **form)
    assert made == {"name": "Contoh Loksem Baru", "region": {"code": acting.city.cast.kelurahan}}


async def test_the_public_sees_a_business_for_as_long_as_its_owner_consents(acting: Acting) -> None:
    p = await parties(acting, 11)
    query = "query ($id: ID!) { recipient(id: $id) { tradeName } }"

    async def listed() -> bool:
        return (await acting(PUBLIC, query, {"id": p.business}))["data"]["recipient"] is not None

    given = await acting.do(p.owner, "giveConsent", "consent { id }", purpose="TAMPIL_PUBLIK")
    assert given["userErrors"] == []
    again = await acting.do(p.owner, "giveConsent", "consent { id }", purpose="TAMPIL_PUBLIK")
    assert again == given
    assert await listed()
    await done(acting, p.owner, "withdrawConsent", "consent { withdrawnOn }", purpose="TAMPIL_PUBLIK")
    assert not await listed()
    code, _ = await refused(acting, p.owner, "withdrawConsent", purpose="TAMPIL_PUBLIK")
    assert code == "NO_CONSENT_TO_WITHDRAW"
    assert (await refused(acting, p.owner, "giveConsent", purpose="PENYARINGAN"))[0] == "CONSENT_BY_LOAN"


async def test_a_discrepancy_is_told_explained_and_settled_by_others_than_those_who_explain(acting: Acting) -> None:
    found = await acting.tables.fetchrow(
        "select d.public_id, d.institution_id, i.kind from ksbb.discrepancy d join ksbb.institution i"
        " on i.id = d.institution_id where d.status = 'TERDETEKSI' order by d.id limit 1"
    )
    if found is None:
        found = await acting.tables.fetchrow(
            "update ksbb.discrepancy d set status = 'TERDETEKSI' from ksbb.institution i where i.id = d.institution_id"
            " and d.id = (select min(id::text)::uuid from ksbb.discrepancy where institution_id is not null)"
            " returning d.public_id, d.institution_id, i.kind"
        )
    assert found is not None
    party = type(PUBLIC)(Role(found["kind"]), "party", institution_id=str(found["institution_id"]))
    given = {"discrepancyId": found["public_id"]}
    assert (await refused(acting, party, "explainDiscrepancy", explanation="Contoh", **given))[0] == "NOT_POSSIBLE_NOW"
    await done(acting, Role.BIRO_KSD, "notifyDiscrepancy", "discrepancy { status }", **given)
    shown = "discrepancy { status }"
    await done(acting, party, "explainDiscrepancy", shown, explanation="Contoh: beda hari tutup buku", **given)
    assert (await done(acting, Role.INSPEKTORAT, "settleDiscrepancy", shown, **given))["status"] == "DITERIMA"
