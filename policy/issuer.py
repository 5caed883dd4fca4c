"""The keys of an OIDC issuer: found by discovery or at a JWKS address, kept, and asked for again.

Discovery (OpenID Connect Discovery 1.0, sections 4.1 to 4.3): `<issuer>/.well-known/openid-configuration` must name the
very issuer of the settings, and says where its keys are. Redirects are not followed, so that nobody else answers.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from kernel.clock import Clock
from kernel.settings import Settings, UnusableSetting
from policy.token_errors import IssuerUnusable, KeysUnavailable

KEY_TYPES = ("EC", "RSA", "OKP")
KEYS_FRESH_FOR = dt.timedelta(hours=1)
KEYS_HOLD_FOR = dt.timedelta(hours=24)
"""As long the keys that we have serve while the issuer does not answer; a day, in which somebody notices."""
FETCH_AT_MOST_EVERY = dt.timedelta(seconds=30)  # unknown key ids cannot make us hammer the issuer
FETCH_TIMEOUT_S = 5
ANSWER_BYTES = 1_000_000
DISCOVERY_PATH = "/.well-known/openid-configuration"
LOOPBACK = ("localhost", "127.0.0.1", "::1")

Fetch = Callable[[str], bytes]
"""From an address to what it answers; OSError or HTTPException where it does not."""


def is_elsewhere(settings: Settings) -> bool:
    """Whether tokens come from an OIDC issuer, and none are signed here."""
    return bool(settings.token_jwks_url or settings.token_discovery)


def require_usable(settings: Settings) -> None:
    """Make sure that the settings say in one way where an issuer's keys are.

    Raises:
        UnusableSetting: in two ways, or at an address that is none.
    """
    if settings.token_jwks_url and settings.token_discovery:
        raise UnusableSetting("Set KSBB_TOKEN_DISCOVERY or KSBB_TOKEN_JWKS_URL, not both.")
    if settings.token_jwks_url and not settings.token_jwks_url.startswith(("https://", "http://")):
        raise UnusableSetting("KSBB_TOKEN_JWKS_URL must be an https:// or http:// address.")
    if settings.token_discovery and not _is_safe(settings.token_issuer):
        raise UnusableSetting(
            "With KSBB_TOKEN_DISCOVERY, KSBB_TOKEN_ISSUER must be the https:// address of the issuer (no `?`, no `#`)."
        )


class IssuerKeys:
    """The keys that an issuer publishes, by their identifiers.

    They are asked for again when an hour old, or when a token names an unknown one, at most each 30 s; while the issuer
    is down those that we have serve on for a day.
    """

    def __init__(self, settings: Settings, clock: Clock, fetch: Fetch | None = None) -> None:
        require_usable(settings)
        self._settings = settings
        self._clock = clock
        self._fetch = fetch or download
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: dt.datetime | None = None
        self._tried_at: dt.datetime | None = None
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> Key | None:
        """The key of an identifier; None where the issuer has none.

        Raises:
            KeysUnavailable: the keys were never had or are a day old, and cannot be had now.
        """
        if key_id not in self._keys or not self._is_within(KEYS_FRESH_FOR, self._fetched_at):
            refreshing = self._refresh()
            if refreshing is not None and (key_id not in self._keys or not self._hold()):
                await asyncio.shield(refreshing)
        if not self._keys or not self._hold():
            raise KeysUnavailable
        return self._keys.get(key_id)

    def _hold(self) -> bool:
        """Whether the keys that we have may serve, however the clock was set meanwhile."""
        return self._fetched_at is not None and abs(self._clock.now() - self._fetched_at) <= KEYS_HOLD_FOR

    def _is_within(self, span: dt.timedelta, instant: dt.datetime | None) -> bool:
        """Whether an instant is so near in the past; one of the future is not, for the clock was set back since."""
        return instant is not None and dt.timedelta() <= self._clock.now() - instant < span

    def _refresh(self) -> asyncio.Task[None] | None:
        """The fetch under way or a new one; None when one was tried a moment ago."""
        if self._refreshing is None or self._refreshing.done():
            if self._is_within(FETCH_AT_MOST_EVERY, self._tried_at):
                return None
            self._tried_at = self._clock.now()
            self._refreshing = asyncio.create_task(self._fetch_keys())
        return self._refreshing

    async def _fetch_keys(self) -> None:
        try:
            self._keys = await asyncio.to_thread(published_keys, self._settings, self._fetch)
        except IssuerUnusable:
            return  # the keys that we have serve on
        self._fetched_at = self._clock.now()


def published_keys(settings: Settings, fetch: Fetch) -> Mapping[str, Key]:
    """The keys that the issuer of the settings publishes now.

    Raises:
        IssuerUnusable: what is wrong, for who keeps the installation.
    """
    address = settings.token_jwks_url or _keys_address(settings.token_issuer, fetch)
    entries = _asked(address, fetch).get("keys")
    if not isinstance(entries, list):
        raise IssuerUnusable(f"{address} has no list `keys`.")
    keys = [key for entry in entries if (key := _public_key(entry)) is not None]
    return {key.kid: key for key in keys if key.kid}


def _keys_address(issuer: str, fetch: Fetch) -> str:
    """Where an issuer says that its keys are."""
    address = issuer.removesuffix("/") + DISCOVERY_PATH
    told = _asked(address, fetch)
    if told.get("issuer") != issuer:
        raise IssuerUnusable(f"{address} does not name {issuer} as its `issuer`: set KSBB_TOKEN_ISSUER as it is there.")
    found = told.get("jwks_uri")
    if not isinstance(found, str) or not _is_safe(found):
        raise IssuerUnusable(f"{address} has no https:// address as its `jwks_uri`.")
    return found


def _asked(address: str, fetch: Fetch) -> dict[str, Any]:
    try:
        content = json.loads(fetch(address))
    except (OSError, HTTPException, ValueError, RecursionError):
        raise IssuerUnusable(f"{address} does not answer with JSON.") from None
    if not isinstance(content, dict):
        raise IssuerUnusable(f"{address} does not answer with a JSON object.")
    return content


def _is_safe(address: str) -> bool:
    """Whether nobody on the way can answer in another's place: https, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def download(address: str) -> bytes:
    """What an address of the settings, or of the issuer that they name, answers; at most `ANSWER_BYTES` of it."""
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310  # never from a caller
    with build_opener(_NoRedirect).open(request, timeout=FETCH_TIMEOUT_S) as answer:
        return bytes(answer.read(ANSWER_BYTES))


def _public_key(entry: dict[str, Any]) -> Key | None:
    """One published key; None when it is of a kind that we do not use: shared keys least of all, and for encrypting."""
    try:
        is_ours = entry["kty"] in KEY_TYPES and entry.get("use", "sig") == "sig"
        return import_key(entry) if is_ours else None
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        return None
