"""Bearer tokens: what holds, what does not, and issuers that come and go."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import stat
from base64 import urlsafe_b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from kernel.clock import FixedClock
from kernel.settings import Settings, UnusableSetting
from policy.secrets import UnusableSecretFile
from policy.token_errors import BadToken, KeysUnavailable, TokensIssuedElsewhere
from policy.tokens import Verifier, issue, own_key
from policy.viewer import SCOPE_OF, Agency, Role, Scope, Viewer

NOON = dt.datetime(2021, 3, 1, 5, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
KEY = "018f5d0a-7c3b-7def-8123-456789abcdef"
FULL_SCOPE: dict[str, Any] = {"institution_id": KEY, "area": "31.71.01", "person_id": KEY, "level": "KECAMATAN"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that hold, but for the changes; None leaves one out."""
    now = int(NOON.timestamp())
    good = {"iss": "ksbb-demo", "aud": "ksbb-terbuka", "sub": "contoh", "role": "DINAS", "iat": now, "exp": now + 60}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(key: Key, content: dict[str, Any], algorithm: str = "ES256", **header: Any) -> str:
    header = {"alg": algorithm, "kid": key.kid or key.thumbprint(), **header}
    return jwt.encode(header, content, key, algorithms=[algorithm])


def a_viewer(role: Role) -> Viewer:
    return Viewer(role=role, subject="contoh", **{s.value: FULL_SCOPE[s.value] for s in SCOPE_OF[role]})


@pytest.mark.parametrize("role", Role)
async def test_an_issued_token_leads_back_to_its_viewer(role: Role, settings: Settings, clock: FixedClock) -> None:
    token = issue(settings, clock, a_viewer(role), HOUR)
    assert await Verifier(settings, clock).viewer(token) == a_viewer(role)


@pytest.mark.parametrize("agency", [None, *Agency])
async def test_a_token_says_for_which_agency_its_bearer_speaks(
    agency: Agency | None, settings: Settings, clock: FixedClock
) -> None:
    viewer = Viewer(role=Role.DINAS, subject="contoh", agency=agency)
    assert await Verifier(settings, clock).viewer(issue(settings, clock, viewer, HOUR)) == viewer


@pytest.mark.parametrize(("role", "missing"), [(r, s) for r in Role for s in sorted(SCOPE_OF[r])])
async def test_a_role_without_its_scope_gets_no_token(
    role: Role, missing: Scope, settings: Settings, clock: FixedClock
) -> None:
    viewer = Viewer(role=role, **{s.value: FULL_SCOPE[s.value] for s in SCOPE_OF[role] - {missing}})
    with pytest.raises(BadToken):
        issue(settings, clock, viewer, HOUR)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": None},
        {"role": "RAJA"},
        {"role": "dinas"},
        {"role": ["DINAS"]},
        {"role": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 201},
        {"iss": None},
        {"iss": "another"},
        {"aud": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": {}},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": int(NOON.timestamp()) - 31},
        {"nbf": int(NOON.timestamp()) + 31},
        {"nbf": "x"},
        {"iat": int(NOON.timestamp()) + 31},
        {"role": "FINTECH"},
        {"role": "FINTECH", "institution": "1"},
        {"role": "FINTECH", "institution": KEY.upper()},
        {"role": "FINTECH", "institution": [KEY]},
        {"role": "WILAYAH", "area": "3171"},
        {"role": "WILAYAH", "area": "31.71\n"},
        {"role": "WILAYAH", "area": "%"},
        {"role": "WILAYAH", "area": ""},
        {"role": "PETUGAS_INTAKE", "area": "31", "level": "RAJA"},
        {"role": "DINAS", "institution": "not a key"},
        {"role": "DINAS", "agency": "RAJA"},
        {"role": "DINAS", "agency": ["DINAS_PPKUKM"]},
    ],
)
async def test_a_claim_that_is_not_right_makes_a_bad_token(
    changes: dict[str, Any], settings: Settings, clock: FixedClock
) -> None:
    with pytest.raises(BadToken):
        await Verifier(settings, clock).viewer(signed(own_key(settings), claims(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(NOON.timestamp()) - 20},
        {"nbf": int(NOON.timestamp()) + 20},
        {"exp": 10**30},
        {"exp": 1e300},
        {"aud": ["another", "ksbb-terbuka"]},
        {"institution": KEY},
        {"unknown": {"nested": [1]}},
    ],
)
async def test_small_skew_and_unknown_claims_are_taken(
    changes: dict[str, Any], settings: Settings, clock: FixedClock
) -> None:
    verified = await Verifier(settings, clock).verify(signed(own_key(settings), claims(**changes)))
    assert NOON < verified.until <= NOON + dt.timedelta(minutes=5)


