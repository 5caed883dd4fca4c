"""What form G asks for, per kind of institution and package (daftar persyaratan), from `form_g.json`.

The text asks for a legal body, a permit and special requirements per package, and of fintechs to keep the rules of OJK:
those items are of the REGULATION. The others are our proposal and say so (RECONSTRUCTION).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from models.flow_codes import FormGItem, StepOrigin
from models.vocabulary import DocumentKind, InstitutionKind, PackageKind

_SOURCE = "Instruksi Sekda DKI 56/2020, Lampiran I no. 5"
_OPEN = {
    InstitutionKind.AGREGATOR: tuple(PackageKind),
    InstitutionKind.FINTECH: (PackageKind.PINJAMAN_MODAL,),
}
"""The packages for which a kind of institution may apply: fintechs lend, and do nothing else (our reading)."""


@dataclass(frozen=True, kw_only=True)
class Required:
    """One item that form G asks of a kind of institution for a package: a paper, or a field of its entry."""

    institution_kind: InstitutionKind
    package_kind: PackageKind
    item: FormGItem
    position: int
    document_kind: DocumentKind | None
    field: str | None
    text_indonesian: str
    text_english: str
    origin: StepOrigin

    @property
    def id(self) -> str:
        """Its key among all items."""
        return f"{self.institution_kind}:{self.package_kind}:{self.item}"


@cache
def required(kind: InstitutionKind, package: PackageKind) -> tuple[Required, ...]:
    """What form G asks for, in the order of the form; empty when the kind may not apply for the package."""
    if package not in _OPEN[kind]:
        return ()
    asked = [entry for entry in _entries() if kind in entry["kinds"] and package in (entry["packages"] or PackageKind)]
    return tuple(
        Required(
            institution_kind=kind,
            package_kind=package,
            item=FormGItem[entry["item"]],
            position=position,
            document_kind=entry["document_kind"] and DocumentKind[entry["document_kind"]],
            field=entry["field"],
            text_indonesian=entry["text_indonesian"],
            text_english=entry["text_english"],
            origin=StepOrigin[entry["origin"]],
        )
        for position, entry in enumerate(asked, 1)
    )


def requirement_rows() -> Iterator[dict[str, Any]]:
    """The rows of `accreditation_requirement`."""
    for kind in InstitutionKind:
        for package in PackageKind:
            for asked in required(kind, package):
                yield {"id": asked.id, **vars(asked), "source": _SOURCE}


@cache
def _entries() -> list[dict[str, Any]]:
    text = (resources.files("models.reference") / "form_g.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    return entries
