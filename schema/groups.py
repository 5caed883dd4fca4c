"""Groups and aggregates: what a role may group by, and the types of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Date, DateTime, Enum, Integer, Numeric, Text

from models.base import RupiahAmount
from policy.uses import Use, uses
from policy.viewer import Role
from resolvers.catalogue import Catalogue, Noun, One, camel
from resolvers.meaning import Cut, Dimension
from schema.types import Argument, Spelled, Types

_LABELS = {"Institution": "name", "Collaborator": "name", "Collaboration": "title", "Region": "name", "Place": "name"}
"""Nouns that groups may be made of, and the column that names them."""

_OVER_A_LINK = {"Enum", "kbli_section"}
_PLANNED_BY_DAY = {"scheduled_on"}
_DATE_CUTS = (Cut.MONTH, Cut.QUARTER, Cut.YEAR)
_REGION_CUTS = (Cut.KOTA, Cut.KECAMATAN, Cut.KELURAHAN)

_AGGREGATES: Mapping[str, list[Spelled]] = {
    name: [
        *([Spelled("sum", f"{summed} | None", "Sum.")] if summed else []),
        *([Spelled("avg", "Float | None", "Mean, two decimals.")] if summed else []),
        Spelled("min", f"{type_} | None", "Least."),
        Spelled("max", f"{type_} | None", "Greatest."),
    ]
    for name, type_, summed in (
        ("RupiahAggregates", "Rupiah", "Rupiah"),
        ("IntAggregates", "Int", "Float"),  # a sum may be more than the 32 bits of an Int
        ("FloatAggregates", "Float", "Float"),
        ("DateAggregates", "Date", ""),
        ("DateTimeAggregates", "DateTime", ""),
    )
}

AS_OF = Argument("asOf", "Date | None", "The day whose end is meant; today in Jakarta if left out (per tanggal).")
RULE = Argument("rule", "CollectabilityRule | None", "Rule of collectability; LPBBTI if left out.")


def define_shared(types: Types) -> None:
    """The types that all groups share."""
    for name, fields in _AGGREGATES.items():
        types.object(name, f"Aggregates of a value ({name.removesuffix('Aggregates')}).", fields)


def aggregates_of(column: Column[Any]) -> str:
    """The aggregate type of a column."""
    match column.type:
        case RupiahAmount():
            return "RupiahAggregates"
        case Integer():
            return "IntAggregates"
        case Numeric():
            return "FloatAggregates"
        case DateTime():
            return "DateTimeAggregates"
        case _:
            return "DateAggregates"


def dimensions(noun: Noun, role: Role, catalogue: Catalogue, links: list[One]) -> dict[str, Dimension]:
    """What a role may group a noun by: own columns, linked rows, and the codes of linked rows."""
    found: dict[str, Dimension] = {}
    for a in noun.attributes:
        if Use.GROUP in uses(a.column, role):
            found |= dict(_own(a.column))
    for link in links:
        found |= dict(_linked(link, catalogue.nouns[link.target], role))
    return found


def _own(column: Column[Any]) -> Iterator[tuple[str, Dimension]]:
    name = column.key.upper()
    match column.type:
        case Date():
            for cut in (Cut.DAY, *_DATE_CUTS) if column.key in _PLANNED_BY_DAY else _DATE_CUTS:
                yield f"{name}_{cut.value}", Dimension(None, column, cut)
        case Text() if column.key == "region_code":
            for cut in _REGION_CUTS:
                yield cut.value, Dimension(None, column, cut)
        case _:
            yield name, Dimension(None, column, Cut.VALUE)


def _linked(link: One, target: Noun, role: Role) -> Iterator[tuple[str, Dimension]]:
    prefix = _screaming(link.name)
    label = target.table.columns.get(_LABELS.get(target.name, ""))
    if label is not None and target.name != "Region" and uses(label, role):
        yield prefix, Dimension(link, label, Cut.ROW)
    for a in target.attributes:
        if (isinstance(a.column.type, Enum) or a.column.key in _OVER_A_LINK) and Use.GROUP in uses(a.column, role):
            yield f"{prefix}_{a.column.key.upper()}", Dimension(link, a.column, Cut.VALUE)


def _screaming(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c for c in name).upper()


def sentence(dimension: Dimension, catalogue: Catalogue) -> str:
    """What a dimension is, in the words of the field or link that it is made of."""
    match dimension.cut:
        case Cut.ROW:
            assert dimension.link is not None
            return dimension.link.about
        case Cut.KOTA | Cut.KECAMATAN | Cut.KELURAHAN:
            return f"The {dimension.cut.value.lower()} it lies in."
    noun = catalogue.of_table(dimension.column.table.name)
    assert noun is not None
    about = next(a.about for a in noun.attributes if a.column is dimension.column)
    if dimension.link is not None:
        return f"Of its {dimension.link.name}: {about}"
    return about if dimension.cut is Cut.VALUE else f"By {dimension.cut.value.lower()}: {about}"


def key_fields(found: Mapping[str, Dimension], spelled: Mapping[str, str], catalogue: Catalogue) -> Iterator[Spelled]:
    """The fields of a group's keys; `spelled` gives the type of each dimension that is a plain value."""
    for name, dimension in found.items():
        key, about = camel(name.lower()), f"{sentence(dimension, catalogue)} Empty if not grouped by it."
        if not dimension.is_named:
            yield Spelled(key, f"{spelled[name]} | None", about)
            continue
        first, type_ = ("Id", "ID") if dimension.cut is Cut.ROW else ("Code", "String")
        yield Spelled(f"{key}{first}", f"{type_} | None", about)
        yield Spelled(f"{key}Name", "String | None", f"Name beside `{key}{first}`.")