def part_of(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def signed_with_text(text: bytes, content: dict[str, Any], key_id: str) -> str:
    """The old trick: a public key as the shared key of an HMAC."""
    signed_part = f"{part_of({'alg': 'HS256', 'kid': key_id})}.{part_of(content)}"
    signature = hmac.digest(text, signed_part.encode(), "sha256")
    return f"{signed_part}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


async def test_only_our_own_signature_holds(settings: Settings, clock: FixedClock) -> None:
    key, stranger = own_key(settings), ECKey.generate_key("P-256", private=True)
    good = signed(key, claims())
    head, body, signature = good.split(".")
    forged = [
        signed(stranger, claims()),
        signed(stranger, claims(), kid=key.thumbprint()),
        f"{head}.{part_of(claims(role='INSPEKTORAT'))}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{part_of({'alg': 'none', 'kid': key.thumbprint()})}.{body}.",
        signed_with_text(key.as_bytes(encoding="PEM", private=False), claims(), key.thumbprint()),
        f"{part_of({'alg': 'ES256'})}.{body}.{signature}",
        f"{part_of({'alg': 'ES256', 'kid': [1]})}.{body}.{signature}",
        f"{part_of([])}.{body}.{signature}",
        "a.b",
        "",
        "..",
        "é.é.é",
        "x" * 9_000,
        good + "." + good,
        part_of(json.loads("[" * 200 + "]" * 200)) + "..",
    ]
    verifier = Verifier(settings, clock)
    assert (await verifier.viewer(good)).role is Role.DINAS
    for token in forged:
        with pytest.raises(BadToken) as refused:
            await verifier.viewer(token)
        assert len(refused.value.message) < 200


def test_the_token_key_is_private_and_made_once(settings: Settings) -> None:
    assert own_key(settings).thumbprint() == own_key(settings).thumbprint()
    file = settings.data_dir / "token_key.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for content in ("{}", "[]", "x", json.dumps(ECKey.generate_key("P-384", private=True).as_dict(private=True))):
        file.write_text(content)
        with pytest.raises(UnusableSecretFile):
            own_key(settings)


class Issuer:
    """An OIDC issuer that can rotate its keys, break and come back."""

    def __init__(self) -> None:
        self.key: Key = RSAKey.generate_key(2048, {"kid": "first"}, private=True)
        self.asked = 0
        self.broken: Callable[[], bytes] | None = None

    def fetch(self, _: str) -> bytes:
        self.asked += 1
        if self.broken is not None:
            return self.broken()
        odd = [
            {"kty": "unknown", "kid": "odd"},
            {"kty": "oct", "k": "c2VjcmV0IG9mIGZvdXJ0ZWVuIGJ5dGVz", "kid": "shared"},
            7,
        ]
        return json.dumps({"keys": [*odd, self.key.as_dict(private=False)]}).encode()

    def rotate(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "second"}, private=True)

    def token(self, **changes: Any) -> str:
        return signed(self.key, claims(**changes), "RS256" if isinstance(self.key, RSAKey) else "ES256")


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def abroad(tmp_path: Path, clock: FixedClock, issuer: Issuer) -> Verifier:
    settings = Settings(data_dir=tmp_path, token_jwks_url="https://contoh.example/jwks")
    return Verifier(settings, clock, issuer.fetch)


