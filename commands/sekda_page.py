"""The report to the Sekda as a page in Indonesian (Markdown), with the figures of its text and no others."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from commands.indicators.indicator import Basis, Unit
from commands.sekda_report import fingerprint

_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli"),
    *("Agustus", "September", "Oktober", "November", "Desember"),
)
_HIDDEN = "tidak ditampilkan"


def page(text: str) -> str:
    """The whole page of a report's text."""
    return "\n".join(_lines(json.loads(text), fingerprint(text)))


def _lines(content: Mapping[str, Any], digest: str) -> Iterator[str]:
    rule = content["aturan_jumlah_orang"]
    entries = {entry["nama"]: entry for entry in content["indikator"]}
    yield "# Laporan hasil KSBB UMKM kepada Sekretaris Daerah\n"
    yield f"Periode {content['periode']}, per tanggal {_day(content['per_tanggal'])}."
    yield "Dasar: Instruksi Sekda DKI 56/2020, KEENAM."
    yield (
        f"Jumlah orang di bawah {rule['paling_sedikit']} {_HIDDEN}, yang lain dibulatkan ke kelipatan "
        f"{rule['dibulatkan_ke']}; nilai rupiah yang menyangkut orang dibulatkan ke Rp 5 juta.\n"
    )
    yield "| Indikator | Bagian | Nilai | Dasar |\n|---|---|---:|---|"
    for entry in entries.values():
        yield from _rows(entry, entries)
    yield "\n## Definisi\n"
    yield from (f"- {entry['judul']}: {entry['definisi']}" for entry in entries.values())
    yield f"\nSHA-256 isi laporan: `{digest}`"


def _rows(entry: Mapping[str, Any], entries: Mapping[str, Any]) -> Iterator[str]:
    beside = "; ".join(
        f"{entries[name]['judul']} {_shown(entries[name], figure['nilai'])}"
        for name in entry["di_samping"]
        for figure in entries[name]["nilai"]
    )
    title = f"{entry['judul']} ({beside})" if beside else entry["judul"]
    for figure in entry["nilai"] or [{"bagian": "", "nilai": None if entry["perorangan"] else 0}]:
        value = _shown(entry, figure["nilai"])
        yield f"| {title} | {figure['bagian']} | {value} | {Basis[entry['dasar']].label_id} |"


def _shown(entry: Mapping[str, Any], value: int | str | None) -> str:
    if value is None:
        return _HIDDEN
    if entry["satuan"] == Unit.PERSEN:
        return f"{value} %".replace(".", ",")
    number = f"{value:,}".replace(",", ".")
    return f"Rp {number}" if entry["satuan"] == Unit.RUPIAH else number


def _day(text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
