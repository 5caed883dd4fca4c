"""Options that several commands take, and what is read from their text."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kernel.errors import BadInput
from policy.viewer import Agency, Role

if TYPE_CHECKING:
    from kernel.clock import Clock


AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
OnDay = Annotated[str, typer.Option("--at", help="Day to act on, YYYY-MM-DD, in Jakarta; today if left out.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
InFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to read.")]
AnyRole = Annotated[Role, typer.Argument(case_sensitive=False, help="The role.")]
AsRole = Annotated[Role, typer.Option("--as", case_sensitive=False, help="The role that asks.")]
InstitutionId = Annotated[str, typer.Option("--institution", help="Public id of the institution or collaborator.")]
AreaCode = Annotated[str, typer.Option("--area", help="Dotted Kemendagri code of the region, such as 31.73.")]
PersonId = Annotated[str, typer.Option("--person", help="Public id of the owner or officer.")]
AgencyName = Annotated[
    Agency | None,
    typer.Option("--agency", case_sensitive=False, help="Agency that DINAS speaks for; DINAS_PPKUKM if left out."),
]
LevelName = Annotated[str, typer.Option("--level", help="Intake level, such as KECAMATAN.")]


def day_of(text: str, option: str) -> dt.date | None:
    """The day that an option names, if it names one."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise typer.BadParameter("must be a day, such as 2021-07-31", param_hint=option) from cause


def today_here() -> dt.date:
    """The day that it is in Jakarta, by the clock of the machine."""
    from kernel.clock import SystemClock, today

    return today(SystemClock())


def clock_at(day: str) -> Clock:
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


def object_of(text: str, option: str) -> dict[str, object]:
    """The JSON object that an option holds."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter("must be a JSON object", param_hint=option)
    return found
