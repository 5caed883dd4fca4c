"""The changes of a release for people: a page (HTML, no script) and a short summary, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from publishing.changes.release_changes import SHOWN, Changes, DatasetChanges
from publishing.changes.rows import RowChange
from publishing.changes.shape import ShapeChange

_LONGEST_VALUE = 200  # characters of a value that are shown
_STATES = {
    "added": ("baru", "new"),
    "removed": ("dihapus", "removed"),
    "changed": ("berubah", "changed"),
    "same": ("tetap", "unchanged"),
}
_ROWS = {"added": ("ditambah", "added"), "removed": ("dihapus", "removed"), "changed": ("diubah", "changed")}
_SHAPES = {
    "column_added": ("kolom ditambah", "column added"),
    "column_removed": ("kolom dihapus", "column removed"),
    "type": ("tipe", "type"),
    "format": ("bentuk", "format"),
    "satuan": ("satuan", "unit"),
    "required": ("wajib diisi", "required"),
    "pattern": ("pola", "pattern"),
    "codes": ("kode", "codes"),
    "key": ("kunci", "key"),
}


def changes_page(changes: Changes) -> str:
    """The page of a release's changes."""
    title = f"{changes.package} {changes.new}"
    since = (f"Perubahan sejak {changes.old}", f"Changes since {changes.old}") if changes.old else _FIRST
    parts = "\n".join(map(_section, changes.datasets))
    return _PAGE.format(style=STYLE, title=escape(title), since=_both(*since), parts=parts)


def changes_summary(changes: Changes) -> str:
    """A line per dataset, as Markdown."""
    since = f"sejak / since {changes.old}" if changes.old else "rilis pertama / first release"
    lines = [f"# {changes.package} {changes.new} ({since})", "", *map(_summary, changes.datasets)]
    return "\n".join(lines) + "\n"


def _summary(one: DatasetChanges) -> str:
    told = [" / ".join(_STATES[one.state]), _how_many(one)]
    told += [f"{count} {' / '.join(_ROWS[change])}" for change, count in one.counts.items() if count]
    told += [f"{change.column or one.name}: {' / '.join(_SHAPES[change.what])}" for change in one.shape]
    told += [" / ".join(one.not_compared.values())] if one.not_compared else []
    return f"- {one.name}: {'; '.join(told)}"


def _how_many(one: DatasetChanges) -> str:
    old, new = ("-" if rows is None else str(rows) for rows in one.rows)
    return f"{old} → {new} baris / rows"


def _section(one: DatasetChanges) -> str:
    title = escape(one.title), escape(one.title_en)
    told = [f"<p>{_both(*_STATES[one.state])}: {escape(_how_many(one))}</p>"]
    if one.not_compared:
        told.append(f"<p>{_both(*map(escape, one.not_compared.values()))}</p>")
    if one.shape:
        told.append(_shape_table(one))
    if one.first:
        told.append(_row_table(one))
    inside = "\n".join(told)
    name = escape(one.name)
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{_both(*title)}</h2>\n{inside}\n</section>'


def _shape_table(one: DatasetChanges) -> str:
    rows = "\n".join(map(_shape_row, one.shape))
    heads = [("Kolom", "Column"), ("Perubahan", "Change"), ("Sebelum", "Before"), ("Sesudah", "After")]
    return _table(("Perubahan bentuk", "Changes of shape"), heads, rows)


def _shape_row(change: ShapeChange) -> str:
    cells = [_both(*_SHAPES[change.what]), _codes(change.old), _codes(change.new)]
    return f'<tr><th scope="row">{_value(change.column)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _codes(side: object) -> str:
    if isinstance(side, list):
        return _value(", ".join(map(str, side)))
    return "" if side is None else _value(str(side))


def _row_table(one: DatasetChanges) -> str:
    whole = sum(one.counts.values())
    counts = [(f"{count} {_ROWS[kind][0]}", f"{count} {_ROWS[kind][1]}") for kind, count in one.counts.items() if count]
    caption = tuple(", ".join(texts) for texts in zip(*counts, strict=True))
    heads = [("Kunci", "Key"), ("Perubahan", "Change"), ("Sebelum", "Before"), ("Sesudah", "After")]
    table = _table((caption[0], caption[1]), heads, "\n".join(map(_row, one.first)))
    if whole <= SHOWN:
        return table
    more = (f"{whole - SHOWN} lagi di", f"{whole - SHOWN} more in")
    return f'{table}\n<p>{_both(*more)} <a href="changes.json">changes.json</a></p>'


def _row(change: RowChange) -> str:
    old = _pairs(change.old) + "".join(
        f"<dt>{escape(name)}</dt><dd>{_both('tidak diulang', 'not repeated')}</dd>" for name in change.withheld
    )
    sides = "".join(f"<td><dl>{side}</dl></td>" if side else "<td></td>" for side in (old, _pairs(change.new)))
    key = ", ".join(_value(value) for value in change.key.values())
    return f'<tr><th scope="row">{key}</th><td>{_both(*_ROWS[change.change])}</td>{sides}</tr>'


def _pairs(values: Mapping[str, str]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{_value(value)}</dd>" for name, value in values.items())


def _table(caption: tuple[str, str], heads: Iterable[tuple[str, str]], rows: str) -> str:
    head = "".join(f'<th scope="col">{_both(*titles)}</th>' for titles in heads)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption[0])}"><table>\n'
        f"<caption>{_both(*caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _value(text: str) -> str:
    return escape(text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…")


def _both(indonesian: str, english: str) -> str:
    """A text in both languages; what is in it is escaped already."""
    return f'{indonesian} <span lang="en">({english})</span>'


_FIRST = ("Rilis pertama", "First release")
STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
caption { text-align: start; padding: .5rem 0 }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #767676 }
dl { margin: 0 } dt { font-size: .875rem } dd { margin: 0 0 .25rem 0; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9cf } }
"""
_PAGE = """<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{since}</p>
{parts}
</main>
</body>
</html>
"""
