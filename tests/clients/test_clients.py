"""Compilers and a client written by others accept every schema, and page a running server both ways."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from models.server import Server
from policy.viewer import Role
from schema.build import sdl
from server import create_app
from tests.conftest import City
from tests.needs import absent, program

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules"

CODEGEN_SCALARS = {"Rupiah": "number", "Date": "string", "DateTime": "string", "RegionCode": "string"}
STRICT = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "target": "ES2022",
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "types": [],
}


def tool(name: str) -> list[str]:
    """The command that runs an installed npm program."""
    node = program("node")
    if not INSTALLED.is_dir():
        absent("the npm packages are not installed (npm ci in tests/clients)")
    return [node, str((INSTALLED / ".bin" / name).resolve())]


def run(command: list[str], folder: Path) -> str:
    """What a command prints; it must succeed."""
    quiet = {**os.environ, "CI": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _sees_borrowers(text: str) -> bool:
    """Whether a schema leads from a loan to the business that got it."""
    _, _, loan = text.partition("\ntype Loan implements Node {")
    return "\n  recipient: Recipient\n" in loan.partition("\n}")[0]


def a_project(folder: Path, sources: str) -> Iterable[Role]:
    """A node project with a folder per role: its schema, and the questions that it may ask."""
    (folder / "node_modules").symlink_to(INSTALLED)
    write_json(folder / "package.json", {"name": "trial", "private": True, "type": "module"})
    for role in Role:
        text = sdl(role)
        (folder / role).mkdir()
        (folder / role / "schema.graphql").write_text(text, encoding="utf-8")
        for file in (HERE / sources).iterdir():
            if file.stem.lower() != "loans" or _sees_borrowers(text):
                shutil.copy(file, folder / role)
    return Role


def test_the_packages_are_of_exact_versions_and_no_registry_is_named() -> None:
    declared = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(version[0].isdigit() for version in declared.values())
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in locked.items() if name)


def test_graphql_codegen_makes_types_of_every_schema_that_fit_its_questions(tmp_path: Path) -> None:
    codegen, tsc = tool("graphql-codegen"), tool("tsc")
    made = {
        f"{role}/gql/": {
            "schema": f"{role}/schema.graphql",
            "documents": f"{role}/*.ts",
            "preset": "client",
            "config": {
                "strictScalars": True,
                "enumsAsTypes": True,
                "scalars": {**CODEGEN_SCALARS, "GeoJSON": "unknown", "JSON": "Record<string, unknown>"},
            },
        }
        for role in a_project(tmp_path, "codegen")
    }
    # Without this the made modules import each other without an ending, which tsc does not find.
    write_json(tmp_path / "codegen.json", {"generates": made, "emitLegacyCommonJSImports": False})
    write_json(tmp_path / "tsconfig.json", {"compilerOptions": STRICT, "include": ["*/*.ts"]})
    run([*codegen, "--config", "codegen.json"], tmp_path)
    assert all((tmp_path / role / "gql" / "graphql.ts").stat().st_size for role in Role)
    run([*tsc, "--project", "tsconfig.json"], tmp_path)


def test_gql_tada_reads_every_schema_and_types_its_questions(tmp_path: Path) -> None:
    tada, tsc = tool("gql-tada"), tool("tsc")
    schemas = [
        {"name": role, "schema": f"{role}/schema.graphql", "tadaOutputLocation": f"{role}/introspection.d.ts"}
        for role in a_project(tmp_path, "tada")
    ]
    plugin = {"name": "gql.tada/ts-plugin", "schemas": schemas, "trackFieldUsage": False}
    options = {**STRICT, "plugins": [plugin]}
    write_json(tmp_path / "tsconfig.json", {"compilerOptions": options, "include": ["*/*.ts"]})
    run([*tada, "generate-output"], tmp_path)
    assert all((tmp_path / role / "introspection.d.ts").stat().st_size for role in Role)
    run([*tada, "check", "--fail-on-warn"], tmp_path)
    run([*tsc, "--project", "tsconfig.json"], tmp_path)


def test_relay_compiles_connections_and_refetchable_fragments_of_every_schema(tmp_path: Path) -> None:
    relay = tool("relay-compiler")
    for role in a_project(tmp_path, "relay"):
        artifacts = tmp_path / role / "made"
        artifacts.mkdir()
        write_json(
            tmp_path / role / "relay.config.json",
            {
                "src": ".",
                "schema": "schema.graphql",
                "language": "typescript",
                "artifactDirectory": "made",
                "eagerEsModules": True,
                "customScalarTypes": {**CODEGEN_SCALARS, "GeoJSON": "unknown", "JSON": "Record<string, unknown>"},
            },
        )
        run([*relay, "relay.config.json"], tmp_path / role)
        assert (artifacts / "CollaborationsPageQuery.graphql.ts").exists()
        assert (artifacts / "CollaborationsPledgesQuery.graphql.ts").exists()


@asynccontextmanager
async def serving(city: City) -> AsyncIterator[str]:
    """Address of the API of a city while it is served by uvicorn."""
    with socket.socket() as listening, Server.open(city.settings) as database:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(city.settings, database), log_config=None, access_log=False))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn tells it by this attribute only
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            await task


@pytest.mark.parametrize("size", [1, 7, 500])
async def test_urql_pages_a_running_server_forward_and_backward_without_loss_or_repeat(
    walled_city: City, size: int
) -> None:
    node = tool("tsc")[0]
    async with serving(walled_city) as url:
        command = [node, str(HERE / "paging" / "both_ways.mjs"), url, str(size)]
        found = json.loads(await asyncio.to_thread(run, command, HERE))
    assert found["totalCount"] > 7
    assert len(set(found["forward"])) == found["totalCount"]
    assert found["forward"] == found["backward"]
