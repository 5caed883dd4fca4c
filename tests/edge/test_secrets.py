"""Secrets: ids, seals, columns and the key file."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting
from policy.secrets import NotAnId, SealBroken, Secrets, UnreadableColumn, UnusableSecretFile

SECRETS = Secrets(bytes(range(32)))
OTHERS = Secrets(bytes(32))
KEY = UUID("018f5d0a-7c3b-7def-8123-456789abcdef")


@given(st.uuids(), st.sampled_from(["loan", "recipient", "intake_application"]))
def test_a_public_id_leads_back_to_its_key(key: UUID, kind: str) -> None:
    assert SECRETS.internal_key(SECRETS.public_id(kind, key)) == (kind, key)


def test_a_public_id_never_changes_while_the_master_key_stays() -> None:
    assert SECRETS.public_id("loan", KEY) == Secrets(bytes(range(32))).public_id("loan", KEY)
    assert len(SECRETS.public_id("loan", KEY)) == len("loan_") + 26


def test_the_same_key_has_unlike_ids_in_each_kind_and_installation() -> None:
    ids = {s.public_id(kind, KEY).rpartition("_")[2] for s in (SECRETS, OTHERS) for kind in ("loan", "pledge")}
    assert len(ids) == 4


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "loan",
        "loan_",
        "_" + "0" * 26,
        "loan_" + "0" * 25,
        "loan_" + "0" * 27,
        "loan_8" + "0" * 25,  # more than 128 bits
        "loan_" + "0" * 25 + "u",  # not a Crockford digit
        "loan_" + "0" * 25 + "O",
        "loan_" + "0" * 25 + "\N{ARABIC-INDIC DIGIT ONE}",
        "LOAN_" + "0" * 26,
        "lo an_" + "0" * 26,
        "x" * 10_000 + "_" + "0" * 26,
    ],
)
def test_nonsense_is_not_an_id(nonsense: str) -> None:
    with pytest.raises(NotAnId):
        SECRETS.internal_key(nonsense)


@given(st.binary(), st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_a_seal_opens_in_its_own_context(data: bytes, context: list[str]) -> None:
    sealed = SECRETS.seal(data, *context)
    assert sealed == SECRETS.seal(data, *context)
    assert SECRETS.unseal(sealed, *context) == data
    with pytest.raises(SealBroken):
        SECRETS.unseal(sealed, *context, "another")


@given(st.text())
def test_invented_seals_do_not_open(text: str) -> None:
    with pytest.raises(SealBroken):
        SECRETS.unseal(text)


def test_every_altered_seal_is_broken() -> None:
    sealed = SECRETS.seal(b"page 2", "loans")
    for i, letter in enumerate(sealed):
        with pytest.raises(SealBroken):
            SECRETS.unseal(sealed[:i] + ("A" if letter != "A" else "B") + sealed[i + 1 :], "loans")
    with pytest.raises(SealBroken):
        SECRETS.unseal(sealed + "=", "loans")


def test_a_column_opens_with_its_key_and_name_only() -> None:
    stored = SECRETS.encrypt("3171 contoh", "recipient.nik")
    assert b"3171" not in stored
    assert SECRETS.decrypt(stored, "recipient.nik") == "3171 contoh"
    for secrets, column in ((SECRETS, "recipient.family_card"), (OTHERS, "recipient.nik")):
        with pytest.raises(UnreadableColumn) as refused:
            secrets.decrypt(stored, column)
        assert "3171" not in refused.value.message


def test_a_blind_value_tells_equality_within_one_column_only() -> None:
    assert SECRETS.blind("x", "a") == SECRETS.blind("x", "a")
    assert len({SECRETS.blind("x", "a"), SECRETS.blind("x", "b"), SECRETS.blind("y", "a"), OTHERS.blind("x", "a")}) == 4


def test_each_role_has_a_password_of_its_own() -> None:
    assert SECRETS.role_password("ksbb_publik") == SECRETS.role_password("ksbb_publik")
    assert SECRETS.role_password("ksbb_publik") != SECRETS.role_password("ksbb_dinas")


def test_the_key_file_is_private_and_made_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first, second = Secrets.of(settings), Secrets.of(settings)
    file = tmp_path / "new" / "secret.key"
    assert first.subkey("x") == second.subkey("x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in file.parent.iterdir()] == ["secret.key"]


def _subkey_in(folder: Path) -> bytes:
    return Secrets.of(Settings(data_dir=folder)).subkey("x")


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert len(set(pool.map(_subkey_in, [tmp_path] * 8))) == 1


def test_a_secret_setting_wins_over_the_file(tmp_path: Path) -> None:
    given_key = Secrets.of(Settings(data_dir=tmp_path, secret_key=bytes(range(32)).hex()))
    assert given_key.subkey("x") == SECRETS.subkey("x")
    assert not list(tmp_path.iterdir())


def test_an_unusable_secret_is_refused_without_repeating_it(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"\xff rahasia")
    with pytest.raises(UnusableSecretFile) as in_file:
        Secrets.of(Settings(data_dir=tmp_path))
    with pytest.raises(UnusableSetting) as in_setting:
        Secrets.of(Settings(data_dir=tmp_path, secret_key="rahasia"))
    refusals: list[KsbbError] = [in_file.value, in_setting.value]
    assert not any("rahasia" in str(refusal) for refusal in refusals)
