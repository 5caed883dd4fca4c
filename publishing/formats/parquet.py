"""A dataset as Apache Parquet: the types of its Table Schema, the titles of its columns as metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publishing.formats.cells import Described, columns, true_of

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 16 * 2**20
"""What is read at a time, and so the most that a row group holds: fixed, so that the same rows are the same bytes."""
_TOLD = ("title", "title_en", "description", "description_en", "satuan")


def write_parquet(source: Path, resource: Mapping[str, Any], target: Path) -> None:
    """Write the rows of a data file, in their order; no clock and no name of a machine gets in."""
    import pyarrow as pa  # half a second to import, which only a publisher should pay
    from pyarrow import csv, parquet

    described = columns(resource)
    schema = pa.schema([_field(column) for column in described])
    reading = csv.open_csv(
        source,
        csv.ReadOptions(block_size=_BLOCK_BYTES),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            true_values=sorted({true for column in described for true in true_of(column)}),
        ),
    )
    with reading, parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in reading:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))


def _field(column: Described) -> pa.Field:
    import pyarrow as pa

    types = {
        "integer": pa.int64(),
        "year": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    told = {name: column[name] for name in _TOLD if name in column}
    required = column.get("constraints", {}).get("required", False)
    return pa.field(column["name"], types.get(column["type"], pa.string()), nullable=not required, metadata=told)
