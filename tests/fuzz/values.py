"""Values for documents: most of them from the rows themselves, some odd, a few that must be refused."""

from __future__ import annotations

import datetime as dt
import math
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Column

from geo.regions import regions
from resolvers.catalogue import Noun
from tests.fuzz.reference import Keys, Reference, as_json
from tests.fuzz.rows import SEARCHES

ODD_TEXTS = (
    "", " ", "%", "_", "\\", "\\\\", "'", '"', '"""', "a'b\"c", "$$", "--", "/*", "{}", "}", "#", "# a", "$1", ":b0",
    "%s", "\t", "\n", "\r\n", "\u2028", "\x7f", "\x1b", "ünïcödé", "日本語", "😀", "İ", "ß", "Σς", "NULL", "null",
    "1e5", "a" * 300,
)  # fmt: skip
REFUSED_TEXTS = ("\x00", "a\x00b", "\ud800", "x\udfffy")
ODD_INTS = (0, -1, 1, 2**31 - 1, -(2**31), 500, 100)
REFUSED_INTS: tuple[Any, ...] = (
    2**31,
    -(2**31) - 1,
    2**63,
    -(2**64),
    10**30,
    1.5,
    "5",
    True,
    math.nan,
    math.inf,
    [],
    {},
)
ODD_RUPIAH = (0, -1, 2**53 - 1, -(2**53) + 1, 5_000_000, 5_000_000.0)
REFUSED_RUPIAH: tuple[Any, ...] = (2**53, 2**63, 10**40, 0.5, "1000", True, math.nan, -math.inf)
ODD_FLOATS = (0, 0.1, -0.0, 1e300, -1e-300, 5e-324, 1e16, 0.30000000000000004, 2**53)
REFUSED_FLOATS: tuple[Any, ...] = (math.nan, math.inf, -math.inf, "1.5", True, 10**400, 2**53 + 1)
ODD_DATES = ("0001-01-01", "9999-12-31", "2020-02-29", "2021-01-01")
REFUSED_DATES: tuple[Any, ...] = (
    "2020-02-30",
    "",
    "2020-7-1",
    "20200701",
    "2020-W31-5",
    "2020-07-31T00:00:00Z",
    20200731,
    None,
)
ODD_INSTANTS = ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00", "2020-07-31T09:00:00+07:00")
REFUSED_INSTANTS: tuple[Any, ...] = (
    "2020-07-31T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now", "", 1,
)  # fmt: skip
REFUSED_REGIONS: tuple[Any, ...] = ("3171", "31.99", "32.01", "", "Tebet", 31, "3" * 400)
REFUSED_IDS: tuple[Any, ...] = (
    "",
    "x",
    "loan_",
    "loan_zzz",
    "loan_" + "z" * 26,
    "_" + "0" * 26,
    0,
    10**30,
    "region",
    "İ_1",
)
REFUSED_CURSORS: tuple[Any, ...] = ("", "x", "ünïcödé", "A" * 1000, "{}", 1, "AAAA====")
REFUSED_SHAPES: tuple[Any, ...] = (
    {"type": "Polygon", "coordinates": [[[106, -6], [107, -7], [107, -6], [106, -7], [106, -6]]]},
    {"type": "Polygon", "coordinates": [[[-6, 106], [-7, 107], [-6, 107], [-6, 106]]]},
    {"type": "Polygon", "coordinates": []}, {"type": "Polygon"}, {"type": "Point", "coordinates": [106, -6]},
    {}, [], "Polygon", 5, {"type": "Polygon", "coordinates": [[["a", "b"]]]},
    {"type": "Polygon", "coordinates": [[[1]]]},
)  # fmt: skip


