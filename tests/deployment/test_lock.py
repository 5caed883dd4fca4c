"""What an image is made of: versions that the project allows, each with its hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "build.lock"]
ELSEWHERE = re.compile(r"://|file:|^\s*--(?!hash=)|(?:^|[\s=@])/", re.MULTILINE)
"""An address, an option of pip beside hashes, or a path."""
LOCKED = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+) \\\n(?P<hashes>(?: {4}--hash=sha256:[0-9a-f]{64}.*\n)+)", re.MULTILINE
)


def lock(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def versions(name: str) -> dict[str, str]:
    return {found["name"]: found["version"] for found in LOCKED.finditer(lock(name))}


def declared() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: needs for name, needs in project["optional-dependencies"].items() if name != "dev"}
    return [*project["dependencies"], *(need for needs in extras.values() for need in needs)]


@pytest.mark.parametrize("declaration", declared())
def test_a_dependency_is_locked_in_a_version_that_is_allowed(declaration: str) -> None:
    need = Requirement(declaration)
    assert need.specifier.contains(versions("requirements.lock")[canonicalize_name(need.name)])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_nothing_but_versions_with_their_hashes(name: str) -> None:
    rest = LOCKED.sub("", lock(name))
    assert versions(name)
    assert [line for line in rest.splitlines() if not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_path(name: str) -> None:
    assert ELSEWHERE.findall(lock(name)) == []


def test_what_builds_the_image_is_also_in_it() -> None:
    assert versions("build.lock").items() <= versions("requirements.lock").items()
