"""An OIDC issuer that is found by discovery: a process of its own, that rotates its keys, lies, dies and comes back."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from joserfc.jwk import ECKey, Key, RSAKey

from edge.doctor import State, examine
from kernel.clock import FixedClock
from kernel.settings import Settings, UnusableSetting
from policy.issuer import DISCOVERY_PATH, FETCH_AT_MOST_EVERY, KEYS_HOLD_FOR, download, published_keys
from policy.token_errors import BadToken, IssuerUnusable, KeysUnavailable, TokensIssuedElsewhere
from policy.tokens import CLOCK_SKEW_S, Verifier, issue
from policy.viewer import Role, Viewer
from tests.serving import free_port

from .test_tokens import NOON, claims, part_of, signed, signed_with_text

SERVES = """
import sys
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

class Files(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/keys")
            self.end_headers()
            return
        super().do_GET()

HTTPServer(("127.0.0.1", int(sys.argv[1])), partial(Files, directory=sys.argv[2])).serve_forever()
"""
LATER = int((NOON + dt.timedelta(days=3)).timestamp())


def issuer_checks(settings: Settings) -> list[tuple[State, str]]:
    """What the doctor says of the issuer."""
    environment = {
        "KSBB_DATA_DIR": str(settings.data_dir),
        "KSBB_PORT": str(free_port()),
        "KSBB_TOKEN_ISSUER": settings.token_issuer,
        "KSBB_TOKEN_DISCOVERY": str(settings.token_discovery),
        "KSBB_TOKEN_JWKS_URL": settings.token_jwks_url,
    }
    return [(check.state, check.cause) for check in examine(environment) if check.name == "issuer"]


@dataclass
class Issuer:
    """What the issuer's process serves: files, written anew by the test."""

    folder: Path
    port: int
    keys: list[Key] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, *keys: Key, **changes: Any) -> None:
        """Its keys, and its discovery document with changes; None leaves a part out."""
        published = [key.as_dict(private=False) for key in keys]
        encrypting = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc", "alg": "RSA-OAEP"}, private=True)
        (self.folder / "keys").write_text(json.dumps({"keys": [*published, encrypting.as_dict(private=False)]}))
        told = {"issuer": self.name, "jwks_uri": f"{self.name}/keys", "response_types_supported": ["code"]} | changes
        file = self.folder / DISCOVERY_PATH[1:]
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))

    @contextmanager
    def up(self) -> Iterator[None]:
        """The process while it runs."""
        command = [sys.executable, "-c", SERVES, str(self.port), str(self.folder)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                try:
                    download(f"{self.name}/keys")
                    break
                except URLError:
                    time.sleep(0.02)
            yield
        finally:
            process.kill()
            process.wait()

    def settings(self, tmp_path: Path, **changes: Any) -> Settings:
        given: dict[str, Any] = {"token_discovery": 1, "token_issuer": self.name, **changes}
        return Settings(data_dir=tmp_path, **given)

    def token(self, key: Key, **changes: Any) -> str:
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        return signed(key, claims(**({"iss": self.name, "exp": LATER} | changes)), algorithm)


FIRST = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"}, private=True)
SECOND = ECKey.generate_key("P-256", {"kid": "second"}, private=True)


async def holds(verifier: Verifier, token: str) -> bool:
    try:
        return (await verifier.viewer(token)).role is Role.DINAS
    except BadToken:
        return False


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    monkeypatch.setenv("no_proxy", "*")
    folder = tmp_path / "issuer"
    folder.mkdir()
    made = Issuer(folder, free_port())
    made.publish(FIRST)
    return made


async def test_the_keys_are_found_by_discovery(issuer: Issuer, tmp_path: Path, clock: FixedClock) -> None:
    with issuer.up():
        verifier = Verifier(issuer.settings(tmp_path), clock)
        assert (await verifier.viewer(issuer.token(FIRST))).role is Role.DINAS
        assert (await verifier.viewer(issuer.token(FIRST, aud=["another", "ksbb-terbuka"]))).role is Role.DINAS
        others: list[dict[str, Any]] = [{"iss": f"{issuer.name}/"}, {"iss": "ksbb-demo"}, {"aud": ["x"]}, {"aud": []}]
        for changes in others:
            with pytest.raises(BadToken):
                await verifier.viewer(issuer.token(FIRST, **changes))


async def test_only_asymmetric_signatures_of_published_keys_hold(
    issuer: Issuer, tmp_path: Path, clock: FixedClock
) -> None:
    with issuer.up():
        verifier, content = Verifier(issuer.settings(tmp_path), clock), claims(iss=issuer.name, exp=LATER)
        good = issuer.token(FIRST)
        none = part_of({"alg": "none", "kid": "first"})
        for bad in (
            signed_with_text(FIRST.as_pem(private=False), content, "first"),
            f"{none}.{good.split('.')[1]}.",
            f"{none}.{good.split('.')[1]}.{good.split('.')[2]}",
            issuer.token(RSAKey.generate_key(2048, {"kid": "first"}, private=True)),
            issuer.token(RSAKey.generate_key(2048, {"kid": "enc"}, private=True)),
        ):
            with pytest.raises(BadToken):
                await verifier.viewer(bad)
        assert (await verifier.viewer(good)).role is Role.DINAS


async def test_clocks_may_differ_by_half_a_minute(issuer: Issuer, tmp_path: Path, clock: FixedClock) -> None:
    now = int(NOON.timestamp())
    with issuer.up():
        verifier = Verifier(issuer.settings(tmp_path), clock)
        assert await holds(verifier, issuer.token(FIRST, exp=now - CLOCK_SKEW_S + 1, nbf=now + CLOCK_SKEW_S - 1))
        for changes in ({"exp": now - CLOCK_SKEW_S - 1}, {"nbf": now + CLOCK_SKEW_S + 1}):
            with pytest.raises(BadToken):
                await verifier.viewer(issuer.token(FIRST, **changes))


async def test_a_new_key_is_asked_for_when_a_token_names_it(issuer: Issuer, tmp_path: Path, clock: FixedClock) -> None:
    with issuer.up():
        verifier = Verifier(issuer.settings(tmp_path), clock)
        await verifier.viewer(issuer.token(FIRST))
        issuer.publish(FIRST, SECOND)
        with pytest.raises(BadToken):
            await verifier.viewer(issuer.token(SECOND))
        clock.move(FETCH_AT_MOST_EVERY + dt.timedelta(seconds=1))
        for key in (FIRST, SECOND):
            assert (await verifier.viewer(issuer.token(key))).role is Role.DINAS
        issuer.publish(SECOND)
        clock.move(dt.timedelta(minutes=61))
        await verifier.viewer(issuer.token(SECOND))
        async with asyncio.timeout(10):
            while await holds(verifier, issuer.token(FIRST)):  # noqa: ASYNC110  # keys are asked for beside the request
                await asyncio.sleep(0.02)


async def test_known_keys_serve_for_a_day_while_the_issuer_is_down(
    issuer: Issuer, tmp_path: Path, clock: FixedClock
) -> None:
    verifier = Verifier(issuer.settings(tmp_path), clock)
    with pytest.raises(KeysUnavailable):
        await verifier.viewer(issuer.token(FIRST))
    clock.move(FETCH_AT_MOST_EVERY)
    with issuer.up():
        assert await holds(verifier, issuer.token(FIRST))
    clock.move(KEYS_HOLD_FOR - dt.timedelta(minutes=1))
    assert await holds(verifier, issuer.token(FIRST))
    clock.move(dt.timedelta(minutes=2))
    with pytest.raises(KeysUnavailable):
        await verifier.viewer(issuer.token(FIRST))
    clock.move(FETCH_AT_MOST_EVERY)
    with issuer.up():
        assert await holds(verifier, issuer.token(FIRST))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"issuer": "https://contoh.example"}, "does not name"),
        ({"issuer": None}, "does not name"),
        ({"jwks_uri": None}, "jwks_uri"),
        ({"jwks_uri": 7}, "jwks_uri"),
        ({"jwks_uri": "http://contoh.example/keys"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": "https://"}, "jwks_uri"),
        ({"jwks_uri": "{name}/moved"}, "does not answer"),
        ({"jwks_uri": "{name}/.well-known/openid-configuration"}, "no list"),
    ],
)
async def test_an_issuer_that_is_another_or_sends_elsewhere_is_not_believed(
    issuer: Issuer, tmp_path: Path, clock: FixedClock, changes: dict[str, Any], says: str
) -> None:
    changed = {n: v.replace("{name}", issuer.name) if isinstance(v, str) else v for n, v in changes.items()}
    issuer.publish(FIRST, **changed)
    settings = issuer.settings(tmp_path)
    with issuer.up():
        with pytest.raises(KeysUnavailable):
            await Verifier(settings, clock).viewer(issuer.token(FIRST))
        with pytest.raises(IssuerUnusable, match=says):
            published_keys(settings, download)
        ((state, cause),) = issuer_checks(settings)
    assert state is State.WARN
    assert says in cause


