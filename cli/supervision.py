"""What supervision asks: invariants, indicators, the report to the Sekda, ad hoc queries."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.answer import answer, note
from cli.database import open_server
from cli.options import (
    AreaCode,
    AsJson,
    AsRole,
    InFile,
    InstitutionId,
    LevelName,
    PersonId,
    day_of,
    object_of,
    today_here,
)
from cli.viewers import login, viewer_of
from kernel.errors import BadInput
from kernel.settings import Settings
from policy.viewer import Viewer

if TYPE_CHECKING:
    from commands.check import Checked
    from commands.indicators.reading import Reading
    from commands.trace import Trace
    from models.server import Server

supervision = typer.Typer()


class Shape(StrEnum):
    """How an ad hoc answer is written."""

    CSV = "csv"
    JSON = "json"


@supervision.command()
def check(
    html: Annotated[Path | None, typer.Option("--html", dir_okay=False, help="Write a page to this file.")] = None,
    collaboration: Annotated[
        str, typer.Option(help="Trace the money of this collaboration (its number); logged.")
    ] = "",
    programme_ends: Annotated[str, typer.Option(help="Last day of new commitments, such as 2021-07-31.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check the 19 invariants over live data: a green and red list; exit 1 if one is broken."""
    from commands.check import lines
    from commands.check_page import page

    settings, ends_on = Settings.read(os.environ), day_of(programme_ends, "--programme-ends")
    with open_server(settings) as server:
        if collaboration:
            told = asyncio.run(_traced(server.uri(), collaboration))
            answer(told.as_dict(), as_json, told.lines())
            raise typer.Exit(1 if told.differences else 0)
        checked = asyncio.run(_checked(server.uri(), ends_on or settings.programme_ends_on))
    if html:
        html.write_text(page(checked), encoding="utf-8")
    answer([one.as_dict() for one in checked], as_json, lines(checked))
    if not all(one.holds for one in checked):
        raise typer.Exit(1)


@supervision.command()
def monev(
    on: Annotated[str, typer.Option("--on", help="Day whose end is meant, YYYY-MM-DD; today if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the indicators of monitoring and evaluation at the end of a day."""
    from commands.indicators.reading import as_dict
    from commands.monev import lines

    settings, day = Settings.read(os.environ), day_of(on, "--on") or today_here()
    with open_server(settings) as server:
        readings = asyncio.run(_measured(server.uri(), day))
    answer([as_dict(reading) for reading in readings], as_json, lines(readings))


@supervision.command("sekda-report")
def sekda_report(
    on: Annotated[str, typer.Option("--on", help="Day whose end is meant, YYYY-MM-DD; it must be over.")],
    period: Annotated[str, typer.Option(help="Half-year or year, as 2021-S1; the last one over if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the result report to the Sekda as of a day: a page in Indonesian (Markdown), or its JSON."""
    from commands.sekda_page import page
    from commands.sekda_report import last_day_of, latest_period

    settings, day = Settings.read(os.environ), day_of(on, "--on")
    if day is None or day >= today_here():
        raise BadInput("--on (per tanggal) must be a day that is over, such as 2021-07-15.")
    named = period or latest_period(day)
    last_day_of(named, day)
    with open_server(settings) as server:
        text, is_fixed = asyncio.run(_sekda_text(server.uri(), named, day))
    print(text if as_json else page(text), end="" if as_json else "\n")  # of the text alone, so that its hash is it
    note("This report was fixed." if is_fixed else "This report is not fixed: use the mutation `fixSekdaReport`.")


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


async def _checked(uri: str, programme_ends_on: dt.date | None) -> list[Checked]:
    from commands.check import check as run
    from commands.invariants.all import invariants
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await run(connection, invariants(programme_ends_on))


async def _traced(uri: str, number: str) -> Trace:
    from commands.trace import logged_trace
    from kernel.clock import SystemClock
    from models.migrate import require_current
    from models.writing import writing

    await require_current(uri)
    async with writing(uri) as connection:
        return await logged_trace(connection, number, f"ksbb-check:{login()}", SystemClock())


@supervision.command()
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
    viewer = viewer_of(settings, f"ksbb-query:{login()}", role, institution, area, person, level)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not a text in UTF-8. Save the question as UTF-8.") from None
    with open_server(settings) as server:
        data = asyncio.run(_ask(settings, server, viewer, text, object_of(variables, "--variables")))
    if shape is Shape.CSV:
        print(as_csv(text, data, name), end="")
    else:
        answer(data, True, [])
    for sentence in cut_short(data):
        note(sentence)


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
