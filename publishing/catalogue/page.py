"""What all pages of the catalogue share: frame, style, tables and words, in Indonesian and English.

A page is one file: no script, no font, no picture, nothing from elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from publishing.catalogue.addresses import link

LANGUAGES = ("id", "en")

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1rem }
body { color: #111; background: #fff }
a { color: #00439c } a:focus, [tabindex]:focus { outline: 3px solid #b35900; outline-offset: 2px }
.skip { position: absolute; left: -99rem } .skip:focus { position: static }
nav ul { display: flex; flex-wrap: wrap; gap: .5rem 1rem; list-style: none; padding: 0 }
.wide { overflow-x: auto } table { border-collapse: collapse; min-width: 100% }
caption { text-align: start; font-weight: bold; padding: .5rem 0 }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #767676 }
dt { font-weight: bold } dd { margin: 0 0 .5rem } code { overflow-wrap: anywhere }
.note { border-inline-start: .4rem solid #b35900; padding: .1rem 1rem }
@media (prefers-color-scheme: dark) {
body { color: #eee; background: #111 } a { color: #9cf } a:focus, [tabindex]:focus { outline-color: #fb6 } }
"""

_WORDS: Mapping[str, tuple[str, str]] = {
    "site": ("Data terbuka KSBB UMKM DKI Jakarta", "KSBB UMKM Jakarta: open data"),
    "about": (
        "Data terbuka yang dianonimkan, diperiksa, dan tidak berubah setelah terbit. Bebas dipakai: sebut sumbernya.",
        "Open data: anonymised, checked, and unchanged once released. Free to use if the source is named.",
    ),
    "skip": ("Langsung ke isi", "Skip to content"),
    "other": ("English", "Bahasa Indonesia"),
    "path": ("Anda di sini", "You are here"),
    "dataset": ("Kumpulan data", "Dataset"),
    "datasets": ("Kumpulan data", "Datasets"),
    "content": ("Isi", "Content"),
    "download": ("Unduh", "Download"),
    "rows": ("Baris", "Rows"),
    "row": ("Isi satu baris", "What a row is"),
    "cadence": ("Terbit", "Published"),
    "source": ("Sumber", "Source"),
    "licence": ("Lisensi", "Licence"),
    "publisher": ("Penerbit", "Publisher"),
    "release": ("Rilis", "Release"),
    "releases": ("Semua rilis", "All releases"),
    "released": ("Tanggal terbit", "Released on"),
    "newest": ("Rilis terbaru", "Newest release"),
    "period": ("Masa yang dicakup", "Time covered"),
    "dictionary": ("Kamus data", "Data dictionary"),
    "column": ("Kolom", "Column"),
    "title": ("Judul", "Title"),
    "type": ("Jenis", "Type"),
    "meaning": ("Arti", "Meaning"),
    "unit": ("Satuan", "Unit"),
    "codes": ("Kode atau pola", "Codes or pattern"),
    "empty": ("boleh kosong", "may be empty"),
    "key": ("kunci", "key"),
    "gaps": ("Yang perlu diketahui", "Known gaps"),
    "privacy": ("Perlindungan orang", "Protection of persons"),
    "persons": (
        "Setiap angka tentang orang memuat sedikitnya {threshold_persons} orang, dibulatkan ke kelipatan {rounded_to}.",
        "Every figure on persons counts at least {threshold_persons} and is rounded to a multiple of {rounded_to}.",
    ),
    "references": ("Kaitan dengan data lain", "Links to other datasets"),
    "cite": ("Cara mengutip", "How to cite"),
    "files": ("Semua berkas rilis ini", "All files of this release"),
    "file": ("Berkas", "File"),
    "size": ("Ukuran", "Size"),
    "state": ("Keadaan", "State"),
    "stands": ("berlaku", "stands"),
    "withdrawn": ("ditarik", "withdrawn"),
    "was withdrawn": ("Rilis ini ditarik", "This release was withdrawn"),
    "reason": ("Alasan", "Reason"),
    "no reason": ("Tidak disebutkan.", "None was stated."),
    "gone": (
        "Berkasnya tidak lagi tersedia. Jangan memakai salinannya.",
        "Its files are no longer available. Do not use copies of them.",
    ),
    "none": ("Belum ada berkas: rilis pertama belum terbit.", "No files yet: the first release is still to come."),
    "machines": ("Untuk program", "For programs"),
}


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str

    def __getitem__(self, name: str) -> str:
        return _WORDS[name][LANGUAGES.index(self.language)]

    def of(self, content: Mapping[str, Any], name: str) -> str:
        """A text of a descriptor in this language, else in the other."""
        english = content.get(f"{name}_en") if self.language == "en" else None
        return str(english or content.get(name) or "")

    def number(self, number: int) -> str:
        """A whole number with its thousands marks."""
        return f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", ".")

    def size(self, count: int) -> str:
        """Bytes as people read them."""
        for unit, bytes_ in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
            if count >= bytes_:
                text = f"{count / bytes_:.1f} {unit}"
                return text if self.language == "en" else text.replace(".", ",")
        return f"{count} B"


@dataclass(frozen=True)
class Page:
    """A page at a path in one language, with the same page in the other language at `twin`."""

    path: str
    twin: str
    language: str
    title: str
    body: Sequence[str]
    trail: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = field(default=())

    def html(self) -> str:
        """The file."""
        words = Words(self.language)
        other = LANGUAGES[1 - LANGUAGES.index(self.language)]
        trail = "".join(f"<li>{anchor(link(path, self.path), text)}</li>" for path, text in self.trail)
        twin = escape(link(self.twin, self.path))
        return "\n".join(
            [
                f'<!doctype html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(self.title)}</title>",
                f'<link rel="alternate" hreflang="{other}" href="{twin}">',
                *self.head,
                f"<style>{STYLE}</style>\n</head>\n<body>",
                f'<a class="skip" href="#isi">{words["skip"]}</a>',
                f'<header><nav aria-label="{words["path"]}"><ul>{trail}'
                f'<li><a href="{twin}" lang="{other}" hreflang="{other}">{words["other"]}</a></li></ul></nav></header>',
                f'<main id="isi" tabindex="-1">\n<h1>{escape(self.title)}</h1>',
                *self.body,
                "</main>\n</body>\n</html>\n",
            ]
        )


def anchor(address: str, text: str, *, download: bool = False) -> str:
    """A link."""
    return f'<a href="{escape(address)}"{" download" if download else ""}>{escape(text)}</a>'


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], ids: Sequence[str] = ()) -> str:
    """A table whose first cells name the rows; cells are HTML. It scrolls by itself on narrow screens."""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    lines = []
    for i, (first, *others) in enumerate(rows):
        named = f' id="{escape(ids[i])}"' if ids else ""
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        lines.append(f'<tr{named}><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values (HTML); those without a value are left out."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs if value) + "</dl>"


def time(day: dt.date) -> str:
    """A day that programs can read as well."""
    return f'<time datetime="{day}">{day}</time>'
