"""What form G asks of an application, what is there of it, and what is missing (butir formulir G).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5; the check list: `models/reference/form_g.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from commands.guards import sha256_given
from commands.refusal import Path, Refusal
from commands.work import Work
from models.flow_codes import FormGItem
from models.institution import Accreditation, AccreditationItem, Institution
from models.reference.form_g import Required, required
from models.vocabulary import InstitutionKind, PackageKind


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
    file_sha256: Annotated[str, "SHA-256 of the file, 64 hex digits (sidik berkas)."]


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


def hand_in(
    work: Work,
    institution: Institution,
    package: PackageKind,
    items: Sequence[AccreditationItem],
    papers: Sequence[FormGPaper],
) -> list[FormGItem]:
    """Note what is there now: the papers given, and the fields that are filled in; what is still missing.

    Raises:
        ItemNotAsked: a paper for something else, or two for one item.
    """
    asked = {required_.item: required_ for required_ in asked_of(institution, package)}
    hashes: dict[FormGItem, str] = {}
    for index, paper in enumerate(papers):
        if paper.item in hashes or paper.item not in asked or asked[paper.item].field is not None:
            raise ItemNotAsked(("papers", index, "item"))
        hashes[paper.item] = sha256_given(paper.file_sha256)
    for item in items:
        field = asked[item.item].field if item.item in asked else None
        if item.item in hashes:
            item.met_on, item.file_sha256 = work.today, hashes[item.item]
        elif item.met_on is None and field is not None and getattr(institution, field).strip():
            item.met_on = work.today
    return missing(items)


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
