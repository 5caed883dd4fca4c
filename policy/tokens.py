"""Bearer tokens: who is asking, signed. A token that does not hold is refused, never read as anonymous."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, import_key
from joserfc.jws import JWSRegistry, extract_compact

from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting
from models.vocabulary import IntakeLevel
from policy.secrets import UnusableSecretFile, kept
from policy.viewer import SCOPE_OF, Agency, Role, Scope, Viewer

KEY_FILE = "token_key.json"
OWN_ALGORITHM = "ES256"
ISSUER_ALGORITHMS = ("ES256", "RS256", "PS256", "Ed25519")  # asymmetric only: a public key must never verify an HMAC
KEY_TYPES = ("EC", "RSA", "OKP")
CLOCK_SKEW_S = 30
RELIED_ON_FOR_S = 300  # then a token is checked again, so that a key that was withdrawn stops serving
KEYS_FRESH_FOR = dt.timedelta(hours=1)
FETCH_AT_MOST_EVERY = dt.timedelta(seconds=30)  # unknown key ids cannot make us hammer the issuer
FETCH_TIMEOUT_S = 5
KEY_SET_BYTES = 1_000_000
TOKEN_LENGTH = 8_192

CLAIM_OF: Mapping[Scope, str] = {
    Scope.INSTITUTION: "institution",
    Scope.AREA: "area",
    Scope.PERSON: "person",
    Scope.LEVEL: "level",
}
AGENCY_CLAIM = "agency"
"""The agency of DINAS. A token without it holds, and may no more than the public."""

_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
SUBJECT_LENGTH = 200


class BadToken(KsbbError):
    """A bearer token that does not hold."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The bearer token is not valid: {reason}. Get a new one, or send none to read as the public.")


class KeysUnavailable(KsbbError):
    """The issuer's keys cannot be had, so no token can be checked."""

    code = "TOKEN_KEYS_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("Tokens cannot be checked now, because their issuer does not answer. Try again in a minute.")


class TokensIssuedElsewhere(KsbbError):
    """This installation checks the tokens of an OIDC issuer and signs none itself."""

    code = "TOKENS_ISSUED_ELSEWHERE"

    def __init__(self, issuer: str) -> None:
        super().__init__(f"Tokens come from {issuer}; unset KSBB_TOKEN_JWKS_URL to sign them here.", issuer=issuer)


@dataclass(frozen=True)
class Verified:
    """What a valid token says, and until when that may be relied on without checking again.

    `issued_at`: not later than this; by an issuer's clock, which may be ahead of ours. None if the token does not say.
    """

    viewer: Viewer
    until: dt.datetime
    issued_at: dt.datetime | None


def issue(settings: Settings, clock: Clock, viewer: Viewer, lifetime: dt.timedelta) -> str:
    """A token for a viewer, signed with this installation's own key.

    Raises:
        BadToken: the viewer lacks a part of the scope that its role needs.
        TokensIssuedElsewhere: the settings name an OIDC issuer.
    """
    if settings.token_jwks_url:
        raise TokensIssuedElsewhere(settings.token_issuer)
    now = int(clock.now().timestamp())
    claims = claims_of(viewer)
    viewer_of(claims)
    claims |= {"iss": settings.token_issuer, "aud": settings.token_audience}
    claims |= {"iat": now, "nbf": now, "exp": now + int(lifetime.total_seconds())}
    key = own_key(settings)
    return jwt.encode({"alg": OWN_ALGORITHM, "kid": key.thumbprint()}, claims, key, algorithms=[OWN_ALGORITHM])


def claims_of(viewer: Viewer) -> dict[str, Any]:
    """What a token of a viewer says of it."""
    claims: dict[str, Any] = {CLAIM_OF[scope]: getattr(viewer, scope.value) for scope in Scope}
    claims[AGENCY_CLAIM] = viewer.agency
    claims = {name: value for name, value in claims.items() if value}
    return claims | {"sub": viewer.subject, "role": viewer.role.value}


