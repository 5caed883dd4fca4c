"""What a column's description says beside its type: BPS MS-Var, HXL and IATI, derived from its declaration.

Source: Peraturan BPS 5/2020 (metadata of a statistical variable: konsep, definisi, alias, referensi waktu, klasifikasi
isian, aturan validasi, akses publik), HXL 1.1, IATI 2; DOMAIN section 11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.vocabulary import Code
from publishing.control.counts import PersonCounts
from publishing.dataset import Dataset, Field, Label

_TYPES: Mapping[str, Label] = {
    "integer": Label("bilangan bulat", "whole number"),
    "number": Label("bilangan desimal dengan titik", "number with a decimal point"),
    "date": Label("tanggal YYYY-MM-DD", "date as YYYY-MM-DD"),
    "string": Label("teks", "text"),
}


def variable(dataset: Dataset, field: Field) -> dict[str, Any]:
    """A column as a variable after BPS MS-Var, with its HXL tag and IATI transaction type where it has one."""
    when = field.time_reference or dataset.time_reference
    rules = list(_rules(dataset, field))
    described: dict[str, Any] = {
        "alias": field.alias or field.name,
        "referensi_waktu": when.id,
        "referensi_waktu_en": when.en,
        "aturan_validasi": "; ".join(rule.id for rule in rules),
        "aturan_validasi_en": "; ".join(rule.en for rule in rules),
        "akses_publik": True,
    }
    if field.allowed:
        described["klasifikasi_isian"] = [_class(code) for code in field.allowed]
    if tag := hxl(dataset, field):
        described["hxl"] = tag
    if field.iati is not None:
        described["iati"] = {"transaction_type": field.iati.value, "name": field.iati.label}
    return described


def hxl(dataset: Dataset, field: Field) -> str:
    """The HXL tag of a column: the declared one, else what its unit, its type or the counting of persons tells."""
    if field.hxl:
        return field.hxl
    if isinstance(dataset, PersonCounts) and field is dataset.measure:
        return "#beneficiary"
    if field.unit == "IDR":
        return "#value+idr"
    return "#date" if field.type == "date" else ""


def _class(code: str) -> dict[str, str]:
    """A value that may stand in a column, with its name in both languages where it has one."""
    if isinstance(code, Code):
        return {"kode": code.value, "nama": code.label_id, "nama_en": code.label_en}
    return {"kode": code}


def _rules(dataset: Dataset, field: Field) -> Iterator[Label]:
    """Every rule that the gate checks, as a sentence part."""
    yield Label("wajib diisi", "required") if field.required else Label("boleh kosong", "may be empty")
    yield _TYPES[field.type]
    if field.allowed:
        yield Label("salah satu kode di klasifikasi isian", "one of the codes of klasifikasi_isian")
    if field.pattern:
        yield Label(f"sesuai pola {field.pattern}", f"matches {field.pattern}")
    if field.refers_to is not None:
        there = f"{field.refers_to.dataset}.{field.refers_to.field}"
        yield Label(f"ada di {there}", f"found in {there}")
    if field in dataset.keys:
        others = ", ".join(key.name for key in dataset.keys if key is not field)
        yield Label(f"unik bersama {others}", f"unique together with {others}") if others else Label("unik", "unique")
