"""The formats beside CSV: made from the data files of a package that passed the gate; same data, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from publishing.dataset import Dataset, Layer
from publishing.formats.geojson import write_geojson
from publishing.formats.parquet import write_parquet
from publishing.formats.xlsx import DoesNotFit, write_xlsx

FORMATS = "formats"
LEFT_OUT = "formats_left_out"

_MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


def with_formats(folder: Path, described: Mapping[str, Any], datasets: Sequence[Dataset]) -> dict[str, Any]:
    """Write every dataset of a package in the other formats; the descriptor with what was written.

    Raises:
        LayerWithoutPlace: a dataset declares a layer that cannot be drawn.
    """
    layers = {dataset.name: dataset.layer for dataset in datasets}
    resources = [_in_all(folder, resource, layers.get(resource["name"])) for resource in described["resources"]]
    return {**described, "resources": resources}


def without_formats(described: Mapping[str, Any]) -> dict[str, Any]:
    """A descriptor as it was before other formats were made: what two releases of equal data have in common."""
    resources = [
        {name: value for name, value in resource.items() if name not in (FORMATS, LEFT_OUT)}
        for resource in described["resources"]
    ]
    return {**described, "resources": resources}


def _in_all(folder: Path, resource: Mapping[str, Any], layer: Layer | None) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for name in _names(layer):
        file = (folder / resource["path"]).with_suffix(f".{name}")
        try:
            _write(folder / resource["path"], resource, file, layer)
        except DoesNotFit as limit:
            file.unlink(missing_ok=True)
            left_out.append({"format": name, **limit.why})
        else:
            made.append(_stated(folder, file, name))
    return {**resource, FORMATS: made, **({LEFT_OUT: left_out} if left_out else {})}


def _names(layer: Layer | None) -> Iterator[str]:
    yield from ("parquet", "xlsx")
    if layer:
        yield "geojson"


def _write(source: Path, resource: Mapping[str, Any], target: Path, layer: Layer | None) -> None:
    match target.suffix:
        case ".parquet":
            write_parquet(source, resource, target)
        case ".xlsx":
            write_xlsx(source, resource, target)
        case ".geojson" if layer:
            write_geojson(source, resource, target, layer)


def _stated(folder: Path, file: Path, name: str) -> dict[str, Any]:
    """What the descriptor says of a file in another format."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {
        "path": file.relative_to(folder).as_posix(),
        "format": name,
        "mediatype": _MEDIA_TYPES[name],
        "bytes": file.stat().st_size,
        "hash": f"sha256:{digest}",
    }
