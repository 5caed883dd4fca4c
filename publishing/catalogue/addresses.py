"""Where the pages and files of a catalogue are found: paths below `/data/`, and addresses made of them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

DATA = "/data/"

MEDIA_TYPES = {  # what the machine's own table does not know, or knows differently from machine to machine
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".sha256": "text/plain",
    ".sig": "application/octet-stream",
    ".ttl": "text/turtle",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
UNKNOWN_TYPE = "application/octet-stream"


def media_type(path: str) -> str:
    """The media type of a file by its name, without parameters."""
    return MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), UNKNOWN_TYPE)


@dataclass(frozen=True)
class Addresses:
    """Addresses below the catalogue: whole ones when it is known where callers reach it, relative ones else.

    Links between pages are always relative, so that a copy of the catalogue works wherever it lies.
    """

    public_url: str = ""

    def of(self, path: str, seen_from: str = "") -> str:
        """The address of a path for a document that lies at another."""
        if self.public_url:
            return f"{self.public_url.rstrip('/')}{DATA}{_quoted(path)}"
        return link(path, seen_from)


def link(path: str, seen_from: str = "") -> str:
    """A relative link from the document at one path to another path; `./` keeps a colon from reading as a scheme."""
    path, _, fragment = path.partition("#")
    folder = posixpath.dirname(seen_from)
    relative = posixpath.relpath(path or ".", folder or ".")
    relative += "/" if (path.endswith("/") or not path) and relative != "." else ""
    text = "./" if relative == "." else quote(relative)
    text = text if text.startswith((".", "..")) else f"./{text}"
    return f"{text}#{quote(fragment)}" if fragment else text


def release_page(package: str, version: str, language: str = "id") -> str:
    """The page of a release."""
    return f"{about(package, version)}{'index.html' if language == 'id' else f'index.{language}.html'}"


def dataset_page(package: str, version: str, dataset: str, language: str = "id") -> str:
    """The page of a dataset of a release, with its dictionary."""
    return f"{about(package, version)}{dataset}{'' if language == 'id' else f'.{language}'}.html"


def about(package: str, version: str) -> str:
    """The folder of the pages of a release, beside the release, which never changes."""
    return f"{package}/about/{version}/"


def released(package: str, version: str, path: str) -> str:
    """A file of a release."""
    return f"{package}/{version}/{path}"


def _quoted(path: str) -> str:
    path, _, fragment = path.partition("#")
    return quote(path) + (f"#{quote(fragment)}" if fragment else "")
