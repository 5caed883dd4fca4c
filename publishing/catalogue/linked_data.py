"""A small graph of linked data, written as Turtle and as JSON-LD: the same triples, in the order they were said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publishing.package import json_text

PREFIXES: Mapping[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NOT_IN_IRI = '<>"{}|^`\\'


@dataclass(frozen=True)
class Iri:
    """A thing that has an address (which may be relative to the document), or a `prefix:name`."""

    text: str

    @property
    def is_short(self) -> bool:
        """Whether it is written with one of our prefixes."""
        return self.text.partition(":")[0] in PREFIXES and "://" not in self.text


@dataclass(frozen=True)
class Text:
    """A text: in a language, or of a type such as `xsd:date`, or plain."""

    value: str
    language: str = ""
    type: str = ""


@dataclass
class Node:
    """A thing, what kinds of thing it is, and what is said of it."""

    iri: str
    kinds: Sequence[str]
    said: list[tuple[str, Iri | Text]] = field(default_factory=list)

    def say(self, predicate: str, *values: Iri | Text) -> Node:
        """Say something of it, once per value."""
        self.said += [(predicate, value) for value in values]
        return self

    def both(self, predicate: str, content: Mapping[str, Any], name: str) -> Node:
        """Say a text of a descriptor in the languages that it has it in."""
        for key, language in ((name, "id"), (f"{name}_en", "en")):
            if content.get(key):
                self.say(predicate, Text(str(content[key]), language))
        return self


def turtle(nodes: Iterable[Node]) -> str:
    """Turtle (RDF 1.1)."""
    prefixes = "".join(f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items())
    return prefixes + "".join(f"\n{_turtle(node)}\n" for node in nodes)


def json_ld(nodes: Iterable[Node]) -> str:
    """JSON-LD 1.1 with the prefixes as its context."""
    return json_text({"@context": dict(PREFIXES), "@graph": [_json(node) for node in nodes]})


def _turtle(node: Node) -> str:
    said = [f"  {predicate} {_turtle_value(value)}" for predicate, value in node.said]
    return " ;\n".join([f"<{_safe(node.iri)}> a {', '.join(node.kinds)}", *said]) + " ."


def _turtle_value(value: Iri | Text) -> str:
    if isinstance(value, Iri):
        return value.text if value.is_short else f"<{_safe(value.text)}>"
    quoted = f'"{"".join(_ESCAPES.get(letter, letter) for letter in value.value)}"'
    if value.language:
        return f"{quoted}@{value.language}"
    return f"{quoted}^^{value.type}" if value.type else quoted


def _json(node: Node) -> dict[str, Any]:
    described: dict[str, Any] = {"@id": _safe(node.iri), "@type": list(node.kinds)}
    for predicate, value in node.said:
        described.setdefault(predicate, []).append(_json_value(value))
    return described


def _json_value(value: Iri | Text) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": _safe(value.text)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value, "@type": value.type} if value.type else {"@value": value.value}


def _safe(iri: str) -> str:
    """An IRI without the characters that none may have."""
    return "".join(f"%{ord(c):02X}" if c in _NOT_IN_IRI or ord(c) <= ord(" ") else c for c in iri)
