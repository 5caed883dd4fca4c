"""Roles as an issuer names them become ours, one at a time; what is unknown or unclear is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kernel.clock import FixedClock
from kernel.settings import Settings, UnusableSetting
from policy.claimed_role import RoleClaims
from policy.token_errors import BadToken
from policy.tokens import Verifier
from policy.viewer import Role

from .test_tokens import KEY, NOON, Issuer

MAPPING = "/ksbb/inspektorat=INSPEKTORAT,/ksbb/dinas=DINAS,lembaga-keuangan=FINTECH"


def settings(folder: Path, **changes: Any) -> Settings:
    given = {"token_jwks_url": "https://contoh.example/keys", "token_roles": MAPPING, **changes}
    return Settings(data_dir=folder, **given)


@pytest.mark.parametrize(
    ("path", "claims", "role"),
    [
        ("groups", {"groups": ["/lain", "/ksbb/inspektorat"]}, Role.INSPEKTORAT),
        ("groups", {"groups": "/ksbb/dinas"}, Role.DINAS),
        ("groups", {"groups": ["lembaga-keuangan"], "institution": KEY}, Role.FINTECH),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/dinas"]}, Role.DINAS),
        ("groups", {"groups": ["/ksbb/dinas"], "role": "INSPEKTORAT"}, Role.DINAS),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/inspektorat"], "role": "INSPEKTORAT"}, Role.INSPEKTORAT),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "/ksbb/dinas"]}}, Role.DINAS),
        ("https://contoh.example/roles", {"https://contoh.example/roles": ["/ksbb/dinas"]}, Role.DINAS),
    ],
)
async def test_a_name_of_the_issuer_becomes_a_role(
    tmp_path: Path, path: str, claims: dict[str, Any], role: Role
) -> None:
    issuer = Issuer()
    verifier = Verifier(settings(tmp_path, token_role_claim=path), FixedClock(NOON), issuer.fetch)
    assert (await verifier.viewer(issuer.token(**{"role": None} | claims))).role is role


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("groups", {}),
        ("groups", {"role": "INSPEKTORAT"}),
        ("groups", {"role": "ADMIN", "groups": []}),
        ("groups", {"groups": ["INSPEKTORAT", "/ksbb", "/KSBB/DINAS"]}),
        ("groups", {"groups": [["/ksbb/dinas"], 7, None, {"/ksbb/dinas": 1}]}),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/inspektorat"]}),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/inspektorat"], "role": "ADMIN"}),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/inspektorat"], "role": ["DINAS"]}),
        ("groups", {"groups": ["/ksbb/dinas", "/ksbb/inspektorat"], "role": "RAJA"}),
        ("groups", {"groups": ["lembaga-keuangan"]}),
        ("realm_access.roles", {"realm_access": ["/ksbb/dinas"]}),
        ("realm_access.roles", {"realm_access": {}, "roles": ["/ksbb/dinas"]}),
        ("realm_access.roles.0", {"realm_access": {"roles": ["/ksbb/dinas"]}}),
    ],
)
async def test_what_is_unknown_or_unclear_is_refused_and_not_repeated(
    tmp_path: Path, path: str, claims: dict[str, Any]
) -> None:
    issuer = Issuer()
    verifier = Verifier(settings(tmp_path, token_role_claim=path), FixedClock(NOON), issuer.fetch)
    with pytest.raises(BadToken) as refused:
        await verifier.viewer(issuer.token(**{"role": None} | claims))
    assert "/ksbb" not in refused.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"token_roles": "a=RAJA"},
        {"token_roles": "a=DINAS,a=INSPEKTORAT"},
        {"token_jwks_url": ""},
    ],
)
def test_a_mapping_that_cannot_be_meant_is_no_setting(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableSetting):
        Verifier(settings(tmp_path, **changes), FixedClock(NOON))


@pytest.mark.parametrize("text", ["a", "a=", "=DINAS", "a=DINAS,", "a b=DINAS", "a=b=DINAS"])
def test_a_mapping_is_pairs_parted_by_commas(text: str) -> None:
    with pytest.raises(UnusableSetting):
        Settings.read({"KSBB_TOKEN_ROLES": text})


def test_without_a_mapping_our_own_claim_says_the_role() -> None:
    assert RoleClaims().role({"role": "DINAS", "groups": ["/ksbb/inspektorat"]}) == "DINAS"
