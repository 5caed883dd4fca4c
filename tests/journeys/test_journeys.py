"""What people do with the API: each journey is a document with its promise, beside its golden SQL and answer."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from policy.viewer import Role
from resolvers.cursors import MARK
from tests.conftest import City
from tests.journeys.pretty import pretty
from tests.watching import Watched, watching

JOURNEYS = sorted(Path(__file__).parent.glob("*.graphql"))
_HEADER = re.compile(r"# (\w+): (.*)")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched(walled_city: City) -> AsyncIterator[Watched]:
    async with watching(walled_city) as found:
        yield found


def header(text: str) -> dict[str, str]:
    """What a journey promises."""
    return {"variables": "{}", **dict(_HEADER.findall(text))}


def golden(file: Path, found: str, renew: bool) -> None:
    """Compare with a golden file, or renew it."""
    if renew:
        file.write_text(found, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == found, "read the difference, then run pytest --renew"


@pytest.mark.parametrize("file", JOURNEYS, ids=lambda file: file.stem)
async def test_a_journey_reads_as_promised(watched: Watched, file: Path, renew: bool) -> None:
    text = file.read_text(encoding="utf-8")  # noqa: ASYNC240  # nothing waits beside a test
    promise = header(text)
    data = await watched.answer(Role[promise["viewer"]], text, json.loads(promise["variables"]))
    assert len(watched.reading) == int(promise["statements"])
    golden(file.with_suffix(".json"), json.dumps(data, indent=2, ensure_ascii=False) + "\n", renew)
    golden(file.with_suffix(".sql"), pretty(watched.reading[0].replace(MARK, "<mark>")), renew)


def test_every_golden_file_has_its_journey() -> None:
    def goldens() -> Iterator[Path]:
        for suffix in ("json", "sql"):
            yield from Path(__file__).parent.glob(f"*.{suffix}")

    assert {file.stem for file in goldens()} == {file.stem for file in JOURNEYS}
