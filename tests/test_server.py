"""The embedded PostgreSQL is shared, survives kills, and leaves nothing behind; the city's own is checked."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from kernel.errors import KsbbError
from kernel.settings import Settings
from models import server as server_module
from models.embedded import EmbeddedPostgres, binary
from models.server import DatabaseUnreachable, NoServerRunning, Server, ServerTooOld
from models.server_account import ServerAccount, account_for
from tests.folders import a_data_folder, a_folder

ROOT = Path(__file__).parents[1]
KILLS = 20 if os.environ.get("TEST_LONG") else 3
OPENS_AND_WAITS = """
    import sys
    from pathlib import Path
    from kernel.settings import Settings
    from models.server import Server
    server = Server.open(Settings(data_dir=Path(sys.argv[1])))
    print("open", flush=True)
    sys.stdin.read()
    server.stop()
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data folder with a database, not running."""
    with a_data_folder() as folder:
        Server.open(Settings(data_dir=folder)).stop()
        yield folder


@pytest.fixture
def settings(made_once: Path) -> Iterator[Settings]:
    """Settings with a database of its own, not running."""
    with a_data_folder() as folder:
        # `cp -a` keeps the owner, which differs from ours when the tests run as root.
        subprocess.run(["cp", "-a", made_once, folder], check=True)
        yield Settings(data_dir=folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder."""
    with a_folder() as folder:
        yield folder


