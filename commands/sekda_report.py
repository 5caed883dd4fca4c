"""The result report to the Sekda: the indicators as of the end of a day, the same bytes whenever they are computed.

Source: Instruksi Sekda DKI 56/2020, KEENAM. Only what was recorded by then counts, so that a payment reported later for
a day before changes the next report, never this one. The report and its copies leave the house: persons are counted
under the 10-5 rule.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, ClassVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from commands.command import Command, Fact, registered
from commands.guards import DateOutOfOrder
from commands.indicators.all import INDICATORS
from commands.indicators.indicator import AsOf, Share
from commands.indicators.reading import Reading, guarded, read
from commands.refusal import Refusal
from commands.work import Work
from models.sekda_report import SekdaReport
from policy.small_counts import ROUNDING, THRESHOLD

FORM = 1
"""Version of the content's form; a change of form is a new number."""
_PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:-S(?P<half>[12]))?")
_LAST_DAYS = {"1": (6, 30), "2": (12, 31), None: (12, 31)}


class UnusablePeriod(Refusal):
    """A text that names no period of a report, or one that was not over on the day."""

    code = "UNUSABLE_PERIOD"

    def __init__(self) -> None:
        super().__init__(
            "Name a half-year or a year that was over on the day, such as 2021-S1 or 2020.",
            "Sebutkan semester atau tahun yang sudah berakhir pada tanggal itu, misalnya 2021-S1 atau 2020.",
            path=("period",),
        )


@dataclass(frozen=True, kw_only=True)
class SekdaReportFixed(Fact):
    """A report to the Sekda was fixed (laporan kepada Sekda ditetapkan)."""

    tells: ClassVar = (SekdaReport.period, SekdaReport.fixed_on)

    period: str
    on: dt.date


@dataclass(frozen=True, kw_only=True)
class FixSekdaReport(Command):
    """Fix the report to the Sekda about a period, as of the end of a day; done twice, the first one stays."""

    period: Annotated[str, "Half-year or year, as 2020-S1 or 2020 (periode)."]
    on: Annotated[dt.date, "The day whose end is meant; it must be over (per tanggal)."]


async def fix_sekda_report(command: FixSekdaReport, work: Work) -> SekdaReport:
    """Compute the report and keep it, unless one of this period and day is kept already.

    Raises:
        UnusablePeriod: no period, or one that was not over.
        DateOutOfOrder: the day is not over.
    """
    if command.on >= work.today:
        raise DateOutOfOrder(("on",), "it must be over", "harus sudah berakhir")
    last_day_of(command.period, command.on)
    kept = select(SekdaReport).where(SekdaReport.period == command.period, SekdaReport.fixed_on == command.on)
    if (first := (await work.session.execute(kept)).scalar_one_or_none()) is not None:
        return first
    text = await computed(work.session, command.period, command.on)
    key = work.keys.new()
    row = {
        "id": key,
        "public_id": work.secrets.public_id(SekdaReport.__tablename__, key),
        "period": command.period,
        "fixed_on": command.on,
        "content": json.loads(text),
        "file_sha256": fingerprint(text),
    }
    await work.session.execute(insert(SekdaReport).values(row).on_conflict_do_nothing())
    report = (await work.session.execute(kept)).scalar_one()
    if report.id == key:
        work.tell(SekdaReportFixed(subject=report, period=report.period, on=report.fixed_on))
    return report


def last_day_of(period: str, on: dt.date) -> dt.date:
    """The last day of a period that was over at the end of a day.

    Raises:
        UnusablePeriod: it is no period, or was not over.
    """
    named = _PERIOD.fullmatch(period)
    if named is None or int(named["year"]) == 0:
        raise UnusablePeriod
    last = dt.date(int(named["year"]), *_LAST_DAYS[named["half"]])
    if last > on:
        raise UnusablePeriod
    return last


def latest_period(on: dt.date) -> str:
    """The half-year that was over last at the end of a day."""
    if (on.month, on.day) == (12, 31):
        return f"{on.year}-S2"
    return f"{on.year}-S1" if (on.month, on.day) >= (6, 30) else f"{on.year - 1}-S2"


async def computed(source: AsyncSession | AsyncConnection, period: str, on: dt.date) -> str:
    """The report as text: canonical JSON, the same at any time after the day."""
    lasting = [indicator for indicator in INDICATORS if isinstance(indicator, Share) or indicator.lasts]
    readings = list(guarded(await read(source, AsOf(on), lasting)))
    content = {
        "bentuk": FORM,
        "periode": period,
        "per_tanggal": on.isoformat(),
        "aturan_jumlah_orang": {"paling_sedikit": THRESHOLD, "dibulatkan_ke": ROUNDING},
        "indikator": [_entry(reading) for reading in readings],
    }
    return canonical(content)


async def fixed(connection: AsyncConnection, period: str, on: dt.date) -> str | None:
    """The text of a report that was fixed, if it has the present form."""
    kept = select(SekdaReport.content).where(SekdaReport.period == period, SekdaReport.fixed_on == on)
    content = (await connection.execute(kept)).scalar_one_or_none()
    return canonical(content) if content is not None and content.get("bentuk") == FORM else None


def canonical(content: Mapping[str, Any]) -> str:
    """JSON with its keys in order: the same content is the same text."""
    return json.dumps(content, sort_keys=True)


def fingerprint(text: str) -> str:
    """SHA-256 of a report's text in UTF-8, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _entry(reading: Reading) -> dict[str, Any]:
    indicator = reading.indicator
    return {
        "nama": indicator.name,
        "judul": indicator.indonesian,
        "definisi": indicator.definisi,
        "satuan": indicator.unit.value,
        "dasar": indicator.basis.value,
        "perorangan": indicator.of_persons,
        "di_samping": list(indicator.beside),
        "nilai": [{"bagian": figure.part, "nilai": _plain(figure.value)} for figure in reading.figures],
    }


def _plain(value: int | Decimal | None) -> int | str | None:
    """A whole number as it is, a percentage as text: no binary fraction gets into the bytes."""
    return str(value) if isinstance(value, Decimal) else value


COMMANDS = (registered(FixSekdaReport, fix_sekda_report, answers="SekdaReport"),)
