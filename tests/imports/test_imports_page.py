"""docs/imports.md tells columns and rules as they are declared; `--renew` writes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import frictionless
import pytest

from imports.kind import Kind
from imports.kinds import KINDS
from imports.rules import RULES
from imports.table import rows_of, survey
from tests.imports.importing import a_file

PAGE = Path(__file__).parents[2] / "docs" / "imports.md"


def _kind(kind: Kind) -> Iterator[str]:
    yield f"\n## {kind.name}: {kind.title_en} ({kind.title_id})\n"
    yield f"{kind.about_en}\n"
    yield f"{kind.about_id}\n"
    yield "| column | title | also written | needed | example |"
    yield "|---|---|---|---|---|"
    needed = {name for group in kind.needed for name in group}
    for column in kind.columns:
        aliases = ", ".join(f"`{alias}`" for alias in column.aliases)
        title = f"{column.title_en} ({column.title_id})" if column.title_en != column.title_id else column.title_en
        must = "yes" if column.name in needed else ""
        listed = column.constraints.get("enum", ())
        codes = f"; one of {', '.join(f'`{code}`' for code in listed)}" if listed else ""
        yield f"| `{column.name}` | {title} | {aliases} | {must} | `{column.example}`{codes} |"


def _rules() -> Iterator[str]:
    yield "| rule | verdict | allowed | cure |"
    yield "|---|---|---|---|"
    for rule in RULES.values():
        allowed, cure = f"{rule.allowed_en} / {rule.allowed_id}", f"{rule.cure_en} / {rule.cure_id}"
        yield f"| `{rule.code}` | `{rule.verdict.name}` | {allowed} | {cure} |"


def _between(page: str, mark: str, lines: Iterator[str]) -> str:
    start, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    head, _, rest = page.partition(start)
    return head + start + "\n".join(lines) + "\n" + end + rest.partition(end)[2]


def test_the_page_has_every_column_alias_and_rule(renew: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = _between(page, "kinds", (line for kind in KINDS.values() for line in _kind(kind)))
    made = _between(made, "rules", _rules())
    if renew:
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_declaration_is_a_valid_table_schema_of_its_example(kind: Kind, tmp_path: Path) -> None:
    schema = frictionless.Schema.from_descriptor(kind.descriptor())
    assert [field.name for field in schema.fields] == [column.name for column in kind.columns]
    example = a_file(tmp_path, [{column.name: column.example for column in kind.columns}])
    with rows_of(example, survey(example)) as rows:
        _, header = next(rows)
    assert list(kind.recognise(header).values()) == list(kind.columns)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_spelling_of_a_column_means_that_column_alone(kind: Kind) -> None:
    for column in kind.columns:
        for name in column.spellings:
            for written in (name, name.upper(), name.replace("_", " "), f" {name.title()} "):
                assert kind.recognise([written]) == {0: column}
