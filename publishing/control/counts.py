"""The words in which a dataset that counts persons is declared: dimensions, tables, measures, sealed periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from geo.regions import Level
from models.vocabulary import RegionLevel
from policy.public_columns import countable_column
from publishing.control.measures import Measure
from publishing.dataset import Dataset, Field, Label, codes_of, field_of
from publishing.period import SINCE_IT_BEGAN, Revision, cohorts, half_years

ALL = "SEMUA"
"""The value of a dimension over which a total sums."""
REST = "LAINNYA"
"""The value of a dimension in a row that gathers what is too small to be told apart."""
DETAIL = "RINCIAN"
"""The name of the table with all dimensions."""


SEALED_BY_HALF_YEAR = Label(
    "per semester, 14 hari setelah semester berakhir; angka yang sudah terbit tidak berubah",
    "by half-year, 14 days after its end; published figures do not change",
)
"""The cadence of what is published once a half-year is sealed."""

REVISED_YEARLY = Label(
    "per semester, 14 hari setelah semester berakhir; koreksi hanya masuk dalam revisi tahunan (sejak Maret), pada "
    "angka yang sedikitnya 10 orangnya berganti",
    "by half-year, 14 days after its end; corrections enter in the yearly revision only (from March on), where a "
    "figure counts at least 10 other persons",
)
"""The cadence of what is published by half-year and corrected once a year."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A column by which persons are counted.

    `climbs`: a region, which gives way to a wider one where a group is small. `gives_way`: where even the group of the
    kota is small, those with 1 become "the rest" first, then those with 2; 0 never does.
    """

    field: Field
    climbs: bool = False
    gives_way: int = 0


def kept(field: Field) -> Dimension:
    """A dimension that never gives way: a value with too few persons in all of Jakarta is not published."""
    return Dimension(field=field)


def adaptive_region(
    attribute: InstrumentedAttribute[Any], name: str, title: Label, *, concept: str, definition: Label, **more: Any
) -> Dimension:
    """The region of a group: its kelurahan, or the kecamatan, kota and province where the group would be small.

    What can still be inferred: a combination that is not shown for a kelurahan has 0 to 9 persons there, or was joined
    to a small neighbour.
    """
    parts = {"hxl": "#loc+code", **more}
    return Dimension(field=field_of(countable_column(attribute), name, title, concept, definition, parts), climbs=True)


def counted_by(
    attribute: InstrumentedAttribute[Any],
    name: str,
    title: Label,
    *,
    gives_way: int,
    concept: str,
    definition: Label,
    **more: Any,
) -> Dimension:
    """A general fact of a business; it becomes "the rest" where the group of a kota is small.

    What can still be inferred: that a value is not shown for a kota, and has 0 to 9 persons there.
    """
    column = countable_column(attribute)
    codes = codes_of(column)
    parts = {"type": "string", "allowed": (*codes, REST, ALL) if codes else (), **more}
    return Dimension(field=field_of(column, name, title, concept, definition, parts), gives_way=gives_way)


@dataclass(frozen=True, kw_only=True)
class Total:
    """A table of the fixed menu beside the detail: sums over all that may give way, by regions of one level."""

    name: str
    level: Level


_OF_THE_PERIOD = Label("semester pada periode_data", "half-year of periode_data")


@dataclass(frozen=True, kw_only=True)
class PersonCounts(Dataset):
    """A dataset that counts persons, by sealed period and under disclosure control (`publishing/control`).

    The view has a row per period, key and number of a median: columns `period` (the values of the `period` fields,
    joined by `/`), `ends_on` (its last day), one per dimension, `persons` and, of them, `unlisted`, and those of the
    measures. Its counts add up to persons within the dimensions that are kept. The menu of tables is fixed: the
    detail, and the totals, from fine to coarse. `revision`: how often counts of a sealed
    period may change (`publishing/revising.py`); only where nothing else is told of it.
    """

    dimensions: Sequence[Dimension]
    totals: Sequence[Total] = ()
    measure: Field
    more: Sequence[Measure] = ()
    period: Sequence[Field]
    time_reference: Label = _OF_THE_PERIOD
    revision: Revision = Revision.NEVER

    @property
    def keys(self) -> tuple[Field, ...]:
        """Table, period, and the dimensions."""
        names = (DETAIL, *(total.name for total in self.totals))
        return (_table_field(names), *self.period, *(dimension.field for dimension in self.dimensions))

    @property
    def measures(self) -> tuple[Field, ...]:
        """The level of the region, the count, and what else is told."""
        level = (_LEVEL,) if self.has_region else ()
        return (*level, self.measure, *(measure.field for measure in self.more if measure.field))

    @property
    def has_region(self) -> bool:
        """Whether one of the dimensions is a region, which climbs."""
        return any(dimension.climbs for dimension in self.dimensions)

    def periods(self, until: dt.date) -> list[str]:
        """All its periods that ended by a day, whether anybody is counted in them or not."""
        if self.revision is Revision.MONTHLY:
            return [SINCE_IT_BEGAN]
        if ages := [int(age) for field in self.period[1:] for age in field.allowed]:
            return cohorts(ages, until)
        return half_years(until)

    @property
    def fixed(self) -> tuple[int, ...]:
        """The positions of the dimensions that never give way."""
        return tuple(at for at, d in enumerate(self.dimensions) if not (d.climbs or d.gives_way))


def _table_field(names: Sequence[str]) -> Field:
    return Field(
        name="tabel",
        source="",
        type="string",
        title=Label("Tabel", "Table"),
        concept="Tabel dari menu tetap",
        definition=Label(
            f"{DETAIL}: setiap orang dihitung di tepat satu baris. Tabel lain adalah jumlahnya, jangan ditambahkan.",
            f"{DETAIL}: every person is counted in exactly one row. The other tables are its sums; do not add them.",
        ),
        allowed=names,
    )


def half_year(concept: str, definition: Label) -> Sequence[Field]:
    """The period of a dataset that is sealed by half-year; the definition says what happened in it."""
    return (
        Field(
            name="periode_data",
            source="",
            type="string",
            title=Label("Periode data (YYYYMM)", "Period (YYYYMM)"),
            concept=concept,
            definition=Label(
                f"Bulan terakhir semester {definition.id}; 202012 berarti Juli sampai Desember 2020.",
                f"Last month of the half-year {definition.en}; 202012 is July to December 2020.",
            ),
            pattern=r"^20[0-9]{2}(06|12)$",
            hxl="#date+period",
        ),
    )


def level_of_region(definition: Label) -> Field:
    """The column that says of which level a region is that climbs; the definition says what a wide one means."""
    return Field(
        name="tingkat",
        source="",
        type="string",
        title=Label("Tingkat wilayah", "Level of the region"),
        concept="Tingkat wilayah administrasi",
        definition=definition,
        allowed=tuple(RegionLevel),
    )


_LEVEL = level_of_region(
    Label(
        "Tingkat kode_wilayah. Pada tabel RINCIAN, baris tingkat kecamatan atau lebih luas menghitung mereka yang "
        "kelompoknya terlalu kecil untuk tingkat di bawahnya, bukan seluruh wilayah itu.",
        "Level of kode_wilayah. In the table RINCIAN a row of a kecamatan or wider counts those whose group is too "
        "small for the level below, not everybody in the region.",
    )
)