PORTFOLIO = [
    Spelled("asOf", "Date", "The day whose end is meant (per tanggal)."),
    Spelled("loans", "Int", "Loans disbursed by then (jumlah pinjaman)."),
    Spelled("disbursed", "Rupiah", "Principal of these loans (tersalur)."),
    Spelled("repaid", "Rupiah", "Principal paid back (dibayar)."),
    Spelled("outstanding", "Rupiah", "Principal still owed (sisa pokok)."),
    Spelled("overduePrincipal", "Rupiah", "Principal due and not paid (tunggakan pokok)."),
    Spelled("outstandingOver90Days", "Rupiah", "Owed on loans more than 90 days past due (sisa pokok > 90 hari)."),
    Spelled("twp90", "Float | None", "Share of that in per cent; empty when nothing is owed (TWP90)."),
    Spelled("tkb90", "Float | None", "100 less TWP90; empty when nothing is owed (TKB90)."),
    Spelled("repaidInFull", "Int", "Loans repaid in full (lunas)."),
    Spelled(
        "mayBeHandedOver",
        "Rupiah",
        "Principal of loans repaid in full, handed over or not: the most that may be (dapat diserahkan).",
    ),
]

LOAN_MEASURES = [
    Spelled("asOf", "Date", "The day whose end is meant (per tanggal)."),
    Spelled("disbursed", "Rupiah", "Principal (pokok)."),
    Spelled("repaid", "Rupiah", "Principal paid back (dibayar)."),
    Spelled("dueToDate", "Rupiah", "Principal due by then (jatuh tempo kumulatif)."),
    Spelled("outstanding", "Rupiah", "Principal still owed (sisa pokok)."),
    Spelled("daysPastDue", "Int", "Days since the oldest instalment not fully paid was due (hari tunggakan)."),
    Spelled("collectability", "Int | None", "Class 1 to 5 by the rule; empty when nothing is owed (kolektibilitas)."),
    Spelled("repaidInFull", "Boolean", "Whether nothing is owed (lunas)."),
]

INSTALMENT_MEASURES = [
    Spelled("asOf", "Date", "The day whose end is meant (per tanggal)."),
    Spelled("coveredAmount", "Rupiah", "Principal of it that was paid; the oldest is covered first (terbayar)."),
    Spelled("status", "InstalmentStatus", "Derived state of the instalment (status angsuran)."),
]


@dataclass(frozen=True)
class MeasuresOf:
    """The measures that the rows of a noun have: what they are, what they ask, and their fields."""

    about: str
    arguments: tuple[Argument, ...]
    fields: Sequence[Spelled]


MEASURES: Mapping[str, MeasuresOf] = {
    "LoanMeasures": MeasuresOf(
        "Measures at the end of a day; empty before the disbursement (ukuran pinjaman).", (AS_OF, RULE), LOAN_MEASURES
    ),
    "InstalmentMeasures": MeasuresOf(
        "Measures at the end of a day; empty when another schedule is in force (ukuran angsuran).",
        (AS_OF,),
        INSTALMENT_MEASURES,
    ),
}
"""By the name of their type."""
