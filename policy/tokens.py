"""Bearer tokens: who is asking, signed. A token that does not hold is refused, never read as anonymous."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry, extract_compact

from kernel.clock import Clock
from kernel.settings import Settings
from models.vocabulary import IntakeLevel
from policy.claimed_role import ROLE_CLAIM, RoleClaims
from policy.issuer import Fetch, IssuerKeys, is_elsewhere
from policy.secrets import UnusableSecretFile, kept
from policy.token_errors import BadToken, TokensIssuedElsewhere
from policy.viewer import SCOPE_OF, Agency, Role, Scope, Viewer

KEY_FILE = "token_key.json"
OWN_ALGORITHM = "ES256"
ISSUER_ALGORITHMS = ("ES256", "RS256", "PS256", "Ed25519")  # asymmetric only: a public key must never verify an HMAC
CLOCK_SKEW_S = 30
RELIED_ON_FOR_S = 300  # then a token is checked again, so that a key that was withdrawn stops serving
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
    if is_elsewhere(settings):
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
    """Checks bearer tokens: against this installation's own key, or the keys that an OIDC issuer publishes."""

    def __init__(self, settings: Settings, clock: Clock, fetch: Fetch | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._own: Mapping[str, Key] = {}
        self._issuer = IssuerKeys(settings, clock, fetch) if is_elsewhere(settings) else None
        if self._issuer is None:
            key = own_key(settings)
            self._own = {key.thumbprint(): key}
        self._algorithms = (OWN_ALGORITHM,) if self._issuer is None else ISSUER_ALGORITHMS
        self._roles = RoleClaims.of(settings)
        self._registry = JWSRegistry(algorithms=list(self._algorithms))

    async def viewer(self, token: str) -> Viewer:
        """Who the token says is asking; raises as `verify` does."""
        return (await self.verify(token)).viewer

    async def verify(self, token: str) -> Verified:
        """Check signature, time, issuer, audience, role and scope.

        Raises:
            BadToken: any of them does not hold.
            KeysUnavailable: the issuer's keys cannot be had now, nor were they had within a day.
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
        viewer = viewer_of({**claims, ROLE_CLAIM: self._roles.role(claims)})
        return Verified(viewer, now + dt.timedelta(seconds=relied_on_for), self._issued_at(claims))

    def _issued_at(self, claims: Mapping[str, Any]) -> dt.datetime | None:
        if claims.get("iat") is None:
            return None
        ahead = 0 if self._issuer is None else CLOCK_SKEW_S
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
        key = self._own.get(key_id) if self._issuer is None else await self._issuer.key(key_id)
        if key is None:
            raise BadToken("it names an unknown key")
        return key


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
