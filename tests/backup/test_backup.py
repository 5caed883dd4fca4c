"""A backup holds all but the keys, says when it is not whole, and becomes the same city again in an empty folder."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from backup.contents import contents, differences
from backup.manifest import DATABASE, FILES, MANIFEST, _digest
from backup.programs import ProgramMissing, program, without_password
from kernel.settings import Settings
from models.server import Server
from policy.viewer import PUBLIC, Role, Viewer
from resolvers.request import GraphQLRequest
from server import reader_of
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.folders import a_data_folder, a_folder
from tests.serving import free_port, served, until_ready

ROOT = Path(__file__).parents[2]
FILES_THERE = {
    "evidence/ab/0123": b"contoh",
    "releases/ksbb-umkm/1.0.1/datapackage.json": b"{}",
    "releases/ksbb-umkm/.withdrawn/1.0.0.json": b"a ledger",
    "events/1-2.jsonl": b"{}\n",
    "documents/contoh.graphql": b"{ __typename }",
}
LEFT_OUT = {"secret.key": b"secret", "token_key.json": b"secret", "evidence/.drafts/x": b"a draft", "x": b"unknown"}
QUERY = "{ loans(first: 5) { totalCount nodes { id principal status recipient { tradeName } } } }"
PUBLIC_QUERY = "{ collaborations(first: 5) { totalCount nodes { id title pledges(first: 2) { nodes { id item } } } } }"


def ksbb(settings: Settings, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `ksbb db` as a person would."""
    command = [sys.executable, "-m", "cli", "db", *arguments]
    environment = _environment(settings) | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=240, check=False)


def _environment(settings: Settings) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    return given | {"KSBB_DATA_DIR": str(settings.data_dir), "KSBB_SECRET_KEY": settings.secret_key}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[City]:
    """A city of the module's own, with files."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            for name, content in {**FILES_THERE, **LEFT_OUT}.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
            (folder / "releases/ksbb-umkm/latest").symlink_to("1.0.1")
            yield await a_walled_city(settings, server)


@pytest.fixture(scope="module")
def made(city: City) -> Iterator[Path]:
    """A backup of the city."""
    with a_folder() as folder:
        done = ksbb(city.settings, "backup", str(folder / "of-today"))
        assert done.returncode == 0, done.stderr
        assert "master secret is not in it" in done.stderr
        stated = json.loads((folder / "of-today" / MANIFEST).read_bytes())
        assert differences(stated, asyncio.run(told(city.server.uri()))) == []
        yield folder / "of-today"


@pytest.fixture
def altered(made: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the backup in which something was changed."""

    def copy(part: str, change: Callable[[bytes], bytes]) -> Path:
        folder = tmp_path / "altered"
        subprocess.run(["cp", "-a", made, folder], check=True)
        (folder / part).write_bytes(change((folder / part).read_bytes()))
        return folder

    return copy


async def told(uri: str) -> dict[str, Any]:
    connection = await asyncpg.connect(uri)
    try:
        return await contents(connection)
    finally:
        await connection.close()


async def asked(settings: Settings, server: Server, viewer: Viewer, query: str) -> bytes:
    reader = reader_of(settings, server)
    try:
        return (await reader.answer(viewer, GraphQLRequest(query))).body
    finally:
        await reader.close()


def test_a_restored_city_is_the_same_row_for_row_and_answers_the_same(city: City, made: Path) -> None:
    with a_folder() as folder:
        into = folder / "data"
        done = ksbb(city.settings, "restore", str(made), "--into", str(into))
        assert done.returncode == 0, done.stderr
        restored = Settings(data_dir=into, secret_key=SECRET_KEY)
        with Server.open(restored) as server:
            assert differences(json.loads((made / MANIFEST).read_bytes()), asyncio.run(told(server.uri()))) == []
            answers = [
                asyncio.run(asked(restored, server, city.viewer(Role.INSPEKTORAT), QUERY)),
                asyncio.run(asked(city.settings, city.server, city.viewer(Role.INSPEKTORAT), QUERY)),
            ]
            assert answers[0] == answers[1]
        for name, content in FILES_THERE.items():
            assert (into / name).read_bytes() == content
        assert (into / "releases/ksbb-umkm/latest").readlink() == Path("1.0.1")
        assert not any((into / name).exists() for name in LEFT_OUT)
        port = free_port()
        with served(restored, port):
            asyncio.run(until_ready(f"http://127.0.0.1:{port}"))
            address = f"http://127.0.0.1:{port}/graphql"
            answer = httpx.post(address, json={"query": PUBLIC_QUERY}, timeout=60, trust_env=False)
        assert answer.content == asyncio.run(asked(city.settings, city.server, PUBLIC, PUBLIC_QUERY))
        assert answer.json()["data"]["collaborations"]["totalCount"] > 0


def test_a_backup_holds_no_key_and_only_its_maker_reads_it(made: Path) -> None:
    with tarfile.open(made / FILES) as tar:
        assert set(tar.getnames()) == {*FILES_THERE, "releases/ksbb-umkm/latest"}
    assert made.stat().st_mode & 0o077 == 0
    for part in made.iterdir():
        content = part.read_bytes()
        assert SECRET_KEY.encode() not in content
        assert bytes.fromhex(SECRET_KEY) not in content