def ask(uri: str, question: str) -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(uri)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def another_process(settings: Settings) -> subprocess.Popen[str]:
    """A second user of the same data folder, in a process of its own, once it is connected."""
    command = [sys.executable, "-c", textwrap.dedent(OPENS_AND_WAITS), str(settings.data_dir)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("", timeout=30)


def postmaster_pid(settings: Settings) -> int:
    return int((settings.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def test_a_fresh_folder_becomes_a_database_and_stops_with_its_last_user(folder: Path) -> None:
    settings = Settings(data_dir=folder / "not" / "yet" / "there")
    with Server.open(settings) as server:
        assert ask(server.uri(), "select current_user || ' ' || current_database()") == "postgres ksbb"
    assert not EmbeddedPostgres(settings.data_dir).is_running()


def test_the_server_speaks_utf8_sorts_by_code_point_and_keeps_what_it_confirmed(settings: Settings) -> None:
    with Server.open(settings) as server:
        assert ask(server.uri(), "select array(select x from unnest(array['b', 'Z', 'a', 'é']) x order by x)") == [
            *["Z", "a", "b", "é"]
        ]
        assert ask(server.uri(), "select lower('ÉA') || current_setting('server_encoding')") == "éaUTF8"
        assert ask(server.uri(), "select current_setting('fsync') || current_setting('jit')") == "onoff"
        assert ask(server.uri(), "select current_setting('listen_addresses')") == ""


def test_a_role_without_rights_logs_in_over_the_socket(settings: Settings) -> None:
    with Server.open(settings) as server:
        ask(server.uri(), "create role ksbb_publik login")
        assert ask(server.role_dsn("ksbb_publik", "unused"), "select current_user::text") == "ksbb_publik"


def test_psql_reads_the_same_uri(settings: Settings) -> None:
    with Server.open(settings) as server:
        command: list[str | Path] = [binary("psql"), "-At", "-c", "select 40 + 2", server.uri()]
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "42\n"


def test_a_second_process_shares_the_server_and_keeps_it_when_the_first_stops(settings: Settings) -> None:
    first = Server.open(settings)
    second = another_process(settings)
    pid = postmaster_pid(settings)
    first.stop()
    assert postmaster_pid(settings) == pid
    assert ask(first.uri(), "select 1") == 1
    end(second)
    assert not EmbeddedPostgres(settings.data_dir).is_running()


def test_processes_that_start_together_share_one_server(settings: Settings) -> None:
    command = [sys.executable, "-c", textwrap.dedent(OPENS_AND_WAITS), str(settings.data_dir)]
    together = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [process.stdout.readline() for process in together if process.stdout]
    for process in together:
        end(process)
    assert said == ["open\n"] * 4
    assert not EmbeddedPostgres(settings.data_dir).is_running()


def test_a_killed_user_does_not_hold_the_server(settings: Settings) -> None:
    user = another_process(settings)
    user.kill()
    user.communicate()
    postgres = EmbeddedPostgres(settings.data_dir)
    assert postgres.is_abandoned()
    Server.open(settings).stop()
    assert not postgres.is_running()


@pytest.mark.parametrize("_", range(KILLS))
def test_a_killed_postgres_starts_again_with_everything_it_confirmed(settings: Settings, _: int) -> None:
    first = Server.open(settings)
    ask(first.uri(), "create table kept as select 7 as seven")
    os.kill(postmaster_pid(settings), signal.SIGKILL)
    assert eventually(EmbeddedPostgres(settings.data_dir).has_leftovers)
    with Server.open(settings) as again:
        assert ask(again.uri(), "select seven from kept") == 7
    first.stop()


def test_killing_both_python_and_postgres_leaves_nothing_in_the_way(settings: Settings) -> None:
    user = another_process(settings)
    os.kill(postmaster_pid(settings), signal.SIGKILL)
    user.kill()
    user.communicate()
    with Server.open(settings) as again:
        assert ask(again.uri(), "select 1") == 1


def test_a_process_file_whose_number_now_belongs_to_another_process_does_not_stop_a_start(settings: Settings) -> None:
    stale = f"{os.getpid()}\n{settings.data_dir / 'postgres'}\n1600000000\n5432\n\n\n  1 1\nready   \n"
    postgres = settings.data_dir / "postgres"
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (postgres / name).write_text(stale)
        if os.geteuid() == 0:
            os.chown(postgres / name, postgres.stat().st_uid, postgres.stat().st_gid)
    with Server.open(settings) as server:
        assert ask(server.uri(), "select 1") == 1


def test_a_start_that_was_killed_halfway_is_made_anew(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with Server.open(Settings(data_dir=folder)) as server:
        assert ask(server.uri(), "select 1") == 1


def test_a_data_folder_with_a_very_long_name_gets_a_short_socket(made_once: Path, folder: Path) -> None:
    data = folder / ("a_long_name_" * 9) / "with space and 'quote'"
    data.parent.mkdir()
    subprocess.run(["cp", "-a", made_once, data], check=True)
    with Server.open(Settings(data_dir=data)) as server:
        assert ask(server.uri(), "select 1") == 1
        socket_dir = EmbeddedPostgres(data).socket_dir
        assert socket_dir.stat().st_mode & 0o077 == 0
    shutil.rmtree(socket_dir)


def test_an_open_socket_folder_of_somebody_else_is_refused(made_once: Path, folder: Path) -> None:
    data = folder / ("a_long_name_" * 9)
    subprocess.run(["cp", "-a", made_once, data], check=True)
    socket_dir = EmbeddedPostgres(data).socket_dir
    socket_dir.mkdir(mode=0o777)
    socket_dir.chmod(0o777)
    try:
        with pytest.raises(KsbbError, match="is not private"):
            Server.open(Settings(data_dir=data))
    finally:
        socket_dir.rmdir()


def test_data_of_another_version_are_refused_with_the_cure(settings: Settings) -> None:
    (settings.data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(KsbbError, match=r"PostgreSQL 16, and this is 18.*pg_dump"):
        Server.open(settings)


def test_a_broken_configuration_is_told_in_the_words_of_postgres(settings: Settings) -> None:
    with (settings.data_dir / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = 'much'\n")
    with pytest.raises(KsbbError, match=r"did not start: .*shared_buffers.*much"):
        Server.open(settings)


def test_a_data_folder_that_cannot_be_written_is_refused_with_the_cure(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(KsbbError, match="KSBB_DATA_DIR"):
        Server.open(Settings(data_dir=folder / "file" / "data"))


def test_asking_for_the_running_server_starts_none(settings: Settings) -> None:
    with pytest.raises(NoServerRunning, match="ksbb serve"):
        Server.running(settings)
    with Server.open(settings) as server:
        assert Server.running(settings).uri() == server.uri()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_lets_the_database_pass_and_nobody_else(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    with Server.open(Settings(data_dir=private / "data")) as server:
        assert ask(server.uri(), "select 1") == 1
    assert private.stat().st_mode & 0o007 == 0
    account = account_for(private / "data" / "postgres")
    stranger = ServerAccount(name="nobody", uid=65534, gid=65534)
    assert account.run(["test", "-x", private]).returncode == 0
    assert account.run(["ls", private]).returncode != 0
    assert stranger.run(["test", "-x", private]).returncode != 0


def test_an_own_server_gets_role_passwords_and_keeps_its_address() -> None:
    server = Server("postgresql://kota:s3cret@db.example:5433/ksbb?sslmode=require")
    assert server.role_dsn("ksbb_publik", "p@ss/1") == (
        "postgresql://ksbb_publik:p%40ss%2F1@db.example:5433/ksbb?sslmode=require"
    )
    assert server.uri(database="other") == "postgresql://kota:s3cret@db.example:5433/other?sslmode=require"


def test_an_own_server_that_is_not_there_is_refused_without_showing_the_password() -> None:
    with pytest.raises(DatabaseUnreachable, match=r"127\.0\.0\.1:1") as refusal:
        Server.open(Settings(database_url="postgresql://kota:s3cret@127.0.0.1:1/ksbb"))
    assert "s3cret" not in refusal.value.message


def test_an_own_server_is_used_as_it_is(settings: Settings) -> None:
    with Server.open(settings) as embedded, Server.open(Settings(database_url=embedded.uri())) as own:
        assert ask(own.uri(), "select 1") == 1


def test_an_own_server_that_is_too_old_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "OLDEST_VERSION", 99)
    with Server.open(settings) as embedded, pytest.raises(ServerTooOld, match="is version 18; 99 or newer"):
        Server.open(Settings(database_url=embedded.uri()))
