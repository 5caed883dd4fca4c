"""How to cite a release or a dataset of it: a sentence for people, BibTeX for programs that keep literature."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from publishing.catalogue.addresses import Addresses, dataset_page, release_page
from publishing.release.editions import Edition

_SPECIAL = re.compile(r"([&%$#_{}])")
_WORDS = {
    "id": {"version": "versi", "data": "kumpulan data", "package": "paket data", "at": "Tersedia di", "by": "Lisensi"},
    "en": {"version": "version", "data": "dataset", "package": "data package", "at": "Available at", "by": "Licence"},
}


def sentence(edition: Edition, resource: Mapping[str, Any] | None, language: str, addresses: Addresses) -> str:
    """The citation of a release, or of one dataset of it, in a language."""
    words = _WORDS[language]
    title = _title(edition, resource, language)
    kind = words["data"] if resource else words["package"]
    licences = ", ".join(licence["name"] for licence in edition.descriptor.get("licenses", ()))
    return (
        f"{_publisher(edition)} ({edition.issued_on.year}). {title}, {words['version']} {edition.version} "
        f"({edition.issued_on}) [{kind}]. {words['by']} {licences}. {words['at']}: "
        f"{_address(edition, resource, language, addresses)}"
    )


def plain(edition: Edition, resource: Mapping[str, Any] | None, addresses: Addresses) -> str:
    """The content of a text file: the citation in both languages."""
    return "".join(f"{sentence(edition, resource, language, addresses)}\n" for language in ("id", "en"))


def bibtex(edition: Edition, resource: Mapping[str, Any] | None, addresses: Addresses) -> str:
    """An entry for BibTeX and BibLaTeX; the title in Indonesian, the English one in the note."""
    name = f"{resource['name']}-" if resource else ""
    values = {
        "author": f"{{{_escaped(_publisher(edition))}}}",
        "title": f"{{{_escaped(_title(edition, resource, 'id'))}}}",
        "year": str(edition.issued_on.year),
        "month": str(edition.issued_on.month),
        "version": edition.version,
        "publisher": f"{{{_escaped(_publisher(edition))}}}",
        "note": _escaped(f"{_title(edition, resource, 'en')}, released on {edition.issued_on}"),
        "howpublished": rf"\url{{{_address(edition, resource, 'id', addresses)}}}",
    }
    fields = "".join(f"  {key} = {{{value}}},\n" for key, value in values.items())
    return f"@misc{{{edition.package}-{name}{edition.version},\n{fields}}}\n"


def _title(edition: Edition, resource: Mapping[str, Any] | None, language: str) -> str:
    content = edition.descriptor if resource is None else resource
    title = str(content.get("title" if language == "id" else "title_en") or content.get("title") or content["name"])
    return title if resource is None else f"{title} ({resource['name']})"


def _publisher(edition: Edition) -> str:
    names = [str(contributor["title"]) for contributor in edition.descriptor.get("contributors", ())]
    return ", ".join(names) or edition.package


def _address(edition: Edition, resource: Mapping[str, Any] | None, language: str, addresses: Addresses) -> str:
    """Where its page is; without a known host, the path below the host."""
    place = (
        release_page(edition.package, edition.version, language)
        if resource is None
        else dataset_page(edition.package, edition.version, str(resource["name"]), language)
    )
    return addresses.of(place) if addresses.public_url else f"/data/{place}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\\", ""))
