"""The risk report as a page: both languages, tables with headings, no script, readable without style."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from publishing.dataset import Label

Risk = Mapping[str, Any]
_Column = tuple[Label, Callable[[Risk], Any]]

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:auto;padding:1rem}"
    "main{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}"
    "caption{text-align:left;font-weight:bold}"
    "th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "span[lang=en]{display:block;color:#444;font-weight:normal}"
)
_TITLE = Label("Laporan risiko pengungkapan", "Disclosure risk report")
_INTRODUCTION = Label(
    "Apa yang masih dapat diketahui tentang orang dari semua tabel paket ini bersama-sama. Semua tabel sudah "
    "diperiksa; rilis yang tidak lulus tidak terbit. Angka di bawah berasal dari tabel yang terbit, atau berupa "
    "rentang.",
    "What can still be learned about persons from all tables of this package together. All tables were audited; a "
    "release that fails is not published. The numbers below come from the published tables, or are bands.",
)
_NOT_ASSESSED = Label(
    "Terbit sebelum ada laporan risiko; tidak dihitung ulang.",
    "Published before there were reports; not counted again.",
)
_PERIODS = Label("Periode", "Periods")
_TABLES = Label("Tabel", "Tables")
_COMPARED = Label("Rilis yang dibandingkan", "Releases compared")
_PARAMETERS = Label("Aturan", "Rules")
_NONE = Label("tidak ada", "none")

_OF_PERIOD: tuple[_Column, ...] = (
    (Label("Periode", "Period"), lambda risk: risk["period"]),
    (
        Label("Orang tidak terdaftar yang tidak tampil", "Unlisted persons not shown"),
        lambda risk: risk["hidden_unlisted"],
    ),
    (Label("Orang yang tampil (%)", "Persons shown (%)"), lambda risk: risk["covered_percent"]),
    (Label("Angka", "Figures"), lambda risk: risk["figures"]),
    (Label("Rank", "Rank"), lambda risk: risk["rank"]),
    (Label("Kelas sel", "Classes of cells"), lambda risk: risk["classes"]),
    (Label("Angka kecil yang dapat diturunkan", "Small numbers derivable"), lambda r: r["derivable_small_numbers"]),
    (Label("Selang tersempit", "Narrowest interval"), lambda risk: risk["hidden_interval"]["narrowest"]),
    (Label("Selang tengah", "Median interval"), lambda risk: risk["hidden_interval"]["median"]),
    (Label("k", "k"), lambda risk: risk["k"]),
    (Label("l", "l"), lambda risk: risk["l"]),
    (Label("Bagian merugikan", "Adverse share"), lambda risk: risk["adverse_share"]),
)
_OF_TABLE: tuple[_Column, ...] = (
    (Label("Periode", "Period"), lambda table: table["period"]),
    (Label("Tabel", "Table"), lambda table: table["table"]),
    (Label("Angka", "Figures"), lambda table: table["figures"]),
    (Label("Angka terkecil", "Smallest figure"), lambda table: table["smallest_figure"]),
    (Label("Dibanding rincian (%)", "Of the detail (%)"), lambda table: table["percent_of_detail"]),
    (Label("Baris per tingkat", "Rows by level"), lambda table: _pairs(table["levels"])),
)


def page(report: Risk) -> str:
    """The whole page, the same bytes for the same report."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="id">',
            f'<head><meta charset="utf-8"><title>{escape(_TITLE.id)} / {escape(_TITLE.en)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head>",
            "<body><main>",
            f"<h1>{_both(_TITLE)}</h1>",
            f"<p>{_both(_INTRODUCTION)}</p>",
            *(line for dataset in report["datasets"] for line in _dataset(dataset)),
            f"<h2>{_both(_PARAMETERS)}</h2>",
            f"<p><code>{escape(_pairs(report['parameters']))}</code></p>",
            f"<h2>{_both(_COMPARED)}</h2>",
            f"<p>{escape(', '.join(report['releases_compared'])) or _both(_NONE)}</p>",
            "</main></body></html>",
            "",
        ]
    )


def _dataset(dataset: Risk) -> Iterable[str]:
    assessed = [risk for risk in dataset["periods"] if risk["assessed"]]
    tables = [{"period": risk["period"], **table} for risk in assessed for table in risk["tables"]]
    yield f"<h2><code>{escape(dataset['name'])}</code></h2>"
    yield _table(_PERIODS, _OF_PERIOD, assessed)
    yield _table(_TABLES, _OF_TABLE, tables)
    if before := [risk["period"] for risk in dataset["periods"] if not risk["assessed"]]:
        yield f"<p>{escape(', '.join(before))}: {_both(_NOT_ASSESSED)}</p>"


def _table(caption: Label, columns: Iterable[_Column], rows: Iterable[Risk]) -> str:
    """A table with its caption, a heading for each column, and the first cell of each row as its heading."""
    heads = "".join(f'<th scope="col">{_both(label)}</th>' for label, _ in columns)
    lines = [f"<table><caption>{_both(caption)}</caption>", f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for row in rows:
        first, *others = (_cell(value(row)) for _, value in columns)
        lines.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>')
    return "\n".join([*lines, "</tbody></table>"])


def _cell(value: Any) -> str:
    return "-" if value is None else escape(str(value))


def _pairs(values: Risk) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _both(label: Label) -> str:
    """A text in both languages; once where they agree."""
    if label.id == label.en:
        return escape(label.id)
    return f'{escape(label.id)} <span lang="en">{escape(label.en)}</span>'
