"""A dataset in the words of schema.org, by which search engines find it: in its page, and as a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publishing.catalogue.addresses import Addresses, dataset_page, media_type, released
from publishing.catalogue.citation import sentence
from publishing.catalogue.dcat import files_of, temporal
from publishing.release.editions import Edition, ReleasedFile


def dataset(edition: Edition, resource: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """A dataset of a release as JSON-LD."""
    name = str(resource["name"])
    page = dataset_page(edition.package, edition.version, name)
    publisher = [
        {"@type": "GovernmentOrganization", "name": contributor["title"]}
        for contributor in edition.descriptor.get("contributors", ())
    ]
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": addresses.of(page, page),
        "url": addresses.of(page, page),
        "identifier": f"{edition.package}/{name}/{edition.version}",
        "name": resource.get("title", name),
        "alternateName": resource.get("title_en", name),
        "description": f"{resource.get('description', '')}\n\n{resource.get('description_en', '')}",
        "inLanguage": ["id", "en"],
        "keywords": list(edition.descriptor.get("keywords", ())),
        "license": [licence["path"] for licence in resource.get("licenses", ())],
        "creator": publisher,
        "publisher": publisher,
        "version": edition.version,
        "datePublished": edition.issued_on.isoformat(),
        "isAccessibleForFree": True,
        "citation": sentence(edition, resource, "en", addresses),
        "spatialCoverage": {"@type": "Place", "name": "DKI Jakarta"},
        "includedInDataCatalog": {"@type": "DataCatalog", "url": addresses.of("", page)},
        "variableMeasured": [_variable(field) for field in resource.get("schema", {}).get("fields", ())],
        "distribution": [_download(edition, file, addresses, page) for file in files_of(edition, resource)],
    }
    if span := temporal(resource):
        described["temporalCoverage"] = f"{span[0]}/{span[1]}"
    return described


def _variable(field: Mapping[str, Any]) -> dict[str, Any]:
    described = {
        "@type": "PropertyValue",
        "name": field["name"],
        "alternateName": field.get("title_en", field["name"]),
        "description": field.get("description_en") or field.get("description", ""),
    }
    return {**described, **({"unitText": field["satuan"]} if field.get("satuan") else {})}


def _download(edition: Edition, file: ReleasedFile, addresses: Addresses, page: str) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "contentUrl": addresses.of(released(edition.package, edition.version, file.path), page),
        "encodingFormat": media_type(file.path),
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }
