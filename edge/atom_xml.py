"""A feed as XML (RFC 4287)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from edge.atom_entries import Entry

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
NOTHING_YET = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""When a feed without entries was updated, which it must say."""

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """A feed before it is written; `address` and those of its entries begin with `/`, or say what comes before it."""

    id: str
    title: str
    subtitle: str
    author: str
    address: str
    alternate: str
    alternate_type: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> dt.datetime:
        """The instant of its youngest event."""
        return max((entry.updated for entry in self.entries), default=NOTHING_YET)


def written(feed: Feed, base: str) -> bytes:
    """The document. `base`: scheme and host in front of every address, empty where they are not known."""
    root = ET.Element(f"{{{ATOM}}}feed", {_LANGUAGE: "id"})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle, language="en")
    _text(root, "updated", _instant(feed.updated))
    _text(ET.SubElement(root, f"{{{ATOM}}}author"), "name", feed.author)
    _link(root, "self", base + feed.address, MEDIA_TYPE)
    _link(root, "alternate", base + feed.alternate, feed.alternate_type)
    for entry in feed.entries:
        _entry(root, entry, base)
    ET.register_namespace("", ATOM)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _entry(root: ET.Element, entry: Entry, base: str) -> None:
    element = ET.SubElement(root, f"{{{ATOM}}}entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "summary", entry.summary, language="en")
    _text(element, "updated", _instant(entry.updated))
    ET.SubElement(element, f"{{{ATOM}}}category", {"term": entry.category})
    _link(element, "alternate", base + entry.address, entry.media_type)
    for photo in entry.photos:
        _link(element, "enclosure", base + photo.address, photo.media_type)


def _text(parent: ET.Element, name: str, text: str, language: str | None = None) -> None:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", {} if language is None else {_LANGUAGE: language})
    element.text = _NOT_XML.sub("\ufffd", text)


def _link(parent: ET.Element, rel: str, address: str, media_type: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": address, "type": media_type})


def _instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
