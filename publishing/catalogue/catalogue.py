"""The catalogue that people and programs find: written anew after each release, from the releases and their index.

Beside the release folders, which never change: `releases.json` per package, DCAT 3 (`catalog.jsonld`, `catalog.ttl`),
and pages in Indonesian and English with citations and schema.org. The same releases and index give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from publishing.catalogue import citation, dcat, pages, schema_org
from publishing.catalogue.addresses import Addresses, about, dataset_page, release_page
from publishing.catalogue.compressed import compress
from publishing.catalogue.linked_data import json_ld, turtle
from publishing.catalogue.page import LANGUAGES
from publishing.package import DESCRIPTOR, json_text
from publishing.release.editions import INDEX, Edition, editions, index_text, read_index, updated_index
from publishing.release.released import staging

ReleasedAt = Mapping[tuple[str, str], dt.datetime]
"""When releases that the index does not know yet came out, by package and version."""

_PAGES = "about"
_DONE = ".catalogue.json"


def write_catalogue(root: Path, public_url: str = "", released_at: ReleasedAt | None = None) -> None:
    """Write the catalogue of all packages in a folder; each file changes in one step, and only if its content does.

    A release that was withdrawn (`withdrawn` in the index) has pages that say why, and nothing else. `public_url` is
    where callers reach the server; without it addresses are relative.

    Raises:
        IndexNotReadable, ReleaseNotAsListed: an index and its releases do not fit each other.
        PublishingIsBusy: another process is publishing here.
    """
    addresses = Addresses(public_url)
    with staging(root) as drafts:
        names = sorted(folder.parents[1].name for folder in root.glob(f"*/[0-9]*/{DESCRIPTOR}"))
        names = sorted({*names, *(index.parent.name for index in root.glob(f"*/{INDEX}"))})
        shelves = {name: _shelf(root / name, drafts, released_at or {}) for name in names}
        done = _Done(root, public_url)
        for path, text in _files(root, shelves, addresses, done):
            _put(root / path, text, drafts)
        done.keep(shelves, drafts)
        for shelf in shelves.values():
            _clear_withdrawn(root, shelf)
        compress(root, _texts(root, shelves), drafts)


class _Done:
    """Which releases have their pages, as this code makes them of what is said about the release now.

    Pages of a release depend on nothing else, and with a release each day most of them are made once.
    """

    def __init__(self, root: Path, public_url: str) -> None:
        self._root = root
        code = [file.read_bytes() for file in sorted(Path(__file__).parents[1].rglob("*.py"))]
        self._key = hashlib.sha256(b"\0".join([public_url.encode(), *code])).hexdigest()
        try:
            stated = json.loads((root / _DONE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stated = {}
        self._known = stated.get("releases", {}) if stated.get("key") == self._key else {}

    def has(self, edition: Edition) -> bool:
        """Whether the pages of a release are there and say what they should."""
        page = self._root / release_page(edition.package, edition.version)
        return page.is_file() and self._known.get(_id(edition)) == _facts(edition)

    def keep(self, shelves: Mapping[str, Sequence[Edition]], drafts: Path) -> None:
        """Remember that all releases that stand have their pages."""
        standing = [edition for shelf in shelves.values() for edition in shelf if edition.withdrawn is None]
        content = {"key": self._key, "releases": {_id(edition): _facts(edition) for edition in standing}}
        _put(self._root / _DONE, json_text(content), drafts)


def _id(edition: Edition) -> str:
    return f"{edition.package}/{edition.version}"


def _facts(edition: Edition) -> str:
    """What the pages of a release are made of, in short."""
    return hashlib.sha256(repr((edition.released_at, edition.sha256, edition.files)).encode()).hexdigest()


def _shelf(folder: Path, drafts: Path, released_at: ReleasedAt) -> list[Edition]:
    """The releases of a package, once its index knows all of them."""
    dates = {version: instant for (package, version), instant in released_at.items() if package == folder.name}
    entries = updated_index(folder, dates)
    if entries != read_index(folder) or not (folder / INDEX).exists():
        _put(folder / INDEX, index_text(folder.name, entries), drafts)
    return editions(folder)


def _files(
    root: Path, shelves: Mapping[str, Sequence[Edition]], addresses: Addresses, done: _Done
) -> Iterator[tuple[str, str]]:
    """Every file of the catalogue that may have changed, with its content; those that link to others come later."""
    for name, shelf in sorted(shelves.items()):
        for edition in shelf:
            if edition.withdrawn is not None:
                yield from _tombstones(root, edition)
            elif not done.has(edition):
                yield from _release(edition, addresses)
        for language in LANGUAGES:
            yield pages.index_page(f"{name}/", language), pages.package(name, shelf, language).html()
    nodes = dcat.graph(shelves, addresses)
    yield from zip(pages.CATALOGUE_FILES, (json_ld(nodes), turtle(nodes)), strict=True)
    for language in LANGUAGES:
        yield pages.index_page("", language), pages.catalogue(shelves, language).html()


def _release(edition: Edition, addresses: Addresses) -> Iterator[tuple[str, str]]:
    stem = about(edition.package, edition.version)
    resources = dcat.datasets_of(edition)
    for resource in resources:
        name = str(resource["name"])
        yield f"{stem}{name}.jsonld", json_text(schema_org.dataset(edition, resource, addresses))
        yield f"{stem}{name}.citation.txt", citation.plain(edition, resource, addresses)
        yield f"{stem}{name}.citation.bib", citation.bibtex(edition, resource, addresses)
        for language in LANGUAGES:
            page = pages.dataset(edition, resource, language, addresses)
            yield page.path, page.html()
    yield f"{stem}citation.txt", citation.plain(edition, None, addresses)
    yield f"{stem}citation.bib", citation.bibtex(edition, None, addresses)
    for language in LANGUAGES:
        yield (
            release_page(edition.package, edition.version, language),
            pages.release(edition, language, addresses).html(),
        )


def _tombstones(root: Path, edition: Edition) -> Iterator[tuple[str, str]]:
    """Pages in the place of the release's page and of the page of every dataset that it had."""
    package, version = edition.package, edition.version
    places = [{language: release_page(package, version, language) for language in LANGUAGES}]
    pages_there = (root / about(package, version)).glob("*.html")
    names = sorted({page.name.partition(".")[0] for page in pages_there} - {"index"})
    places += [{language: dataset_page(package, version, name, language) for language in LANGUAGES} for name in names]
    for place in places:
        for language, twin in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
            yield place[language], pages.tombstone(edition, place[language], place[twin], language).html()


