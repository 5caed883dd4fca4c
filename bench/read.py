"""`make bench`: five questions, three servers, side by side; results in `bench/results`, figures in the README.

Prepares the city in `.ksbb-bench` (or KSBB_DATA_DIR) if it is not there yet, starts the servers, proves that they
answer alike, and measures them in interleaved rounds, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import asyncpg

from bench import report
from bench.answers import check_equal
from bench.city import check_size, prepare
from bench.load import Bodies, Measured, measure, wrk
from bench.servers import NAMES, Served, serving
from bench.shapes import SHAPES, Draw, Shape, draws, written_out
from demo.city import BENCHMARK, SMALL
from kernel.clock import SystemClock
from kernel.errors import KsbbError
from kernel.settings import Settings
from models.server import Server
from policy.secrets import Secrets
from policy.tokens import issue
from policy.viewer import Role, Viewer

CONNECTIONS = (1, 16)
VALUES = 500
NEW_DOCUMENTS = 10_000
"""Documents with the values in their text: more than the server remembers, so each is new when its turn comes."""

VIEWER = Viewer(Role.BIRO_KSD, "bench")
"""The programme office: sees amounts clear and unlogged, and all rows."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: int
    warm_up_s: int
    compared: Mapping[str, int]
    """Per server with how many draws its answers are compared to the limit's."""


@dataclass
class Asked:
    """A shape with the bodies that are sent to each server."""

    shape: Shape
    bodies: dict[str, list[str]]
    new_documents: list[str]


def main() -> None:
    """Run the benchmark; a refusal is one line."""
    options = _options()
    try:
        if not options.answers:
            wrk()
        run(options.plan, options.quick, options.to, only_answers=options.answers)
    except KsbbError as refused:
        sys.exit(f"bench: {refused.message}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.read", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median of them counts")
    parser.add_argument("--seconds", type=int, default=3, help="seconds for each server, shape and load in a round")
    parser.add_argument("--quick", action="store_true", help="a small city and a moment each, to see that it runs")
    parser.add_argument("--answers", action="store_true", help="only prove that the servers answer alike")
    parser.add_argument("--to", type=Path, help="folder of the results (bench/results)")
    options = parser.parse_args()
    options.plan = Plan(options.rounds, options.seconds, 1, {"ksbb": VALUES, "usual": 50})
    if options.quick:
        options.plan = Plan(1, 2, 1, {"ksbb": 20, "usual": 5})
    return options


def run(plan: Plan, quick: bool, to: Path | None, *, only_answers: bool = False) -> None:
    """Prepare, compare, measure, report."""
    environment = {"KSBB_DATA_DIR": ".ksbb-bench-quick" if quick else ".ksbb-bench", "KSBB_RATE_LIMITS": ""}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("KSBB_")}
    environment["KSBB_DATA_DIR"] = str(Path(environment["KSBB_DATA_DIR"]).absolute())
    settings = Settings.read(environment)
    size = SMALL if quick else BENCHMARK
    with Server.open(settings) as server, TemporaryDirectory() as folder:
        _say("Preparing the city ...")
        asyncio.run(prepare(settings, server, size))
        asked = asyncio.run(_asked(settings, server, quick))
        token = issue(settings, SystemClock(), VIEWER, dt.timedelta(hours=12))
        with serving(settings, environment, token) as servers:
            for one in asked:
                check_equal(servers, one.shape, one.bodies, plan.compared)
                _say(f"{one.shape.name}: equal answers.")
            if only_answers:
                return
            read = _side_by_side(plan, servers, asked, Path(folder))
            new = _new_documents(plan, servers["ksbb"], asked, Path(folder))
            memory = {name: served.rss_bytes() / 1e6 for name, served in servers.items()}
            memory["ksbb with the schemas of all roles"] = _all_roles(settings, servers["ksbb"])
    _deliver(plan, read, new, memory, to or (settings.data_dir / "results" if quick else report.RESULTS), quick)


