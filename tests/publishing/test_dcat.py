"""DCAT and schema.org as others read them: by rdflib, against the terms that the vocabulary has."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import to_isomorphic
from rdflib.namespace import DCTERMS, RDF, XSD

from publishing.catalogue import dcat
from publishing.catalogue.catalogue import write_catalogue
from publishing.catalogue.linked_data import Iri, Node, Text, json_ld, turtle
from tests.publishing.shelf import MORNING, a_release, withdraw

# rdflib reads JSON-LD by a class that it deprecates itself
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

DCAT = Namespace("http://www.w3.org/ns/dcat#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
HOST = "https://data.example"
BASE = f"{HOST}/data/"
KNOWN = {  # terms of DCAT 3 and those of others that it names, by hand from the Recommendation
    "http://www.w3.org/ns/dcat#": "Catalog Dataset DatasetSeries Distribution dataset distribution keyword mediaType"
    " byteSize downloadURL accessURL landingPage version previousVersion hasVersion hasCurrentVersion isVersionOf"
    " inSeries startDate endDate bbox",
    "http://purl.org/dc/terms/": "title description publisher language license issued modified spatial temporal"
    " identifier conformsTo accrualPeriodicity isReplacedBy Location PeriodOfTime",
    "http://spdx.org/rdf/terms#": "Checksum checksum algorithm checksumValue checksumAlgorithm_sha256",
    "http://xmlns.com/foaf/0.1/": "Organization name homepage",
    "http://www.w3.org/ns/adms#": "status versionNotes",
    "http://www.w3.org/2004/02/skos/core#": "prefLabel",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "type",
}


def graph(root: Path, format_: str = "turtle", base: str = BASE) -> Graph:
    name = {"turtle": "catalog.ttl", "json-ld": "catalog.jsonld"}[format_]
    return Graph().parse(data=(root / name).read_text(), format=format_, publicID=base + name)


@pytest.fixture
def catalogue(root: Path) -> Path:
    a_release(root, 1, periods=["202012"])
    a_release(root, 2, cities=3, periods=["202012", "202106"])
    write_catalogue(root, HOST, {("contoh", "1.0.1"): MORNING})
    return root


@pytest.mark.parametrize("public_url", ["", HOST])
def test_both_serialisations_are_the_same_graph(root: Path, public_url: str) -> None:
    a_release(root, 1)
    a_release(root, 2)
    write_catalogue(root)
    withdraw(root, 1, 'Salah "hitung"\n\\')
    write_catalogue(root, public_url)
    assert to_isomorphic(graph(root)) == to_isomorphic(graph(root, "json-ld"))
    assert len(graph(root)) > 50


def test_relative_addresses_are_the_whole_ones_where_they_are_read(root: Path) -> None:
    a_release(root, 1)
    write_catalogue(root)
    relative = graph(root)
    write_catalogue(root, HOST)
    assert to_isomorphic(relative) == to_isomorphic(graph(root))


@pytest.mark.parametrize("text", ['"', "\\", "\n\r\t", "<b>", "é漢", "'", "a@id", "\u2028"])
def test_any_text_survives_both_serialisations(text: str) -> None:
    nodes = [Node("http://x/ <>", ["dcat:Dataset"]).say("dct:title", Text(text, "id"), Iri("dcat:x"), Iri("./y"))]
    read = Graph().parse(data=turtle(nodes), format="turtle", publicID="http://x/")
    assert Literal(text, "id") in set(read.objects())
    other = Graph().parse(data=json_ld(nodes), format="json-ld", publicID="http://x/")
    assert to_isomorphic(read) == to_isomorphic(other)


def test_only_terms_of_the_vocabularies_are_used(catalogue: Path) -> None:
    withdraw(catalogue, 1, "Salah")
    write_catalogue(catalogue, HOST)
    read = graph(catalogue)
    for term in {*read.predicates(), *read.objects(None, RDF.type)}:
        space = next(space for space in KNOWN if str(term).startswith(space))
        assert str(term).removeprefix(space) in KNOWN[space].split(), term


def test_a_dataset_has_its_versions_in_order(catalogue: Path) -> None:
    read = graph(catalogue)
    whole = URIRef(f"{BASE}contoh/#kota")
    first, second = (URIRef(f"{BASE}contoh/about/1.0.{n}/kota.html") for n in (1, 2))
    assert (URIRef(BASE), DCAT.dataset, whole) in read
    assert (whole, DCAT.inSeries, URIRef(f"{BASE}contoh/")) in read
    assert (URIRef(f"{BASE}contoh/"), RDF.type, DCAT.DatasetSeries) in read
    assert set(read.objects(whole, DCAT.hasVersion)) == {first, second}
    assert list(read.objects(whole, DCAT.hasCurrentVersion)) == [second]
    assert list(read.objects(second, DCAT.previousVersion)) == [first]
    assert list(read.objects(first, DCAT.previousVersion)) == []
    assert read.value(first, DCAT.version) == Literal("1.0.1")
    assert read.value(first, DCTERMS.issued) == Literal("2021-02-01T01:00:00+00:00", datatype=XSD.dateTime)


def test_every_dataset_says_what_harvesters_ask_for(catalogue: Path) -> None:
    read = graph(catalogue)
    for dataset in read.subjects(RDF.type, DCAT.Dataset):
        titles = {title.language for title in read.objects(dataset, DCTERMS.title) if isinstance(title, Literal)}
        assert titles == {"id", "en"}
        for needed in ("description", "publisher", "license", "issued", "modified", "spatial", "temporal", "language"):
            assert read.value(dataset, DCTERMS[needed], any=True) is not None, (dataset, needed)
        assert read.value(dataset, DCTERMS.accrualPeriodicity) == URIRef("http://purl.org/cld/freq/daily")
    assert {str(read.value(period, DCAT.endDate)) for period in read.subjects(RDF.type, DCTERMS.PeriodOfTime)} == {
        "2020-12-31",
        "2021-06-30",
    }


def test_every_file_is_a_distribution_that_can_be_fetched_and_checked(catalogue: Path) -> None:
    read = graph(catalogue)
    found = list(read.subjects(RDF.type, DCAT.Distribution))
    assert len(found) == 4
    for distribution in found:
        address = str(read.value(distribution, DCAT.downloadURL))
        content = (catalogue / address.removeprefix(BASE)).read_bytes()
        assert read.value(distribution, DCAT.byteSize) == Literal(len(content), datatype=XSD.nonNegativeInteger)
        checksum = read.value(distribution, SPDX.checksum)
        assert str(read.value(checksum, SPDX.checksumValue)) == hashlib.sha256(content).hexdigest()
    types = {str(kind).rpartition("media-types/")[2] for kind in read.objects(None, DCAT.mediaType)}
    assert types == {"text/csv", "application/vnd.apache.parquet"}


def test_every_page_that_is_named_is_there(catalogue: Path) -> None:
    withdraw(catalogue, 1, "Salah")
    write_catalogue(catalogue, HOST)
    read = graph(catalogue)
    named = {str(term).partition("#")[0] for triple in read for term in triple if str(term).startswith(BASE)}
    for address in named:
        place = catalogue / address.removeprefix(BASE)
        assert (place / "index.html" if address.endswith("/") else place).is_file(), address


def test_a_withdrawn_version_has_a_reason_and_no_files(catalogue: Path) -> None:
    withdraw(catalogue, 2, {"reason": "Salah", "reason_en": "Wrong"})
    write_catalogue(catalogue, HOST)
    read = graph(catalogue)
    gone, whole = URIRef(f"{BASE}contoh/about/1.0.2/kota.html"), URIRef(f"{BASE}contoh/#kota")
    assert set(read.objects(gone, ADMS.versionNotes)) == {Literal("Salah", "id"), Literal("Wrong", "en")}
    assert list(read.objects(gone, DCAT.distribution)) == []
    assert list(read.objects(whole, DCAT.hasCurrentVersion)) == [URIRef(f"{BASE}contoh/about/1.0.1/kota.html")]


def test_of_many_releases_the_newest_are_described(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dcat, "DESCRIBED", 2)
    for number in range(1, 5):
        a_release(root, number)
    write_catalogue(root, HOST)
    versions = {str(version) for version in graph(root).objects(None, DCAT.version)}
    assert versions == {"1.0.3", "1.0.4"}


def test_schema_org_names_files_columns_and_licence(catalogue: Path) -> None:
    about = catalogue / "contoh" / "about" / "1.0.2"
    described = json.loads((about / "kota.jsonld").read_text())
    assert described["@type"] == "Dataset"
    assert described["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert described["temporalCoverage"] == "2020-07-01/2021-06-30"
    assert [variable["name"] for variable in described["variableMeasured"]] == ["kode", "jenis", "luas", "induk"]
    assert described["distribution"][0]["contentUrl"] == f"{BASE}contoh/1.0.2/data/kota.csv"
    block = (about / "kota.html").read_text().partition('<script type="application/ld+json">')[2]
    assert json.loads(block.partition("</script>")[0]) == described