class Values:
    """Draws values. `refusable` is set once a value was drawn that an API may or must refuse."""

    def __init__(self, random: Random, reference: Reference) -> None:
        self.random = random
        self.refusable = False
        self._reference = reference
        self._samples: dict[tuple[str, str], list[Any]] = {}

    def sample(self, noun: Noun, column: Column[Any]) -> list[Any]:
        """Some values that a column has."""
        key = (noun.name, column.key)
        if key not in self._samples:
            rows = self._reference.rows.of[noun.name]
            picked = self.random.sample(rows, min(len(rows), 60))
            self._samples[key] = [v for row in picked if (v := row[column.key]) is not None]
        return self._samples[key]

    def of_column(self, noun: Noun, column: Column[Any], scalar: str, operator: str) -> Any:
        """A value to compare a column with."""
        known = self.sample(noun, column)
        if scalar == "GeoJSON":
            return self.polygon()
        if not known or self.random.random() < 0.15:
            return self.of_scalar(scalar)
        value = as_json(self.random.choice(known))
        if isinstance(value, str) and operator in {"contains", "startsWith"}:
            return self._part_of(value, operator)
        if scalar == "RegionCode":
            return self._region_around(str(value))
        if scalar in {"Int", "Rupiah"} and self.random.random() < 0.2:
            return value + self.random.choice((-1, 1))
        return value

    def of_scalar(self, scalar: str) -> Any:
        """Any value of a scalar, odd or to be refused."""
        match scalar:
            case "Int":
                return self._odd(ODD_INTS, REFUSED_INTS)
            case "Rupiah":
                return self._odd(ODD_RUPIAH, REFUSED_RUPIAH)
            case "Float":
                return self._odd(ODD_FLOATS, REFUSED_FLOATS)
            case "Date":
                return self._odd((*ODD_DATES, self._day()), REFUSED_DATES)
            case "DateTime":
                return self._odd((*ODD_INSTANTS, f"{self._day()}T12:00:00Z"), REFUSED_INSTANTS)
            case "RegionCode":
                return self._odd(tuple(self.random.sample(sorted(regions()), 5)), REFUSED_REGIONS)
            case "GeoJSON":
                return self.polygon()
            case _:
                return self._odd(ODD_TEXTS, REFUSED_TEXTS)

    def words(self) -> str:
        """Words to search for."""
        return self.random.choice(SEARCHES)

    def identifier(self, noun: Noun | None) -> Any:
        """A public identifier of a noun, of another, or of none."""
        if self.random.random() < 0.03:
            self.refusable = True
            return self.random.choice(REFUSED_IDS)
        nouns = [rows[0].noun for rows in self._reference.rows.of.values() if rows]
        if noun is None or self.random.random() < 0.1:
            self.refusable = self.refusable or noun is not None  # one of another noun may be refused
            noun = self.random.choice(nouns)
        rows = self._reference.rows.of[noun.name]
        if not rows or self.random.random() < 0.05:
            self.refusable = True  # where keys are codes
            return self._reference.secrets.public_id(noun.kind, _SOME_KEY)
        return str(self.random.choice(rows)["public_id"])

    def page_size(self) -> Any:
        """A number of rows, mostly small."""
        if self.random.random() < 0.02:
            self.refusable = True
            return self.random.choice((*REFUSED_INTS, -1, 501, 2**31 - 1, 1_000_000))
        return self.random.choice((0, 1, 1, 2, 3, 5, 8, 20, 500) if self.random.random() < 0.5 else (1, 2, 3))

    def cursor(self, noun: Noun, keys: Keys) -> str:
        """A cursor that was seen, mostly of this order."""
        fitting = self.fitting(noun, keys)
        if fitting and self.random.random() < 0.97:
            return self.random.choice(fitting)
        self.refusable = True
        return str(self.random.choice([*self._reference.places, *REFUSED_CURSORS]))

    def fitting(self, noun: Noun, keys: Keys) -> list[str]:
        """The cursors of an order that were seen."""
        return [c for c, p in self._reference.places.items() if (p.noun, p.keys) == (noun.name, keys)]

    def polygon(self) -> Any:
        """A polygon in or around Jakarta."""
        if self.random.random() < 0.05:
            self.refusable = True
            return self.random.choice(REFUSED_SHAPES)
        x, y = self.random.uniform(106.6, 107.0), self.random.uniform(-6.4, -6.0)
        ring = [[x + dx * self._size(), y + dy * self._size()] for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        rings = [[*ring, ring[0]]]
        if self.random.random() < 0.3:
            hole = [[x + dx * 0.005, y + dy * 0.005] for dx, dy in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
            rings.append([*hole, hole[0]])
        if self.random.random() < 0.2:
            return {"type": "MultiPolygon", "coordinates": [rings]}
        return {"type": "Polygon", "coordinates": rings}

    def degrees(self, name: str) -> float:
        """A coordinate or a distance."""
        if self.random.random() < 0.05:
            self.refusable = True
            return self.random.choice((181.0, -200.0, 1e300, 0.0, -1.0, 1e6))
        match name:
            case "distanceM":
                return self.random.uniform(100, 20_000)
            case "west" | "lon":
                return self.random.uniform(106.6, 106.85)
            case "east":
                return self.random.uniform(106.85, 107.0)
            case "south" | "lat":
                return self.random.uniform(-6.4, -6.2)
            case _:
                return self.random.uniform(-6.2, -5.9)

    def nik(self) -> str:
        """A NIK that somebody has, or nobody."""
        known = list(self._reference.rows.niks)
        return str(self.random.choice([*self.random.sample(known, 3), "", "1" * 16, "x"]))

    def day(self) -> Any:
        """A day of the programme, mostly."""
        return self._day() if self.random.random() < 0.9 else self.of_scalar("Date")

    def _day(self) -> str:
        return (dt.date(2020, 7, 1) + dt.timedelta(days=self.random.randrange(800))).isoformat()

    def _odd(self, odd: tuple[Any, ...], refused: tuple[Any, ...]) -> Any:
        if self.random.random() < 0.04:
            self.refusable = True
            return self.random.choice(refused)
        return self.random.choice(odd)

    def _part_of(self, text: str, operator: str) -> str:
        start = 0 if operator == "startsWith" else self.random.randrange(len(text) + 1)
        part = text[start : start + self.random.randrange(6)]
        return self.random.choice((part, part.upper(), part.lower()))

    def _region_around(self, code: Any) -> str:
        known = code if isinstance(code, str) and code in regions() else "31.74"
        return self.random.choice([known, known[:5], known[:8], "31"])

    def _size(self) -> float:
        return self.random.uniform(0.01, 0.1)


_SOME_KEY = UUID(int=7)
