"""The command line `ksbb`: thin commands over the modules that do the work.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 refused, 2 wrongly called. Engines are imported
inside the commands, so that `ksbb --help` stays fast.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kernel.errors import BadInput, KsbbError
from kernel.settings import Settings
from policy.viewer import SCOPE_OF, Role, Scope, Viewer

if TYPE_CHECKING:
    import datetime as dt

    from commands.check import Checked
    from commands.indicators.reading import Reading
    from commands.job import Job
    from commands.reconcile import Compared
    from commands.trace import Trace
    from imports.load import Order
    from kernel.clock import Clock
    from models.server import Server

app = typer.Typer(
    name="ksbb",
    help="KSBB Terbuka: the open system of record of Jakarta's KSBB UMKM.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
db = typer.Typer(help="The database: upgrade, check, address, psql.", no_args_is_help=True)
imports = typer.Typer(
    help="Bring in what a city has: boundaries, code lists, recipients, permits, places, repayments, population.",
    no_args_is_help=True,
)
codes = typer.Typer(help="Bring in an official code list.", no_args_is_help=True)
person = typer.Typer(help="The rights of a person who stands at the desk.", no_args_is_help=True)
policy = typer.Typer(help="Who sees what, and why.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(imports, name="import")
app.add_typer(person, name="person")
app.add_typer(policy, name="policy")
imports.add_typer(codes, name="codes")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"ksbb {version('ksbb-terbuka')}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")] = False,
) -> None:
    """KSBB Terbuka: the open system of record of Jakarta's KSBB UMKM."""


class Shape(StrEnum):
    """How an ad hoc answer is written."""

    CSV = "csv"
    JSON = "json"


AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
OnDay = Annotated[str, typer.Option("--at", help="Day to act on, YYYY-MM-DD, in Jakarta; today if left out.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
InFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to read.")]
AnyRole = Annotated[Role, typer.Argument(case_sensitive=False, help="The role.")]
AsRole = Annotated[Role, typer.Option("--as", case_sensitive=False, help="The role that asks.")]
InstitutionId = Annotated[str, typer.Option("--institution", help="Public id of the institution or collaborator.")]
AreaCode = Annotated[str, typer.Option("--area", help="Dotted Kemendagri code of the region, such as 31.73.")]
PersonId = Annotated[str, typer.Option("--person", help="Public id of the owner or officer.")]
LevelName = Annotated[str, typer.Option("--level", help="Intake level, such as KECAMATAN.")]


def main() -> None:
    """Run one command; a refusal is a line on stderr for each reason and exit code 1."""
    try:
        app()
    except KsbbError as refusal:
        for line in refusal.message.splitlines():
            print(f"ksbb: {line}", file=sys.stderr)
        sys.exit(1)


@app.command()
def serve() -> None:
    """Serve the API until interrupted."""
    from edge.address import require_free

    settings = Settings.read(os.environ)
    require_free(settings.host, settings.port)
    with _server(settings) as server:
        asyncio.run(_upgrade(settings, server.uri()))
        _serve(settings, server)


@app.command()
def demo(
    recipients: Annotated[int, typer.Option(min=100, help="Businesses in the city.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 2020,
    clean: Annotated[bool, typer.Option("--clean", help="A city in which all reports agree.")] = False,
) -> None:
    """Build a synthetic Jakarta if there is none yet, serve it, and make a first release beside that."""
    from functools import partial

    from edge.address import require_free

    settings = Settings.read(os.environ)
    require_free(settings.host, settings.port)
    with _server(settings) as server:
        asyncio.run(_build_city(settings, server, recipients, seed, clean))
        _serve(settings, server, partial(_first_release, settings, server))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Name what stops a start: its cause and its cure."""
    from edge.doctor import examine, is_healthy

    checks = examine(os.environ)
    rows = [{"check": c.name, "state": c.state.value, "cause": c.cause, "cure": c.cure} for c in checks]
    _answer(
        rows, as_json, (f"{r['state']:4}  {r['check']:12} {' '.join((r['cause'], r['cure'])).strip()}" for r in rows)
    )
    if not is_healthy(checks):
        raise typer.Exit(1)


@db.command("upgrade")
def db_upgrade(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Bring the database to the tables, roles and views of this release."""
    from models import migrate

    settings = Settings.read(os.environ)
    with _server(settings) as server:
        work = migrate.pending(server.uri()) if dry_run else _upgrade(settings, server.uri())
        steps = asyncio.run(work)
    _answer({"steps": steps}, as_json, steps)
    _note(f"{len(steps)} steps {'would run' if dry_run else 'ran'}.")


@db.command("check")
def db_check(as_json: AsJson = False) -> None:
    """Tell where the database differs from this release; exit 1 if it does."""
    with _server(Settings.read(os.environ)) as server:
        differences = asyncio.run(_differences(server.uri()))
    _answer({"differences": differences}, as_json, differences)
    if differences:
        _note("Run `ksbb db upgrade`.")
        raise typer.Exit(1)


@db.command("uri")
def db_uri(as_json: AsJson = False) -> None:
    """Print the libpq URI of the running database, as its owner."""
    from models.server import Server

    uri = Server.running(Settings.read(os.environ)).uri()
    _answer({"uri": uri}, as_json, [uri])


@db.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db_psql(context: typer.Context) -> None:
    """Open psql on the database as its owner; arguments after `--` go to psql."""
    import subprocess

    from models.embedded import binary

    with _server(Settings.read(os.environ)) as server:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql
        done = subprocess.run([binary("psql"), server.uri(), *context.args], check=False)  # noqa: S603
    raise typer.Exit(1 if done.returncode else 0)


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
    _answer(found.report.as_json(), as_json, [report_text(found.report)])
    if found.boundaries is None or not (found.report.clean or clean):
        _note("Nothing is kept." + (" Close gaps and settle overlaps with --clean." if found.boundaries else ""))
        raise typer.Exit(1)
    if not dry_run:
        from imports.keep import keep_boundaries

        with _server(Settings.read(os.environ)) as server:
            kept = asyncio.run(keep_boundaries(server.uri(), found.boundaries, source=file.name))
        _note(f"{kept} boundaries of all levels are kept.")


@codes.command("kbli")
def import_kbli(
    file: InFile,
    version: Annotated[int, typer.Option(help="KBLI version of the file: 2017, 2020 or 2025.")] = 2020,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read the business classification (KBLI) of one version from a CSV file."""
    from imports.codes import import_kbli as run

    with _server(Settings.read(os.environ)) as server:
        report = asyncio.run(run(server.uri(), file, version=version, dry_run=dry_run))
    _answer(report.as_dict(), as_json, report.lines())
    if report.refused:
        raise typer.Exit(1)


@person.command("export")
def person_export(
    purpose: Annotated[str, typer.Option(help="What for, in a few words (tujuan); name nobody.")],
    case_number: Annotated[str, typer.Option("--case", help="Number of the case (nomor berkas).")],
    nik_from_stdin: Annotated[
        bool, typer.Option("--nik-from-stdin", help="Read the NIK from standard input; it is never an argument.")
    ] = False,
) -> None:
    """Print everything that is held on the person with a NIK, as JSON, for that person; logged with its purpose."""
    if not nik_from_stdin:
        raise typer.BadParameter("write the NIK to standard input", param_hint="--nik-from-stdin")
    if not (purpose.strip() and case_number.strip()):
        raise BadInput("Say what for (--purpose) and under which number (--case).")
    settings, nik = Settings.read(os.environ), sys.stdin.readline().strip()
    with _server(settings) as server:
        print(asyncio.run(_export_at_the_desk(settings, server, nik, purpose.strip(), case_number.strip())))


async def _export_at_the_desk(settings: Settings, server: Server, nik: str, purpose: str, case_number: str) -> str:
    from commands.export import export_at_the_desk
    from kernel.clock import SystemClock
    from schema.nouns import CATALOGUE
    from schema.words import labels
    from server import bus_of

    bus = bus_of(settings, server, SystemClock())
    desk = Viewer(Role.DINAS, f"ksbb-person:{_login()}")
    try:
        words = labels(CATALOGUE)
        copy = await export_at_the_desk(bus, desk, nik, words, purpose=purpose, case_number=case_number)
    finally:
        await bus.close()
    return copy.decode()


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
    options = Options(dry_run=dry_run, accept_valid=accept_valid, actor=f"ksbb-import:{_login()}")
    of = UUID(_key(settings, institution)) if institution else None
    order = Order(KINDS[kind], file, source, options, of, KbliVersion(str(kbli)))
    with _server(settings) as server:
        answer, told, all_good = asyncio.run(_imported(settings, server, order, report))
    _answer(answer, as_json, told)
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
    show = _growing_progress(f"Reading {order.kind.name}")
    async with importing(server.uri(), order, Secrets.of(settings), SystemClock(), show) as (result, stage):
        if report is not None:
            await write_report(report, result, stage)
        rules = await stage.rules()
        findings = [finding async for finding in stage.findings(MOST_ON_A_PAGE)]
    answer = summary(result, rules) | {"findings": [told(finding) for finding in findings]}
    return answer, list(lines(result, rules, findings[:MOST_AT_A_TERMINAL])), not result.bad_rows


@policy.command("matrix")
def policy_matrix(as_json: AsJson = False) -> None:
    """Print how each role sees each privacy class."""
    from policy.explain import marks, matrix

    _answer(matrix(), as_json, marks())


@policy.command("explain")
def policy_explain(
    field: Annotated[str, typer.Argument(help="A field as the schema names it, such as Owner.name.")],
    role: AsRole,
    as_json: AsJson = False,
) -> None:
    """Tell what a role gets when it reads a field, and by which rule."""
    from policy.explain import explain
    from schema.nouns import FIELDS

    told = explain(role, field, FIELDS)
    lines = (f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in told.items())
    _answer(told, as_json, lines)


@app.command()
def token(
    role: AnyRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    person: PersonId = "",
    level: LevelName = "",
    hours: Annotated[int, typer.Option(min=1, help="How long it holds.")] = 12,
) -> None:
    """Print a bearer token for a role, signed with this installation's own key."""
    import datetime as dt

    from kernel.clock import SystemClock
    from policy.tokens import issue

    settings = Settings.read(os.environ)
    viewer = _viewer(settings, "ksbb-token", role, institution, area, person, level)
    print(issue(settings, SystemClock(), viewer, dt.timedelta(hours=hours)))


@app.command()
def publish(
    to: Annotated[str, typer.Option("--to", help="Where to: folder.")] = "folder",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a release of the open data: anonymised, validated, in an immutable folder."""
    from datapackages.publish import publish as run
    from kernel.clock import SystemClock

    settings = Settings.read(os.environ)
    with _server(settings) as server:
        release = asyncio.run(run(settings, server, clock=SystemClock(), to=to, dry_run=dry_run))
    _answer(release.as_dict(), as_json, release.lines())


@app.command()
def tick(at: OnDay = "", as_json: AsJson = False) -> None:
    """Do what time makes due: end what has run out, compare reports, raise red flags, tell of what is late."""
    settings, clock = Settings.read(os.environ), _clock(at)
    with _server(settings) as server:
        done = asyncio.run(_ticked(settings, server, clock))
    _answer(done, as_json, (f"{count:7,}  {name}" for name, count in done.items()))


async def _ticked(
    settings: Settings, server: Server, clock: Clock, jobs: Mapping[str, Job] | None = None
) -> dict[str, int]:
    """Carry out some jobs; without any, all that there are."""
    from server import bus_of

    bus = bus_of(settings, server, clock)
    try:
        return await (bus.tick() if jobs is None else bus.tick(jobs))
    finally:
        await bus.close()


@app.command()
def reconcile(at: OnDay = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Compare what donors, fintechs, fund managers and officers report, and open a discrepancy where it differs."""
    from commands.reconcile import RECONCILIATION, lines

    settings, clock = Settings.read(os.environ), _clock(at)
    with _server(settings) as server:
        compared = asyncio.run(_compared(server.uri(), clock))
        done = {} if dry_run else asyncio.run(_ticked(settings, server, clock, RECONCILIATION))
    told = {"rules": [one.as_dict() for one in compared], "done": done}
    _answer(told, as_json, (*lines(compared), *(f"{count:7,}  {name}" for name, count in done.items())))


async def _compared(uri: str, clock: Clock) -> list[Compared]:
    from commands.reconcile import compare
    from kernel.clock import today
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await compare(connection, today(clock))


@app.command()
def check(
    html: Annotated[Path | None, typer.Option("--html", dir_okay=False, help="Write a page to this file.")] = None,
    collaboration: Annotated[str, typer.Option(help="Trace the money of this collaboration (its number).")] = "",
    programme_ends: Annotated[str, typer.Option(help="Last day of new commitments, such as 2021-07-31.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check the 19 invariants over live data: a green and red list; exit 1 if one is broken."""
    from commands.check import lines
    from commands.check_page import page

    settings, ends_on = Settings.read(os.environ), _day(programme_ends, "--programme-ends")
    with _server(settings) as server:
        if collaboration:
            told = asyncio.run(_traced(server.uri(), collaboration))
            _answer(told.as_dict(), as_json, told.lines())
            raise typer.Exit(1 if told.differences else 0)
        checked = asyncio.run(_checked(server.uri(), ends_on or settings.programme_ends_on))
    if html:
        html.write_text(page(checked), encoding="utf-8")
    _answer([one.as_dict() for one in checked], as_json, lines(checked))
    if not all(one.holds for one in checked):
        raise typer.Exit(1)


@app.command()
def monev(
    on: Annotated[str, typer.Option("--on", help="Day whose end is meant, YYYY-MM-DD; today if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the indicators of monitoring and evaluation at the end of a day."""
    from commands.indicators.reading import as_dict
    from commands.monev import lines

    settings, day = Settings.read(os.environ), _day(on, "--on") or _today()
    with _server(settings) as server:
        readings = asyncio.run(_measured(server.uri(), day))
    _answer([as_dict(reading) for reading in readings], as_json, lines(readings))


@app.command("sekda-report")
def sekda_report(
    on: Annotated[str, typer.Option("--on", help="Day whose end is meant, YYYY-MM-DD; it must be over.")],
    period: Annotated[str, typer.Option(help="Half-year or year, as 2021-S1; the last one over if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the result report to the Sekda as of a day: a page in Indonesian (Markdown), or its JSON."""
    from commands.sekda_page import page
    from commands.sekda_report import last_day_of, latest_period

    settings, day = Settings.read(os.environ), _day(on, "--on")
    if day is None or day >= _today():
        raise BadInput("--on (per tanggal) must be a day that is over, such as 2021-07-15.")
    named = period or latest_period(day)
    last_day_of(named, day)
    with _server(settings) as server:
        text, is_fixed = asyncio.run(_sekda_text(server.uri(), named, day))
    print(text if as_json else page(text), end="" if as_json else "\n")  # of the text alone, so that its hash is it
    _note("This report was fixed." if is_fixed else "This report is not fixed: use the mutation `fixSekdaReport`.")


async def _measured(uri: str, day: dt.date) -> list[Reading]:
    from commands.indicators.all import INDICATORS
    from commands.indicators.indicator import AsOf
    from commands.indicators.reading import read
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await read(connection, AsOf(day), INDICATORS)


async def _sekda_text(uri: str, period: str, day: dt.date) -> tuple[str, bool]:
    from commands.sekda_report import computed, fixed
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        kept = await fixed(connection, period, day)
        return (await computed(connection, period, day), False) if kept is None else (kept, True)


def _today() -> dt.date:
    from kernel.clock import SystemClock, today

    return today(SystemClock())


async def _checked(uri: str, programme_ends_on: dt.date | None) -> list[Checked]:
    from commands.check import check as run
    from commands.invariants.all import invariants
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await run(connection, invariants(programme_ends_on))


async def _traced(uri: str, number: str) -> Trace:
    from commands.trace import trace
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await trace(connection, number)


def _day(text: str, option: str) -> dt.date | None:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise typer.BadParameter("must be a day, such as 2021-07-31", param_hint=option) from cause


@app.command()
def query(
    file: InFile,
    role: AsRole,
    institution: InstitutionId = "",
    area: AreaCode = "",
    person: PersonId = "",
    level: LevelName = "",
    variables: Annotated[str, typer.Option(help='Values of the query\'s variables, as JSON: {"asOf": "..."}.')] = "{}",
    shape: Annotated[Shape, typer.Option("--format", help="csv or json.")] = Shape.JSON,
    name: Annotated[str | None, typer.Option("--list", help="Which list to show, for csv of several.")] = None,
) -> None:
    """Answer a GraphQL query from a file as a role sees it; the question is logged."""
    from resolvers.adhoc import as_csv, cut_short

    settings = Settings.read(os.environ)
    viewer = _viewer(settings, f"ksbb-query:{_login()}", role, institution, area, person, level)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not a text in UTF-8. Save the question as UTF-8.") from None
    with _server(settings) as server:
        data = asyncio.run(_ask(settings, server, viewer, text, _object(variables, "--variables")))
    if shape is Shape.CSV:
        print(as_csv(text, data, name), end="")
    else:
        _answer(data, True, [])
    for sentence in cut_short(data):
        _note(sentence)


async def _ask(
    settings: Settings, server: Server, viewer: Viewer, text: str, variables: Mapping[str, object]
) -> dict[str, Any]:
    from kernel.clock import SystemClock
    from resolvers.adhoc import run
    from server import check_policy, reader_of

    await check_policy(server.uri())
    reader = reader_of(settings, server)
    try:
        return await run(reader, server.uri(), SystemClock(), viewer, text, variables)
    finally:
        await reader.close()


def _login() -> str:
    """Who sits at the terminal, for the audit trail."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _object(text: str, option: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be a JSON object", param_hint=option)
    return found


def _clock(day: str) -> Clock:
    """The clock of the machine, or one that stands at noon of a day in Jakarta.

    Raises:
        BadInput: no day.
    """
    from kernel.clock import FixedClock, SystemClock, start_of_day

    if not day:
        return SystemClock()
    try:
        noon = start_of_day(dt.date.fromisoformat(day)) + dt.timedelta(hours=12)
    except ValueError:
        raise BadInput(f"--at (tanggal) must be a day as YYYY-MM-DD, not {day[:20]!r}.") from None
    return FixedClock(noon)


def _server(settings: Settings) -> Server:
    from models.server import Server

    return Server.open(settings)


async def _upgrade(settings: Settings, uri: str) -> list[str]:
    from imports.reference import load_reference
    from models import migrate
    from policy import wall
    from policy.secrets import Secrets

    steps = await migrate.upgrade(uri)
    await load_reference(uri)
    await wall.build(uri, settings.role_prefix, Secrets.of(settings).role_password)
    return steps


async def _differences(uri: str) -> list[str]:
    from models import migrate
    from policy import wall

    tables = await migrate.check(uri)
    if await wall.stored_hash(uri) == wall.current_hash():
        return tables
    return [*tables, "The roles and views are not those of this release's policy."]


def _viewer(
    settings: Settings, subject: str, role: Role, institution: str, area: str, person: str, level: str
) -> Viewer:
    """The viewer that the options describe; public ids become the internal keys that a viewer carries.

    Without options, a role that needs a scope is somebody well known of the demo city.

    Raises:
        BadInput: an option that the role does not take, or a region that there is not.
    """
    from geo.names import region_code

    options = {Scope.INSTITUTION: institution, Scope.AREA: area, Scope.PERSON: person, Scope.LEVEL: level}
    unused = [_OPTION[scope] for scope, given in options.items() if given and scope not in SCOPE_OF[role]]
    if unused:
        takes = ", ".join(_OPTION[scope] for scope in Scope if scope in SCOPE_OF[role]) or "no option"
        raise BadInput(f"{role} does not take {', '.join(unused)}: it takes {takes}.")
    area = region_code(area) if area else ""
    if SCOPE_OF[role] and not (institution or area or person or level):
        return asyncio.run(_somebody(settings, role))
    keys = {name: _key(settings, given) for name, given in (("institution_id", institution), ("person_id", person))}
    return Viewer(role=role, subject=subject, area=area, level=level, **keys)


_OPTION = {
    Scope.INSTITUTION: "--institution",
    Scope.AREA: "--area",
    Scope.PERSON: "--person",
    Scope.LEVEL: "--level",
}


async def _somebody(settings: Settings, role: Role) -> Viewer:
    import asyncpg

    from demo.cast import cast
    from models.server import Server

    connection = await asyncpg.connect(Server.running(settings).uri())
    try:
        viewer = (await cast(connection)).viewer(role)
    finally:
        await connection.close()
    scope = ", ".join(f"{name.value} {value}" for name, value in viewer.scope)
    _note(f"Somebody of the demo city: {role} with {scope}.")
    return viewer


def _key(settings: Settings, given: str) -> str:
    from uuid import UUID

    from policy.secrets import Secrets

    if not given:
        return ""
    try:
        return str(UUID(given))
    except ValueError:
        return str(Secrets.of(settings).internal_key(given)[1])


async def _build_city(settings: Settings, server: Server, recipients: int, seed: int, clean: bool) -> None:
    """Migrations, city, then the wall; a city that is there already stays as it is."""
    import asyncpg

    from demo.city import CityAlreadyThere, CitySize, build
    from models import migrate
    from policy import wall
    from policy.secrets import Secrets

    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    size = CitySize.of_recipients(recipients, seed=seed, clean=clean)
    try:
        summary = await build(connection, size, secrets, _progress("Building the city", size.about_rows))
        _note(f"The city has {sum(summary.rows.values()):,} rows.")
    except CityAlreadyThere:
        _note("The city is there already.")
    finally:
        await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)


async def _first_release(settings: Settings, server: Server) -> None:
    from datapackages.publish import publish as run
    from kernel.clock import SystemClock

    await run(settings, server, clock=SystemClock())


def _progress(about: str, whole: int) -> Callable[[int], None]:
    """Progress on stderr, when that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    task = bar.add_task(about, total=whole)
    bar.start()

    def show(done: int) -> None:
        bar.update(task, completed=done)
        if done >= whole:
            bar.stop()

    return show


def _growing_progress(about: str) -> Callable[[int, int], None]:
    """Progress of a whole that is known only while it is read."""
    shows: list[Callable[[int], None]] = []

    def show(done: int, whole: int) -> None:
        if not shows:
            shows.append(_progress(about, max(whole, done)))
        shows[0](done)

    return show


def _serve(settings: Settings, server: Server, background: Callable[[], Awaitable[None]] | None = None) -> None:
    import uvicorn

    from server import create_app

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the database is left in order too
    _note(f"Serving http://{settings.host}:{settings.port}/graphql")
    uvicorn.run(
        create_app(settings, server, background),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        loop="uvloop",
        http="httptools",
        proxy_headers=False,
    )


def _answer(data: Mapping[str, Any] | list[Any], as_json: bool, lines: Iterable[str]) -> None:
    """The result, to stdout: one JSON document, or one line each."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines:
        print(line)


def _note(sentence: str) -> None:
    """What a person at the terminal should know beside the result."""
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
