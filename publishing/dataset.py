"""The words in which a dataset is declared: what it holds, what each column means, and why it may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Date, Enum, Float, Integer, Numeric
from sqlalchemy.orm import InstrumentedAttribute

from models.base import RupiahAmount
from models.privacy import Privacy, privacy_of
from policy.public_columns import public_column
from publishing.iati import Transaction


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


@dataclass(frozen=True)
class Layer:
    """A layer of a map: every row at the point of the region whose code (of `wilayah`) stands in the column `region`.

    A row without a code is in the layer without a place.
    """

    region: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of bars: for every value of the column `x` the sum of the column `y`, in colours by the column `group`.

    `only`: values that columns must have for a row to count; without them, totals would be added to their parts. The
    values of `x` stand in their order if there is no `group`; with one, choose an `x` without an order of its own.
    """

    title: Label
    x: str
    y: str
    group: str = ""
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A published column: its name in the publisher's view, its type, and its meaning after BPS MS-Var.

    `concept` (konsep) is what it measures, `definition` what a value says, `unit` (satuan) in what it is measured;
    `alias` another name (default: `name`), `time_reference` (referensi waktu) the day or period that a value is of
    (default: that of the dataset). `hxl` and `iati` are its tag and transaction type; `publishing/metadata.py` derives
    the rest of its description.
    `by_consent`: a value may name a person who agreed to it and can take that back; no later release repeats it.
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
    alias: str = ""
    time_reference: Label | None = None
    hxl: str = ""
    iati: Transaction | None = None
    by_consent: bool = False


def keep(
    attribute: InstrumentedAttribute[Any], name: str, title: Label, *, concept: str, definition: Label, **more: Any
) -> Field:
    """A column as the public reads it: clear, or generalised by `policy/expressions.py`.

    `more` are other parts of `Field`; `source` where the publisher's view has it under another name.

    Raises:
        NotForThePublic: the public may not read it.
    """
    column = public_column(attribute)
    by_consent = privacy_of(column) is not Privacy.PUBLIC
    return field_of(column, name, title, concept, definition, {"by_consent": by_consent, **more})


def derived(source: str, name: str, title: Label, *, concept: str, definition: Label, **more: Any) -> Field:
    """A column that the publisher's view computes from others; what it tells is decided in `policy/publisher.py`."""
    parts = {"type": "string", **more}
    return Field(name=name, source=source, title=title, concept=concept, definition=definition, **parts)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table of open data.

    `grain` says what a row is, the `keys` make it unique, `known_gaps` what is missing or coarser than one would think,
    `time_reference` the day or period that its values are of.
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
    time_reference: Label = Label("keadaan saat rilis dibuat", "state when the release was made")
    layer: Layer | None = None
    chart: Chart | None = None

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


def field_of(
    column: Column[Any], name: str, title: Label, concept: str, definition: Label, more: dict[str, Any]
) -> Field:
    parts: dict[str, Any] = {"source": column.key, "type": _type(column), "allowed": codes_of(column)}
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
        case Float() | Numeric():
            return "number"
        case _:
            return "string"


def codes_of(column: Column[Any]) -> Sequence[str]:
    """The codes that may stand in a column, as members of their list, which knows their names."""
    return tuple(column.type.enum_class or column.type.enums) if isinstance(column.type, Enum) else ()
