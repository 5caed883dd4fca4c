"""The figures: medians of the rounds as JSON, and as tables for people."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types

from bench.load import Measured

RESULTS = Path(__file__).with_name("results")
README = Path(__file__).with_name("README.md")

_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"

Row = dict[str, Any]


def rows(measured: Mapping[tuple[str, str, int], list[Measured]], second: str, reference: str, share: str) -> list[Row]:
    """One row per shape, server (or form of values) and number of connections: medians of the rounds.

    The share is the median of what it was in each round, so that a slow moment of the machine does not tilt it.
    """
    found = []
    for (shape, name, connections), each in measured.items():
        beside = measured[shape, reference, connections]
        found.append(
            {
                "shape": shape,
                second: name,
                "connections": connections,
                "rps": round(median(m.rps for m in each), 1),
                "p50_ms": round(median(m.p50_ms for m in each), 3),
                "p99_ms": round(median(m.p99_ms for m in each), 3),
                share: round(median(m.rps / r.rps for m, r in zip(each, beside, strict=True)), 3),
                "cpu_ms_per_request": round(median(m.cpu_ms_per_request for m in each), 3),
                "rss_mb": round(each[-1].rss_mb, 1),
            }
        )
    return found


def machine() -> Row:
    """What the figures depend on."""
    return {
        "cpus": psutil.cpu_count(),
        "cpu": _cpu(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "load_before": round(psutil.getloadavg()[0], 2),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def tables(read: list[Row], literals: list[Row], memory: list[Row], how: Row) -> str:
    """All figures as Markdown."""
    about = (
        f"{how['cpus']} x {how['cpu']}, {how['memory_gb']} GB, Python {how['python']}; "
        f"medians of {how['rounds']} rounds of {how['seconds']:g} s."
    )
    return "\n\n".join([about, _side_by_side(read), _literals(literals), _memory(memory)])


def _side_by_side(read: list[Row]) -> str:
    by = {(r["shape"], r["connections"], r["server"]): r for r in read}
    lines = [
        "| shape | connections | ksbb /s | limit /s | usual /s | ksbb of limit | ksbb to usual | p50 ms | p99 ms "
        "| limit p50, p99 | usual p50, p99 | CPU ms ksbb, limit, usual |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for shape, connections in dict.fromkeys((r["shape"], r["connections"]) for r in read):
        k, m, u = (by[shape, connections, name] for name in ("ksbb", "limit", "usual"))
        lines.append(
            f"| {shape} | {connections} | {k['rps']:,.0f} | {m['rps']:,.0f} | {u['rps']:,.1f} "
            f"| **{k['of_limit']:.2f}** | {k['rps'] / u['rps']:.1f} x | {k['p50_ms']:.2f} | {k['p99_ms']:.2f} "
            f"| {m['p50_ms']:.2f}, {m['p99_ms']:.2f} | {u['p50_ms']:.1f}, {u['p99_ms']:.1f} "
            f"| {k['cpu_ms_per_request']:.3f}, {m['cpu_ms_per_request']:.3f}, {u['cpu_ms_per_request']:.2f} |"
        )
    return "\n".join(lines)


def _literals(literals: list[Row]) -> str:
    by = {(r["shape"], r["values"]): r for r in literals}
    lines = [
        "| shape | variables /s | new documents /s | share | new p50 ms | new p99 ms | CPU ms variables, new |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for shape in dict.fromkeys(r["shape"] for r in literals):
        v, n = by[shape, "variables"], by[shape, "literals"]
        lines.append(
            f"| {shape} | {v['rps']:,.0f} | {n['rps']:,.0f} | **{n['of_variables']:.2f}** | {n['p50_ms']:.2f} "
            f"| {n['p99_ms']:.2f} | {v['cpu_ms_per_request']:.3f}, {n['cpu_ms_per_request']:.3f} |"
        )
    return "\n".join(lines)


def _memory(memory: list[Row]) -> str:
    lines = ["| server process | memory (RSS) MB |", "|---|--:|"]
    return "\n".join([*lines, *(f"| {r['server']} | {r['rss_mb']:.0f} |" for r in memory)])


def write_into_readme(text: str) -> None:
    """Put the tables between the marks of the README."""
    content = README.read_text(encoding="utf-8")
    head, _, rest = content.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    README.write_text(f"{head}{_BEGIN}\n{text}\n{_END}{tail}", encoding="utf-8")
