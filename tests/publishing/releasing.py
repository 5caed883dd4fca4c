"""Small signed releases without a database: two datasets of facts, and the way from rows to a place in a catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from pyarrow import parquet

from publishing.dataset import Dataset, Facts, Field, Label, Layer, Reference, derived
from publishing.finish import finished
from publishing.gate import check
from publishing.package import (
    DESCRIPTOR,
    Package,
    csv_text,
    descriptor,
    json_text,
    path_of,
    resource,
    written,
)
from publishing.release.released import Released, next_version, put, staging
from publishing.release.signing import ReleaseKey, publish_key
from tests.publishing.city import KEY

Row = tuple[str, ...]
NOTHING = Label("-", "-")


def a_field(name: str, type_: str = "string", **more: Any) -> Field:
    """A column with a name and nothing to say."""
    return derived(name, name, Label(name, name), concept="", definition=NOTHING, type=type_, **more)


def a_dataset(name: str, keys: Sequence[Field], facts: Sequence[Field], layer: Layer | None = None) -> Facts:
    """A dataset with a name and nothing to say."""
    told = dict.fromkeys(("description", "grain", "cadence", "known_gaps"), NOTHING)
    parts: dict[str, Any] = {"title": Label(name, f"the {name}"), "source": Label("Contoh", "Example"), **told}
    return Facts(name=name, view=name, identified_by=keys, facts=facts, layer=layer, **parts)


REGIONS = a_dataset(
    "wilayah",
    [a_field("kode_wilayah")],
    [a_field("nama"), a_field("bujur", "number"), a_field("lintang", "number")],
    Layer("kode_wilayah"),
)
AID = a_dataset(
    "bantuan",
    [a_field("kode")],
    [
        a_field("kode_wilayah", required=False, refers_to=Reference("wilayah", "kode_wilayah")),
        a_field("nilai", "integer", unit="IDR"),
        a_field("hari", "date", required=False),
        a_field("donatur", required=False, by_consent=True),
    ],
    Layer("kode_wilayah"),
)
TEBET: Row = ("31.74.01", "Tebet", "106.85", "-6.23")
PLACES: list[Row] = [("31", "DKI Jakarta", "106.83", "-6.18"), TEBET]
SOME_AID: list[Row] = [
    ("A-1", "31.74.01", "5000000", "2020-07-31", "PT Contoh"),
    ("A-2", "", "750000", "", "=1+1"),
]
TABLES: Mapping[str, Sequence[Row]] = {"wilayah": PLACES, "bantuan": SOME_AID}


def a_release(
    root: Path,
    tables: Mapping[str, Sequence[Row]] = TABLES,
    before: Released | None = None,
    *,
    datasets: Sequence[Dataset] = (REGIONS, AID),
    key: ReleaseKey = KEY,
    also: Mapping[str, Mapping[str, Any]] | None = None,
) -> Released:
    """A release in the catalogue in `root`; `also` is what the descriptor says besides of a dataset."""
    package = Package(
        name="contoh",
        shape="1.0",
        title=NOTHING,
        description=NOTHING,
        publisher="-",
        keywords=("a",),
        datasets=datasets,
    )
    with staging(root) as staged:
        folder = staged / "release"
        (folder / "data").mkdir(parents=True)
        described = [
            {**resource(dataset, _written(folder, dataset, tables[dataset.name])), **(also or {}).get(dataset.name, {})}
            for dataset in datasets
        ]
        content = descriptor(package, next_version(package.shape, before), described)
        (folder / DESCRIPTOR).write_text(json_text(content), encoding="utf-8", newline="")
        check(folder)
        release = finished(package, Released(folder, content), before, key, lambda _: None)
        publish_key(root, key.public)
        return put(release, root)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, and what is packed in it, as readers of it see it."""
    for path, content in contents(folder).items():
        yield path, content
        if path.endswith((".xlsx", ".zip")):
            with ZipFile(folder / path) as archive:
                for entry in archive.infolist():
                    yield f"{path}/{entry.filename}", archive.read(entry)
        if path.endswith(".parquet"):
            yield f"{path}/rows", repr(parquet.read_table(folder / path).to_pylist()).encode()


def _written(folder: Path, dataset: Dataset, rows: Sequence[Row]) -> Any:
    (folder / path_of(dataset)).write_text(csv_text(dataset, rows), encoding="utf-8", newline="")
    return written(folder, dataset, len(rows))
