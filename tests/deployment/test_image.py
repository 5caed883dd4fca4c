"""Image, services and unit: their settings exist, their rights are few, and no secret is written in them."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import subprocess
import sys
import tomllib
from base64 import b64decode
from dataclasses import fields
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from cli.database import upgrade
from kernel.settings import PREFIX, Settings
from models import migrate
from models.embedded import binary
from models.server import Server
from tests.folders import a_data_folder

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = ["Dockerfile", "compose.yaml", "docs/operations.md", "deploy/ksbb.service", "deploy/new-secrets"]
READ_ONLY = {"server", "database", "redis", "portal-database"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return loaded


def services() -> list[tuple[str, dict[str, Any]]]:
    return list(compose()["services"].items())


def new_secrets(folder: Path) -> dict[str, str]:
    subprocess.run([DEPLOY / "new-secrets", folder], check=True)
    return {file.name: file.read_text() for file in folder.iterdir()}


@pytest.mark.parametrize("name", FILES)
def test_every_setting_of_a_deployment_exists(name: str) -> None:
    known = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+", text(name))) <= known


def test_the_settings_of_the_services_can_be_read(tmp_path: Path) -> None:
    given = compose()["services"]["server"]["environment"]
    defaults = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in given.items()}
    secrets = {name: value for name, value in new_secrets(tmp_path).items() if name.startswith(PREFIX)}
    settings = Settings.read({**defaults, **secrets})
    assert settings.tick_every_s
    assert settings.database_url.startswith("postgresql://steward:")


@pytest.mark.parametrize(("name", "service"), services(), ids=[name for name, _ in services()])
def test_a_service_has_no_rights_beyond_its_own_files(name: str, service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only", False) == (name in READ_ONLY)
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "env_file"}


@pytest.mark.parametrize(("name", "service"), services(), ids=[name for name, _ in services()])
def test_a_service_is_reached_through_a_proxy_on_the_host_only(name: str, service: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert ("outside" in service["networks"]) == ("ports" in service)


@pytest.mark.parametrize(("name", "service"), services(), ids=[name for name, _ in services()])
def test_no_service_has_a_secret_in_its_environment(name: str, service: dict[str, Any]) -> None:
    for variable, value in service.get("environment", {}).items():
        assert variable.endswith("_FILE") or not re.search("PASSWORD|SECRET|DATABASE_URL|CKAN_TOKEN", variable)
        assert "@" not in value or variable.endswith("_EMAIL")


def test_every_secret_is_made_declared_and_given_to_somebody(tmp_path: Path) -> None:
    declared = compose()["secrets"]
    assert {name: {"file": f"secrets/{name}"} for name in new_secrets(tmp_path)} == declared
    assert {name for _, service in services() for name in service.get("secrets", [])} == set(declared)
    assert "/secrets/" in text(".gitignore").splitlines()


def test_secrets_are_never_made_twice_and_only_their_owner_reaches_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = new_secrets(folder)
    assert new_secrets(folder) == first
    assert len({value for name, value in first.items() if name.startswith(("ksbb_", "portal_"))}) == 5
    assert folder.stat().st_mode & 0o777 == 0o700


def with_secrets(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "SECRETS_DIR": str(folder)}
    command = [str(DEPLOY / "with-secrets"), sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_file_named_like_a_variable_becomes_it_for_one_command(tmp_path: Path) -> None:
    (tmp_path / "KSBB_SECRET_KEY").write_text("a b\n")
    (tmp_path / "ksbb_owner").write_text("of another")
    program = "import os; print([os.environ['KSBB_SECRET_KEY'], os.environ.get('ksbb_owner')])"
    assert with_secrets(tmp_path, program).stdout == "['a b', None]\n"


def test_a_command_runs_without_secrets_but_not_without_one_that_cannot_be_read(tmp_path: Path) -> None:
    assert with_secrets(tmp_path / "none", "print('ran')").stdout == "ran\n"
    (tmp_path / "KSBB_DATABASE_URL").mkdir()
    refused = with_secrets(tmp_path, "print('ran')")
    assert (refused.stdout, refused.returncode) == ("", 1)


def test_the_image_installs_nothing_without_a_hash_and_runs_as_nobody_in_particular() -> None:
    page = text("Dockerfile")
    installs = re.findall(r"pip install ([^\\&\n]*)", page)
    assert len(installs) == 3
    assert all("--require-hashes" in given or "--no-index" in given for given in installs)
    assert re.findall(r"^USER (.*)$", page, re.MULTILINE) == ["10001:10001"]
    assert "/livez" in page.split("HEALTHCHECK")[1].splitlines()[1]


def test_the_image_is_made_of_our_packages_and_their_locks() -> None:
    sent = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    setuptools = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]
    packages = {name.rstrip("*") for name in setuptools["packages"]["find"]["include"]}
    ours = {name for name in packages if (ROOT / name).is_dir()} | {f"{name}.py" for name in setuptools["py-modules"]}
    assert sent == ours | {
        "build.lock", "requirements.lock", "pyproject.toml", "README.md", "NOTICE", "deploy/with-secrets"
    }  # fmt: skip
    assert text(".dockerignore").splitlines()[1] == "*"


def test_the_unit_writes_in_its_own_folder_only() -> None:
    given = dict(re.findall(r"^(\w+)=(.*)$", text("deploy/ksbb.service"), re.MULTILINE))
    assert given["User"] == "ksbb"
    assert given["ProtectSystem"] == "strict"
    assert given["NoNewPrivileges"] == "yes"
    assert given["CapabilityBoundingSet"] == ""
    assert given["ReadWritePaths"] == f"/var/lib/{given['StateDirectory']}"
    assert given["Restart"] == "on-failure"


async def test_the_owner_of_the_database_is_no_superuser_and_has_the_password_of_the_file(tmp_path: Path) -> None:
    secrets = new_secrets(tmp_path)
    with a_data_folder() as folder, Server.open(Settings(data_dir=folder)) as server:
        connection = await asyncpg.connect(server.uri("postgres"))
        await connection.execute("DROP DATABASE ksbb")
        run_by_image("database.sh", server, tmp_path)
        run_by_image("portal_database.sh", server, tmp_path)
        roles = await connection.fetch(
            "SELECT rolname, rolsuper, rolcreaterole, rolpassword FROM pg_authid"
            " WHERE rolname IN ('steward', 'ckan', 'datastore_reader') ORDER BY 1"
        )
        databases = await connection.fetch(
            "SELECT datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database"
            " WHERE datname IN ('ksbb', 'ckan', 'datastore') ORDER BY 1"
        )
        await connection.close()
    assert [tuple(role)[:3] for role in roles] == [
        ("ckan", False, False),
        ("datastore_reader", False, False),
        ("steward", False, True),
    ]
    kept = {role["rolname"]: role["rolpassword"] for role in roles}
    assert is_of(kept["steward"], secrets["ksbb_owner"])
    assert is_of(kept["ckan"], secrets["portal_owner"])
    assert is_of(kept["datastore_reader"], secrets["portal_reader"])
    assert [tuple(found) for found in databases] == [
        ("ckan", "ckan", "UTF8"),
        ("datastore", "ckan", "UTF8"),
        ("ksbb", "steward", "UTF8"),
    ]
    assert secrets["ksbb_owner"] in secrets["KSBB_DATABASE_URL"]


async def test_the_owner_of_the_database_has_the_rights_that_our_tables_roles_and_views_need(tmp_path: Path) -> None:
    new_secrets(tmp_path)
    with a_data_folder() as folder, Server.open(Settings(data_dir=folder)) as server:
        connection = await asyncpg.connect(server.uri("postgres"))
        await connection.execute("DROP DATABASE ksbb")
        await connection.close()
        run_by_image("database.sh", server, tmp_path)
        uri = server.uri("ksbb", "steward")
        assert await upgrade(Settings(secret_key="5ec4e7" * 10 + "0000"), uri)
        assert await migrate.check(uri) == []


def is_of(kept: str, password: str) -> bool:
    """Whether what PostgreSQL keeps was made from a password (RFC 5802, section 3)."""
    _, rounds, salt, stored, _ = re.split(r"[$:]", kept)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(rounds))
    return hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest() == b64decode(stored)


def run_by_image(script: str, server: Server, secrets: Path) -> None:
    """Run a script as the image of PostgreSQL does, with psql at hand and the superuser's name given."""
    socket = str(server.uri()).partition("host=")[2]
    environment = {
        "PATH": f"{binary('psql').parent}:{os.environ['PATH']}",
        "PGHOST": re.sub("%2F", "/", socket),
        "POSTGRES_USER": "postgres",
        "SECRETS_DIR": str(secrets),
    }
    subprocess.run([DEPLOY / script], env=environment, check=True)
