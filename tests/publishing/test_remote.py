"""A release behind an address: verified as one in a folder, and every odd answer refused with what is wrong."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import publishing.release.remote
from kernel.errors import KsbbError
from publishing.release.manifest import MANIFEST, SIGNATURE
from publishing.release.released import Released
from publishing.release.remote import (
    AddressRefuses,
    AddressTooSlow,
    AddressUnreachable,
    NotAnAddress,
    RemotePlace,
    remote,
)
from publishing.release.signing import KEYS
from publishing.release.verify import NoManifest, Verdict, verify
from tests.publishing.answering import Answer, a_server, our_server
from tests.publishing.city import KEY
from tests.publishing.releasing import a_release

JSON = {"content-type": "application/json"}
HOME = "/data/contoh/1.0.1/"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def release(tmp_path: Path) -> Released:
    return a_release(tmp_path)


def verified(address: str) -> Verdict:
    with remote(address) as place:
        return verify(place)


def as_files(release: Released) -> Callable[[str], Answer]:
    """The answers of a server that has the files and lists nothing."""

    def answer(path: str) -> Answer:
        file = release.folder.parent.parent / path.removeprefix("/data/")
        return (200, {}, file.read_bytes()) if file.is_file() else (404, {}, b"")

    return answer


def but(answer: Callable[[str], Answer], ends: str, other: Answer) -> Callable[[str], Answer]:
    """Another answer for paths that end so."""
    return lambda path: other if path.endswith(ends) else answer(path)


def refusal(release: Released, ends: str, other: Answer) -> KsbbError:
    with a_server(but(as_files(release), ends, other)) as server, pytest.raises(KsbbError) as refused:
        verified(server + HOME)
    return refused.value


def test_a_release_is_verified_where_we_serve_it(release: Released) -> None:
    with our_server(release.folder.parent.parent) as server:
        assert verified(f"{server}/contoh/latest").holds
        verdict = verified(f"{server}/contoh/1.0.1/")
        assert (verdict.holds, verdict.notes) == (True, ())
        assert verdict.fingerprint == KEY.public.fingerprint
        (release.folder / "data" / "sisip.csv").write_text("x")
        (release.folder / "data" / "bantuan.csv").unlink()
        found = [(fault.code, fault.path) for fault in verified(f"{server}/contoh/1.0.1/").faults]
    assert found == [("EXTRA_FILE", "data/sisip.csv"), ("FILE_MISSING", "data/bantuan.csv")]


def test_a_server_that_lists_nothing_is_told_of(release: Released) -> None:
    with a_server(as_files(release)) as server:
        verdict = verified(server + HOME)
    assert verdict.holds
    assert "lists no files" in verdict.notes[0]


def test_a_release_under_the_address_of_another_is_found(release: Released) -> None:
    answer = as_files(release)
    with a_server(lambda path: answer(path.replace("2.0.2", "1.0.1"))) as server:
        assert [fault.code for fault in verified(f"{server}/data/contoh/2.0.2/").faults] == ["OTHER_RELEASE"]


@pytest.mark.parametrize(
    ("other", "error", "words"),
    [
        ((404, {}, b""), NoManifest, "has no manifest.json"),
        ((403, {}, b""), AddressRefuses, "status 403"),
        ((500, {}, b""), AddressRefuses, "status 500"),
        ((200, {"content-type": "text/html; charset=utf-8"}, b"<html>"), AddressRefuses, "page for people"),
        ((302, {"location": "http://127.0.0.1:9/"}, b""), AddressRefuses, "sends elsewhere"),
        ((200, JSON | {"content-encoding": "gzip"}, gzip.compress(b"0" * 10**7)), AddressRefuses, "packed"),
        ((200, JSON | {"content-length": "1000"}, b"{"), AddressUnreachable, "RemoteProtocolError"),
    ],
)
def test_an_odd_answer_is_refused(release: Released, other: Answer, error: type[KsbbError], words: str) -> None:
    refused = refusal(release, MANIFEST, other)
    assert isinstance(refused, error)
    assert words in refused.message


def test_an_answer_without_end_is_not_read_to_its_end(release: Released) -> None:
    assert isinstance(refusal(release, MANIFEST, (200, JSON, b" " * 30_000_000)), NoManifest)
    assert isinstance(refusal(release, SIGNATURE, (200, {}, b"x" * 65)), NoManifest)
    larger = but(as_files(release), "bantuan.csv", (200, {}, b"x" * 30_000_000))
    with a_server(larger) as server:
        fault = verified(server + HOME).faults[0]
    assert fault.sentence.startswith("data/bantuan.csv has more than ")


def test_a_key_that_is_not_there_is_asked_for(release: Released) -> None:
    refused = refusal(release, ".pem", (404, {}, b""))
    assert f"{KEYS}/{KEY.public.fingerprint}.pem" in refused.message
    assert "--key" in refused.message


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://contoh.id/x",
        "https://",
        "https://a:b@contoh.id/",
        "https://contoh.id/?q",
        "http://[::1",
        "http://a b/",
    ],
)
def test_a_text_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(NotAnAddress, match="latest"), remote(address):
        pass


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(AddressUnreachable, match="ConnectError"):
        verified("http://127.0.0.1:9/data/contoh/1.0.1/")


def test_an_answer_that_comes_too_late_or_too_slowly_is_given_up(release: Released) -> None:
    def late(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    with httpx.Client(transport=httpx.MockTransport(late)) as client, pytest.raises(AddressTooSlow, match="in time"):
        verify(RemotePlace(client, "http://contoh.id/x/"))

    def drops() -> Iterator[bytes]:
        yield from itertools.repeat(b" ", 5)

    def dripping(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.url.path.endswith("/") else 200, content=drops())

    seconds = itertools.count(0, 61)
    with httpx.Client(transport=httpx.MockTransport(dripping)) as client, pytest.raises(AddressTooSlow, match="slowly"):
        verify(RemotePlace(client, "http://contoh.id/x/", lambda: next(seconds)))


def test_a_listing_without_end_is_not_followed(release: Released, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing.release.remote, "_MOST_FOLDERS", 3)
    answer = as_files(release)
    endless: Answer = (200, JSON, b'{"folders": [{"name": "a"}], "files": []}')
    with a_server(but(answer, "/", endless)) as server:
        assert "lists no files" in verified(server + HOME).notes[0]
