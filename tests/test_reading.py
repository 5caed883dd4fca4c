"""First questions to the read API, end to end."""

from __future__ import annotations

import pytest

from policy.viewer import Role
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