def _deliver(
    plan: Plan,
    read: dict[tuple[str, str, int], list[Measured]],
    new: dict[tuple[str, str, int], list[Measured]],
    memory: dict[str, float],
    to: Path,
    quick: bool,
) -> None:
    how = {"rounds": plan.rounds, "seconds": plan.seconds, **report.machine()}
    rows = report.rows(read, "server", "limit", "of_limit")
    literal_rows = report.rows(new, "values", "variables", "of_variables")
    to.mkdir(parents=True, exist_ok=True)
    (to / "read.json").write_text(json.dumps({**how, "rows": rows}, indent=1) + "\n")
    memory_rows = [{"server": name, "rss_mb": round(mb, 1)} for name, mb in memory.items()]
    (to / "literals.json").write_text(json.dumps({**how, "rows": literal_rows, "memory": memory_rows}, indent=1) + "\n")
    table = report.tables(rows, literal_rows, memory_rows, how)
    print(table)
    if to == report.RESULTS and not quick:
        report.write_into_readme(table)


async def _asked(settings: Settings, server: Server, quick: bool) -> list[Asked]:
    secrets = Secrets.of(settings)
    connection = await asyncpg.connect(server.uri())
    try:
        if not quick:
            await check_size(connection, BENCHMARK)
        return [
            Asked(
                shape,
                _bodies(shape, await draws(connection, secrets, VIEWER, shape, VALUES)),
                [
                    json.dumps({"query": written_out(shape, draw.sealed)})
                    for draw in await draws(connection, secrets, VIEWER, shape, NEW_DOCUMENTS)
                ],
            )
            for shape in SHAPES
        ]
    finally:
        await connection.close()


def _bodies(shape: Shape, drawn: list[Draw]) -> dict[str, list[str]]:
    return {
        "ksbb": [json.dumps({"query": shape.document, "variables": draw.sealed}) for draw in drawn],
        "usual": [json.dumps({"query": shape.document, "variables": draw.plain}) for draw in drawn],
        "limit": [json.dumps({"variables": draw.plain}) for draw in drawn],
    }


def _side_by_side(
    plan: Plan, servers: dict[str, Served], asked: list[Asked], folder: Path
) -> dict[tuple[str, str, int], list[Measured]]:
    """Every server with every shape, at each number of connections, in rounds; the order turns."""
    kept = {
        (one.shape.name, name): Bodies.write(folder / f"{one.shape.name}-{name}", one.bodies[name])
        for one in asked
        for name in NAMES
    }
    found: dict[tuple[str, str, int], list[Measured]] = {}
    for turn in range(plan.rounds):
        for one in asked:
            for connections in CONNECTIONS:
                for name in (*NAMES[turn % len(NAMES) :], *NAMES[: turn % len(NAMES)]):
                    served, bodies = servers[name], kept[one.shape.name, name]
                    measured = _cell(plan, served, one.shape, bodies, connections)
                    found.setdefault((one.shape.name, name, connections), []).append(measured)
    return found


def _new_documents(
    plan: Plan, served: Served, asked: list[Asked], folder: Path
) -> dict[tuple[str, str, int], list[Measured]]:
    """The same questions with their values in variables and in the text, where every document is new."""
    kept = {
        (one.shape.name, values): Bodies.write(folder / f"{one.shape.name}-{values}", bodies)
        for one in asked
        for values, bodies in (("variables", one.bodies["ksbb"]), ("literals", one.new_documents))
    }
    found: dict[tuple[str, str, int], list[Measured]] = {}
    for turn in range(plan.rounds):
        for one in asked:
            for values in ("variables", "literals")[:: 1 if turn % 2 else -1]:
                measured = _cell(plan, served, one.shape, kept[one.shape.name, values], CONNECTIONS[-1])
                found.setdefault((one.shape.name, values, CONNECTIONS[-1]), []).append(measured)
    return found


def _cell(plan: Plan, served: Served, shape: Shape, bodies: Bodies, connections: int) -> Measured:
    path = served.path(shape.name)
    measure(served, path, bodies, connections=connections, seconds=plan.warm_up_s, check=True)
    measured = measure(served, path, bodies, connections=connections, seconds=plan.seconds, check=False)
    _say(f"{shape.name} {served.name:5} {bodies.file.name:14} {connections:2} connections {measured.rps:9,.0f}/s")
    return measured


def _all_roles(settings: Settings, served: Served) -> float:
    """Memory in MB once somebody of every role has asked something."""
    somebody = str(UUID(int=1))
    for role in Role:
        viewer = Viewer(role, "bench", somebody, "31.71", somebody, "KECAMATAN")
        token = issue(settings, SystemClock(), viewer, dt.timedelta(hours=1))
        body = json.dumps({"query": "{ regions(first: 1) { nodes { name } } }"})
        list(served.ask(served.path(""), [body], token))
    return served.rss_bytes() / 1e6


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
