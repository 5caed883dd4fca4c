"""Bringing in what a city has."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.answer import answer, growing_progress, note
from cli.database import open_server
from cli.options import AsJson, DryRun, InFile
from cli.viewers import internal_key, login
from kernel.settings import Settings

if TYPE_CHECKING:
    from imports.load import Order
    from models.server import Server

imports = typer.Typer(
    help="Bring in what a city has: boundaries, code lists, recipients, permits, places, repayments, population.",
    no_args_is_help=True,
)
codes = typer.Typer(help="Bring in an official code list.", no_args_is_help=True)
imports.add_typer(codes, name="codes")


@imports.command("boundaries")
def import_boundaries(
    file: InFile,
    clean: Annotated[bool, typer.Option("--clean", help="Close thin gaps and settle overlaps.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read official boundaries (GeoJSON), report gaps and overlaps, and keep them if they can be used."""
    from imports.boundaries import read_boundaries, report_text

    found = read_boundaries(file, clean=clean)
    answer(found.report.as_json(), as_json, [report_text(found.report)])
    if found.boundaries is None or not (found.report.clean or clean):
        note("Nothing is kept." + (" Close gaps and settle overlaps with --clean." if found.boundaries else ""))
        raise typer.Exit(1)
    if not dry_run:
        from imports.keep import keep_boundaries

        with open_server(Settings.read(os.environ)) as server:
            kept = asyncio.run(keep_boundaries(server.uri(), found.boundaries, source=file.name))
        note(f"{kept} boundaries of all levels are kept.")


@codes.command("kbli")
def import_kbli(
    file: InFile,
    version: Annotated[int, typer.Option(help="KBLI version of the file: 2017, 2020 or 2025.")] = 2020,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read the business classification (KBLI) of one version from a CSV file."""
    from imports.codes import import_kbli as run

    with open_server(Settings.read(os.environ)) as server:
        report = asyncio.run(run(server.uri(), file, version=version, dry_run=dry_run))
    answer(report.as_dict(), as_json, report.lines())
    if report.refused:
        raise typer.Exit(1)


AcceptValid = Annotated[bool, typer.Option("--accept-valid", help="Keep the good rows of a file that has bad ones.")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", dir_okay=False, help="Write all findings to FILE.json, .html or .csv.")
]
SourceName = Annotated[str, typer.Option("--source", help="Where the data comes from; kept with the rows.")]


@imports.command("recipients")
def import_recipients(
    file: InFile,
    kbli: Annotated[int, typer.Option("--kbli", help="KBLI version of the file: 2017, 2020 or 2025.")] = 2020,
    source: SourceName = "IMPOR",
    accept_valid: AcceptValid = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in owners and their businesses (UMKM) from CSV or XLSX.

    All of a file or nothing; the same file again changes nothing. Columns and their other spellings: docs/imports.md.

    Example: ksbb import recipients binaan.xlsx --dry-run --report temuan.html
    """
    _import("recipients", file, source, accept_valid, report, dry_run, as_json, kbli=kbli)


@imports.command("permits")
def import_permits(
    file: InFile,
    accept_valid: AcceptValid = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in permits (IUMK, NIB) of businesses that are in the registry.

    Example: ksbb import permits iumk.csv --accept-valid --report temuan.csv
    """
    _import("permits", file, "IMPOR", accept_valid, report, dry_run, as_json)


@imports.command("places")
def import_places(
    file: InFile,
    accept_valid: AcceptValid = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in sites with their person in charge (lokbin, loksem, lokprom).

    Example: ksbb import places loksem.csv --dry-run
    """
    _import("places", file, "IMPOR", accept_valid, report, dry_run, as_json)


@imports.command("repayments")
def import_repayments(
    file: InFile,
    institution: Annotated[str, typer.Option("--institution", help="Public id of the fintech that reports.")],
    accept_valid: AcceptValid = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in repayments in the name of a fintech, by the rules of form E (laporan berkala).

    Example: ksbb import repayments 202102.csv --institution institution_01h455vb4pex5vsknk084sn02q --dry-run
    """
    _import("repayments", file, "IMPOR", accept_valid, report, dry_run, as_json, institution=institution)


@imports.command("population")
def import_population(
    file: InFile,
    source: SourceName,
    accept_valid: AcceptValid = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Bring in the inhabitants of kelurahan by year.

    Example: ksbb import population penduduk_2024.csv --source "Satu Data Jakarta, 2024"
    """
    _import("population", file, source, accept_valid, report, dry_run, as_json)


def _import(
    kind: str,
    file: Path,
    source: str,
    accept_valid: bool,
    report: Path | None,
    dry_run: bool,
    as_json: bool,
    *,
    institution: str = "",
    kbli: int = 2020,
) -> None:
    """Import a file of a kind; exit 1 when rows were not kept."""
    from uuid import UUID

    from imports.kinds import KINDS
    from imports.load import Order
    from imports.report import check_name
    from imports.staging import Options
    from kernel.kbli import KbliVersion

    if str(kbli) not in set(KbliVersion):
        raise typer.BadParameter(f"must be one of {', '.join(KbliVersion)}", param_hint="--kbli")
    if report is not None:
        check_name(report)
    settings = Settings.read(os.environ)
    options = Options(dry_run=dry_run, accept_valid=accept_valid, actor=f"ksbb-import:{login()}")
    of = UUID(internal_key(settings, institution)) if institution else None
    order = Order(KINDS[kind], file, source, options, of, KbliVersion(str(kbli)))
    with open_server(settings) as server:
        told, lines, all_good = asyncio.run(_imported(settings, server, order, report))
    answer(told, as_json, lines)
    if not all_good:
        raise typer.Exit(1)


async def _imported(
    settings: Settings, server: Server, order: Order, report: Path | None
) -> tuple[dict[str, Any], list[str], bool]:
    from imports.load import importing
    from imports.report import MOST_AT_A_TERMINAL, MOST_ON_A_PAGE, lines, summary, told, write_report
    from kernel.clock import SystemClock
    from models.migrate import require_current
    from policy.secrets import Secrets

    await require_current(server.uri())
    show = growing_progress(f"Reading {order.kind.name}")
    async with importing(server.uri(), order, Secrets.of(settings), SystemClock(), show) as (result, stage):
        if report is not None:
            await write_report(report, result, stage)
        rules = await stage.rules()
        findings = [finding async for finding in stage.findings(MOST_ON_A_PAGE)]
    answer = summary(result, rules) | {"findings": [told(finding) for finding in findings]}
    return answer, list(lines(result, rules, findings[:MOST_AT_A_TERMINAL])), not result.bad_rows
