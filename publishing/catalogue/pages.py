"""The catalogue for people: all packages, a package, a release, a dataset with its dictionary, a withdrawn release."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath
from typing import Any

from publishing.catalogue import schema_org
from publishing.catalogue.addresses import Addresses, about, dataset_page, link, release_page, released
from publishing.catalogue.citation import sentence
from publishing.catalogue.dcat import datasets_of, files_of, temporal
from publishing.catalogue.page import LANGUAGES, Page, Words, anchor, facts, paragraph, table, time
from publishing.release.editions import Edition, ReleasedFile

CATALOGUE_FILES = ("catalog.jsonld", "catalog.ttl")

Shelves = Mapping[str, Sequence[Edition]]


def index_page(folder: str, language: str) -> str:
    """The page of the catalogue (`folder` empty) or of a package."""
    return f"{folder}{'index.html' if language == 'id' else f'index.{language}.html'}"


def catalogue(shelves: Shelves, language: str) -> Page:
    """The first page: every dataset with its dictionary and its file one click away."""
    words, path = Words(language), index_page("", language)
    body = [paragraph(words["about"])]
    for package, editions in sorted(shelves.items()):
        current = newest(editions)
        title = words.of(current.descriptor, "title") if current else package
        body.append(f"<h2>{anchor(link(index_page(f'{package}/', language), path), title)}</h2>")
        if current:
            body += [paragraph(words.of(current.descriptor, "description")), _datasets(current, path, words)]
    if not shelves:
        body.append(paragraph(words["none"]))
    else:
        body += [f"<h2>{words['machines']}</h2>", _list([anchor(link(f, path), f) for f in CATALOGUE_FILES])]
    return Page(path, index_page("", _other(language)), language, words["site"], body)


def package(name: str, editions: Sequence[Edition], language: str) -> Page:
    """A package: the datasets of its newest release, and all its releases."""
    words, path = Words(language), index_page(f"{name}/", language)
    current = newest(editions)
    body = []
    if current:
        body += [
            paragraph(words.of(current.descriptor, "description")),
            _datasets(current, path, words, with_ids=True),
        ]
    rows = [
        (
            anchor(link(release_page(name, edition.version, language), path), edition.version),
            time(edition.issued_on),
            words["stands"] if edition.withdrawn is None else f"<strong>{words['withdrawn']}</strong>",
        )
        for edition in reversed(editions)
    ]
    body += [table(words["releases"], [words["release"], words["released"], words["state"]], rows)]
    body += [f"<h2>{words['machines']}</h2>", _list([anchor(link(f"{name}/releases.json", path), "releases.json")])]
    title = words.of(current.descriptor, "title") if current else name
    return Page(path, index_page(f"{name}/", _other(language)), language, title, body, _trail(words, "", ""))


def release(edition: Edition, language: str, addresses: Addresses) -> Page:
    """A release: its datasets, all its files with their checksums, and how to cite it."""
    words, path = Words(language), release_page(edition.package, edition.version, language)
    files = [
        (_download(edition, f, path, words, name=f.path), words.size(f.size), f"<code>{f.sha256}</code>")
        for f in edition.files
    ]
    body = [
        paragraph(words.of(edition.descriptor, "description")),
        facts([(words["released"], time(edition.issued_on)), (words["publisher"], _publisher(edition))]),
        _datasets(edition, path, words),
        table(words["files"], [words["file"], words["size"], "SHA-256"], files),
        *_cited(edition, None, path, words, addresses),
    ]
    title = f"{words.of(edition.descriptor, 'title')}, {words['release'].lower()} {edition.version}"
    twin = release_page(edition.package, edition.version, _other(language))
    return Page(path, twin, language, title, body, _trail(words, edition.package, ""))


def dataset(edition: Edition, resource: Mapping[str, Any], language: str, addresses: Addresses) -> Page:
    """A dataset of a release: what it is, its files, its dictionary, its known gaps, and how to cite it."""
    name = str(resource["name"])
    words, path = Words(language), dataset_page(edition.package, edition.version, name, language)
    downloads = [_download(edition, file, path, words) for file in files_of(edition, resource)]
    body = [
        paragraph(words.of(resource, "description")),
        f"<h2>{words['download']}</h2>",
        _list(downloads),
        _facts(edition, resource, words),
        f"<h2>{words['gaps']}</h2>",
        paragraph(words.of(resource, "known_gaps")),
        *_protection(resource, words),
        f"<h2>{words['dictionary']}</h2>",
        _dictionary(resource, words),
        *_references(edition, resource, path, words),
        *_cited(edition, resource, path, words, addresses),
    ]
    # A data block: browsers do not run it. `<` cannot end it early.
    block = json.dumps(schema_org.dataset(edition, resource, addresses), ensure_ascii=False).replace("<", "\\u003c")
    return Page(
        path,
        dataset_page(edition.package, edition.version, name, _other(language)),
        language,
        words.of(resource, "title") or name,
        body,
        _trail(words, edition.package, edition.version),
        [f'<script type="application/ld+json">{block}</script>'],
    )


def tombstone(edition: Edition, path: str, twin: str, language: str) -> Page:
    """What stands in the place of every page of a withdrawn release."""
    words = Words(language)
    reason = edition.withdrawn[LANGUAGES.index(language)] if edition.withdrawn else ""
    body = [
        f'<div class="note">{paragraph(words["gone"])}</div>',
        facts(
            [
                (words["reason"], escape(reason or words["no reason"])),
                (words["release"], f"{escape(edition.package)} {escape(edition.version)}"),
                (words["released"], time(edition.issued_on)),
            ]
        ),
        f"<p>{anchor(link(index_page(f'{edition.package}/', language), path), words['newest'])}</p>",
    ]
    return Page(path, twin, language, words["was withdrawn"], body, _trail(words, edition.package, ""))


def newest(editions: Sequence[Edition]) -> Edition | None:
    """The newest release that stands."""
    return next((edition for edition in reversed(editions) if edition.withdrawn is None), None)


def _datasets(edition: Edition, path: str, words: Words, *, with_ids: bool = False) -> str:
    resources = datasets_of(edition)
    rows = [
        (
            anchor(
                link(dataset_page(edition.package, edition.version, r["name"], words.language), path),
                words.of(r, "title") or r["name"],
            ),
            escape(words.of(r, "description")),
            "<br>".join(_download(edition, file, path, words) for file in files_of(edition, r)),
        )
        for r in resources
    ]
    caption = f"{words['datasets']}: {words['release'].lower()} {edition.version}, {edition.issued_on}"
    ids = [str(r["name"]) for r in resources] if with_ids else []
    return table(caption, [words["dataset"], words["content"], words["download"]], rows, ids)


def _download(edition: Edition, file: ReleasedFile, path: str, words: Words, name: str = "") -> str:
    """A link to a file that says what will come, and how much."""
    text = name or f"{PurePosixPath(file.path).suffix.lstrip('.').upper()} ({words.size(file.size)})"
    return anchor(link(released(edition.package, edition.version, file.path), path), text, download=not name)


def _facts(edition: Edition, resource: Mapping[str, Any], words: Words) -> str:
    span = temporal(resource)
    licences = [anchor(licence["path"], licence["title"]) for licence in resource.get("licenses", ())]
    sources = [escape(words.of(source, "title")) for source in resource.get("sources", ())]
    return facts(
        [
            (words["row"], escape(words.of(resource, "grain"))),
            (words["rows"], words.number(resource["rows"]) if "rows" in resource else ""),
            (words["cadence"], escape(words.of(resource, "cadence"))),
            (words["period"], f"{time(span[0])} / {time(span[1])}" if span else ""),
            (words["source"], "; ".join(sources)),
            (words["publisher"], _publisher(edition)),
            (words["licence"], ", ".join(licences)),
            (words["release"], f"{escape(edition.version)}, {time(edition.issued_on)}"),
        ]
    )


def _protection(resource: Mapping[str, Any], words: Words) -> list[str]:
    control = resource.get("disclosure_control") or {}
    if not {"threshold_persons", "rounded_to"} <= control.keys():
        return []
    return [f"<h2>{words['privacy']}</h2>", paragraph(words["persons"].format(**control))]


def _dictionary(resource: Mapping[str, Any], words: Words) -> str:
    schema = resource.get("schema", {})
    keys = schema.get("primaryKey", ())
    rows = [
        (
            f"<code>{escape(field['name'])}</code>",
            escape(words.of(field, "title")),
            ", ".join(_kind(field, keys, words)),
            escape(words.of(field, "description")),
            escape(str(field.get("satuan", ""))),
            _codes(field),
        )
        for field in schema.get("fields", ())
    ]
    heads = [words[name] for name in ("column", "title", "type", "meaning", "unit", "codes")]
    return table(words["dictionary"], heads, rows, [f"kolom-{field['name']}" for field in schema.get("fields", ())])


def _kind(field: Mapping[str, Any], keys: Sequence[str], words: Words) -> Iterator[str]:
    yield escape(str(field.get("type", "any")))
    if field["name"] in keys:
        yield words["key"]
    if not field.get("constraints", {}).get("required"):
        yield words["empty"]


def _codes(field: Mapping[str, Any]) -> str:
    constraints = field.get("constraints", {})
    codes = " ".join(f"<code>{escape(str(code))}</code>" for code in constraints.get("enum", ()))
    pattern = constraints.get("pattern")
    return codes or (f"<code>{escape(str(pattern))}</code>" if pattern else "")


def _references(edition: Edition, resource: Mapping[str, Any], path: str, words: Words) -> list[str]:
    """The columns whose values are keys of another dataset, which is one click away."""
    lines = []
    for key in resource.get("schema", {}).get("foreignKeys", ()):
        other = key["reference"]["resource"] or str(resource["name"])
        page = dataset_page(edition.package, edition.version, other, words.language)
        target = f"{other}.{', '.join(key['reference']['fields'])}"
        lines.append(f"<code>{escape(', '.join(key['fields']))}</code> → {anchor(link(page, path), target)}")
    return [f"<h2>{words['references']}</h2>", _list(lines)] if lines else []


def _cited(
    edition: Edition, resource: Mapping[str, Any] | None, path: str, words: Words, addresses: Addresses
) -> list[str]:
    stem = about(edition.package, edition.version) + (f"{resource['name']}." if resource else "")
    files = [f"{stem}citation.txt", f"{stem}citation.bib", *([f"{stem}jsonld"] if resource else [])]
    return [
        f"<h2>{words['cite']}</h2>",
        f"<blockquote>{paragraph(sentence(edition, resource, words.language, addresses))}</blockquote>",
        _list([anchor(link(file, path), PurePosixPath(file).name) for file in files]),
    ]


def _trail(words: Words, package_name: str, version: str) -> list[tuple[str, str]]:
    trail = [(index_page("", words.language), words["site"])]
    if package_name:
        trail.append((index_page(f"{package_name}/", words.language), package_name))
    if version:
        trail.append((release_page(package_name, version, words.language), f"{words['release']} {version}"))
    return trail


def _publisher(edition: Edition) -> str:
    return escape(", ".join(str(who["title"]) for who in edition.descriptor.get("contributors", ())))


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>" if items else ""


def _other(language: str) -> str:
    return LANGUAGES[1 - LANGUAGES.index(language)]
