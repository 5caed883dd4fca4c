"""What the edge costs: `python -m bench.edge` (`make bench-edge`); results in `bench/results/edge.json`.

The same five questions as in `bench.read`, asked of this checkout with its guard, costs, rate limits and audit on, and
of the last commit before there were costs, rate limits and a chain of audit entries. Both serve the same city, each
from a database of its own, and are measured in interleaved rounds. Two viewers ask: one whose reading is not logged,
and one whose reading of amounts is written to the audit trail in the same statement.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from bench import report
from bench.load import Bodies, Measured, measure, wrk
from bench.read import VALUES
from bench.servers import Served, served
from bench.shapes import SHAPES, draws
from kernel.clock import SystemClock
from kernel.errors import KsbbError
from kernel.settings import Settings
from models.server import Server
from policy.secrets import Secrets
from policy.tokens import issue
from policy.viewer import Role, Viewer

BEFORE = "00bd154"
SECRET_KEY = "bec4" * 16
"""Of both, so that the identifiers of one are those of the other."""
ON = {"KSBB_RATE_LIMITS": "*=100000000"}
"""What only this checkout knows: limits so wide that none is met."""
VIEWERS = {"unlogged": Viewer(Role.BIRO_KSD, "bench"), "logged": Viewer(Role.INSPEKTORAT, "bench")}
CONNECTIONS = (1, 16)
HERE = Path(__file__).parents[1]

_HOLD = """
import asyncio, os, sys
from bench.city import prepare
from demo.city import BENCHMARK, SMALL
from kernel.settings import Settings
from models.server import Server
settings = Settings.read(os.environ)
with Server.open(settings) as server:
    asyncio.run(prepare(settings, server, SMALL if sys.argv[1] == "small" else BENCHMARK))
    print("ready", flush=True)
    sys.stdin.read()
"""
"""Prepares the city with the code of a checkout, and keeps its PostgreSQL."""


@dataclass(frozen=True)
class Side:
    """A checkout, and the data folder that it serves."""

    name: str
    checkout: Path
    data_dir: Path

    @property
    def environment(self) -> dict[str, str]:
        """Its settings."""
        own = {"KSBB_DATA_DIR": str(self.data_dir), "KSBB_SECRET_KEY": SECRET_KEY}
        return own | ON if self.checkout == HERE else own


@contextmanager
def _city_of(side: Side, size: str) -> Iterator[Settings]:
    side.data_dir.mkdir(parents=True, exist_ok=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, size],
        cwd=side.checkout,
        env={**os.environ, **side.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    try:
        if not any(line.strip() == "ready" for line in iter(holder.stdout.readline, "")):
            raise KsbbError(f"The city of {side.name} could not be made.")
        yield Settings.read(side.environment)
    finally:
        holder.communicate("")


@contextmanager
def _checkout(commit: str, folder: Path) -> Iterator[Path]:
    subprocess.run(["git", "worktree", "add", "--detach", "--quiet", folder, commit], cwd=HERE, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=HERE, check=True)


async def _bodies(settings: Settings, viewer: Viewer) -> dict[str, list[str]]:
    with Server.open(settings) as server:
        connection = await asyncpg.connect(server.uri())
        try:
            return {
                shape.name: [
                    json.dumps({"query": shape.document, "variables": draw.sealed})
                    for draw in await draws(connection, Secrets.of(settings), viewer, shape, VALUES)
                ]
                for shape in SHAPES
            }
        finally:
            await connection.close()


def _measured(
    sides: dict[str, tuple[Side, Settings]], rounds: int, seconds: int, folder: Path
) -> dict[tuple[str, str, int], list[Measured]]:
    """Every viewer with every shape on both sides, in rounds; the order turns."""
    found: dict[tuple[str, str, int], list[Measured]] = {}
    for reading, viewer in VIEWERS.items():
        asked = asyncio.run(_bodies(sides["now"][1], viewer))
        with ExitStack() as stack:
            servers = {
                name: stack.enter_context(_serving(side, settings, viewer)) for name, (side, settings) in sides.items()
            }
            for shape, bodies in asked.items():
                kept = {name: Bodies.write(folder / f"{reading}-{shape}-{name}", bodies) for name in servers}
                for connections in CONNECTIONS:
                    for turn in range(rounds):
                        for name in sorted(servers, reverse=bool(turn % 2)):
                            cell = _cell(servers[name], kept[name], connections, seconds)
                            found.setdefault((f"{shape} {reading}", name, connections), []).append(cell)
                            print(f"{shape} {reading} {name:6} {connections:2} {cell.rps:9,.0f}/s", file=sys.stderr)
    return found


@contextmanager
def _serving(side: Side, settings: Settings, viewer: Viewer) -> Iterator[Served]:
    token = issue(settings, SystemClock(), viewer, dt.timedelta(hours=12))
    with served("ksbb", settings, side.environment, token, side.checkout) as running:
        yield running


def _cell(running: Served, bodies: Bodies, connections: int, seconds: int) -> Measured:
    path = running.path("")
    measure(running, path, bodies, connections=connections, seconds=1, check=True)
    return measure(running, path, bodies, connections=connections, seconds=seconds, check=False)


def main() -> None:
    """Measure both sides and write down how they stand to each other."""
    parser = argparse.ArgumentParser(prog="python -m bench.edge", description=__doc__.partition("\n")[0])
    parser.add_argument("--before", default=BEFORE, help=f"commit to compare with ({BEFORE})")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the median of them counts")
    parser.add_argument("--seconds", type=int, default=3, help="seconds for each server, shape and load in a round")
    parser.add_argument("--quick", action="store_true", help="a small city and a moment each, to see that it runs")
    options = parser.parse_args()
    rounds, seconds, size = (1, 3, "small") if options.quick else (options.rounds, options.seconds, "benchmark")
    wrk()
    how = {"before": options.before, "rounds": rounds, "seconds": seconds, **report.machine()}
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        earlier = stack.enter_context(_checkout(options.before, folder / "before"))
        data = Path(".ksbb-bench-edge").absolute()
        sides = [Side("before", earlier, data / f"before-{size}"), Side("now", HERE, data / f"now-{size}")]
        cities = {side.name: (side, stack.enter_context(_city_of(side, size))) for side in sides}
        rows = report.rows(_measured(cities, rounds, seconds, folder), "server", "before", "of_before")
    for row in rows:
        if row["server"] == "now":
            print(f"{row['shape']:12} {row['connections']:2} connections: {row['of_before']:.3f} of before")
    if not options.quick:
        (report.RESULTS / "edge.json").write_text(json.dumps({**how, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
