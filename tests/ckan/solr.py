"""A stand-in for Solr, which no package index carries: as much of its API as CKAN calls for what a publisher does.

Documents lie in memory and are found by looking at each. Words are compared whole; there is no ranking.
"""

from __future__ import annotations

import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Document = Mapping[str, Any]
Matches = Callable[[Document], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<sign>[+-])(?=[\w("*])|(?P<field>[\w*]+):(?=\S)|"(?P<phrase>(?:\\.|[^"\\])*)"'
    r"|(?P<range>[\[{][^\]}]*[\]}])|(?P<word>(?:\\.|[^\s()\"])+))"
)
_ANYWHERE = ("title", "notes", "name", "tags", "text")


class Query:
    """A question in Lucene's syntax: `matches` says whether a document answers it."""

    def __init__(self, text: str, default_and: bool = False) -> None:
        self._tokens = [(m.lastgroup or "", m.group(m.lastgroup or 0)) for m in _TOKEN.finditer(text)]
        self._place = 0
        self._default_and = default_and
        self.matches = self._clauses("text")

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("", "")

    def _clauses(self, field: str) -> Matches:
        """Clauses up to a closing bracket: all that must, none that must not, and one of the others if none must."""
        must: list[Matches] = []
        may: list[Matches] = []
        never: list[Matches] = []
        joined_by_and = self._default_and
        while (token := self._next())[0] not in ("", "close"):
            if token in (("word", "AND"), ("word", "OR")):
                joined_by_and = token[1] == "AND"
                if joined_by_and and may:
                    must.append(may.pop())
                self._place += 1
                continue
            kind = must if joined_by_and else may
            if token[0] == "sign" or token == ("word", "NOT"):
                kind = must if token[1] == "+" else never
                self._place += 1
            kind.append(self._clause(field))
        self._place += 1
        return lambda d: (
            all(c(d) for c in must)
            and not any(c(d) for c in never)
            and (bool(must) or not may or any(c(d) for c in may))
        )

    def _clause(self, field: str) -> Matches:
        kind, text = self._next()
        self._place += 1
        if kind == "field":
            return self._clause(text)
        if kind == "open":
            return self._clauses(field)
        return lambda document: _has(document, field, re.sub(r"\\(.)", r"\1", text))


def _has(document: Document, field: str, wanted: str) -> bool:
    """Whether a field of a document has a value; in all text together, whether the word occurs."""
    if field == "*":
        return True
    if field == "text":
        words = {
            w for name in _ANYWHERE for value in _values(document, name) for w in re.findall(r"\w+", value.lower())
        }
        return wanted == "*" or all(word in words for word in re.findall(r"\w+", wanted.lower()))
    if wanted[:1] in ("[", "{"):
        low, _, high = wanted[1:-1].partition(" TO ")
        return any((low == "*" or low <= v) and (high == "*" or v <= high) for v in _values(document, field))
    return any(fnmatchcase(value, wanted) for value in _values(document, field))


def _values(document: Document, field: str) -> list[str]:
    value = document.get(field)
    values = value if isinstance(value, list) else [value]
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in values if v is not None]


class Index:
    """The documents, by key. While `is_down`, nothing is answered."""

    def __init__(self, schema: Path) -> None:
        self.schema = schema.read_text(encoding="utf-8")
        self.is_down = False
        self._documents: dict[str, dict[str, Any]] = {}
        self._alone = threading.Lock()

    def update(self, body: bytes) -> None:
        """Add or delete; JSON adds, XML deletes, as pysolr sends them."""
        if body[:1] == b"[":
            with self._alone:
                self._documents |= {d["index_id"]: d for d in json.loads(body)}
        elif body.strip() and (root := ET.fromstring(body)).tag == "delete":
            gone = [Query(query.text or "").matches for query in root.iter("query")]
            with self._alone:
                self._documents = {k: d for k, d in self._documents.items() if not any(match(d) for match in gone)}

    def select(self, asked: Mapping[str, list[str]]) -> dict[str, Any]:
        """The documents that answer a question, and how often each value of the facets occurs."""
        question = (asked.get("q") or ["*:*"])[0]
        queries = [Query(question, default_and=True), *(Query(text) for text in asked.get("fq", []))]
        with self._alone:
            found = [d for d in self._documents.values() if all(query.matches(d) for query in queries)]
        found.sort(key=lambda d: str(d.get("metadata_modified")), reverse=True)
        start, rows = (int((asked.get(name) or [str(other)])[0]) for name, other in (("start", 0), ("rows", 10)))
        facets = {field: _counted(found, field) for field in asked.get("facet.field", [])}
        return {
            "responseHeader": {"status": 0, "QTime": 0},
            "response": {"numFound": len(found), "start": start, "docs": found[start : start + rows]},
            "facet_counts": {"facet_fields": facets},
        }


def _counted(documents: list[dict[str, Any]], field: str) -> list[str | int]:
    values = [value for document in documents for value in _values(document, field)]
    return [part for value in sorted(set(values)) for part in (value, values.count(value))]


@contextmanager
def serving(index: Index) -> Iterator[str]:
    """Answer CKAN from a thread of this process; the address is what CKAN calls `solr_url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            address = urlsplit(self.path)
            asked = parse_qs(address.query + ("&" + body.decode() if "form" in self._content_type() else ""))
            if index.is_down:
                return self._say(503, b"down", "text/plain")
            match address.path.rstrip("/").rpartition("/")[2]:
                case "select":
                    return self._say(200, json.dumps(index.select(asked)).encode())
                case "update":
                    index.update(body)
                    return self._say(200, b'{"responseHeader": {"status": 0}}')
                case "schema":
                    return self._say(200, index.schema.encode(), "text/xml")
                case _:
                    return self._say(200, b'{"responseHeader": {"status": 0}, "status": "OK"}')

        do_POST = do_GET  # noqa: N815  # the name that the standard library calls

        def _content_type(self) -> str:
            return str(self.headers.get("Content-Type"))

        def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/solr/ckan"
    finally:
        server.shutdown()
        server.server_close()
