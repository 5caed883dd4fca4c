"""The words in which a dataset is declared: what it holds, what each column means, and why it may be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Date, Enum, Float, Integer
from sqlalchemy.orm import InstrumentedAttribute

from geo.regions import Level
from models.base import RupiahAmount
from policy.publisher import countable_column, public_column

ALL = "SEMUA"
"""The value of a dimension over which a total sums."""
REST = "LAINNYA"
"""The value of a dimension in a row that gathers what is too small to be told apart."""
DETAIL = "RINCIAN"
"""The name of the table with all dimensions."""


@dataclass(frozen=True)
class Label:
    """A text in both languages."""

    id: str
    en: str


@dataclass(frozen=True)
class Reference:
    """Where the values of a column are found: a key column of a dataset of the same package."""

    dataset: str
    field: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A published column: its name in the publisher's view, its type, and its meaning after BPS MS-Var.

    `concept` (konsep) is what it measures, `definition` what a value says, `unit` (satuan) in what it is measured.
    """

    name: str
    source: str
    type: str
    title: Label
    concept: str
    definition: Label
    unit: str = ""
    required: bool = True
    allowed: Sequence[str] = ()
    pattern: str = ""
    refers_to: Reference | None = None


def keep(
    attribute: InstrumentedAttribute[Any], name: str, title: Label, *, concept: str, definition: Label, **more: Any
) -> Field:
    """A column as the public reads it: clear, or generalised by `policy/expressions.py`.

    `more` are other parts of `Field`; `source` where the publisher's view has it under another name.

    Raises:
        NotForThePublic: the public may not read it.
    """
    column = public_column(attribute)
    return _field(column, name, title, concept, definition, more)


def derived(source: str, name: str, title: Label, *, concept: str, definition: Label, **more: Any) -> Field:
    """A column that the publisher's view computes from others; what it tells is decided in `policy/publisher.py`."""
    parts = {"type": "string", **more}
    return Field(name=name, source=source, title=title, concept=concept, definition=definition, **parts)


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
    return Dimension(field=_field(countable_column(attribute), name, title, concept, definition, more), climbs=True)


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
    codes = _codes(column)
    parts = {"type": "string", "allowed": (*codes, REST, ALL) if codes else (), **more}
    return Dimension(field=_field(column, name, title, concept, definition, parts), gives_way=gives_way)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table of open data.

    `grain` says what a row is, the `keys` make it unique, `known_gaps` what is missing or coarser than one would think.
    """

    name: str
    view: str
    title: Label
    description: Label
    grain: Label
    cadence: Label
    source: Label
    known_gaps: Label
    licence: str = "CC-BY-4.0"

    @property
    def keys(self) -> tuple[Field, ...]:
        """The columns that make a row unique; rows stand in their order."""
        raise NotImplementedError

    @property
    def measures(self) -> tuple[Field, ...]:
        """The other columns."""
        raise NotImplementedError

    @property
    def fields(self) -> tuple[Field, ...]:
        """All columns, as they stand in the file."""
        return (*self.keys, *self.measures)


@dataclass(frozen=True, kw_only=True)
class Facts(Dataset):
    """A dataset on organisations or places: the database writes its rows out as they are published."""

    identified_by: Sequence[Field]
    facts: Sequence[Field]

    @property
    def keys(self) -> tuple[Field, ...]:
        """The columns that make a row unique."""
        return tuple(self.identified_by)

    @property
    def measures(self) -> tuple[Field, ...]:
        """The other columns."""
        return tuple(self.facts)


@dataclass(frozen=True, kw_only=True)
class Total:
    """A table of the fixed menu beside the detail: sums over all that may give way, by regions of one level."""

    name: str
    level: Level


@dataclass(frozen=True, kw_only=True)
class PersonCounts(Dataset):
    """A dataset that counts persons, by sealed half-year and under disclosure control (`publishing/disclosure.py`).

    The view has a column `half_year`, one per dimension, `persons` and, of them, `unlisted`; its counts add up to
    persons within the dimensions that are kept. The menu of tables is fixed: the detail, and the totals.
    """

    dimensions: Sequence[Dimension]
    totals: Sequence[Total]
    measure: Field

    @property
    def keys(self) -> tuple[Field, ...]:
        """Table, period, and the dimensions."""
        names = (DETAIL, *(total.name for total in self.totals))
        return (_table_field(names), _PERIOD, *(dimension.field for dimension in self.dimensions))

    @property
    def measures(self) -> tuple[Field, ...]:
        """The level of the region, and the count."""
        return (_LEVEL, self.measure)


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


_PERIOD = Field(
    name="periode_data",
    source="half_year",
    type="string",
    title=Label("Periode data (YYYYMM)", "Period (YYYYMM)"),
    concept="Semester validasi",
    definition=Label(
        "Bulan terakhir semester saat bantuan divalidasi; 202012 berarti Juli sampai Desember 2020.",
        "Last month of the half-year in which the aid was validated; 202012 is July to December 2020.",
    ),
    pattern=r"^20[0-9]{2}(06|12)$",
)
_LEVEL = Field(
    name="tingkat",
    source="",
    type="string",
    title=Label("Tingkat wilayah", "Level of the region"),
    concept="Tingkat wilayah administrasi",
    definition=Label(
        "Tingkat kode_wilayah. Pada tabel RINCIAN, baris tingkat kecamatan atau lebih luas menghitung mereka yang "
        "kelompoknya terlalu kecil untuk tingkat di bawahnya, bukan seluruh wilayah itu.",
        "Level of kode_wilayah. In the table RINCIAN a row of a kecamatan or wider counts those whose group is too "
        "small for the level below, not everybody in the region.",
    ),
    allowed=[level.value for level in Level],
)


def _field(
    column: Column[Any], name: str, title: Label, concept: str, definition: Label, more: dict[str, Any]
) -> Field:
    parts: dict[str, Any] = {"source": column.key, "type": _type(column), "allowed": _codes(column)}
    if isinstance(column.type, RupiahAmount):
        parts["unit"] = "IDR"
    return Field(name=name, title=title, concept=concept, definition=definition, **{**parts, **more})


def _type(column: Column[Any]) -> str:
    """The Table Schema type of a column."""
    match column.type:
        case Integer():
            return "integer"
        case Date():
            return "date"
        case Float():
            return "number"
        case _:
            return "string"


def _codes(column: Column[Any]) -> Sequence[str]:
    return tuple(column.type.enums) if isinstance(column.type, Enum) else ()
