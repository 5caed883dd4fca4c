"""Calls to a portal: with time-outs, repeated where that is safe, and with every failure told apart."""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, Protocol, TypeVar

import requests
from ckanapi import RemoteCKAN
from ckanapi.errors import (
    CKANAPIError,
    NotAuthorized,
    NotFound,
    SearchError,
    SearchIndexError,
    SearchQueryError,
    ServerIncompatibleError,
    ValidationError,
)

from kernel.errors import KsbbError
from publishing.portals.ckan import errors
from publishing.portals.ckan.session import PortalSession

PAUSES = (1.0, 4.0, 15.0)
"""Seconds before the second, third and fourth try."""

_TIMEOUT_S = (10, 300)  # to connect; between bytes, as a portal indexes and stores before it answers
_CHUNK = 1 << 16
_SHOWN = 200
_TOO_LARGE = "too large"

T = TypeVar("T")


class Uploadable(Protocol):
    """A file to send."""

    @property
    def name(self) -> str:
        """The name that it has on the portal."""
        ...

    def open(self) -> IO[bytes]:
        """Its bytes, from the beginning."""
        ...


@dataclass(frozen=True)
class _Part:
    name: str
    body: IO[bytes]


class Portal:
    """A CKAN portal, called with one token. `pauses` are the seconds between tries."""

    def __init__(
        self,
        address: str,
        token: str,
        *,
        session: PortalSession | None = None,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address.rstrip("/")
        self._token = token
        self._session = session or PortalSession()
        self._ckan = RemoteCKAN(self.address, apikey=token, session=self._session)
        self._pauses = pauses
        self._sleep = sleep

    def read(self, action: str, **data: Any) -> Any:
        """Ask; an unsure answer is asked for again.

        Raises:
            KsbbError: a situation of `publishing.portals.ckan.errors`.
        """
        return self.settled(lambda: self._call(action, data))

    def write(self, action: str, data: Mapping[str, Any], files: Mapping[str, Uploadable] | None = None) -> Any:
        """Change something, once: whoever gets `CkanUnsure` looks at the state before trying again.

        Raises:
            KsbbError: a situation of `publishing.portals.ckan.errors`.
        """
        with ExitStack() as opened:
            parts = {key: _Part(file.name, opened.enter_context(file.open())) for key, file in (files or {}).items()}
            return self._call(action, data, parts)

    def settled(self, step: Callable[[], T]) -> T:
        """The answer of a step that looks before it acts, tried again with growing pauses while it is unsure."""
        for pause in self._pauses:
            try:
                return step()
            except errors.CkanUnsure:
                self._sleep(pause)
        return step()

    def sha256(self, address: str, *, as_public: bool) -> str:
        """What a file that the portal serves hashes to; as anybody gets it, or as we do."""
        return self.settled(lambda: self._sha256(address, as_public))

    def _sha256(self, address: str, as_public: bool) -> str:
        headers = {} if as_public else {"Authorization": self._token}
        digest = hashlib.sha256()
        try:
            with self._session.get(address, headers=headers, timeout=_TIMEOUT_S, stream=True) as response:
                if response.status_code != requests.codes.ok:
                    raise _by_status(response.status_code, response.text, f"download of {address}")
                for chunk in response.iter_content(_CHUNK):
                    digest.update(chunk)
        except requests.RequestException as cause:
            raise _broken(cause, self.address) from cause
        return digest.hexdigest()

    def _call(self, action: str, data: Mapping[str, Any], files: Mapping[str, _Part] | None = None) -> Any:
        try:
            return self._ckan.call_action(
                action, dict(data), files=files or None, requests_kwargs={"timeout": _TIMEOUT_S}
            )
        except requests.RequestException as cause:
            raise _broken(cause, self.address) from cause
        except (CKANAPIError, ServerIncompatibleError) as cause:
            raise _told_apart(cause, action, self._session.status) from cause


def _broken(cause: requests.RequestException, address: str) -> KsbbError:
    """No answer."""
    if isinstance(cause, requests.Timeout):
        return errors.CkanTimedOut(
            f"The portal {address} did not answer in time. It may have done what was asked; run the same command "
            f"again, which does only what is left.",
            address=address,
        )
    return errors.CkanUnreachable(
        f"The portal {address} cannot be reached, or the connection broke ({type(cause).__name__}). Check "
        f"KSBB_CKAN_URL and the network, and run the same command again, which does only what is left.",
        address=address,
    )


def _told_apart(cause: Exception, action: str, status: int) -> KsbbError:
    """What an answer of ckanapi means."""
    match cause:
        case NotAuthorized():
            return _by_status(403, "", action)
        case NotFound():
            return errors.CkanNotFound(f"{action}: the portal does not have it ({_short(str(cause))}).", action=action)
        case ValidationError():
            return _refused(dict(cause.error_dict), action)
        case SearchError() | SearchIndexError() | SearchQueryError():
            return _by_status(503, "its search engine failed", action)
        case _:
            return _by_status(status, _body(cause), action)


def _refused(said: dict[str, Any], action: str) -> KsbbError:
    """A validation error, whose fields name what was wrong."""
    fields = {name: value for name, value in said.items() if not name.startswith("__")}
    if "match" in fields:
        return errors.CkanDatasetChanged(
            f"{action}: somebody else changed the dataset meanwhile, and nothing was changed by us. Run it again.",
            action=action,
        )
    if _TOO_LARGE in str(fields).casefold():
        return _too_large(action)
    return errors.CkanRefused(f"{action}: the portal refused {_short(str(fields))}.", action=action, fields=fields)


def _by_status(status: int, body: str, what: str) -> KsbbError:
    """An answer that is not CKAN's own; proxies and firewalls answer in pages."""
    page = "a page, not CKAN's JSON" if body.lstrip().startswith("<") else _short(body)
    match status:
        case 401 | 403 | 407:
            return errors.CkanForbidden(
                f"{what}: the portal does not allow it ({status}). Check that KSBB_CKAN_TOKEN is valid and belongs to "
                f"an editor of the organisation, and that no proxy stands in the way.",
                status=status,
            )
        case 413:
            return _too_large(what)
        case 429 | 500 | 502 | 503 | 504:
            return errors.CkanFailing(
                f"{what}: the portal or a proxy before it failed ({status}: {page}). Run the same command again later, "
                f"which does only what is left; if it stays, tell the portal's keeper.",
                status=status,
            )
        case 400 | 409:
            return errors.CkanRefused(f"{what}: the portal refused it ({status}: {page}).", status=status)
        case _:
            return errors.CkanNotThere(
                f"{what}: what answers at KSBB_CKAN_URL is not a CKAN ({status}: {page}). Give the address that the "
                f"portal's pages have, with https and without /api or /dataset.",
                status=status,
            )


def _too_large(what: str) -> KsbbError:
    return errors.CkanFileTooLarge(
        f"{what}: a file is larger than the portal takes. Ask its keeper to raise ckan.max_resource_size (10 MB unless "
        f"set) and the limit of the web server before it.",
        action=what,
    )


def _body(cause: Exception) -> str:
    """The body in ckanapi's `[url, status, body]`."""
    try:
        return str(ast.literal_eval(str(cause))[2])
    except (ValueError, SyntaxError, IndexError):
        return str(cause)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " ..."
