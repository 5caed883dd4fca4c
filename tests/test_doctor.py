"""Each fault that stops a start is really caused, and the doctor names its cause and its cure."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import types
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

import policy
from edge import doctor
from edge.doctor import Check, State, examine, is_healthy
from kernel.settings import Settings
from models import embedded, migrate
from models import server as server_module
from models.embedded import EmbeddedPostgres
from models.server import Server
from tests.folders import a_data_folder

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def policy_that_fits(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The wall's answers, so that each test breaks one thing only."""
    wall = types.ModuleType("policy.wall")
    wall.stored_hash = answered("a" * 64)  # type: ignore[attr-defined]  # a module made by hand
    wall.current_hash = lambda: "a" * 64  # type: ignore[attr-defined]  # a module made by hand
    wall.changed_logins = answered([])  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, "policy.wall", wall)
    monkeypatch.setattr(policy, "wall", wall, raising=False)
    return wall


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data folder with an upgraded database, not running."""
    with a_data_folder() as folder:
        with Server.open(Settings(data_dir=folder)) as server:
            asyncio.run(migrate.upgrade(server.uri()))
        yield folder


@pytest.fixture
def data_dir(made_once: Path) -> Iterator[Path]:
    with a_data_folder() as folder:
        subprocess.run(["cp", "-a", made_once, folder], check=True)
        yield folder


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """Settings under which nothing is wrong."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"KSBB_DATA_DIR": str(data_dir), "KSBB_PORT": str(free.getsockname()[1])}


def answered(value: object) -> object:
    async def answer(*_: str) -> object:
        return value

    return answer


def trouble(environment: dict[str, str]) -> list[Check]:
    return [check for check in examine(environment) if check.state is not State.OK]


def only(checks: list[Check], name: str) -> Check:
    assert [check.name for check in checks] == [name]
    return checks[0]


def test_a_healthy_installation_has_no_trouble_and_is_left_as_it_was(
    environment: dict[str, str], data_dir: Path
) -> None:
    assert trouble(environment) == []
    assert not EmbeddedPostgres(data_dir).is_running()


def test_a_fresh_machine_is_healthy_and_nothing_is_made(environment: dict[str, str], tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    assert trouble(environment | {"KSBB_DATA_DIR": str(fresh)}) == []
    assert not fresh.exists()


def test_a_server_in_use_is_shared_and_not_stopped(environment: dict[str, str], data_dir: Path) -> None:
    with Server.open(Settings(data_dir=data_dir)):
        assert trouble(environment) == []
        assert EmbeddedPostgres(data_dir).is_running()


def test_a_python_that_is_too_old_is_named(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_PYTHON", (4, 0))
    assert "make PYTHON=" in only(trouble(environment), "python").cure


@pytest.mark.parametrize("bad", [{"KSBB_COLOUR": "red"}, {"KSBB_POOL_SIZE": "many"}])
def test_a_bad_setting_is_named(environment: dict[str, str], bad: dict[str, str]) -> None:
    check = only(trouble(environment | bad), "settings")
    assert next(iter(bad)) in check.cause
    assert "docs/settings.md" in check.cure


def test_a_taken_port_is_named(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        check = only(trouble(environment | {"KSBB_PORT": port}), "port")
    assert f"127.0.0.1:{port}" in check.cause
    assert "KSBB_PORT" in check.cure


def test_an_address_that_cannot_be_listened_on_is_named(environment: dict[str, str]) -> None:
    assert only(trouble(environment | {"KSBB_HOST": "192.0.2.1"}), "port").state is State.FAIL


def test_a_port_that_there_is_not_is_named(environment: dict[str, str]) -> None:
    assert only(trouble(environment | {"KSBB_PORT": "70000"}), "settings").state is State.FAIL


def test_a_data_folder_that_cannot_be_written_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = only(trouble(environment | {"KSBB_DATA_DIR": str(tmp_path / "file" / "data")}), "data folder")
    assert "KSBB_DATA_DIR" in check.cure


@pytest.mark.parametrize(("free", "state"), [(500_000_000, State.WARN), (1_000_000, State.FAIL)])
def test_a_full_disk_is_named(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total=10**12, used=10**12 - free, free=free))
    assert only(trouble(environment), "disk").state is state


def test_missing_postgres_programs_are_named(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    assert "postgres" in [check.name for check in trouble(environment)]


def test_what_a_killed_postgres_left_is_named_and_does_not_stop_a_start(
    environment: dict[str, str], data_dir: Path
) -> None:
    server = Server.open(Settings(data_dir=data_dir))
    os.kill(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    server.stop()
    check = only(trouble(environment), "stale lock")
    assert check.state is State.WARN
    assert "killed" in check.cause


def test_a_postgres_that_nobody_uses_is_named(environment: dict[str, str], data_dir: Path) -> None:
    script = "import os, sys; from pathlib import Path; from kernel.settings import Settings; "
    script += "from models.server import Server; Server.open(Settings(data_dir=Path(sys.argv[1]))); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, data_dir], cwd=Path(__file__).parents[1], check=False)
    assert "nobody uses" in only(trouble(environment), "stale lock").cause
    assert trouble(environment) == []


def test_data_of_another_version_are_named(environment: dict[str, str], data_dir: Path) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    assert "PostgreSQL 16" in only(trouble(environment), "database").cause


def test_an_own_server_that_does_not_answer_is_named_without_its_password(environment: dict[str, str]) -> None:
    own = environment | {"KSBB_DATABASE_URL": "postgresql://kota:s3cret@127.0.0.1:1/ksbb"}
    check = only(trouble(own), "database")
    assert "127.0.0.1:1" in check.cause
    assert "s3cret" not in check.cause


def test_an_own_server_that_is_too_old_is_named(
    environment: dict[str, str], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "OLDEST_VERSION", 99)
    with Server.open(Settings(data_dir=data_dir)) as server:
        own = environment | {"KSBB_DATABASE_URL": server.uri()}
        assert "99 or newer is needed" in only(trouble(own), "database").cause


def test_tables_that_lag_behind_are_named(environment: dict[str, str], data_dir: Path) -> None:
    async def drop_all() -> None:
        connection = await asyncpg.connect(server.uri())
        await connection.execute("drop schema ksbb cascade")
        await connection.close()

    with Server.open(Settings(data_dir=data_dir)) as server:
        asyncio.run(drop_all())
    assert "ksbb db upgrade" in only(trouble(environment), "migrations").cure


@pytest.mark.parametrize("stored", [None, "b" * 64])
def test_views_of_another_policy_are_named(
    environment: dict[str, str], policy_that_fits: types.ModuleType, stored: str | None
) -> None:
    policy_that_fits.stored_hash = answered(stored)  # type: ignore[attr-defined]  # a module made by hand
    assert "ksbb db upgrade" in only(trouble(environment), "policy").cure


def test_logins_that_were_changed_are_named(environment: dict[str, str], policy_that_fits: types.ModuleType) -> None:
    policy_that_fits.changed_logins = answered(["ksbb_publik"])  # type: ignore[attr-defined]  # a module made by hand
    found = only(trouble(environment), "logins")
    assert found.state is State.WARN
    assert "ksbb_publik" in found.cause


def test_a_warning_does_not_make_an_installation_unhealthy() -> None:
    assert is_healthy([Check("disk", State.WARN, "little room")])
    assert not is_healthy([Check("disk", State.FAIL, "no room")])