def own_key(settings: Settings) -> ECKey:
    """The key pair that signs this installation's tokens; made once in the data folder.

    Raises:
        UnusableSecretFile: the file does not hold a private P-256 key.
    """
    content = kept(settings.data_dir / KEY_FILE, _new_key)
    try:
        key = ECKey.import_key(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        key = None
    if key is None or not key.is_private or key.curve_name != "P-256":
        raise UnusableSecretFile(f"{KEY_FILE} must hold a private P-256 key as JWK.", file=KEY_FILE)
    return key


def _new_key() -> bytes:
    return json.dumps(ECKey.generate_key("P-256", private=True).as_dict(private=True)).encode()


class Verifier:
    """Checks bearer tokens: against this installation's own key, or the keys that an OIDC issuer publishes.

    An issuer's keys are kept: they are asked for again when an hour old or when a token names an unknown one, and
    serve on while the issuer is down.
    """

    def __init__(self, settings: Settings, clock: Clock, fetch: Callable[[str], bytes] | None = None) -> None:
        if settings.token_jwks_url and not settings.token_jwks_url.startswith(("https://", "http://")):
            raise UnusableSetting("KSBB_TOKEN_JWKS_URL must be an https:// or http:// address.")
        self._settings = settings
        self._clock = clock
        self._fetch = fetch or _download
        self._keys: dict[str, Key] = {}
        self._fetched_at: dt.datetime | None = None
        self._tried_at: dt.datetime | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._algorithms: tuple[str, ...] = ISSUER_ALGORITHMS
        if not settings.token_jwks_url:
            key = own_key(settings)
            self._keys = {key.thumbprint(): key}
            self._algorithms = (OWN_ALGORITHM,)
        self._registry = JWSRegistry(algorithms=list(self._algorithms))

    async def viewer(self, token: str) -> Viewer:
        """Who the token says is asking; raises as `verify` does."""
        return (await self.verify(token)).viewer

    async def verify(self, token: str) -> Verified:
        """Check signature, time, issuer, audience, role and scope.

        Raises:
            BadToken: any of them does not hold.
            KeysUnavailable: the issuer's keys were never had and cannot be had now.
        """
        if len(token) > TOKEN_LENGTH:
            raise BadToken("it is too long")
        key = await self._key(_key_id(token))
        now = self._clock.now()
        try:
            claims = jwt.decode(token, key, algorithms=list(self._algorithms), registry=self._registry).claims
            self._rules(now).validate(claims)
        except (JoseError, ValueError, TypeError, RecursionError) as refused:
            raise BadToken(_reason(refused)) from None
        relied_on_for = min(claims["exp"] + CLOCK_SKEW_S - now.timestamp(), RELIED_ON_FOR_S)
        return Verified(viewer_of(claims), now + dt.timedelta(seconds=relied_on_for), self._issued_at(claims))

    def _issued_at(self, claims: Mapping[str, Any]) -> dt.datetime | None:
        if claims.get("iat") is None:
            return None
        ahead = CLOCK_SKEW_S if self._settings.token_jwks_url else 0
        return dt.datetime.fromtimestamp(max(0, claims["iat"] - ahead), dt.UTC)

    def _rules(self, now: dt.datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=CLOCK_SKEW_S,
            iss={"essential": True, "value": self._settings.token_issuer},
            aud={"essential": True, "value": self._settings.token_audience},
            exp={"essential": True},
        )

    async def _key(self, key_id: str) -> Key:
        if self._settings.token_jwks_url and (key_id not in self._keys or self._is_stale()):
            refreshing = self._refresh()
            if refreshing is not None and key_id not in self._keys:
                await asyncio.shield(refreshing)
        if not self._keys:
            raise KeysUnavailable
        if key_id not in self._keys:
            raise BadToken("it names an unknown key")
        return self._keys[key_id]

    def _is_stale(self) -> bool:
        return not self._is_within(KEYS_FRESH_FOR, self._fetched_at)

    def _is_within(self, span: dt.timedelta, instant: dt.datetime | None) -> bool:
        """Whether an instant is so near in the past; one of the future is not, for the clock was set back since."""
        return instant is not None and dt.timedelta() <= self._clock.now() - instant <= span

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
            content = await asyncio.to_thread(self._fetch, self._settings.token_jwks_url)
            published = json.loads(content)["keys"]
            keys = [key for entry in published if (key := _public_key(entry)) is not None]
        except (OSError, HTTPException, ValueError, TypeError, KeyError, RecursionError):
            return  # the keys that we have serve on
        self._keys = {key.kid: key for key in keys if key.kid}
        self._fetched_at = self._clock.now()


def _download(address: str) -> bytes:
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310  # from settings, not a caller
    with urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310  # as above
        return bytes(answer.read(KEY_SET_BYTES))


def _public_key(entry: dict[str, Any]) -> Key | None:
    """One published key; None when it is of a kind that we do not use (shared keys least of all)."""
    try:
        return import_key(entry) if entry["kty"] in KEY_TYPES else None
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        return None


def _key_id(token: str) -> str:
    try:
        key_id = extract_compact(token.encode("ascii")).headers().get("kid")
    except (JoseError, ValueError, TypeError, RecursionError):
        raise BadToken("it is not a signed JWT") from None
    if not isinstance(key_id, str):
        raise BadToken("it names no key (`kid`)")
    return key_id


def _reason(refused: Exception) -> str:
    """Why, in words that repeat nothing of the token."""
    match getattr(refused, "error", ""):
        case "expired_token":
            return "it has expired"
        case "bad_signature":
            return "its signature does not hold"
        case "missing_claim" | "invalid_claim":
            return f"its `{getattr(refused, 'claim', 'claim')}` is missing or not right"
        case _:
            return "it is not a JWT that this service takes"


def viewer_of(claims: Mapping[str, Any]) -> Viewer:
    """The viewer that the claims describe, with every part of the scope that its role needs.

    Raises:
        BadToken: a part is missing or not of the right form.
    """
    role = claims.get("role")
    if not isinstance(role, str) or role not in Role.__members__:
        raise BadToken("its `role` is missing or unknown")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH or not subject.isprintable():
        raise BadToken("its `sub` is missing, too long or not printable")
    scope = {part: claims[name] for part, name in CLAIM_OF.items() if claims.get(name) is not None}
    for part in Scope:
        if part in scope and not (isinstance(scope[part], str) and _IS_VALID[part](scope[part])):
            raise BadToken(f"its `{CLAIM_OF[part]}` is not of the right form")
        if part in SCOPE_OF[Role[role]] and part not in scope:
            raise BadToken(f"role {role} needs the claim `{CLAIM_OF[part]}`")
    parts = {part.value: value for part, value in scope.items()}
    return Viewer(role=Role[role], subject=subject, agency=_agency_of(claims), **parts)


def _agency_of(claims: Mapping[str, Any]) -> Agency | None:
    agency = claims.get(AGENCY_CLAIM)
    if agency is None:
        return None
    if not isinstance(agency, str) or agency not in Agency.__members__:
        raise BadToken(f"its `{AGENCY_CLAIM}` is not of the right form")
    return Agency[agency]


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


_IS_VALID: Mapping[Scope, Callable[[str], bool]] = {
    Scope.INSTITUTION: _is_key,
    Scope.PERSON: _is_key,
    Scope.AREA: lambda text: _REGION.fullmatch(text) is not None,
    Scope.LEVEL: lambda text: text in IntakeLevel.__members__,
}
