"""Clear values for a while: who asked for which, for what, and until when they can be read."""

from collections.abc import Callable

from models.reveal import Reveal as Row
from resolvers.catalogue import noun
from resolvers.meaning import Meaning, Part, Revealed
from schema.types import Argument, Spelled

REVEAL = noun(
    Row,
    "Reveal",
    plural="reveals",
    about="Fields of some rows, clear for one officer for a while (pengungkapan); `revealedValues` gives the values.",
    fields={
        Row.role: "Role that reads them (peran).",
        Row.requested_by: "Login of the officer who asked, and alone may read (peminta).",
        Row.requested_at: "When it was asked for (diminta pada).",
        Row.purpose: "What for (tujuan).",
        Row.case_number: "Number of the case (nomor perkara).",
        Row.subject_kind: "Table of the rows (jenis subjek).",
        Row.subjects: "Public identifiers of the rows, separated by blanks (subjek data).",
        Row.subject_count: "How many rows (jumlah subjek).",
        Row.fields: "The fields, separated by blanks (kolom).",
        Row.decided_by: "Login of the second officer, where one decided (pemutus).",
        Row.decided_at: "When that was; without `grantedUntil` it was refused (diputuskan pada).",
        Row.granted_until: "Until when the values can be read; null while it waits (terbuka sampai).",
        Row.ended_at: "When it was ended, since a person in it was erased (diakhiri pada).",
        Row.readings: "How often the values were read (jumlah pembacaan).",
    },
)

_VALUE = (
    Spelled("subject", "ID", "The row, by its public identifier."),
    Spelled("field", "String", "The field, as it is spelled in the row's type."),
    Spelled("value", "String | None", "Its clear value; null where there is none."),
)


def revealed_values(object_: Callable[[str, str, dict[Spelled, Meaning]], None]) -> tuple[Spelled, Meaning]:
    """The query that gives the clear values, its type defined."""
    object_("RevealedValue", "A clear value of a reveal (data yang diungkap).", {f: Part(f.name) for f in _VALUE})
    about = "Clear values of an open reveal of your own, by row and field; every reading is logged."
    identifier = Argument("id", "ID", "Public identifier.")
    return Spelled("revealedValues", "list[RevealedValue]", about, (identifier,)), Revealed()
