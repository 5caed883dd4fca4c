"""The page of `ksbb check --html`: standalone, in English and Indonesian, public identifiers and counts only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from commands.check import Checked, Finding

_STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #bbb;padding:.5rem;text-align:left;
vertical-align:top}ul{margin:.3rem 0;padding-left:1.2rem}.holds{color:#0a5c2b}.broken{color:#a30000}code{font-size:.9em;
overflow-wrap:anywhere}[lang=id]{display:block;color:#444}"""


def page(checked: Iterable[Checked]) -> str:
    """The whole document. The same findings give the same bytes."""
    rows = list(checked)
    broken = sum(not one.holds for one in rows)
    verdict = (
        (f"{broken} of {len(rows)} invariants are broken", f"{broken} dari {len(rows)} invarian dilanggar")
        if broken
        else (f"All {len(rows)} invariants hold", f"Semua {len(rows)} invarian terpenuhi")
    )
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{verdict[0]} / {verdict[1]}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f'<h1 class="{"broken" if broken else "holds"}">{_both(*verdict)}</h1>',
            "<table>",
            "<thead><tr><th>No.</th><th>Invariant / Invarian</th><th>Result / Hasil</th></tr></thead>\n<tbody>",
            *map(_row, rows),
            "</tbody>\n</table>\n</body>\n</html>\n",
        ]
    )


def _row(one: Checked) -> str:
    result = '<strong class="holds">✓ holds / terpenuhi</strong>'
    if not one.holds:
        result = '<strong class="broken">✗ broken / dilanggar</strong>'
    found = "".join(_details(one.findings))
    upheld = ", ".join(f"<code>{escape(place)}</code>" for place in one.upheld_by)
    also = f"<p>Upheld by / ditegakkan oleh: {upheld}</p>" if upheld else ""
    return f"<tr><td>{one.number}</td><td>{_both(one.english, one.indonesian)}{also}</td><td>{result}{found}</td></tr>"


def _details(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.offending:
            ids = ", ".join(f"<code>{escape(id_)}</code>" for id_ in finding.ids)
            yield f"<p>{_both(finding.english, finding.indonesian)}{finding.offending:,}: {ids}</p>"
        if finding.known:
            yield (
                f"<p>{_both(finding.english, finding.indonesian)}"
                f"{finding.known:,} recorded discrepancies / selisih tercatat</p>"
            )


def _both(english: str, indonesian: str) -> str:
    return f'{escape(english)} <span lang="id">{escape(indonesian)}</span>'
