"""What the checks of an import know beside the row: the day, the secrets, the code list, boundaries, options."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import shapely
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.boundaries import BoundarySet
from geo.illustrative import illustrative_boundaries
from geo.locate import Locator
from geo.names import (
    AmbiguousRegion,
    ConflictingRegion,
    IncompleteRegion,
    RegionOutside,
    find_region,
)
from geo.regions import KELURAHAN_LENGTH, UnknownRegion, regions
from imports.cells import fold
from kernel.kbli import KbliVersion, UnusableKbli, read_kbli
from kernel.keys import KeyMaker
from models.region import Boundary
from models.release import KbliCode
from policy.secrets import Secrets

NEAR_DRAWN = 0.02
"""Degrees, about 2 km: as far may a point lie from its kelurahan where boundaries are drawn around centre points."""


@dataclass
class Context:
    """The surroundings of one import. `kbli` is empty where the city imported no list of the version."""

    today: dt.date
    now: dt.datetime
    secrets: Secrets
    keys: KeyMaker
    source: str
    boundaries: BoundarySet = field(default_factory=illustrative_boundaries)
    kbli: frozenset[str] = frozenset()
    kbli_version: KbliVersion = KbliVersion.V2020
    institution_id: UUID | None = None

    def __post_init__(self) -> None:
        self._locator = Locator(self.boundaries)
        shapely.prepare(list(self.boundaries.shapes.values()))
        self.region = lru_cache(10_000)(_region)
        self.kbli_code = lru_cache(10_000)(self._kbli_code)
        self._groups = {code[:4] for code in self.kbli}

    def point(self, lon: float, lat: float, kelurahan: str) -> str:
        """The rule that a point of a row breaks, or nothing."""
        if lon == lat == 0:
            return "KOORDINAT_NOL"
        if shapely.intersects_xy(self.boundaries.shapes[kelurahan], lon, lat):
            return ""
        found = self._locator.kelurahan_at(lon, lat)
        if found is None:
            return "KOORDINAT_TERTUKAR" if self._locator.kelurahan_at(lat, lon) else "KOORDINAT_LUAR"
        if self.boundaries.illustrative:
            away = shapely.distance(self.boundaries.shapes[kelurahan], shapely.Point(lon, lat))
            return "KOORDINAT_BEDA_KELURAHAN" if away > NEAR_DRAWN else ""
        return "KOORDINAT_BEDA_KELURAHAN"

    def _kbli_code(self, text: str) -> tuple[str, str, str]:
        """Code, section and the rule met; without a code the row cannot be kept."""
        digits = text.strip().removeprefix("'").replace(".", "")
        told = ""
        if len(digits) == 4 and digits.isdigit():
            if "0" + digits not in self.kbli or digits in self._groups:
                return "", "", "KBLI_KURANG_DIGIT"
            digits, told = "0" + digits, "KBLI_NOL_DEPAN"
        elif digits.isdigit() and len(digits) < 4:
            return "", "", "KBLI_KURANG_DIGIT"
        try:
            kbli = read_kbli(digits, self.kbli_version)
        except UnusableKbli:
            return "", "", "KBLI_TIDAK_DIKENAL"
        if self.kbli and kbli.code not in self.kbli:
            return "", "", "KBLI_TIDAK_DIKENAL"
        return kbli.code, kbli.section, told


def _region(city: str, kecamatan: str, kelurahan: str) -> tuple[str, str, str]:
    """Code of the kelurahan that three cells name, the rule met, and the column that it is about."""
    cells = {"wilayah": city, "kecamatan": kecamatan, "kelurahan": kelurahan}
    blamed = next((name for name in ("kelurahan", "kecamatan", "wilayah") if cells[name].strip()), "kelurahan")
    try:
        code = find_region(city, kecamatan, kelurahan)
    except AmbiguousRegion:
        return "", "WILAYAH_TAKSA", blamed
    except ConflictingRegion:
        return "", "WILAYAH_KONFLIK", blamed
    except RegionOutside:
        return "", "WILAYAH_LUAR_DKI", "wilayah" if city.strip() else blamed
    except IncompleteRegion:
        return "", "WILAYAH_KURANG", "kelurahan"
    except UnknownRegion:
        return "", "WILAYAH_TIDAK_DIKENAL", blamed
    if len(code) != KELURAHAN_LENGTH:
        return "", "WILAYAH_KURANG", "kelurahan"
    return (code, *_regularity(code, cells))


def _regularity(code: str, cells: dict[str, str]) -> tuple[str, str]:
    """Whether a place was written otherwise than in its official or short name, or only with other letters."""
    lengths = {"wilayah": 5, "kecamatan": 8, "kelurahan": 13}
    told = ("", "")
    for name, text in cells.items():
        region = regions()[code[: lengths[name]]]
        short = region.name.removeprefix("Kota Administrasi ").removeprefix("Kabupaten Administrasi ")
        if text in ("", region.name, short, region.code):
            continue
        if fold(text) not in (fold(region.name), fold(short)):
            return "WILAYAH_DINORMALKAN", name
        told = "SPASI_DAN_HURUF", name
    return told


async def stored_boundaries(connection: AsyncConnection) -> BoundarySet:
    """The boundaries of the kelurahan in the database; those drawn around centre points where there are none."""
    rows = (await connection.execute(select(Boundary.region_code, Boundary.geojson, Boundary.illustrative))).all()
    official = [(code, geojson) for code, geojson, drawn in rows if len(code) == KELURAHAN_LENGTH and not drawn]
    if not official:
        return illustrative_boundaries()
    return BoundarySet({code: shapely.from_geojson(geojson) for code, geojson in official})


async def stored_kbli(connection: AsyncConnection, version: KbliVersion) -> frozenset[str]:
    """The codes of a version that the city has imported."""
    query = select(KbliCode.code).where(KbliCode.version == int(version))
    return frozenset((await connection.execute(query)).scalars())
