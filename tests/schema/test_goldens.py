"""The schema of each role is committed as `schema/schema.<role>.graphql`; its diff is the review of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.viewer import Role
from schema.build import sdl

FOLDER = Path(__file__).parents[2] / "schema"


def golden(role: Role) -> Path:
    return FOLDER / f"schema.{role.lower()}.graphql"


@pytest.mark.parametrize("role", list(Role))
def test_the_schema_of_a_role_is_the_committed_one(role: Role, renew: bool) -> None:
    text = sdl(role)
    if renew:
        golden(role).write_text(text, encoding="utf-8")
    assert golden(role).read_text(encoding="utf-8") == text, "read the difference, then run pytest --renew"


def test_no_schema_is_committed_for_a_role_that_does_not_exist() -> None:
    assert {file.name for file in FOLDER.glob("*.graphql")} == {golden(role).name for role in Role}
