"""Monitoring and evaluation (monev): the indicators at the end of a day, for those who coordinate and supervise.

Source: Instruksi Sekda DKI 56/2020, KESATU k and Lampiran I no. 27.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from commands.command import Command, Shape, registered
from commands.guards import DateOutOfOrder
from commands.indicators.all import INDICATORS
from commands.indicators.indicator import AsOf, Share, Unit
from commands.indicators.reading import Figure, Reading, as_dict, guarded, read
from commands.work import Work
from models.privacy import Privacy
from policy.treatment import Kind
from policy.visibility import SEES


@dataclass(frozen=True, kw_only=True)
class MeasureIndicators(Command):
    """Measure the indicators of monitoring and evaluation over live data; the reading is logged (indikator monev)."""

    on: Annotated[dt.date | None, "The day whose end is meant; today in Jakarta if left out (per tanggal)."] = None


async def measure_indicators(command: MeasureIndicators, work: Work) -> None:
    """Tell every indicator: exactly to who reads the money of single loans, to others by the 10-5 rule.

    Raises:
        DateOutOfOrder: a day that has not come.
    """
    on = command.on or work.today
    if on > work.today:
        raise DateOutOfOrder(("on",), "not in the future", "tidak boleh di masa depan")
    readings = await read(work.session, AsOf(on), INDICATORS)
    if SEES[Privacy.FINANCE][work.viewer.role].kind is not Kind.CLEAR:  # the day before beside it tells one loan
        readings = list(guarded(readings))
    work.reply |= {"on": on.isoformat(), "indicators": [as_dict(reading) for reading in readings]}


def lines(readings: Iterable[Reading]) -> Iterator[str]:
    """A table for a terminal."""
    found = {reading.indicator.name: reading for reading in readings}
    for reading in found.values():
        title = f"{reading.indicator.english} ({reading.indicator.indonesian})"
        for figure in reading.figures:
            yield f"{shown(reading, figure):>22}  {title}{figure.part and f': {figure.part}'}{_beside(reading, found)}"


def shown(reading: Reading, figure: Figure) -> str:
    """A value with its unit."""
    if figure.value is None:
        return "-"
    match reading.indicator.unit:
        case Unit.RUPIAH:
            return f"Rp {figure.value:,}"
        case Unit.PERSEN:
            return f"{figure.value} %"
        case _:
            return f"{figure.value:,}"


def _beside(reading: Reading, found: dict[str, Reading]) -> str:
    if not isinstance(reading.indicator, Share) or not reading.indicator.beside:
        return ""
    others = [found[name] for name in reading.indicator.beside]
    told = (f"{other.indicator.english} {shown(other, f)}" for other in others for f in other.figures)
    return f" [{'; '.join(told)}]"


_FIGURE = Shape(
    "IndicatorFigure",
    "One value of an indicator (nilai).",
    {
        "part": ("String", "Code of the part; empty for the whole (bagian)."),
        "number": ("Rupiah | None", "A count, or whole rupiah (jumlah atau rupiah)."),
        "percent": ("Float | None", "Per cent; empty when there is no whole (persen)."),
    },
)
_INDICATOR = Shape(
    "MeasuredIndicator",
    "An indicator with its definition and its values (indikator).",
    {
        "name": ("String", "Stable name."),
        "title": ("String", "Title in English."),
        "titleId": ("String", "Title in Indonesian (judul)."),
        "definition": ("String", "What it counts, in English."),
        "definitionId": ("String", "What it counts, in Indonesian (definisi)."),
        "unit": ("String", "JUMLAH, RUPIAH or PERSEN (satuan)."),
        "basis": ("String", "Who says so: DILAPORKAN, TERVALIDASI or DIHITUNG (dasar)."),
        "sources": ("list[String]", "The columns, or for a share the indicators, that it rests on (sumber)."),
        "ofPersons": ("Boolean", "Whether small values would tell of single persons (perorangan)."),
        "figures": ("list[IndicatorFigure]", "Its values (nilai)."),
    },
)

COMMANDS = (
    registered(
        MeasureIndicators,
        measure_indicators,
        answers="",
        reply={
            "on": ("Date | None", "The day whose end is meant (per tanggal)."),
            "indicators": ("list[MeasuredIndicator] | None", "All indicators; empty when refused (indikator)."),
        },
        shapes=(_FIGURE, _INDICATOR),
    ),
)
