"""A release behind an address: read with limits on size and time, and from that address only."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from kernel.errors import KsbbError
from publishing.release.manifest import MANIFEST, SIGNATURE

_PATIENCE = httpx.Timeout(30.0, connect=10.0)
_SLOWEST_BYTES_PER_S = 10_000
"""Below it an answer is given up, after a minute for the start."""
_START_S = 60.0
_LARGEST_LISTING = 1_000_000
_MOST_FOLDERS = 100
_ADDRESS = re.compile(r"https?://[^\s?#@\\]{1,2000}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_OK, _GONE = 200, {404, 410}


class NotAnAddress(KsbbError):
    """A text that is no address of a release."""

    code = "NOT_AN_ADDRESS"


class AddressUnreachable(KsbbError):
    """Nobody answered at an address, or broke off."""

    code = "ADDRESS_UNREACHABLE"


class AddressTooSlow(KsbbError):
    """An address did not answer in time."""

    code = "ADDRESS_TOO_SLOW"


class AddressRefuses(KsbbError):
    """An address answered with something other than a file."""

    code = "ADDRESS_REFUSES"


@dataclass(frozen=True)
class RemotePlace:
    """A release behind an address, such as `https://host/data/ksbb-umkm/latest/`. `now` counts seconds."""

    client: httpx.Client
    address: str
    now: Callable[[], float] = field(default=time.monotonic)

    @property
    def name(self) -> str:
        """The address."""
        return self.address

    @property
    def version(self) -> str:
        """The last part of the address."""
        return urlsplit(self.address).path.rstrip("/").rpartition("/")[2]

    def read(self, path: str, limit: int) -> bytes | None:
        """A small file; a page for people in its place is refused."""
        with self._answer(path) as answer:
            if answer is None:
                return None
            if answer.headers.get("content-type", "").startswith("text/html"):
                raise AddressRefuses(
                    f"{answer.url} answers with a page for people instead of a file. Give the address of the folder "
                    f"of one release."
                )
            return b"".join(self._blocks(answer, limit))

    def digest(self, path: str, limit: int) -> tuple[int, str] | None:
        """Size and hash of a file, never more of it in memory than a block."""
        with self._answer(path) as answer:
            if answer is None:
                return None
            sha, size = hashlib.sha256(), 0
            for block in self._blocks(answer, limit):
                sha.update(block)
                size += len(block)
            return size, sha.hexdigest()

    def paths(self) -> list[str] | None:
        """All files but manifest and signature, where the server lists folders as ours does (JSON)."""
        found: list[str] = []
        folders = [""]
        for seen in range(_MOST_FOLDERS + 1):
            if not folders:
                return sorted(path for path in found if path not in (MANIFEST, SIGNATURE))
            folder = folders.pop()
            listing = self._listing(folder)
            if listing is None or seen == _MOST_FOLDERS:
                return None
            found += [f"{folder}{name}" for name in listing[1]]
            folders += [f"{folder}{name}/" for name in listing[0] if _NAME.fullmatch(name)]
        return None

    def manifest_of(self, version: str) -> str | None:  # noqa: ARG002  # a chain is followed where it lies
        """Not asked for: one release is verified at a time."""
        return None

    def _listing(self, folder: str) -> tuple[list[str], list[str]] | None:
        """The folders and files in a folder; None where the server does not tell."""
        try:
            with self._answer(folder, "application/json") as answer:
                if answer is None or not answer.headers.get("content-type", "").startswith("application/json"):
                    return None
                said = json.loads(b"".join(self._blocks(answer, _LARGEST_LISTING)))
            return [str(item["name"]) for item in said["folders"]], [str(item["name"]) for item in said["files"]]
        except (AddressRefuses, ValueError, KeyError, TypeError, RecursionError):
            return None

    @contextmanager
    def _answer(self, path: str, accept: str = "*/*") -> Iterator[httpx.Response | None]:
        """The answer for a file, before its body; None where there is none of that name."""
        address = str(httpx.URL(self.address).join(path))
        try:
            with self.client.stream(
                "GET", address, headers={"accept": accept, "accept-encoding": "identity"}
            ) as answer:
                yield None if answer.status_code in _GONE else _as_it_is(answer)
        except httpx.TimeoutException:
            raise AddressTooSlow(f"{address} did not answer in time. Try again later.") from None
        except httpx.HTTPError as cause:
            raise AddressUnreachable(f"{address} cannot be read ({type(cause).__name__}). Is it right?") from None

    def _blocks(self, answer: httpx.Response, limit: int) -> Iterator[bytes]:
        """The body of an answer, cut one byte beyond the limit."""
        started, size = self.now(), 0
        for block in answer.iter_raw(1 << 16):
            yield block[: limit + 1 - size]
            size += len(block)
            if size > limit:
                return
            if self.now() - started > _START_S + size / _SLOWEST_BYTES_PER_S:
                raise AddressTooSlow(f"{answer.url} sends too slowly. Try again later.")


@contextmanager
def remote(address: str) -> Iterator[RemotePlace]:
    """A release behind an address.

    Raises:
        NotAnAddress: it is no http or https address of a folder.
    """
    try:
        is_one = _ADDRESS.fullmatch(address) and httpx.URL(address).host and urlsplit(address)
    except (httpx.InvalidURL, ValueError):
        is_one = None
    if not is_one:
        raise NotAnAddress("The address must be that of a folder, such as https://host/data/ksbb-umkm/latest/.")
    with httpx.Client(timeout=_PATIENCE, follow_redirects=False) as client:
        yield RemotePlace(client, address.rstrip("/") + "/")


def _as_it_is(answer: httpx.Response) -> httpx.Response:
    """An answer that is a file, in its own bytes."""
    if answer.is_redirect:
        raise AddressRefuses(
            f"{answer.url} sends elsewhere. Nothing is fetched from where one is sent: give the address that the "
            f"publisher gives."
        )
    if answer.status_code != _OK:
        raise AddressRefuses(f"{answer.url} answers with status {answer.status_code} instead of a file.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise AddressRefuses(f"{answer.url} answers with packed bytes, which was not asked for. They are not unpacked.")
    return answer
