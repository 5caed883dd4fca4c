"""What was published, as it lies in the catalogue: its datasets, and the tables of those that count persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resolvers.meaning import FromFiles, Meaning, Part
from schema.types import Argument, Spelled, Types

_BOTH = {
    "title": "Title",
    "description": "What it holds",
    "grain": "What a row is",
    "cadence": "How often it comes",
    "knownGaps": "What is missing or coarser than one would think",
}

_DATASET = [
    Spelled("name", "String", "Name, also of its file (nama dataset)."),
    *(
        Spelled(f"{name}{language}", "String", f"{about}, in {spoken}.")
        for name, about in _BOTH.items()
        for language, spoken in (("", "Indonesian"), ("En", "English"))
    ),
    Spelled("version", "String", "The newest release that stands (versi)."),
    Spelled("rows", "Int", "Number of rows (jumlah baris)."),
    Spelled("countsPersons", "Boolean", "Whether it counts persons: then `publishedStatistics` tells its rows."),
    Spelled("tables", "list[String]", "The fixed menu of tables, the detail first; empty where it is one table."),
    Spelled("sealedPeriods", "list[String]", "The sealed periods in it, which never change (periode tersegel)."),
    Spelled("columns", "list[PublishedColumn]", "Its columns, as they stand in the file (kolom)."),
    Spelled("files", "list[PublishedFile]", "Its files, CSV first (berkas)."),
]
_COLUMN = [
    Spelled("name", "String", "Name in the file (nama kolom)."),
    Spelled("type", "String", "Type by Table Schema (tipe)."),
    Spelled("unit", "String | None", "Unit, if it has one (satuan)."),
    Spelled("title", "String", "Title, in Indonesian."),
    Spelled("titleEn", "String", "Title, in English."),
    Spelled("description", "String", "Meaning, in Indonesian (definisi)."),
    Spelled("descriptionEn", "String", "Meaning, in English."),
    Spelled("isKey", "Boolean", "Whether it is part of what makes a row unique (kunci)."),
    Spelled("allowed", "list[String]", "The codes that may stand in it; empty where there is no list."),
]
_FILE = [
    Spelled("format", "String", "Format, such as csv."),
    Spelled("url", "String", "Address; from the root of this server where it does not know its own (alamat)."),
    Spelled("bytes", "Int", "Size in bytes (ukuran)."),
    Spelled("sha256", "String", "SHA-256 of the file."),
]
_ROW = [
    Spelled("keys", "JSON", "The values of the key columns, by name (kunci)."),
    Spelled("measures", "JSON", "The figures and what else the row says, by name (ukuran)."),
]
_STATISTICS = [
    Spelled("dataset", "String", "Name of the dataset."),
    Spelled("version", "String", "The release that they are from (versi)."),
    Spelled("table", "String", "The table of the menu that they are from (tabel)."),
    Spelled("nodes", "list[PublishedRow]", "The rows, as they were published."),
    Spelled("pageInfo", "PageInfo", "Where the page stands; a cursor holds for one release."),
    Spelled("totalCount", "Int", "How many rows of the table meet the conditions (jumlah baris)."),
]
_OBJECTS = {
    "PublishedColumn": ("A column of a published dataset (kolom).", _COLUMN),
    "PublishedFile": ("A file of a published dataset (berkas).", _FILE),
    "PublishedDataset": ("A dataset of the newest release that stands (dataset terbuka).", _DATASET),
    "PublishedRow": ("A row of a published table on persons (baris).", _ROW),
    "PublishedStatistics": ("Rows of a published table on persons (statistik terbit).", _STATISTICS),
}


def objects() -> Iterator[tuple[str, str, dict[Spelled, Meaning]]]:
    """The types of the answers: name, sentence, fields."""
    for name, (about, fields) in _OBJECTS.items():
        yield name, about, {field: Part(field.name) for field in fields}


def define_inputs(types: Types) -> None:
    """The types of the arguments."""
    fields = [
        Spelled("column", "String", "Name of a key column (kolom)."),
        Spelled("equals", "String", "Its value, as the file has it (nilai)."),
    ]
    types.input("PublishedCondition", "A value that a key column must have.", fields)


def roots() -> Mapping[Spelled, Meaning]:
    """The root fields."""
    arguments = (
        Argument("dataset", "String", "Name of a dataset that counts persons, such as penerima_agregat."),
        Argument("filter", "list[PublishedCondition] | None", "Conditions on key columns; all must hold."),
        Argument("by", "String | None", "A table of the dataset's fixed menu; the detail if left out (tabel)."),
        Argument("first", "Int | None", "Rows from the start; 20 if left out."),
        Argument("after", "String | None", "Cursor after which to go on."),
    )
    about = (
        "Figures on persons from sealed publications, as they lie in the newest release: rows of one table of the "
        "fixed menu, never counted or summed anew (statistik terbit)."
    )
    return {
        Spelled("datasets", "list[PublishedDataset]", "The open data as it is published (dataset terbuka)."): FromFiles(
            datasets=True
        ),
        Spelled("publishedStatistics", "PublishedStatistics", about, arguments): FromFiles(datasets=False),
    }