def test_a_backup_is_rehearsed_without_touching_the_city(city: City, made: Path) -> None:
    before = asyncio.run(told(city.server.uri()))
    done = ksbb(city.settings, "verify", str(made), "--deep")
    assert done.returncode == 0, done.stderr
    assert "as they were backed up" in done.stdout
    assert "The audit trail is whole" in done.stdout
    assert asyncio.run(told(city.server.uri())) == before


@pytest.mark.parametrize("part", [MANIFEST, DATABASE, FILES])
@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_flipped_byte_is_found(
    city: City, altered: Callable[..., Path], tmp_path: Path, part: str, command: str
) -> None:
    def flip(content: bytes) -> bytes:
        middle = len(content) // 2
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]

    folder, into = altered(part, flip), tmp_path / "into"
    more = ("--into", str(into)) if command == "restore" else ()
    done = ksbb(city.settings, command, str(folder), *more)
    assert (done.returncode, done.stdout) == (1, "")
    assert part in done.stderr
    assert not into.exists()


def test_a_manifest_that_was_written_anew_is_refused_by_its_seal_and_by_a_rehearsal(
    city: City, altered: Callable[..., Path]
) -> None:
    def forge(content: bytes) -> bytes:
        whole = json.loads(content)
        whole["tables"]["loan"]["rows"] += 1
        stated = {name: value for name, value in whole.items() if name not in ("sha256", "seal")}
        return json.dumps({**whole, "sha256": _digest(stated)}).encode()

    folder = altered(MANIFEST, forge)
    known = ksbb(city.settings, "verify", str(folder))
    assert (known.returncode, "not written under this master secret" in known.stderr) == (1, True)
    stranger = Settings(data_dir=folder.parent / "nothing")
    rehearsed = ksbb(stranger, "verify", str(folder), "--deep")
    assert (rehearsed.returncode, "the table loan has" in rehearsed.stderr) == (1, True)


@pytest.mark.parametrize("secret", ["a1" * 32, ""])
def test_another_secret_or_none_is_refused(city: City, made: Path, tmp_path: Path, secret: str) -> None:
    stranger = Settings(data_dir=tmp_path / "nothing", secret_key=secret)
    done = ksbb(stranger, "restore", str(made), "--into", str(tmp_path / "into"))
    assert (done.returncode, "master secret" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(city: City, made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    into = ksbb(city.settings, "restore", str(made), "--into", str(tmp_path))
    again = ksbb(city.settings, "backup", str(made))
    assert (into.returncode, "is not empty" in into.stderr) == (1, True)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    own = ksbb(
        city.settings, "restore", str(made), "--into", str(tmp_path / "new"), KSBB_DATABASE_URL=city.server.uri()
    )
    assert (own.returncode, "already" in own.stderr) == (1, True)
    assert not (tmp_path / "new").exists()
    assert asyncio.run(told(city.server.uri()))["tables"]["loan"]["rows"] > 0


def test_a_city_with_its_own_server_is_restored_into_an_empty_database(city: City, made: Path, tmp_path: Path) -> None:
    async def prepared() -> None:
        owner = await asyncpg.connect(city.server.uri("postgres"))
        await owner.execute("create database own_city")
        await owner.close()

    asyncio.run(prepared())
    own = {"KSBB_DATABASE_URL": city.server.uri("own_city"), "KSBB_ROLE_PREFIX": "own_"}
    done = ksbb(city.settings, "restore", str(made), "--into", str(tmp_path / "data"), **own)
    assert done.returncode == 0, done.stderr
    stated = json.loads((made / MANIFEST).read_bytes())
    assert differences(stated, asyncio.run(told(city.server.uri("own_city")))) == []
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"documents", "events", "evidence", "releases"}
    checked = ksbb(city.settings, "check", **own)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout


def test_a_backup_whose_making_was_killed_is_refused_and_made_anew(city: City, tmp_path: Path) -> None:
    folder, partial = tmp_path / "killed", tmp_path / "killed.partial"
    command = [sys.executable, "-m", "cli", "db", "backup", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=_environment(city.settings), stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while not (partial / DATABASE).exists() and time.monotonic() < until:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert partial.exists()
    assert not folder.exists()
    refused = ksbb(city.settings, "verify", str(partial))
    assert (refused.returncode, "cut off" in refused.stderr) == (1, True)
    done = ksbb(city.settings, "backup", str(folder))
    assert done.returncode == 0, done.stderr
    assert not partial.exists()


def test_a_password_never_stands_on_a_command_line() -> None:
    assert without_password("postgresql://kota:s3c%2Fret@db.example:5433/ksbb?sslmode=require") == (
        "postgresql://kota@db.example:5433/ksbb?sslmode=require",
        "s3c/ret",
    )
    assert without_password("postgresql://kota@db/ksbb?password=x&a=b") == ("postgresql://kota@db/ksbb?a=b", "x")


def test_a_program_of_another_version_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="postgresql-client-16"):
        program("pg_dump", 16)
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
    (tmp_path / "pg_dump").chmod(0o755)
    with pytest.raises(ProgramMissing, match="is of version 15"):
        program("pg_dump", 16)
    assert program("pg_dump", 15) == tmp_path / "pg_dump"
