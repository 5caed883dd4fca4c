"""The clock of the machine jumps by hours, forward and back: nobody gets in who should not, and nothing gets stuck."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from edge.authentication import Authentication
from edge.revocations import Revocations
from kernel.clock import FixedClock
from kernel.settings import Settings
from policy.token_errors import BadToken, KeysUnavailable
from policy.tokens import Verifier, issue
from policy.viewer import Role
from tests.acting import Acting

HOURS = dt.timedelta(hours=6)
SOON = dt.timedelta(seconds=3)


def header(acting: Acting, subject: str, lasts: dt.timedelta = dt.timedelta(days=2)) -> bytes:
    viewer = replace(acting.city.viewer(Role.INSPEKTORAT), subject=subject)
    return b"Bearer " + issue(acting.city.settings, acting.clock, viewer, lasts).encode()


async def holds(process: Authentication, token: bytes) -> bool:
    try:
        await process.viewer(token)
    except BadToken:
        return False
    return True


@pytest.fixture
def clock(acting: Acting) -> Iterator[FixedClock]:
    """The clock of a city, which stands afterwards where it stood."""
    was = acting.clock.now()
    yield acting.clock
    acting.clock.instant = was


@pytest.fixture
def process(acting: Acting, clock: FixedClock) -> Authentication:
    return Authentication(Verifier(acting.city.settings, clock), clock, Revocations(acting.bus, clock))


async def test_a_token_ends_when_the_clock_passes_its_end_and_not_before(
    acting: Acting, clock: FixedClock, process: Authentication
) -> None:
    token = header(acting, "contoh-1", HOURS / 2)
    assert await holds(process, token)
    clock.move(HOURS)
    assert not await holds(process, token)
    clock.move(-HOURS)
    assert await holds(process, token)


async def test_a_token_from_the_future_is_refused_until_its_time_comes(
    acting: Acting, clock: FixedClock, process: Authentication
) -> None:
    clock.move(HOURS)
    token = header(acting, "contoh-2")
    assert await holds(process, token)
    clock.move(-HOURS)
    assert not await holds(process, token)
    clock.move(HOURS + SOON)
    assert await holds(process, token)


@pytest.mark.parametrize("jump", [HOURS, -HOURS, dt.timedelta(minutes=-15)])
async def test_what_is_revoked_after_a_jump_is_known_soon(
    acting: Acting, clock: FixedClock, process: Authentication, jump: dt.timedelta
) -> None:
    early = header(acting, f"contoh-3{jump}", dt.timedelta(days=9))
    later = early if jump > dt.timedelta() else None
    assert (await acting.do(Role.ADMIN, "revokeTokens", subject="contoh-somebody-else"))["userErrors"] == []
    assert await holds(process, early)
    clock.move(jump)
    token = later or header(acting, f"contoh-3{jump}", dt.timedelta(days=9))
    clock.move(SOON)
    assert await holds(process, token)
    assert (await acting.do(Role.ADMIN, "revokeTokens", subject=f"contoh-3{jump}"))["userErrors"] == []
    clock.move(SOON)
    assert not await holds(process, token)


async def test_what_was_revoked_while_the_clock_was_wrong_is_known_once_all_are_read(
    acting: Acting, clock: FixedClock, process: Authentication
) -> None:
    token = header(acting, "contoh-4")
    assert (await acting.do(Role.ADMIN, "revokeTokens", subject="contoh-somebody"))["userErrors"] == []
    clock.move(SOON)
    assert await holds(process, token)
    written = clock.now() - HOURS
    await acting.tables.execute(
        "insert into ksbb.token_revocation (id, at, subject, issued_before) values"
        " (gen_random_uuid(), $1, 'contoh-4', $2)",
        written,
        clock.now(),
    )
    clock.move(dt.timedelta(minutes=5))
    assert not await holds(process, token)


@dataclass
class Issuer:
    """An OIDC issuer whose keys change and which may be down."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first"}, private=True))
    asked: int = 0
    is_down: bool = False

    def fetch(self, _: str) -> bytes:
        self.asked += 1
        if self.is_down:
            raise TimeoutError
        return json.dumps({"keys": [self.key.as_dict(private=False)]}).encode()

    def rotate(self, name: str) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": name}, private=True)

    def token(self, clock: FixedClock, **more: Any) -> bytes:
        now = int(clock.now().timestamp())
        claims = {"iss": "ksbb-demo", "aud": "ksbb-terbuka", "sub": "contoh", "role": "DINAS", "exp": now + 900_000}
        header = {"alg": "ES256", "kid": self.key.kid}
        return b"Bearer " + jwt.encode(header, claims | more, self.key, algorithms=["ES256"]).encode()


@pytest.mark.parametrize("jump", [HOURS, -HOURS])
async def test_keys_of_an_issuer_are_asked_for_again_after_a_jump(tmp_path: Path, jump: dt.timedelta) -> None:
    clock, issuer = FixedClock(dt.datetime(2022, 1, 3, 2, tzinfo=dt.UTC)), Issuer()
    settings = Settings(data_dir=tmp_path, token_jwks_url="https://contoh.example/jwks")
    process = Authentication(Verifier(settings, clock, issuer.fetch), clock)
    old = issuer.token(clock)
    assert await holds(process, old)
    issuer.rotate("second")
    clock.move(jump)
    assert await holds(process, issuer.token(clock))
    assert not await holds(process, old)


async def test_an_issuer_that_is_down_when_the_clock_jumps_leaves_the_keys_that_are_known(tmp_path: Path) -> None:
    clock, issuer = FixedClock(dt.datetime(2022, 1, 3, 2, tzinfo=dt.UTC)), Issuer(is_down=True)
    settings = Settings(data_dir=tmp_path, token_jwks_url="https://contoh.example/jwks")
    process = Authentication(Verifier(settings, clock, issuer.fetch), clock)
    with pytest.raises(KeysUnavailable):
        await process.viewer(issuer.token(clock))
    issuer.is_down = False
    for jump in (-HOURS, HOURS):
        clock.move(jump)
        assert await holds(process, issuer.token(clock))
        issuer.is_down = True


@pytest.mark.parametrize("jumps", [(HOURS, -HOURS), (-HOURS, HOURS)])
async def test_what_is_due_is_done_once_however_the_clock_jumps(
    acting: Acting, clock: FixedClock, jumps: tuple[dt.timedelta, ...]
) -> None:
    await acting.bus.tick()
    for jump in jumps:
        clock.move(jump)
        await acting.bus.tick()
    assert set((await acting.bus.tick()).values()) == {0}
    asked = await acting(Role.INSPEKTORAT, "{ loans(first: 2) { nodes { id } pageInfo { endCursor } } }")
    after = asked["data"]["loans"]["pageInfo"]["endCursor"]
    clock.move(-HOURS)
    query = "query ($after: String) { loans(first: 2, after: $after) { nodes { id } } }"
    assert len((await acting(Role.INSPEKTORAT, query, {"after": after}))["data"]["loans"]["nodes"]) == 2
