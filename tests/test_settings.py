"""Settings are read whole or refused by name, with what is allowed."""

from __future__ import annotations

import datetime as dt
import socket

import pytest

from edge.address import AddressTaken, require_free
from kernel.settings import Settings, UnknownSetting, UnusableSetting


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("KSBB_PORT", "99999999", "65535"),
        ("KSBB_PORT", "abc", "65535"),
        ("KSBB_PORT", "0", "from 1"),
        ("KSBB_POOL_SIZE", "0", "from 1"),
        ("KSBB_PAGE_LIMIT", "0", "from 1"),
        ("KSBB_EVENT_RETENTION_DAYS", "36501", "from 1 to 36500"),
        ("KSBB_NATS_URL", "http://127.0.0.1:4222", "nats://host:4222"),
        ("KSBB_OTLP_ENDPOINT", "127.0.0.1:4318", "http://host:4318"),
        ("KSBB_OTLP_ENDPOINT", "http://contoh:rahasia@127.0.0.1:4318", "http://host:4318"),
        ("KSBB_STATEMENT_TIMEOUTS_MS", "5000", "by role"),
        ("KSBB_STATEMENT_TIMEOUTS_MS", "*=" + "9" * 100, "by role"),
        ("KSBB_LOG_LEVEL", "foo", "WARNING"),
        ("KSBB_SECRET_KEY", "abc", "64 hex digits"),
        ("KSBB_PROGRAMME_ENDS_ON", "2021-02-31", "2021-07-31"),
        ("KSBB_ROLE_PREFIX", 'x"; drop', "lower-case letter"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_what_is_allowed(name: str, text: str, allowed: str) -> None:
    with pytest.raises(UnusableSetting, match=allowed) as refused:
        Settings.read({name: text})
    assert name in refused.value.message


def test_the_programme_runs_until_a_last_day_is_set() -> None:
    assert Settings().programme_ends_on is None
    assert Settings.read({"KSBB_PROGRAMME_ENDS_ON": ""}).programme_ends_on is None
    assert Settings.read({"KSBB_PROGRAMME_ENDS_ON": "2021-07-31"}).programme_ends_on == dt.date(2021, 7, 31)


def test_a_variable_that_is_no_setting_is_refused() -> None:
    with pytest.raises(UnknownSetting, match="KSBB_PROT"):
        Settings.read({"KSBB_PROT": "1"})


def test_an_address_that_is_taken_is_told_with_the_cure() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(AddressTaken, match="KSBB_PORT"):
            require_free("127.0.0.1", other.getsockname()[1])
