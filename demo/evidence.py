"""Documents and validations: what proves a delivery or a loan. The files themselves do not exist."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any
from uuid import UUID

from demo.plan import CityPlan
from demo.rows import Row
from models.vocabulary import DocumentKind

PER_THING = 8  # most documents of one loan or delivery
_IMAGE = "image/jpeg"
_PDF = "application/pdf"
_PHOTOS = {DocumentKind.FOTO_BARANG, DocumentKind.FOTO_PENYERAHAN, DocumentKind.FOTO_PELATIHAN}


def sha256(key: UUID) -> str:
    """The hash that a file of this key would have."""
    return hashlib.sha256(key.bytes).hexdigest()


def document(
    plan: CityPlan, number: int, kind: DocumentKind, day: dt.date, by: UUID, region_code: str, **of: UUID | None
) -> Row:
    """A document of a loan or delivery; `of` names what it proves and whose it is."""
    key = plan.key("document", number, day)
    photo = kind in _PHOTOS
    row: dict[str, Any] = {
        "id": key,
        "kind": kind,
        "collaboration_id": None,
        "delivery_id": None,
        "loan_id": None,
        "accreditation_id": None,
        "intake_application_id": None,
        "collaborator_id": None,
        "institution_id": None,
        "owner_id": None,
        "region_code": region_code,
        "media_type": _IMAGE if photo else _PDF,
        "size_bytes": 40_000 + number % 1_000 * 700,
        "uploaded_on": day,
        "uploaded_by": by,
        "sha256": sha256(key),
        "file_name": f"contoh-{kind.value.lower()}-{number}.{'jpg' if photo else 'pdf'}",
    }
    return "document", row | of


def validation(
    plan: CityPlan, number: int, day: dt.date, region_code: str, *, accepted: bool = True, **of: UUID | None
) -> Row:
    """An officer's check of a loan or delivery, by the officer of its area."""
    row: dict[str, Any] = {
        "id": plan.key("validation", number, day),
        "delivery_id": None,
        "loan_id": None,
        "owner_id": None,
        "officer_id": plan.officer_key(region_code),
        "region_code": region_code,
        "validated_on": day,
        "accepted": accepted,
        "note": None if accepted else "Contoh: bukti belum lengkap",
    }
    return "validation", row | of


def visit(
    plan: CityPlan, number: int, day: dt.date, region_code: str, owner_id: UUID, outcome: str, **of: UUID | None
) -> Row:
    """A visit of the area's officer to an owner."""
    row: dict[str, Any] = {
        "id": plan.key("mentoring_visit", number, day),
        "loan_id": None,
        "delivery_id": None,
        "owner_id": owner_id,
        "officer_id": plan.officer_key(region_code),
        "region_code": region_code,
        "visited_on": day,
        "outcome": outcome,
        "photo": None,
    }
    return "mentoring_visit", row | of
