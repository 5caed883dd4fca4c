"""The documents speak of what exists: nouns, roles, files, decisions and what upholds them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policy.viewer import Role
from schema.nouns import CATALOGUE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Upheld by"]
A_FILE = re.compile(r"`([a-z_]+/[a-z_/0-9]*\.(?:py|md|csv|json))`")


def first_words(page: str, heading: str) -> list[str]:
    """What stands in backticks in the first column of the table under a heading."""
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)`", section, re.MULTILINE)


def test_every_noun_and_role_of_the_api_stands_in_the_glossary() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert first_words(page, "Nouns of the API") == list(CATALOGUE.nouns)
    assert first_words(page, "Roles") == list(Role)


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.stem)
def test_a_decision_says_what_was_decided_and_what_upholds_it(file: Path) -> None:
    page = file.read_text(encoding="utf-8")
    assert page.startswith(f"# {file.name[:4]}: ")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    upheld_by = page.split("## Upheld by\n")[1]
    assert A_FILE.findall(upheld_by)
    decision = page.split("## Decision\n")[1].split("\n\n")[0]
    assert decision.strip().count(". ") == 0, "a decision is one sentence"


def test_decisions_are_numbered_without_gaps() -> None:
    assert [file.name[:4] for file in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(DOCS)))
def test_a_page_names_and_links_only_to_files_that_exist(file: Path) -> None:
    page = file.read_text(encoding="utf-8")
    for name in A_FILE.findall(page):
        assert (ROOT / name).exists(), name
    for target in re.findall(r"\]\((?!http)([^)#]+)", page):
        assert (file.parent / target).exists(), target
