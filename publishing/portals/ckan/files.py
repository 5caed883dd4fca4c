"""The files of a dataset on a portal: stable ids and addresses, and what the portal is told of each."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from publishing.package import DESCRIPTOR, PROFILE, json_text
from publishing.portals.ckan.tables import Table, table_of
from publishing.release.released import Released

_IDS = uuid.uuid5(uuid.NAMESPACE_OID, "ksbb-terbuka")
_SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_FORMATS = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet", "geojson": "GeoJSON", "zip": "ZIP", "json": "JSON"}
"""Formats as CKAN writes them; it would change ours, and they would never be found the same."""


@dataclass(frozen=True)
class File:
    """A file as it is to be on the portal.

    `about` is what else its resource says; `table` its DataStore table; `chart` how the descriptor wants it drawn.
    """

    id: str
    name: str
    content: Path | bytes = field(repr=False)
    sha256: str
    size: int
    about: Mapping[str, Any]
    table: Table | None = None
    chart: Mapping[str, Any] | None = None

    def open(self) -> IO[bytes]:
        """Its bytes, from the beginning."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def resource(self) -> dict[str, Any]:
        """The resource of CKAN, to be sent with or without the bytes.

        `hash` is CKAN's own field, which loaders on the portal overwrite; we compare `sha256`.
        """
        checksum = {"sha256": self.sha256, "hash": self.sha256, "hash_algorithm": _SHA256}
        return {"id": self.id, "url": self.name, "url_type": "upload", **self.about, **checksum}


def dataset_name(package: str, dataset: str) -> str:
    """The name of a dataset on the portal, which never changes: its address would break."""
    return re.sub(r"[^a-z0-9_-]", "-", f"{package}-{dataset}".lower())[:100]


def resource_id(dataset: str, key: str) -> str:
    """The id of a file on every portal and in every release; the dataset in it, as ids are unique per portal."""
    return str(uuid.uuid5(_IDS, f"{dataset}/{key}"))


def address_of(portal: str, dataset: str, file_id: str, name: str) -> str:
    """Where the portal serves a file, for ever."""
    return f"{portal}/dataset/{dataset}/resource/{file_id}/download/{name}"


def name_at_portal(path: str) -> str:
    """The name of a file as CKAN would write it: it changes others, and they would never be found the same."""
    return re.sub(r"[^a-z0-9_.]+", "-", PurePosixPath(path).name.lower())


def files_of(release: Released, resource: Mapping[str, Any], portal: str) -> tuple[File, ...]:
    """The table as CSV, its other formats, and the description of both."""
    dataset = dataset_name(release.package, resource["name"])
    main = _file(release, dataset, resource, resource)
    others = tuple(_file(release, dataset, resource, other) for other in resource.get("formats", ()))
    return (main, *others, _descriptor(release, dataset, resource, portal))


def _file(release: Released, dataset: str, resource: Mapping[str, Any], part: Mapping[str, Any]) -> File:
    """A file of the release, whose hash the descriptor states."""
    name = name_at_portal(part["path"])
    own_format = _FORMATS.get(str(part["format"]).lower(), str(part["format"]))
    about = {
        "key": name,
        "name": f"{resource['title']} ({own_format})",
        "description": f"{resource.get('description', '')}\n\n{resource.get('description_en', '')}".strip(),
        "format": own_format,
        "mimetype": part.get("mediatype", ""),
        "language": "id",
    }
    if part is resource:
        about |= {"encoding": resource.get("encoding", "utf-8"), "schema": resource["schema"]}
    if "rows" in resource:
        about["rows"] = resource["rows"]
    digest = str(part["hash"]).removeprefix("sha256:")
    place = release.folder / part["path"]
    table = table_of(resource, place, digest) if own_format == "CSV" else None
    size, chart = int(part["bytes"]), resource.get("chart")
    return File(resource_id(dataset, name), name, place, digest, size, about, table, chart)


def _descriptor(release: Released, dataset: str, resource: Mapping[str, Any], portal: str) -> File:
    content = json_text(described(release, resource, portal)).encode()
    about = {
        "key": DESCRIPTOR,
        "name": f"{resource['title']}: metadata (Data Package)",
        "description": "Kolom, tipe, kunci, lisensi, sumber, ukuran dan SHA-256.\n\n"
        "Columns, types, keys, licence, sources, size and SHA-256.",
        "format": "JSON",
        "mimetype": "application/json",
        "language": "id",
        "conforms_to": PROFILE,
    }
    return memory_file(resource_id(dataset, DESCRIPTOR), DESCRIPTOR, content, about)


def memory_file(file_id: str, name: str, content: bytes, about: Mapping[str, Any]) -> File:
    """A small file that lies nowhere."""
    return File(file_id, name, content, hashlib.sha256(content).hexdigest(), len(content), about)


def described(release: Released, resource: Mapping[str, Any], portal: str) -> dict[str, Any]:
    """The Data Package of one dataset as the portal serves it: the release's own words, with addresses for paths.

    The datasets that its foreign keys lead to stand in it too, so that a validator can follow them; without their hash
    and size, because they change on the portal on their own.
    """
    package = {name: value for name, value in release.descriptor.items() if name != "resources"}
    dataset = dataset_name(release.package, resource["name"])
    titles = {
        name: resource[name] for name in ("title", "title_en", "description", "description_en") if name in resource
    }
    own = _addressed(release, resource, portal)
    others = [_without_content(_addressed(release, other, portal)) for other in _led_to(release, resource)]
    return {**package, "name": dataset, **titles, "resources": [own, *others]}


def _addressed(release: Released, resource: Mapping[str, Any], portal: str) -> dict[str, Any]:
    dataset = dataset_name(release.package, resource["name"])

    def at_portal(part: Mapping[str, Any]) -> dict[str, Any]:
        name = name_at_portal(part["path"])
        return {**part, "path": address_of(portal, dataset, resource_id(dataset, name), name)}

    formats = [at_portal(part) for part in resource.get("formats", ())]
    return at_portal(resource) | ({"formats": formats} if formats else {})


def _without_content(resource: Mapping[str, Any]) -> dict[str, Any]:
    changing = ("hash", "bytes", "rows", "formats", "sealed_periods")
    return {name: value for name, value in resource.items() if name not in changing}


def _led_to(release: Released, resource: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The other datasets that foreign keys lead to, from one to the next, in the order of the release."""
    seen, ahead = {str(resource["name"])}, [resource]
    while ahead:
        for key in ahead.pop()["schema"].get("foreignKeys", ()):
            name = key["reference"]["resource"]
            if name and name not in seen:
                seen.add(name)
                ahead.append(release.resource(name))
    return [r for r in release.descriptor["resources"] if r["name"] in seen and r["name"] != resource["name"]]