async def test_an_issuers_keys_are_fetched_once(abroad: Verifier, issuer: Issuer) -> None:
    for _ in range(3):
        assert (await abroad.viewer(issuer.token())).role is Role.DINAS
    assert issuer.asked == 1


async def test_a_new_key_is_found_but_not_asked_for_without_end(
    abroad: Verifier, issuer: Issuer, clock: FixedClock
) -> None:
    old = issuer.token()
    await abroad.viewer(old)
    issuer.rotate()
    for _ in range(3):
        with pytest.raises(BadToken):
            await abroad.viewer(issuer.token())
    assert issuer.asked == 1
    clock.move(dt.timedelta(seconds=31))
    assert (await abroad.viewer(issuer.token())).role is Role.DINAS
    assert issuer.asked == 2
    with pytest.raises(BadToken):
        await abroad.viewer(old)


def _down() -> bytes:
    raise TimeoutError


@pytest.mark.parametrize("broken", [_down, lambda: b"<html>", lambda: b"[]", lambda: b'{"keys":7}', lambda: b"\xff"])
async def test_known_keys_serve_on_while_the_issuer_is_down(
    broken: Callable[[], bytes], abroad: Verifier, issuer: Issuer, clock: FixedClock
) -> None:
    issuer.broken = broken
    with pytest.raises(KeysUnavailable):
        await abroad.viewer(issuer.token())
    issuer.broken = None
    clock.move(dt.timedelta(minutes=1))
    later = int((NOON + dt.timedelta(days=1)).timestamp())
    assert (await abroad.viewer(issuer.token(exp=later))).role is Role.DINAS
    issuer.broken = broken
    clock.move(dt.timedelta(hours=2))
    for _ in range(2):
        assert (await abroad.viewer(issuer.token(exp=later))).role is Role.DINAS


async def test_own_and_shared_keys_mean_nothing_when_an_issuer_is_set(
    abroad: Verifier, issuer: Issuer, settings: Settings, clock: FixedClock
) -> None:
    await abroad.viewer(issuer.token())
    shared = signed(OctKey.import_key("secret of fourteen bytes", {"kid": "shared"}), claims(), "HS256")
    for token in (issue(settings, clock, a_viewer(Role.DINAS), HOUR), shared):
        with pytest.raises(BadToken):
            await abroad.viewer(token)


class _Jwks(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that the server calls
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.issuer.fetch(""))  # type: ignore[attr-defined]  # set by the test

    def log_message(self, *_: object) -> None:
        return


async def test_keys_are_fetched_over_http(
    issuer: Issuer, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with HTTPServer(("127.0.0.1", 0), _Jwks) as server:
        server.issuer = issuer  # type: ignore[attr-defined]  # read by the handler
        Thread(target=server.serve_forever, daemon=True).start()
        settings = Settings(data_dir=tmp_path, token_jwks_url=f"http://127.0.0.1:{server.server_port}/jwks")
        assert (await Verifier(settings, clock).viewer(issuer.token())).role is Role.DINAS
        server.shutdown()
    with pytest.raises(KeysUnavailable):
        await Verifier(settings, clock).viewer(issuer.token())


def test_an_issuer_has_a_web_address(tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(UnusableSetting):
        Verifier(Settings(data_dir=tmp_path, token_jwks_url="file:///etc/passwd"), clock)


def test_no_tokens_are_signed_here_when_an_issuer_is_set(tmp_path: Path, clock: FixedClock) -> None:
    elsewhere = Settings(data_dir=tmp_path, token_jwks_url="https://contoh.example/jwks")
    with pytest.raises(TokensIssuedElsewhere):
        issue(elsewhere, clock, a_viewer(Role.DINAS), HOUR)
