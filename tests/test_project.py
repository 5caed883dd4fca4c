"""What is written twice is compared: dependencies and their sentences, settings and their page, README and files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest

from kernel.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
OURS = "ksbb-terbuka"
DECLARED = re.compile(r"\s*\"(?P<name>[A-Za-z0-9_-]+)[^\"]*\",")


def pyproject() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def top_level_names() -> list[str]:
    packages = [folder.parent.name for folder in ROOT.glob("*/__init__.py")]
    return sorted({*packages, *tomllib.loads(pyproject())["tool"]["setuptools"]["py-modules"]} - {"tests", "bench"})


@pytest.mark.parametrize("name", top_level_names())
def test_a_top_level_name_belongs_to_this_project_alone(name: str) -> None:
    owners = {owner.lower().replace("_", "-") for owner in packages_distributions().get(name, [])}
    assert owners <= {OURS}


def test_every_package_of_the_checkout_is_installed() -> None:
    patterns = tomllib.loads(pyproject())["tool"]["setuptools"]["packages"]["find"]["include"]
    modules = tomllib.loads(pyproject())["tool"]["setuptools"]["py-modules"]
    assert {f"{name}*" for name in top_level_names() if name not in modules} <= set(patterns)


def test_every_dependency_has_a_sentence_on_what_it_is_for() -> None:
    project = tomllib.loads(pyproject())["project"]
    declared = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    lines = pyproject().splitlines()
    explained = [
        found["name"]
        for above, line in pairwise(lines)
        if (found := DECLARED.fullmatch(line)) and re.fullmatch(r"\s*# \S+ .+\.", above)
    ]
    assert explained == [re.split(r"[^A-Za-z0-9_-]", requirement)[0] for requirement in declared]


def test_every_dependency_says_the_oldest_version_that_was_tried() -> None:
    for requirement in tomllib.loads(pyproject())["project"]["dependencies"]:
        assert ">=" in requirement


def test_every_setting_stands_in_the_docs_with_its_default_and_meaning() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = [
        tuple(cell.strip() for cell in row.strip("|").split(" | "))
        for row in re.findall(r"^\| `.*$", page, re.MULTILINE)
    ]
    assert documented == [
        (
            f"`{PREFIX}{field.name.upper()}`",
            "empty" if field.default in ("", None) else f"`{field.default}`",
            field.metadata["doc"],
        )
        for field in fields(Settings)
    ]


def test_the_readme_names_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", readme, re.MULTILINE)) <= targets


def test_the_readme_links_to_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", readme):
        assert (ROOT / target).exists(), target


def test_the_sources_of_the_regions_are_named_with_their_licences() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for words in (
        "geo/regions.csv",
        "idn-area-data 4.0.1",
        "ODbL",
        "cahyadsn/wilayah_boundaries",
        "territory-indonesia",
    ):
        assert words in notice
    assert "`NOTICE`" in (ROOT / "geo" / "regions.py").read_text(encoding="utf-8")
