"""What CKAN is told of a dataset, from its description in `datapackage.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from publishing.package import PROFILE
from publishing.period import covered
from publishing.portals.ckan.files import dataset_name
from publishing.release.released import Released

CURRENT, WITHDRAWN = "current", "withdrawn"
"""Values of `ksbb_status`."""

_LICENCES = {"CC-BY-4.0": "cc-by", "CC0-1.0": "cc-zero", "ODC-BY-1.0": "odc-by", "ODbL-1.0": "odc-odbl"}
"""SPDX to the ids that CKAN knows; by another id it would not call the data open."""

_EU = "http://publications.europa.eu/resource/authority"
_FREQUENCIES = {
    "harian": ("DAILY", "Harian"),
    "bulan": ("MONTHLY", "Bulanan"),
    "triwulan": ("QUARTERLY", "Triwulanan"),
    "semester": ("ANNUAL_2", "Semesteran"),
    "tahun": ("ANNUAL", "Tahunan"),
    "saat berubah": ("IRREG", "Saat berubah"),
}
"""By a word of the cadence: code of the EU's list, as DCAT wants it, and Satu Data's word."""

_WEST, _SOUTH, _EAST, _NORTH = 106.37, -6.38, 106.98, -5.14  # Jakarta with its islands
_SPATIAL = {
    "type": "Polygon",
    "coordinates": [[[_WEST, _SOUTH], [_EAST, _SOUTH], [_EAST, _NORTH], [_WEST, _NORTH], [_WEST, _SOUTH]]],
}
_LEVELS = (("kelurahan", "Kelurahan"), ("kode_wilayah", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota"))
_SHORTEST_TAG, _LONGEST_TAG = 2, 100


def metadata(release: Released, resource: Mapping[str, Any], keeper: str) -> dict[str, Any]:
    """The fields of a CKAN dataset but its resources and groups; `keeper` is the title of its organisation."""
    package = release.descriptor
    licence = _first(resource.get("licenses") or package.get("licenses"))
    publisher = _publisher(package)
    return {
        "title": resource["title"],
        "notes": notes(resource),
        "url": package.get("homepage", ""),
        "version": release.version,
        "license_id": _LICENCES.get(licence.get("name", ""), licence.get("name", "")),
        "author": publisher.get("title", ""),
        "author_email": publisher.get("email", ""),
        "tags": tags([*package.get("keywords", ()), *resource.get("keywords", ())]),
        "extras": _listed(_extras(release, resource, licence, publisher, keeper)),
    }


def archive_metadata(release: Released) -> dict[str, Any]:
    """The fields of a dataset of whole releases."""
    package = release.descriptor
    extras = {"spatial_text": "DKI Jakarta", "sifat_dataset": "terbuka", "ksbb_id": f"{release.package}-rilis"}
    return {
        "title": f"{package['title']}: semua rilis / all releases",
        "notes": "Setiap rilis sebagai satu berkas ZIP, lengkap dan tidak pernah berubah.\n\n"
        "Every release as one ZIP file, complete, never changed.",
        "license_id": _LICENCES.get(_first(package.get("licenses")).get("name", ""), ""),
        "author": _publisher(package).get("title", ""),
        "tags": tags(package.get("keywords", ())),
        "extras": _listed(extras),
    }


def notes(resource: Mapping[str, Any]) -> str:
    """The description in both languages, as Markdown: what it is, what a row is, how often it comes, what lacks."""
    words = (("", ("Baris", "Terbit", "Keterbatasan")), ("_en", ("Row", "Published", "Known gaps")))
    parts = []
    for language, labels in words:
        parts.append(resource.get(f"description{language}", ""))
        for label, name in zip(labels, ("grain", "cadence", "known_gaps"), strict=True):
            if text := resource.get(f"{name}{language}"):
                parts.append(f"**{label}**: {text}")
    return "\n\n".join(part for part in parts if part)


def tags(keywords: Iterable[str]) -> list[dict[str, str]]:
    """Keywords as CKAN takes them: letters, digits, blanks, `-`, `_` and `.`, 2 to 100 characters, each once."""
    cleaned = (re.sub(r"[^\w .-]+", "-", word).strip(" -.")[:_LONGEST_TAG].strip() for word in keywords)
    named = {tag.casefold(): tag for tag in reversed([tag for tag in cleaned if len(tag) >= _SHORTEST_TAG])}
    return [{"name": tag} for tag in sorted(named.values())]


def themes(release: Released, resource: Mapping[str, Any]) -> frozenset[str]:
    """The names of groups in which a dataset may stand: its themes and keywords."""
    words = [*release.descriptor.get("keywords", ()), *release.descriptor.get("themes", ())]
    words += [*resource.get("keywords", ()), *resource.get("themes", ())]
    return frozenset(re.sub(r"[^a-z0-9_-]+", "-", word.lower()) for word in words)


def _extras(
    release: Released,
    resource: Mapping[str, Any],
    licence: Mapping[str, Any],
    publisher: Mapping[str, Any],
    keeper: str,
) -> dict[str, str]:
    """Names of DCAT as portals of CKAN have them without a schema, those of Satu Data, and our own."""
    return {
        "identifier": f"{release.package}/{resource['name']}",
        "issued": str(release.descriptor.get("created", "")),
        "language": "id",
        "theme": f"{_EU}/data-theme/ECON",
        "conforms_to": PROFILE,
        "spatial": json.dumps(_SPATIAL),
        "spatial_text": "DKI Jakarta",
        "license_spdx": licence.get("name", ""),
        "license_url": licence.get("path", ""),
        "publisher_name": publisher.get("title", ""),
        "publisher_email": publisher.get("email", ""),
        "sources": json.dumps(list(resource.get("sources", ())), ensure_ascii=False),
        **_temporal(resource),
        **_frequency(resource),
        **_privacy(resource),
        **_satu_data(resource, publisher, keeper),
        **{f"{name}_en": resource.get(f"{name}_en", "") for name in ("title", "description", "grain", "cadence")},
        "ksbb_id": dataset_name(release.package, resource["name"]),
        "ksbb_release": release.version,
        "ksbb_status": CURRENT,
    }


def _satu_data(resource: Mapping[str, Any], publisher: Mapping[str, Any], keeper: str) -> dict[str, str]:
    """Fields that portals of Satu Data Indonesia share."""
    fields, keys = resource["schema"]["fields"], resource["schema"].get("primaryKey", [])
    measures = [field for field in fields if field["name"] not in keys]
    return {
        "satuan_dataset": ", ".join(_distinct(field.get("satuan", "") for field in fields)),
        "pengukuran_dataset": "; ".join(_distinct(field.get("konsep", "") for field in measures)),
        "dimensi_dataset": "; ".join(_distinct(f.get("title", f["name"]) for f in fields if f["name"] in keys)),
        "tingkat_penyajian_dataset": _level([field["name"] for field in fields]),
        "cakupan_dataset": "DKI Jakarta",
        "kode_wilayah": "31",
        "sifat_dataset": "terbuka",
        "sumber_eksternal": "; ".join(source["title"] for source in resource.get("sources", ())),
        "produsen": publisher.get("title", ""),
        "walidata": keeper,
        "kontak_produsen": publisher.get("email", ""),
    }


def _level(columns: Sequence[str]) -> str:
    """The narrowest region of which a row may tell."""
    return next((level for word, level in _LEVELS if any(word in column for column in columns)), "Provinsi")


def _temporal(resource: Mapping[str, Any]) -> dict[str, str]:
    """First and last day that the data cover, where the description says so."""
    if temporal := resource.get("temporal"):
        return {"temporal_start": str(temporal["start"]), "temporal_end": str(temporal["end"])}
    span = covered(resource.get("sealed_periods", ()))
    return {"temporal_start": str(span[0]), "temporal_end": str(span[1])} if span else {}


def _frequency(resource: Mapping[str, Any]) -> dict[str, str]:
    cadence = str(resource.get("cadence", ""))
    code, word = next((f for part, f in _FREQUENCIES.items() if part in cadence), ("UNKNOWN", cadence))
    return {"frequency": f"{_EU}/frequency/{code}", "frekuensi_dataset": word}


def _privacy(resource: Mapping[str, Any]) -> dict[str, str]:
    control = resource.get("disclosure_control")
    return {"privacy_notes": json.dumps(control, sort_keys=True)} if control else {}


def _publisher(package: Mapping[str, Any]) -> Mapping[str, Any]:
    return _first([c for c in package.get("contributors", ()) if "publisher" in c.get("roles", ())])


def _first(found: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Any]:
    return found[0] if found else {}


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _listed(extras: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in sorted(extras.items()) if value]
