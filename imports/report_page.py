"""The page of an import: standalone, in Indonesian and English, for a browser and a screen reader, without script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

Both = tuple[str, str]
"""A text in English and Indonesian."""

_STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:600;padding:.5rem 0}
td,th{border-top:1px solid #767676;padding:.5rem;text-align:left;vertical-align:top}code{font-size:.9em;
overflow-wrap:anywhere}.en{display:block;color:#444}.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}"""


_HEADINGS: Sequence[Both] = (
    ("Row", "Baris"),
    ("Column", "Kolom"),
    ("Rule", "Aturan"),
    ("Found", "Temuan"),
    ("Allowed", "Yang diizinkan"),
    ("Cure", "Perbaikan"),
)


def page_start(
    titles: Both, outcome: Both, counts: Sequence[tuple[Both, int]], rules: Sequence[tuple[str, int]], sha256: str
) -> str:
    """Everything above the findings."""
    heads = "".join(f'<th scope="col">{_both(*heading)}</th>' for heading in _HEADINGS)
    return (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(titles[1])} / {escape(titles[0])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_both(*titles)}</h1>\n<p>{_both(*outcome)}</p>\n"
        f"<p><code>SHA-256 {sha256}</code></p>\n"
        f"{_counted(('Rows', 'Baris'), [(_both(*name), count) for name, count in counts])}"
        f"{_counted(('Findings by rule', 'Temuan menurut aturan'), [(f'<code>{c}</code>', n) for c, n in rules])}"
        '<div class="scroll" role="region" aria-labelledby="findings" tabindex="0">\n'
        f'<table><caption id="findings">{_both("Findings", "Temuan")}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        "<tbody>\n"
    )


def _counted(caption: Both, rows: Sequence[tuple[str, int]]) -> str:
    body = "".join(f'<tr><th scope="row">{name}</th><td class="n">{count:,}</td></tr>' for name, count in rows)
    return f"<table><caption>{_both(*caption)}</caption><tbody>{body}</tbody></table>\n"


def page_row(finding: dict[str, Any]) -> str:
    """One finding."""
    told = (_both(finding[name], finding[f"{name}_id"]) for name in ("found", "allowed", "cure"))
    return (
        f'<tr><th scope="row" class="n">{finding["row"]}</th><td><code>{escape(finding["column"])}</code></td>'
        f"<td><code>{finding['rule']}</code></td>" + "".join(f"<td>{text}</td>" for text in told) + "</tr>\n"
    )


def page_end(left: int) -> str:
    """Everything below the findings."""
    more = _both(
        f"{left:,} more findings: ask for a report in JSON or CSV.",
        f"{left:,} temuan lagi: minta laporan dalam JSON atau CSV.",
    )
    return "</tbody></table>\n</div>\n" + (f"<p>{more}</p>\n" if left else "") + "</main>\n</body>\n</html>\n"


def _both(english: str, indonesian: str) -> str:
    if english == indonesian:
        return escape(english)
    return f'{escape(indonesian)}<span class="en" lang="en">{escape(english)}</span>'