def _clear_withdrawn(root: Path, shelf: Sequence[Edition]) -> None:
    """Take away what else was written about a withdrawn release: it would describe what is no longer there."""
    for edition in shelf:
        if edition.withdrawn is not None:
            kept = {root / path for path, _ in _tombstones(root, edition)}
            for file in (root / about(edition.package, edition.version)).glob("*"):
                if file not in kept:
                    file.unlink()


def _put(place: Path, text: str, drafts: Path) -> None:
    """Write a file in one step; not at all if it has that content, so that its date stays."""
    content = text.encode()
    if place.is_file() and place.read_bytes() == content:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = drafts / "draft"
    draft.write_bytes(content)
    draft.replace(place)


def _texts(root: Path, shelves: Mapping[str, Sequence[Edition]]) -> Iterator[Path]:
    """The files of which compressed copies are sent: the catalogue's own, and those of releases that stand."""
    yield from (file for file in sorted(root.glob("*")) if file.is_file() and not file.name.startswith("."))
    for name, shelf in shelves.items():
        yield from (file for file in sorted((root / name).glob("*")) if file.is_file())
        yield from (file for file in sorted((root / name / _PAGES).rglob("*")) if file.is_file())
        for edition in shelf:
            yield from (root / name / edition.version / file.path for file in edition.files)
