"""What form G asks of an application, what is there of it, and what is missing (butir formulir G).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5; the check list: `models/reference/form_g.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Ref
from commands.evidence import EvidenceMissing, attach
from commands.refusal import Path, Refusal
from commands.work import Work
from models.flow_codes import FormGItem
from models.institution import Accreditation, AccreditationItem, Institution
from models.reference.form_g import Required, required
from models.vocabulary import InstitutionKind, PackageKind

JAKARTA = "31"
"""The region of papers that are of no other."""


class PackageNotOpen(Refusal):
    """A package that is not for institutions of this kind."""

    code = "PACKAGE_NOT_OPEN"

    def __init__(self, kind: InstitutionKind, open_: Iterable[PackageKind]) -> None:
        listed = ", ".join(package.value for package in open_)
        super().__init__(
            f"As {kind.label_en} you may apply for: {listed}.",
            f"Sebagai {kind.label_id} Anda dapat mengajukan: {listed}.",
            path=("packageKind",),
        )


class ItemNotAsked(Refusal):
    """A paper for an item that form G does not ask for, that is a field, or that was named before."""

    code = "ITEM_NOT_ASKED"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "Form G asks for no paper here, or it was named twice. Hand in one paper for each item of "
            "`accreditationRequirements` that has a `documentKind`; fields are filled in with `updateInstitution`.",
            "Formulir G tidak meminta berkas untuk butir ini, atau butir disebut dua kali. Serahkan satu berkas untuk "
            "setiap butir `accreditationRequirements` yang memiliki `documentKind`; isian diubah dengan "
            "`updateInstitution`.",
            path=path,
        )


class FileIncomplete(Refusal):
    """An application of which items are missing."""

    code = "FILE_INCOMPLETE"

    def __init__(self, missing: Sequence[FormGItem]) -> None:
        super().__init__(
            f"Missing: {_listed(item.label_en for item in missing)}. Return the application with "
            "`returnAccreditation`, so that the institution completes it.",
            f"Belum lengkap: {_listed(item.label_id for item in missing)}. Kembalikan permohonan dengan "
            "`returnAccreditation` agar dilengkapi lembaga.",
            path=("accreditationId",),
            missing=[item.value for item in missing],
        )


@dataclass(frozen=True, kw_only=True)
class FormGPaper:
    """One paper of form G: for which item, and which file."""

    item: Annotated[FormGItem, "The item that it proves (butir)."]
    document_id: Annotated[UUID, Ref("Document"), "Evidence that was uploaded (`requestUpload`): the paper (berkas)."]


def asked_of(institution: Institution, package: PackageKind) -> tuple[Required, ...]:
    """What form G asks of an institution for a package.

    Raises:
        PackageNotOpen: institutions of its kind may not apply for it.
    """
    asked = required(institution.kind, package)
    if not asked:
        raise PackageNotOpen(institution.kind, (p for p in PackageKind if required(institution.kind, p)))
    return asked


def open_items(work: Work, accreditation: Accreditation, asked: Iterable[Required]) -> list[AccreditationItem]:
    """The items of a new application, all of them missing."""
    of = {"accreditation_id": accreditation.id, "institution_id": accreditation.institution_id}
    return [work.add(AccreditationItem, **of, item=required_.item) for required_ in asked]


async def items_of(work: Work, accreditation: Accreditation) -> Sequence[AccreditationItem]:
    """The items of an application whose row is locked, in the order in which they were asked for."""
    return await work.rows(AccreditationItem, AccreditationItem.accreditation_id == accreditation.id)


def missing(items: Iterable[AccreditationItem]) -> list[FormGItem]:
    """The items that are not there."""
    return [item.item for item in items if item.met_on is None]


async def hand_in(
    work: Work,
    institution: Institution,
    accreditation: Accreditation,
    items: Sequence[AccreditationItem],
    papers: Sequence[FormGPaper],
) -> list[FormGItem]:
    """Note what is there now: the papers given, and the fields that are filled in; what is still missing.

    Raises:
        ItemNotAsked: a paper for something else, or two for one item.
        EvidenceMissing: a paper of another kind than the item asks for; and what `commands.evidence.attach` refuses.
    """
    asked = {each.item: each for each in asked_of(institution, accreditation.package_kind)}
    hashes = await _attached(work, accreditation, asked, papers)
    for item in items:
        field = asked[item.item].field if item.item in asked else None
        if item.item in hashes:
            item.met_on, item.file_sha256 = work.today, hashes[item.item]
        elif item.met_on is None and field is not None and getattr(institution, field).strip():
            item.met_on = work.today
    return missing(items)


async def _attached(
    work: Work, accreditation: Accreditation, asked: Mapping[FormGItem, Required], papers: Sequence[FormGPaper]
) -> Mapping[FormGItem, str]:
    """The papers as documents of the application: per item the hash of its paper."""
    named = [paper.item for paper in papers]
    for index, item in enumerate(named):
        if item in named[:index] or item not in asked or asked[item].document_kind is None:
            raise ItemNotAsked(("papers", index, "item"))
    documents = await attach(
        work,
        [paper.document_id for paper in papers],
        path=("papers",),
        region_code=JAKARTA,
        accreditation_id=accreditation.id,
        institution_id=accreditation.institution_id,
    )
    for index, (item, document) in enumerate(zip(named, documents, strict=True)):
        kind = asked[item].document_kind
        if kind is not None and document.kind is not kind:
            raise EvidenceMissing([(kind,)], ("papers", index, "documentId"))
    return {item: document.sha256 for item, document in zip(named, documents, strict=True)}


def name_missing(work: Work, items: Sequence[FormGItem]) -> None:
    """Name in the answer what is missing."""
    work.reply["missing"] = [item.value for item in items]
    work.reply["missingText"] = _listed(item.label_en for item in items)
    work.reply["missingTextId"] = _listed(item.label_id for item in items)


MISSING = {
    "missing": ("list[String] | None", "The items of form G that are missing; empty when it is complete (butir)."),
    "missingText": ("String | None", "What is missing, in English."),
    "missingTextId": ("String | None", "What is missing, in Indonesian (yang belum lengkap)."),
}
"""What the answers to an application say beside the row."""


def _listed(labels: Iterable[str]) -> str:
    return "; ".join(labels)
