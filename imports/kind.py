"""A kind of file that can be imported: its columns as one declaration, and the Table Schema made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from frictionless import Schema

from imports.cells import Read, damage, fold
from imports.rules import RULES, Verdict, shape

if TYPE_CHECKING:
    from imports.context import Context
    from imports.staging import Keeping

KEPT_READINGS = 20_000
"""Cells of one column whose reading is remembered; names and numbers of persons never are."""

_CONSTRAINT_RULES = {"required": "ISIAN_KOSONG", "minimum": "ANGKA_NEGATIF", "enum": "KODE_TIDAK_DIKENAL"}
_TYPE_RULES = {"integer": "ANGKA_TAK_TERBACA", "date": "TANGGAL_TAK_TERBACA", "number": "KOORDINAT_TAK_TERBACA"}

CellReader = Callable[[str], tuple[Any, tuple[str, ...]]]


@dataclass(frozen=True)
class Column:
    """A column: its name as we write it in a header, titles, other spellings, how a cell is read, what is allowed.

    `type` and `constraints` are those of Table Schema and hold for the canonical text that `read` gives.
    `empty`: the rule that a missing value breaks, where the column must have one.
    """

    name: str
    title_id: str
    title_en: str
    read: Read
    aliases: tuple[str, ...] = ()
    type: str = "string"
    constraints: Mapping[str, Any] = field(default_factory=dict)
    empty: str = ""
    is_personal: bool = False
    example: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way in which a header may name it."""
        return (self.name, *self.aliases)

    def descriptor(self) -> dict[str, Any]:
        """The field of the Table Schema."""
        constraints = {**self.constraints, **({"required": True} if self.empty else {})}
        made: dict[str, Any] = {"name": self.name, "type": self.type, "title": self.title_id, "titleEn": self.title_en}
        return made | ({"constraints": constraints} if constraints else {})


Values = dict[str, Any]
Tell = Callable[[str, str], None]
"""Notes a finding: the code of a rule and the column."""


@dataclass(frozen=True)
class Kind:
    """What `ksbb import <name>` takes.

    `needed`: groups of columns; a header has at least one of each. `assemble` makes of the values of a row the record
    that is staged, and tells what is wrong beyond single cells; it may give nothing when it told of a refusal.
    """

    name: str
    title_id: str
    title_en: str
    about_id: str
    about_en: str
    columns: tuple[Column, ...]
    needed: tuple[tuple[str, ...], ...]
    assemble: Callable[[Values, Context, Tell], tuple[Any, ...] | None]
    keeping: Keeping

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    def descriptor(self) -> dict[str, Any]:
        """The Table Schema of the file in its regular form."""
        return {
            "name": self.name,
            "title": self.title_id,
            "titleEn": self.title_en,
            "fields": [column.descriptor() for column in self.columns],
            "missingValues": [""],
        }

    def recognise(self, header: Sequence[str]) -> dict[int, Column]:
        """Position -> column of the header's names that are known; the first of two that mean the same counts."""
        spelled = {fold(name): column for column in self.columns for name in column.spellings}
        found: dict[int, Column] = {}
        for position, name in enumerate(header):
            column = spelled.get(fold(name))
            if column is not None and column not in found.values():
                found[position] = column
        return found

    def missing(self, columns: Sequence[Column]) -> list[tuple[str, ...]]:
        """The groups of which a header has none."""
        names = {column.name for column in columns}
        return [group for group in self.needed if names.isdisjoint(group)]


class RowReader:
    """Checks rows of a file whose header was recognised."""

    def __init__(self, kind: Kind, columns: Mapping[int, Column], context: Context) -> None:
        schema = Schema.from_descriptor(kind.descriptor())
        self._kind = kind
        self._context = context
        self._width = max(columns) + 1
        self._readers = [(at, c.name, _reader(c, schema.get_field(c.name))) for at, c in columns.items()]
        self._absent = [c for c in kind.columns if c not in columns.values()]
        self._blank = {c.name: None for c in self._absent}
        self.findings: list[tuple[str, str, str]] = []
        """Of the row read last: rule, column, shape of what was found."""

    def read(self, cells: Sequence[str]) -> tuple[tuple[Any, ...] | None, Verdict]:
        """The record of a row, or nothing, and the verdict; what was found is in `findings`."""
        findings = self.findings = []
        values: Values = dict(self._blank)
        worst = Verdict.TERIMA
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        for at, name, reader in self._readers:
            values[name], rules = reader(cells[at])
            for rule in rules:
                findings.append((rule, name, shape(cells[at])))
                worst = max(worst, RULES[rule].verdict)

        def tell(rule: str, column: str) -> None:
            nonlocal worst
            findings.append((rule, column, ""))
            worst = max(worst, RULES[rule].verdict)

        record = self._kind.assemble(values, self._context, tell)
        return record, worst


def _reader(column: Column, schema_field: Any) -> CellReader:
    """How a cell of a column becomes a value: our reading, then the type and the constraints of the Table Schema."""
    declared = schema_field.create_cell_reader()

    def read(cell: str) -> tuple[Any, tuple[str, ...]]:
        if cell and (rule := damage(cell)):
            return None, (rule,)
        text, rules = column.read(cell)
        if not text:
            refused = any(not RULES[rule].verdict.is_kept for rule in rules)
            return None, ((*rules, column.empty) if column.empty and not refused else rules)
        value, notes = declared(text)
        if notes:
            return None, (*rules, *(_rule(column, note) for note in notes))
        return value, rules

    return read if column.is_personal else lru_cache(KEPT_READINGS)(read)


def _rule(column: Column, note: str) -> str:
    return (
        _TYPE_RULES.get(column.type, "KODE_TIDAK_DIKENAL")
        if note == "type"
        else _CONSTRAINT_RULES.get(note, "KODE_TIDAK_DIKENAL")
    )