@pytest.mark.parametrize(
    "changes",
    [
        {"token_issuer": "ksbb-demo"},
        {"token_issuer": "http://contoh.example"},
        {"token_issuer": "https://contoh.example?x=1"},
        {"token_issuer": "https://contoh.example", "token_jwks_url": "https://contoh.example/keys"},
    ],
)
def test_discovery_needs_one_https_issuer(
    issuer: Issuer, tmp_path: Path, clock: FixedClock, changes: dict[str, Any]
) -> None:
    settings = issuer.settings(tmp_path, **changes)
    with pytest.raises(UnusableSetting):
        Verifier(settings, clock)
    assert [state for state, _ in issuer_checks(settings)] == [State.FAIL]


def test_the_doctor_counts_the_keys_of_an_issuer_that_answers(issuer: Issuer, tmp_path: Path) -> None:
    with issuer.up():
        assert [(state, "1 keys" in cause) for state, cause in issuer_checks(issuer.settings(tmp_path))] == [
            (State.OK, True)
        ]


def test_no_tokens_are_signed_here_where_an_issuer_is_discovered(
    issuer: Issuer, tmp_path: Path, clock: FixedClock
) -> None:
    with pytest.raises(TokensIssuedElsewhere):
        issue(issuer.settings(tmp_path), clock, Viewer(role=Role.DINAS), dt.timedelta(hours=1))
