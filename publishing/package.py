"""A Data Package (version 2): its files and the descriptor of what they hold; the same data are the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy.small_counts import AMOUNT_STEP
from publishing.control.counts import PersonCounts
from publishing.control.disclosure import ROUNDING, THRESHOLD
from publishing.control.measures import InState, Sum
from publishing.control.microdata import Microdata
from publishing.dataset import Chart, Dataset, Field, Label
from publishing.metadata import variable

DESCRIPTOR = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_LICENCES: Mapping[str, Mapping[str, str]] = {
    "CC-BY-4.0": {
        "name": "CC-BY-4.0",
        "path": "https://creativecommons.org/licenses/by/4.0/",
        "title": "Creative Commons Attribution 4.0",
    }
}


@dataclass(frozen=True, kw_only=True)
class Package:
    """Datasets that are released together, so that keys and figures fit each other.

    `shape` is the major and minor part of the version: raised by hand when columns or their meaning change. The last
    part counts the releases.
    """

    name: str
    shape: str
    title: Label
    description: Label
    publisher: str
    keywords: Sequence[str]
    datasets: Sequence[Dataset]


@dataclass(frozen=True)
class WrittenFile:
    """A data file of a package: its path in the package, and what identifies its content."""

    path: str
    sha256: str
    size: int
    rows: int


def path_of(dataset: Dataset) -> str:
    """Where a dataset's file lies in its package."""
    return f"data/{dataset.name}.csv"


def csv_text(dataset: Dataset, rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV: comma, LF, header, quotes where needed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in dataset.fields])
    writer.writerows(rows)
    return text.getvalue()


def written(folder: Path, dataset: Dataset, rows: int) -> WrittenFile:
    """What identifies the file of a dataset that lies in a package's folder."""
    path = path_of(dataset)
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(path, digest, (folder / path).stat().st_size, rows)


def descriptor(package: Package, version: str, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of `datapackage.json`. No time stands in it: the same data are the same bytes."""
    return {
        "$schema": PROFILE,
        "name": package.name,
        **_both("title", package.title),
        **_both("description", package.description),
        "version": version,
        "keywords": list(package.keywords),
        "licenses": [_LICENCES[licence] for licence in sorted({d.licence for d in package.datasets})],
        "contributors": [{"title": package.publisher, "roles": ["publisher"]}],
        "sources": [dict(source) for source in _distinct(_source(dataset) for dataset in package.datasets)],
        "resources": list(resources),
    }


def resource(
    dataset: Dataset,
    file: WrittenFile | None = None,
    periods: Sequence[str] = (),
    revised: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """One dataset in the descriptor; with its `file`, hash, size and rows as well, and the sealed periods in it.

    `revised` is the year of the last yearly revision that each has seen.
    """
    described: dict[str, Any] = {
        "name": dataset.name,
        "type": "table",
        "path": path_of(dataset),
        **_both("title", dataset.title),
        **_both("description", dataset.description),
        **_both("grain", dataset.grain),
        **_both("cadence", dataset.cadence),
        **_both("known_gaps", dataset.known_gaps),
        **_both("referensi_waktu", dataset.time_reference),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "licenses": [_LICENCES[dataset.licence]],
        "sources": [_source(dataset)],
        "schema": _schema(dataset),
    }
    if dataset.chart:
        described["chart"] = _chart(dataset.chart)
    if isinstance(dataset, PersonCounts):
        described["disclosure_control"] = _rules(dataset)
    if isinstance(dataset, Microdata):
        described["microdata"] = dataset.rules
    if file is not None:
        described |= {"hash": f"sha256:{file.sha256}", "bytes": file.size, "rows": file.rows}
    if periods:
        described["sealed_periods"] = list(periods)
    if revised:
        described["revised_in"] = dict(revised)
    return described


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        **_both("title", chart.title),
        "x": chart.x,
        "y": chart.y,
        **({"group": chart.group} if chart.group else {}),
        **({"only": dict(chart.only)} if chart.only else {}),
    }


def _rules(dataset: PersonCounts) -> dict[str, Any]:
    """What a reader can check of the figures on persons: which columns are counts and sums, and how they are told."""
    counts = [measure.field.name for measure in dataset.more if isinstance(measure, InState) and measure.field]
    sums = [measure.field.name for measure in dataset.more if isinstance(measure, Sum) and measure.field]
    return {
        "threshold_persons": THRESHOLD,
        "rounded_to": ROUNDING,
        "counts": [dataset.measure.name, *counts],
        "sums_rounded_to": AMOUNT_STEP,
        "sums": sums,
    }


def json_text(content: Mapping[str, Any]) -> str:
    """JSON as we write it to a file: readable, UTF-8, one line end at the end."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _schema(dataset: Dataset) -> dict[str, Any]:
    foreign_keys = [_foreign_key(dataset, field) for field in dataset.fields if field.refers_to]
    return {
        "fields": [_described(dataset, field) for field in dataset.fields],
        **({"primaryKey": [field.name for field in dataset.keys]} if dataset.keys else {}),
        "missingValues": [""],
        **({"foreignKeys": foreign_keys} if foreign_keys else {}),
    }


def _described(dataset: Dataset, field: Field) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if field.required else {}
    if field.allowed:
        constraints["enum"] = list(field.allowed)
    if field.pattern:
        constraints["pattern"] = field.pattern
    return {
        "name": field.name,
        "type": field.type,
        **_both("title", field.title),
        **_both("description", field.definition),
        "konsep": field.concept,
        "definisi": field.definition.id,
        **({"satuan": field.unit} if field.unit else {}),
        **variable(dataset, field),
        **({"by_consent": True} if field.by_consent else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _foreign_key(dataset: Dataset, field: Field) -> dict[str, Any]:
    assert field.refers_to is not None
    elsewhere = "" if field.refers_to.dataset == dataset.name else field.refers_to.dataset
    return {"fields": [field.name], "reference": {"resource": elsewhere, "fields": [field.refers_to.field]}}


def _source(dataset: Dataset) -> dict[str, str]:
    return _both("title", dataset.source)


def _both(name: str, label: Label) -> dict[str, str]:
    """A text in Indonesian under its standard name, and in English beside it."""
    return {name: label.id, f"{name}_en": label.en}


def _distinct(sources: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return list({json.dumps(source): source for source in sources}.values())
