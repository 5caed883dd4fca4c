"""Uploads become evidence: once, of their caller, and only when their bytes came."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from commands.evidence import MOST_DOCUMENTS, EvidenceMissing, EvidenceNotReceived, EvidenceUsed, attach
from commands.refusal import NotFound, Refusal
from commands.upload import ADDRESS_LASTS, MOST_OPEN, UploadClosed, receive
from commands.work import Work
from kernel.clock import day_in_jakarta
from models.delivery import Document
from models.vocabulary import DocumentKind
from policy.viewer import Agency, Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import (
    FEES,
    PRINCIPAL,
    Parties,
    done,
    form_b,
    paid_out,
    parties,
    proposed,
    refused,
    repayment,
    signature,
)
from tests.uploading import an_upload

DIGEST = "5e" * 32
BAST, PHOTO = DocumentKind.BAST, DocumentKind.FOTO_PENYERAHAN
REGION = "31.73.03"


def key_of(acting: Acting, *identifiers: str) -> list[UUID]:
    """The internal keys of some ids."""
    return [acting.city.secrets.internal_key(identifier)[1] for identifier in identifiers]


async def attached(acting: Acting, viewer: Viewer, *identifiers: str, **options: object) -> Document:
    """The first document that some uploads became."""
    keys = key_of(acting, *identifiers)

    async def part(work: Work) -> Document:
        first, *_ = await attach(work, keys, region_code=REGION, **options)  # type: ignore[arg-type]  # groups or keys
        return first

    return await acting.bus.perform(viewer, "TestAttach", part)


async def refusal(acting: Acting, viewer: Viewer, *identifiers: str, **options: object) -> Refusal:
    """Why uploads do not become documents."""
    with pytest.raises(Refusal) as caught:
        await attached(acting, viewer, *identifiers, **options)
    return caught.value


async def test_an_upload_becomes_a_document_with_the_id_that_was_promised(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    upload = await an_upload(acting, donor, BAST)
    document = await attached(acting, donor, upload, required=[(BAST, DocumentKind.BA_PELATIHAN)])
    assert document.public_id == upload
    shown = await acting(donor, "query ($id: ID!) { document(id: $id) { kind mediaType sizeBytes } }", {"id": upload})
    assert shown["data"]["document"] == {"kind": "BAST", "mediaType": "application/pdf", "sizeBytes": 9}


async def test_an_upload_is_evidence_once(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    one, two = [await an_upload(acting, donor, BAST) for _ in range(2)]
    await attached(acting, donor, one)
    again = await refusal(acting, donor, two, one)
    assert isinstance(again, EvidenceUsed)
    assert again.path == ("documentIds", 1)
    assert isinstance(await refusal(acting, donor, two, two), EvidenceUsed)
    await attached(acting, donor, two)


@pytest.mark.parametrize("field", ["subject", "institution_id", "person_id", "role"])
async def test_nobody_hands_in_what_another_uploaded(acting: Acting, field: str) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    upload = await an_upload(acting, donor, BAST)
    other = {"subject": "else", "institution_id": str(UUID(int=7)), "person_id": str(UUID(int=8)), "role": Role.DINAS}
    values = {name: getattr(donor, name) for name in ("role", "subject", "institution_id", "person_id")}
    stranger = Viewer(**{**values, field: other[field]})
    assert isinstance(await refusal(acting, stranger, upload), NotFound)


async def test_an_upload_whose_bytes_did_not_come_is_no_evidence(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    asked = await acting.do(
        donor, "requestUpload", "id", kind="BAST", mediaType="application/pdf", sizeBytes=9, sha256="AB" * 32
    )
    assert isinstance(await refusal(acting, donor, asked["id"]), EvidenceNotReceived)


async def test_what_is_missing_is_named_in_both_languages(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    upload = await an_upload(acting, donor, PHOTO)
    missing = await refusal(acting, donor, upload, required=[(BAST, DocumentKind.BA_PELATIHAN), (PHOTO,)])
    assert isinstance(missing, EvidenceMissing)
    assert missing.details["missing"] == ["BAST|BA_PELATIHAN"]
    assert "Handover record (BAST) or Training record" in missing.message
    assert "Berita Acara Serah Terima (BAST) atau" in missing.indonesian
    assert (await refusal(acting, donor, *[upload] * (MOST_DOCUMENTS + 1))).code == "TOO_MANY_DOCUMENTS"
    await attached(acting, donor, upload, required=[(PHOTO,)])  # the refusals used nothing up


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"mediaType": "image/svg+xml"}, "MEDIA_TYPE_NOT_TAKEN", ["mediaType"]),
        ({"kind": "FOTO_BARANG"}, "MEDIA_TYPE_NOT_TAKEN", ["mediaType"]),
        ({"sizeBytes": 0}, "SIZE_NOT_TAKEN", ["sizeBytes"]),
        ({"sizeBytes": 20_000_001}, "SIZE_NOT_TAKEN", ["sizeBytes"]),
        ({"sha256": "zz"}, "NOT_A_SHA256", ["sha256"]),
    ],
)
async def test_what_would_not_be_taken_is_refused_before_it_is_sent(
    acting: Acting, given: dict[str, Any], code: str, path: list[str]
) -> None:
    asked: dict[str, Any] = {"kind": "BAST", "mediaType": "application/pdf", "sizeBytes": 9, **given}
    (error,) = (await acting.do(Role.FINTECH, "requestUpload", **asked))["userErrors"]
    assert (error["code"], error["path"]) == (code, path)


async def test_the_file_of_an_upload_comes_once_and_in_time(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    asked = [
        await acting.do(donor, "requestUpload", "id url", kind="BAST", mediaType="application/pdf", sizeBytes=9)
        for _ in range(2)
    ]
    assert asked[0]["url"].startswith("/evidence/")
    once, late = key_of(acting, *(a["id"] for a in asked))
    part = partial(receive, key=once, sha256="5e" * 32, storage_name="a")
    await acting.bus.perform(donor, "ReceiveUpload", part)
    with pytest.raises(UploadClosed):
        await acting.bus.perform(donor, "ReceiveUpload", part)
    acting.clock.move(ADDRESS_LASTS + dt.timedelta(seconds=1))
    with pytest.raises(UploadClosed):
        await acting.bus.perform(donor, "ReceiveUpload", partial(receive, key=late, sha256="5e" * 32, storage_name="b"))


async def test_a_caller_has_so_many_open_uploads_and_no_more(acting: Acting) -> None:
    many = Viewer(Role.DINAS, "many-uploads", agency=Agency.DINAS_PPKUKM)
    asked: dict[str, Any] = {"kind": "LAIN", "mediaType": "text/csv", "sizeBytes": 9}
    for _ in range(MOST_OPEN):
        assert (await acting.do(many, "requestUpload", **asked))["userErrors"] == []
    (error,) = (await acting.do(many, "requestUpload", **asked))["userErrors"]
    assert error["code"] == "TOO_MANY_UPLOADS"
    acting.clock.move(ADDRESS_LASTS)
    assert (await acting.do(many, "requestUpload", **asked))["userErrors"] == []


# ---- the forms that name it


async def contracted(acting: Acting, p: Parties) -> str:
    """A loan whose two contracts are signed."""
    loan = await proposed(acting, p)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    for party in ("DONATUR", "UMKM"):
        await done(acting, p.lender, "signEContract", "loan { status }", **await signature(acting, p, loan, party))
    return loan


async def test_a_loan_in_trouble_keeps_its_report(acting: Acting) -> None:
    p = await parties(acting, 14)
    loan = await paid_out(acting, p)
    for mutation in ("reportLoanProblem", "declareDefault"):
        report = await an_upload(acting, p.lender, DocumentKind.LAPORAN_KENDALA)
        said = {"loanId": loan, "reason": "Contoh: usaha sepi", "documentIds": [report]}
        kept = await done(acting, p.lender, mutation, "loan { documents { nodes { id } } }", **said)
        assert {"id": report} in kept["documents"]["nodes"]


async def test_form_b_takes_the_draft_of_the_contract(acting: Acting) -> None:
    p = await parties(acting, 12)
    form = await form_b(acting, p, await proposed(acting, p))
    bare = await refused(acting, p.lender, "submitLoanPledge", **{**form, "documentIds": []})
    assert bare == ("EVIDENCE_MISSING", ["documentIds"])
    shown = "collaboration { documents { nodes { id kind } } }"
    made = await done(acting, p.lender, "submitLoanPledge", shown, **form)
    (draft,) = form["documentIds"]
    assert made["documents"]["nodes"] == [{"id": draft, "kind": "DRAF_ECONTRACT"}]


async def test_a_contract_is_signed_with_its_file(acting: Acting) -> None:
    p = await parties(acting, 13)
    loan = await proposed(acting, p)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    sign = await signature(acting, p, loan, "DONATUR")
    other = await an_upload(acting, p.lender, DocumentKind.ECONTRACT_UMKM)
    for named in ([], [other]):
        bare = await refused(acting, p.lender, "signEContract", **{**sign, "documentIds": named})
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
    wrong = await refused(acting, p.lender, "signEContract", **sign, sha256=DIGEST)
    assert wrong == ("EVIDENCE_DIFFERS", ["sha256"])
    await done(acting, p.lender, "signEContract", "loan { status }", **sign)
    (file,) = key_of(acting, *sign["documentIds"])
    query = "select c.sha256 = d.sha256 from ksbb.e_contract c join ksbb.document d using (loan_id) where d.id = $1"
    assert await acting.tables.fetchval(query, file)


async def test_forms_d_e_and_f_take_their_evidence(acting: Acting) -> None:
    p = await parties(acting, 10)
    loan, day = await contracted(acting, p), day_in_jakarta(acting.clock.now()).isoformat()
    invoice, contract = [
        await an_upload(acting, p.lender, kind)
        for kind in (DocumentKind.INVOICE_PENCAIRAN, DocumentKind.ECONTRACT_UMKM)
    ]
    form_d = {"loanId": loan, "amount": PRINCIPAL - sum(FEES), "disbursedOn": day, "invoice": "CONTOH/1"}
    missing = await refused(acting, p.lender, "disburseLoan", documentIds=[invoice], **form_d)
    assert missing == ("EVIDENCE_MISSING", ["documentIds"])
    shown = "loan { documents { nodes { id kind } } }"
    paid = await done(acting, p.lender, "disburseLoan", shown, documentIds=[invoice, contract], **form_d)
    assert {d["id"] for d in paid["documents"]["nodes"]} >= {invoice, contract}
    seen = "query ($id: ID!) { document(id: $id) { kind loan { id } } }"
    for viewer in (p.officer, p.owner):
        document = (await acting(viewer, seen, {"id": invoice}))["data"]["document"]
        assert document == {"kind": "INVOICE_PENCAIRAN", "loan": {"id": loan}}
    assert (await acting(Role.DINAS, seen, {"id": invoice}))["data"]["document"] is None

    rows = [repayment(acting, loan, PRINCIPAL, "evidence-1")]
    report = {"period": "202202", "rows": rows, "total": PRINCIPAL}
    for told in ({}, {"fileSha256": DIGEST}):
        bare = await refused(acting, p.lender, "submitPeriodicReport", **report, **told)
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
    filed = await an_upload(acting, p.lender, DocumentKind.INVOICE_PENGEMBALIAN, b"%PDF-1.7 e")
    alone = await refused(acting, p.lender, "submitPeriodicReport", documentIds=[filed], **report)
    assert alone == ("EVIDENCE_MISSING", ["documentIds"])
    papers = [filed, await an_upload(acting, p.lender, DocumentKind.LAPORAN_PENDAMPINGAN, b"%PDF-1.7 m")]
    wrong = await refused(acting, p.lender, "submitPeriodicReport", documentIds=papers, fileSha256=DIGEST, **report)
    assert wrong == ("EVIDENCE_DIFFERS", ["fileSha256"])
    shown = "periodicReport { fileSha256 documents { nodes { id sha256 } } }"
    told = await done(acting, p.lender, "submitPeriodicReport", shown, documentIds=papers, **report)
    assert {"id": filed, "sha256": told["fileSha256"]} in told["documents"]["nodes"]
    assert {each["id"] for each in told["documents"]["nodes"]} == set(papers)

    proof = await an_upload(acting, p.lender, DocumentKind.BUKTI_SERAH_DANA, b"%PDF-1.7 f")
    form_f = {"fundManagerId": p.manager, "loanIds": [loan], "sentOn": day}
    assert (await refused(acting, p.lender, "sendHandover", **form_f))[0] == "EVIDENCE_MISSING"
    assert (await refused(acting, p.lender, "sendHandover", proofSha256=DIGEST, **form_f))[0] == "EVIDENCE_MISSING"
    wrong = await refused(acting, p.lender, "sendHandover", documentIds=[proof], proofSha256=DIGEST, **form_f)
    assert wrong == ("EVIDENCE_DIFFERS", ["proofSha256"])
    shown = "handover { id proofSha256 documents { nodes { id sha256 } } }"
    sent = await done(acting, p.lender, "sendHandover", shown, documentIds=[proof], **form_f)
    assert sent["documents"]["nodes"] == [{"id": proof, "sha256": sent["proofSha256"]}]
    seen = "query ($id: ID!) { document(id: $id) { handover { id } } }"
    received = (await acting(p.receiver, seen, {"id": proof}))["data"]["document"]
    assert received == {"handover": {"id": sent["id"]}}
    stranger = Viewer(Role.AGREGATOR, "else", institution_id=str(UUID(int=7)))
    assert (await acting(stranger, seen, {"id": proof}))["data"]["document"] is None
    kinds = "query ($id: ID!) { document(id: $id) { kind } }"
    assert (await acting(Role.DINAS, kinds, {"id": proof}))["data"]["document"] is None
