"""The catalogue in DCAT 3 (W3C Recommendation, 22 August 2024), for harvesters.

A package is a `dcat:DatasetSeries`; each dataset of it is a `dcat:Dataset` with a version per release, and offers the
files of its newest one. A withdrawn release stays as versions without files, with the reason. Of many releases the
newest are described; `releases.json` has them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from publishing.catalogue.addresses import Addresses, dataset_page, media_type, released
from publishing.catalogue.linked_data import Iri, Node, Text
from publishing.period import covered
from publishing.release.editions import Edition, ReleasedFile

TITLE = {"title": "Data terbuka KSBB UMKM DKI Jakarta", "title_en": "KSBB UMKM Jakarta: open data"}
ABOUT = {
    "description": "Paket data terbuka yang dianonimkan, diperiksa, dan tidak berubah setelah terbit.",
    "description_en": "Packages of open data: anonymised, checked, and unchanged once they are released.",
}

DESCRIBED = 50
"""Releases of a package that are described: with daily releases, all would soon be more than anybody harvests."""

_FREQUENCIES = {  # first words of a cadence -> Dublin Core Collection Description frequency
    "daily": "daily",
    "on change": "irregular",
    "by half-year": "semiannual",
    "by quarter": "quarterly",
    "by month": "monthly",
    "by year": "annual",
}
_LANGUAGES = [Iri(f"http://id.loc.gov/vocabulary/iso639-1/{code}") for code in ("id", "en")]
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
_BBOX = "POLYGON((106.38 -6.38,106.98 -6.38,106.98 -5.18,106.38 -5.18,106.38 -6.38))"
"""A box around Jakarta and its islands (WGS 84)."""


def graph(shelves: Mapping[str, Sequence[Edition]], addresses: Addresses) -> list[Node]:
    """Everything the catalogue holds. `shelves`: the releases of each package, oldest first."""
    writer = _Graph(addresses)
    for package, editions in sorted(shelves.items()):
        writer.package(package, editions)
    return [writer.catalogue(shelves), *writer.nodes, writer.publisher(shelves), writer.jakarta()]


def datasets_of(edition: Edition) -> list[dict[str, Any]]:
    """What the descriptor of a release says of each dataset."""
    return [dict(resource) for resource in edition.descriptor.get("resources", ())]


def files_of(edition: Edition, resource: Mapping[str, Any]) -> list[ReleasedFile]:
    """The files that hold a dataset: its own first, then those of the same name in other formats."""
    own = str(resource.get("path", ""))
    stem = str(resource["name"])
    same = [f for f in edition.files if f.path == own or PurePosixPath(f.path).name.partition(".")[0] == stem]
    return sorted(same, key=lambda f: (f.path != own, f.path))


def temporal(resource: Mapping[str, Any]) -> tuple[dt.date, dt.date] | None:
    """First and last day that the sealed periods of a dataset cover."""
    return covered(resource.get("sealed_periods", ()))


class _Graph:
    """Writes nodes in order."""

    def __init__(self, addresses: Addresses) -> None:
        self.nodes: list[Node] = []
        self._listed: list[Iri] = []
        self._addresses = addresses

    def _at(self, path: str) -> str:
        return self._addresses.of(path)

    def catalogue(self, shelves: Mapping[str, Sequence[Edition]]) -> Node:
        node = Node(self._at(""), ["dcat:Catalog"])
        node.both("dct:title", TITLE, "title").both("dct:description", ABOUT, "description")
        node.say("dct:publisher", Iri(self._at("#publisher"))).say("dct:language", *_LANGUAGES)
        node.say("dct:spatial", Iri(self._at("#jakarta"))).say("foaf:homepage", Iri(self._at("index.html")))
        instants = sorted(edition.released_at for editions in shelves.values() for edition in editions)
        if instants:
            node.say("dct:issued", _instant(instants[0])).say("dct:modified", _instant(instants[-1]))
        return node.say("dcat:dataset", *self._listed)

    def publisher(self, shelves: Mapping[str, Sequence[Edition]]) -> Node:
        names = [
            contributor["title"]
            for _, editions in sorted(shelves.items())
            for edition in reversed(editions[-DESCRIBED:])
            for contributor in edition.descriptor.get("contributors", ())
        ]
        name = names[0] if names else "Pemerintah Provinsi DKI Jakarta"
        return Node(self._at("#publisher"), ["foaf:Organization"]).say("foaf:name", Text(name, "id"))

    def jakarta(self) -> Node:
        node = Node(self._at("#jakarta"), ["dct:Location"]).say("dct:identifier", Text("31"))
        node.say("skos:prefLabel", Text("DKI Jakarta", "id"), Text("Jakarta", "en"))
        return node.say("dcat:bbox", Text(_BBOX, type="geosparql:wktLiteral"))

    def package(self, package: str, editions: Sequence[Edition]) -> None:
        standing = [edition for edition in editions if edition.withdrawn is None]
        series = Node(self._at(f"{package}/"), ["dcat:DatasetSeries"]).say("dct:identifier", Text(package))
        current = standing[-1] if standing else None
        series.both("dct:title", current.descriptor if current else {"title": package}, "title")
        if current:
            series.both("dct:description", current.descriptor, "description")
        series.say("dct:publisher", Iri(self._at("#publisher")))
        series.say("dct:issued", _instant(editions[0].released_at))
        series.say("dct:modified", _instant(editions[-1].released_at))
        self._add(series)
        shown = editions[-DESCRIBED:]
        for name in dict.fromkeys(r["name"] for edition in reversed(shown) for r in datasets_of(edition)):
            self._dataset(package, name, [e for e in shown if e.withdrawn is not None or _resource(e, name)])

    def _dataset(self, package: str, name: str, editions: Sequence[Edition]) -> None:
        """A dataset over all its releases, and each of them."""
        last = next(edition for edition in reversed(editions) if edition.withdrawn is None)
        whole = Node(self._at(f"{package}/#{name}"), ["dcat:Dataset"])
        self._describe(whole, _resource(last, name), last)
        whole.say("dct:identifier", Text(f"{package}/{name}")).say("dcat:inSeries", Iri(self._at(f"{package}/")))
        if len(editions) < DESCRIBED:  # else the first release may not be among them
            whole.say("dct:issued", _instant(editions[0].released_at))
        whole.say("dct:modified", _instant(last.released_at))
        versions = [Iri(self._version_of(edition, name)) for edition in editions]
        whole.say("dcat:hasVersion", *versions).say("dcat:hasCurrentVersion", Iri(self._version_of(last, name)))
        whole.say("dcat:landingPage", Iri(self._version_of(last, name)))
        self._add(whole)
        whole.say("dcat:distribution", *self._offers(last, name))
        for before, edition in zip([None, *editions], editions, strict=False):
            self._version(edition, name, before, whole, None if edition is last else last)

    def _version(
        self, edition: Edition, name: str, before: Edition | None, whole: Node, replaced_by: Edition | None
    ) -> None:
        node = Node(self._version_of(edition, name), ["dcat:Dataset"]).say("dcat:version", Text(edition.version))
        node.say("dcat:isVersionOf", Iri(whole.iri)).say("dct:issued", _instant(edition.released_at))
        if before:
            node.say("dcat:previousVersion", Iri(self._version_of(before, name)))
        if edition.withdrawn is not None:
            node.say("dct:title", Text(f"{name} {edition.version}"))
            node.say("adms:status", Iri("http://purl.org/adms/status/Withdrawn"))
            node.say("adms:versionNotes", *_in_both(edition.withdrawn))
        else:
            self._describe(node, _resource(edition, name), edition)
            node.say("dct:modified", _instant(edition.released_at))
            node.say("dcat:landingPage", Iri(node.iri)).say("dcat:distribution", *self._offers(edition, name))
        if replaced_by:
            node.say("dct:isReplacedBy", Iri(self._version_of(replaced_by, name)))
        self.nodes.append(node)
        for file in files_of(edition, _resource(edition, name)) if edition.withdrawn is None else ():
            self._distribution(edition, name, file)

    def _describe(self, node: Node, resource: Mapping[str, Any], edition: Edition) -> None:
        node.both("dct:title", resource, "title").both("dct:description", resource, "description")
        node.say("dct:publisher", Iri(self._at("#publisher"))).say("dct:language", *_LANGUAGES)
        node.say("dct:license", *(Iri(licence["path"]) for licence in resource.get("licenses", ())))
        node.say("dct:spatial", Iri(self._at("#jakarta")))
        node.say("dcat:keyword", *(Text(word, "id") for word in edition.descriptor.get("keywords", ())))
        if frequency := _frequency(str(resource.get("cadence_en", ""))):
            node.say("dct:accrualPeriodicity", Iri(frequency))
        if span := temporal(resource):
            node.say("dct:temporal", Iri(self._period(span)))

    def _period(self, span: tuple[dt.date, dt.date]) -> str:
        """A period of time, described once."""
        iri = self._at(f"#period-{span[0]}-{span[1]}")
        if not any(node.iri == iri for node in self.nodes):
            node = Node(iri, ["dct:PeriodOfTime"])
            node.say("dcat:startDate", Text(str(span[0]), type="xsd:date"))
            self.nodes.append(node.say("dcat:endDate", Text(str(span[1]), type="xsd:date")))
        return iri

    def _offers(self, edition: Edition, name: str) -> list[Iri]:
        return [Iri(self._offer(edition, name, file)) for file in files_of(edition, _resource(edition, name))]

    def _offer(self, edition: Edition, name: str, file: ReleasedFile) -> str:
        return f"{self._version_of(edition, name)}#{quote(file.path)}"

    def _distribution(self, edition: Edition, name: str, file: ReleasedFile) -> None:
        iri = self._offer(edition, name, file)
        address = Iri(self._at(released(edition.package, edition.version, file.path)))
        resource = _resource(edition, name)
        node = Node(iri, ["dcat:Distribution"]).say("dct:title", Text(PurePosixPath(file.path).name))
        node.say("dcat:downloadURL", address).say("dcat:accessURL", Iri(self._version_of(edition, name)))
        node.say("dcat:mediaType", Iri(f"{_MEDIA_TYPE}{media_type(file.path)}"))
        node.say("dcat:byteSize", Text(str(file.size), type="xsd:nonNegativeInteger"))
        node.say("dct:issued", _instant(edition.released_at))
        node.say("dct:license", *(Iri(licence["path"]) for licence in resource.get("licenses", ())))
        if file.path == resource.get("path") and "$schema" in edition.descriptor:
            node.say("dct:conformsTo", Iri(str(edition.descriptor["$schema"])))
        checksum = Node(f"{iri}-sha256", ["spdx:Checksum"])
        checksum.say("spdx:algorithm", Iri("spdx:checksumAlgorithm_sha256"))
        checksum.say("spdx:checksumValue", Text(file.sha256, type="xsd:hexBinary"))
        self.nodes += [node.say("spdx:checksum", Iri(checksum.iri)), checksum]

    def _version_of(self, edition: Edition, name: str) -> str:
        return self._at(dataset_page(edition.package, edition.version, name))

    def _add(self, node: Node) -> None:
        self.nodes.append(node)
        self._listed.append(Iri(node.iri))


def _resource(edition: Edition, name: str) -> dict[str, Any]:
    """What a release says of a dataset; empty when it has none of that name."""
    return next((resource for resource in datasets_of(edition) if resource["name"] == name), {})


def _frequency(cadence: str) -> str:
    """The address of a frequency; empty when we know none for these words."""
    found = next((name for words, name in _FREQUENCIES.items() if cadence.startswith(words)), "")
    return found and f"http://purl.org/cld/freq/{found}"


def _instant(instant: dt.datetime) -> Text:
    return Text(instant.isoformat(), type="xsd:dateTime")


def _in_both(texts: tuple[str, str]) -> Iterable[Text]:
    return [Text(text, language) for text, language in zip(texts, ("id", "en"), strict=True) if text]
