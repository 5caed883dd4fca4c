"""Answers that a portal or what stands before it may give are told apart, and big files are never held in memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
import requests

from datapackages.publish import publish
from kernel.clock import SystemClock
from kernel.errors import KsbbError
from kernel.settings import Settings
from models.server import Server
from publishing.portals.ckan import errors
from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.errors import CkanNotConfigured
from publishing.portals.ckan.session import PortalSession

TOKEN = "a-secret-token"
PAGE = "<html><body>Blocked by the firewall</body></html>"


class Answering(PortalSession):
    """A session that is answered from a list, instead of by a portal."""

    def __init__(self, *answers: tuple[int, str] | Exception) -> None:
        super().__init__()
        self.answers: Iterator[tuple[int, str] | Exception] = iter(answers)
        self.asked = 0

    def send(self, *_: Any, **__: Any) -> requests.Response:
        """The next answer."""
        self.asked += 1
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, response._content = answer[0], answer[1].encode()
        return response


def portal(session: PortalSession) -> Portal:
    return Portal("https://data.example/", TOKEN, session=session, pauses=(0, 0))


def ckan_error(kind: str, **more: Any) -> str:
    return json.dumps({"success": False, "error": {"__type": kind, **more}})


SITUATIONS: list[tuple[tuple[int, str] | Exception, type[KsbbError], str]] = [
    ((403, ckan_error("Authorization Error", message="Access denied")), errors.CkanForbidden, "KSBB_CKAN_TOKEN"),
    ((403, PAGE), errors.CkanForbidden, "proxy"),
    ((401, PAGE), errors.CkanForbidden, "401"),
    ((404, ckan_error("Not Found Error", message="Not found")), errors.CkanNotFound, "does not have it"),
    ((404, PAGE), errors.CkanNotThere, "KSBB_CKAN_URL"),
    ((301, ""), errors.CkanNotThere, "https"),
    ((200, PAGE), errors.CkanNotThere, "not CKAN's JSON"),
    ((200, "[]"), errors.CkanNotThere, "not a CKAN"),
    ((409, ckan_error("Validation Error", tags=["bad"])), errors.CkanRefused, "tags"),
    ((409, ckan_error("Validation Error", upload=["File upload too large"])), errors.CkanFileTooLarge, "max_resource"),
    ((413, PAGE), errors.CkanFileTooLarge, "web server"),
    ((409, ckan_error("Validation Error", match=["metadata_modified"])), errors.CkanDatasetChanged, "somebody else"),
    ((400, '"Bad request - Action name not known: x"'), errors.CkanRefused, "not known"),
    ((500, ckan_error("Search Index Error", message="x")), errors.CkanFailing, "search"),
    ((500, PAGE), errors.CkanFailing, "500"),
    ((502, PAGE), errors.CkanFailing, "proxy"),
    ((429, ""), errors.CkanFailing, "429"),
    (requests.ReadTimeout(), errors.CkanTimedOut, "in time"),
    (requests.ConnectionError(), errors.CkanUnreachable, "network"),
]


@pytest.mark.parametrize(("answer", "situation", "words"), SITUATIONS)
def test_every_failure_is_told_apart(
    answer: tuple[int, str] | Exception, situation: type[KsbbError], words: str
) -> None:
    with pytest.raises(KsbbError, match=words) as told:
        portal(Answering(answer)).write("package_create", {"name": "x"})
    assert type(told.value) is situation
    assert TOKEN not in told.value.message + str(told.value.details)


def test_the_codes_of_the_situations_stand_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ckan.md").read_text(encoding="utf-8")
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KsbbError)}
    missing = {code for code in codes if f"`{code}`" not in page}
    assert missing == {"KSBB_ERROR", "CKAN_UNSURE", "CKAN_NOT_FOUND"}  # families, and one that is answered within


def test_reading_is_tried_again_and_writing_is_not() -> None:
    reading = Answering((502, PAGE), requests.ReadTimeout(), (200, '{"success": true, "result": 7}'))
    assert portal(reading).read("status_show") == 7
    writing = Answering((502, PAGE))
    with pytest.raises(errors.CkanFailing):
        portal(writing).write("package_create", {})
    assert (reading.asked, writing.asked) == (3, 1)


def test_what_is_certain_is_not_tried_again() -> None:
    asking = Answering((403, PAGE))
    with pytest.raises(errors.CkanForbidden):
        portal(asking).read("status_show")
    assert asking.asked == 1


class Sink(PortalSession):
    """Takes what is sent in small pieces, as a socket does."""

    taken = 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """Read the body and forget it."""
        body: Any = request.body
        while piece := body.read(65_536):
            self.taken += len(piece)
        response = requests.Response()
        response.status_code, response._content = 200, b'{"success": true, "result": null}'
        return response


@dataclass(frozen=True)
class Large:
    """A file on disk."""

    place: Path
    name: str = "large.csv"

    def open(self) -> IO[bytes]:
        """Its bytes."""
        return self.place.open("rb")


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    size = 40_000_000
    place = tmp_path / "large.csv"
    with place.open("wb") as file:
        file.truncate(size)
    sink = Sink()
    tracemalloc.start()
    try:
        portal(sink).write("package_revise", {"match": "{}"}, {"upload": Large(place)})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sink.taken > size
    assert peak < size / 10


async def test_a_portal_that_is_not_set_up_is_told_before_a_release_is_made() -> None:
    with pytest.raises(CkanNotConfigured, match="set KSBB_CKAN_TOKEN, KSBB_CKAN_ORGANISATION"):
        await publish(Settings(ckan_url="https://x"), Server("postgresql://"), clock=SystemClock(), to="ckan")


def test_the_token_is_not_in_what_settings_say_of_themselves() -> None:
    settings = Settings.read({"KSBB_CKAN_TOKEN": TOKEN})
    assert settings.ckan_token == TOKEN
    assert TOKEN not in repr(settings)
