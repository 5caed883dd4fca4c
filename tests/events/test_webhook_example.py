"""The example receiver and the command line, executed: a webhook is registered, tested and verified from outside."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from kernel.clock import SystemClock
from policy.event_cursor import BEGINNING
from server import sequencer_dsn
from tests.acting import Acting, an_acting_city
from tests.events.webhook_worker import Everybody, at_work

ROOT = Path(__file__).parents[2]
SECRET = f"whsec_{b64encode(b'contoh' * 6).decode()}"


def _receiver(secret: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The example as a process, and its address."""
    command = [sys.executable, "examples/webhook_receiver.py", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "KSBB_SECRET": secret}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, f"http://127.0.0.1:{process.stdout.readline().split()[1]}/"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def receiver() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The example with a secret of the test."""
    yield from _receiver(SECRET)


def _signed(body: bytes, id_: str = "event_1", secret: str = SECRET, age_s: int = 0) -> dict[str, str]:
    at = SystemClock().now() - dt.timedelta(seconds=age_s)
    signature = Webhook(secret).sign(id_, at, body.decode())
    return {"webhook-id": id_, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_the_example_takes_what_is_signed_and_fresh_and_nothing_else(
    receiver: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = receiver
    body = json.dumps({"type": "LoanMoved", "data": {"id": "event_1", "subjectType": "Loan", "subjectId": "loan_1"}})
    data, other = body.encode(), f"whsec_{b64encode(b'lain' * 8).decode()}"
    both = _signed(data, "event_2")
    both["webhook-signature"] = f"{_signed(data, 'event_2', other)['webhook-signature']} {both['webhook-signature']}"
    with httpx.Client(trust_env=False) as client:
        for headers, status in (
            (_signed(data), 204),
            (_signed(data), 204),
            (both, 204),
            ({}, 401),
            (_signed(data, secret=other), 401),
            (_signed(data, age_s=600), 401),
            ({**_signed(data), "webhook-id": "event_9"}, 401),
        ):
            assert client.post(url, content=data, headers=headers).status_code == status, headers
        assert client.post(url, content=data + b" ", headers=_signed(data)).status_code == 401
        assert client.post(url, content=b"x" * 200_000, headers=_signed(data)).status_code == 413
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["LoanMoved Loan loan_1 event_1\n"] * 2


def _ksbb(acting: Acting, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    environment |= {
        "KSBB_DATA_DIR": str(acting.city.settings.data_dir),
        "KSBB_SECRET_KEY": acting.city.settings.secret_key,
        "KSBB_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    command = [sys.executable, "-m", "cli", "webhook", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_webhook_is_registered_tested_and_looked_at_from_the_command_line() -> None:
    async with an_acting_city() as acting:
        biro = ("--as", "BIRO_KSD")
        refused = _ksbb(acting, "register", "Contoh", "https://user@host.example/", *biro)
        assert (refused.returncode, refused.stdout) == (1, "")
        made = json.loads(_ksbb(acting, "register", "Contoh", "http://127.0.0.1:1/", *biro, "--json").stdout)
        receivers = _receiver(made["secret"])
        process, url = await asyncio.to_thread(next, receivers)
        address = "update ksbb.subscription set target_url = $1"
        await acting.tables.execute(address, url)
        (listed,) = json.loads(_ksbb(acting, "list", *biro, "--json").stdout)
        assert (listed["id"], listed["active"], listed["targetHost"]) == (made["id"], True, "127.0.0.1")
        assert _ksbb(acting, "list", "--as", "DINAS").stdout == ""
        ping = _ksbb(acting, "ping", made["id"], *biro).stdout.strip()
        dsn, secrets = sequencer_dsn(acting.city.settings, acting.city.server), acting.city.secrets
        async with at_work(acting.city.settings, dsn, Everybody(secrets)):
            assert process.stdout is not None
            said = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 10)
            assert said == f"PING - - {ping}\n"
        assert _ksbb(acting, "replay", made["id"], BEGINNING, *biro).returncode == 0
        assert _ksbb(acting, "replay", made["id"], "5", *biro).returncode == 1
        await acting.tables.execute("update ksbb.webhook_delivery set state = 'DEAD', problem = 'STATUS'")
        assert ping in _ksbb(acting, "dead", *biro).stdout
        assert _ksbb(acting, "dead", *biro, "--redeliver", made["id"]).stdout == "1 wait again\n"
        assert _ksbb(acting, "dead", *biro).stdout == ""
        await asyncio.to_thread(next, receivers, None)
