"""First questions to the read API, end to end."""

from __future__ import annotations

import pytest

from policy.viewer import Role
from resolvers.meaning import Meaning, Measures, Page, ToOne
from schema.build import role_schema
from tests.conftest import Asking

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_reads_regions_with_their_parents(ask: Asking, role: Role) -> None:
    answer = await ask(role, "{ regions(first: 2) { nodes { code name parent { name } } totalCount } }")
    assert answer["data"]["regions"]["totalCount"] == 318
    assert answer["data"]["regions"]["nodes"][1] == {
        "code": "31.01",
        "name": "Kabupaten Administrasi Kepulauan Seribu",
        "parent": {"name": "DKI Jakarta"},
    }


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_reads_every_field_of_every_noun(ask: Asking, role: Role) -> None:
    schema = role_schema(role)
    for noun in schema.catalogue.nouns.values():
        if noun.name not in schema.meanings:
            continue
        fields = [_selected(name, meaning) for name, meaning in schema.meanings[noun.name].items()]
        answer = await ask(role, f"{{ {noun.plural}(first: 3) {{ nodes {{ {' '.join(fields)} }} }} }}")
        assert "errors" not in answer, (noun.name, answer)


def _selected(name: str, meaning: Meaning) -> str:
    match meaning:
        case ToOne():
            return f"{name} {{ id }}"
        case Page():
            return f"{name}(first: 1) {{ nodes {{ id }} }}"
        case Measures():
            return f"{name} {{ asOf }}"
        case _:
            return name
