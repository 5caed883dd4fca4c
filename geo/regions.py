"""The regions of Jakarta (wilayah): 1 province, 6 cities, 44 kecamatan, 267 kelurahan, with centre points.

Source: the codes and names of the Ministry of Home Affairs (Kemendagri) with the codes of BPS beside them; a centre
point is rounded to three decimals (about 100 m) and lies inside its region. The lists that `regions.csv` was made
from (idn-area-data, wilayah_boundaries, territory-indonesia) and their licences stand in `NOTICE`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

from kernel.errors import KsbbError

JAKARTA = "31"
KOTA_LENGTH, KECAMATAN_LENGTH, KELURAHAN_LENGTH = 5, 8, 13


class Level(StrEnum):
    """A level of administration (tingkat), from wide to narrow. KOTA stands for the one kabupaten, too."""

    PROVINSI = "PROVINSI"
    KOTA = "KOTA"
    KECAMATAN = "KECAMATAN"
    KELURAHAN = "KELURAHAN"


CODE_LENGTH: Mapping[Level, int] = MappingProxyType(
    {
        Level.PROVINSI: len(JAKARTA),
        Level.KOTA: KOTA_LENGTH,
        Level.KECAMATAN: KECAMATAN_LENGTH,
        Level.KELURAHAN: KELURAHAN_LENGTH,
    }
)
"""How many characters of a dotted code name a region of that level."""


class UnknownRegion(KsbbError):
    """A code or name that no region of Jakarta has."""

    code = "UNKNOWN_REGION"


@dataclass(frozen=True)
class Region:
    """A region of any level. `code` is the dotted Kemendagri code, `parent_code` is empty for the province."""

    code: str
    level: Level
    name: str
    bps_code: str
    parent_code: str
    lon: float
    lat: float


@cache
def regions() -> Mapping[str, Region]:
    """All 318 regions by code: wide before narrow, then by code. Read once from `regions.csv`."""
    with (resources.files("geo") / "regions.csv").open(encoding="utf-8") as file:
        rows = [_region(row) for row in csv.DictReader(file)]
    return MappingProxyType({region.code: region for region in rows})


def region(code: str) -> Region:
    """The region with a dotted Kemendagri code.

    Raises:
        UnknownRegion: Jakarta has none; see `geo.names` for what people write instead.
    """
    if code not in regions():
        raise UnknownRegion("No region (wilayah) of Jakarta has this code. Example of a kelurahan: 31.73.03.1008.")
    return regions()[code]


def at_level(level: Level) -> tuple[Region, ...]:
    """All regions of one level, by code."""
    return tuple(region for region in regions().values() if region.level is level)


def children(code: str) -> tuple[Region, ...]:
    """The regions one level below, by code."""
    return tuple(region for region in regions().values() if region.parent_code == code)


def subtree(code: str) -> tuple[Region, ...]:
    """A region and all below it, wide before narrow; nothing for a code that does not exist."""
    return tuple(region for region in regions().values() if contains(code, region.code))


def ancestors(code: str) -> tuple[Region, ...]:
    """The regions above, from the parent up to the province."""
    parent = region(code).parent_code
    return (region(parent), *ancestors(parent)) if parent else ()


def contains(outer: str, inner: str) -> bool:
    """Whether a region is, or lies inside, another one; told from the two codes."""
    return inner == outer or inner.startswith(outer + ".")


def code_at(level: Level, code: str) -> str:
    """The code of the region of a level around a code: `code_at(Level.KOTA, "31.73.03.1008")` is `31.73`.

    Raises:
        ValueError: the code is of a wider level.
    """
    length = CODE_LENGTH[level]
    if len(code) < length:
        raise ValueError(f"{code} is wider than a {level}")
    return code[:length]


def _region(row: dict[str, str]) -> Region:
    return Region(
        code=row["code"],
        level=Level(row["level"]),
        name=row["name"],
        bps_code=row["bps_code"],
        parent_code=row["parent_code"],
        lon=float(row["lon"]),
        lat=float(row["lat"]),
    )
