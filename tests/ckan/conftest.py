"""One CKAN for all tests here, and names that no other test uses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.ckan.install import NotInstalled
from tests.ckan.releases import Made
from tests.ckan.site import Portal, running
from tests.folders import a_folder
from tests.needs import absent
from tests.publishing.conftest import publisher, server, template

__all__ = ["publisher", "server", "template"]

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the portal."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.ckan)


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """A running CKAN, empty at first."""
    try:
        with running() as site:
            yield site
    except NotInstalled as reason:
        absent(str(reason))


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder for releases."""
    with a_folder() as folder:
        yield folder


@pytest.fixture
def made(root: Path) -> Made:
    """Makes releases of a package that no other test has."""
    return Made(root, f"uji-{next(_numbers)}")
