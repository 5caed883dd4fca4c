"""Indicators read at the end of a day: exactly, and as they may be told to whom may not see persons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from commands.indicators.indicator import AsOf, Indicator, Share, Unit
from kernel.money import percent
from policy.small_counts import AMOUNT_STEP, THRESHOLD, nearest, rounded


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value of an indicator: of a part (a code) or, with an empty one, of the whole; None is not told.

    `persons` is how many persons stand behind it.
    """

    part: str = ""
    value: int | Decimal | None
    persons: int = 0


@dataclass(frozen=True)
class Reading:
    """An indicator with its figures, in the order of their parts."""

    indicator: Indicator | Share
    figures: tuple[Figure, ...]

    @property
    def whole(self) -> int | None:
        """The figure of an indicator without parts."""
        value = next((figure.value for figure in self.figures if not figure.part), None)
        return int(value) if value is not None else None


async def read(
    source: AsyncSession | AsyncConnection, as_of: AsOf, indicators: Iterable[Indicator | Share]
) -> list[Reading]:
    """Measure indicators, one statement each; shares are made of those before them."""
    found: dict[str, Reading] = {}
    for indicator in indicators:
        if isinstance(indicator, Share):
            found[indicator.name] = _share(indicator, found)
            continue
        rows: Sequence[Any] = (await source.execute(indicator.measure(as_of))).all()
        figures = [Figure(part=part, value=int(value), persons=int(persons or 0)) for part, value, persons in rows]
        found[indicator.name] = Reading(indicator, tuple(sorted(figures, key=lambda figure: figure.part)))
    return list(found.values())


def _share(share: Share, found: Mapping[str, Reading]) -> Reading:
    part, whole = found[share.part].whole, found[share.whole].whole
    of_hundred = None if part is None or whole is None else percent(part, whole)
    if of_hundred is not None and share.rest:
        of_hundred = 100 - of_hundred
    return Reading(share, (Figure(value=of_hundred),))


def guarded(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Readings under the 10-5 rule; shares are computed anew, from what the rule leaves of their parts.

    A figure behind which fewer than 10 persons stand is not told, nought among them, and its part is not named; counts
    are rounded to 5, amounts to the step of generalised amounts.
    """
    found: dict[str, Reading] = {}
    for reading in readings:
        indicator = reading.indicator
        if isinstance(indicator, Share):
            found[indicator.name] = _share(indicator, found)
        elif indicator.of_persons:
            told = (_told(figure, indicator.unit) for figure in reading.figures)
            kept = tuple(figure for figure in told if figure.value is not None or not figure.part)
            found[indicator.name] = replace(reading, figures=kept)
        else:
            found[indicator.name] = reading
        yield found[indicator.name]


def _told(figure: Figure, unit: Unit) -> Figure:
    if figure.persons < THRESHOLD or figure.value is None:
        return replace(figure, value=None)
    number = int(figure.value)
    return replace(figure, value=rounded(number) if unit is Unit.JUMLAH else nearest(number, AMOUNT_STEP))


def as_dict(reading: Reading) -> dict[str, Any]:
    """A reading for JSON, with everything that its figure needs beside it."""
    indicator = reading.indicator
    is_share = isinstance(indicator, Share)
    return {
        "name": indicator.name,
        "title": indicator.english,
        "titleId": indicator.indonesian,
        "definition": indicator.defined,
        "definitionId": indicator.definisi,
        "unit": indicator.unit.value,
        "basis": indicator.basis.value,
        "sources": list(indicator.sources),
        "ofPersons": indicator.of_persons,
        "figures": [
            {"part": figure.part, "number": None, "percent": _number(figure.value)}
            if is_share
            else {"part": figure.part, "number": _number(figure.value), "percent": None}
            for figure in reading.figures
        ],
    }


def _number(value: int | Decimal | None) -> int | float | None:
    return float(value) if isinstance(value, Decimal) else value
