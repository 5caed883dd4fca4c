"""Which media type an answer has: GraphQL over HTTP, with the weights of RFC 9110 section 12.5.1."""

from __future__ import annotations

import re
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"

_ACCEPT_LENGTH = 2_000  # a longer header is read up to here
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_NAMED = 2  # how exactly a range names an offer: 2 in full, 1 by `application/*`, 0 by `*/*`


@lru_cache(maxsize=512)  # clients send a handful of different headers
def graphql_media_type(accept: bytes | None) -> str | None:
    """The media type of an answer, None when nothing fits; a caller who does not care gets application/json.

    An event stream is given to who names it in full and likes no JSON as well: urql names it at every query.
    """
    plain = preferred(accept, (JSON, GRAPHQL_RESPONSE))
    if not takes_events(accept):
        return plain
    assert accept is not None
    ranges = _ranges(accept[:_ACCEPT_LENGTH].decode("latin-1").lower())
    others = max(_liking(offer, ranges)[::-1] for offer in (JSON, GRAPHQL_RESPONSE))
    return EVENT_STREAM if _liking(EVENT_STREAM, ranges)[::-1] > others else plain


@lru_cache(maxsize=512)
def takes_events(accept: bytes | None) -> bool:
    """Whether an Accept header names event streams in full."""
    if accept is None:
        return False
    exactness, weight = _liking(EVENT_STREAM, _ranges(accept[:_ACCEPT_LENGTH].decode("latin-1").lower()))
    return exactness == _NAMED and weight > 0


def preferred(accept: bytes | None, offers: tuple[str, ...]) -> str | None:
    """The offer that an Accept header weighs highest, None when it refuses all.

    With equal weight an offer named in full wins over one met by a wildcard; among several named ones the last
    offer (the special one, which only a caller who wants it names), among several met by a wildcard the first.
    """
    if accept is None or not accept.strip():
        return offers[0]
    ranges = _ranges(accept[:_ACCEPT_LENGTH].decode("latin-1").lower())
    candidates = []
    for i, offer in enumerate(offers):
        exactness, weight = _liking(offer, ranges)
        candidates.append((weight, exactness, i if exactness == _NAMED else -i, offer))
    weight, _, _, offer = max(candidates)
    return offer if weight > 0 else None


def _liking(offer: str, ranges: list[tuple[str, float]]) -> tuple[int, float]:
    """How exactly the most exact range that covers an offer names it, and its weight; weight 0: refused."""
    exactness_of = {"*/*": 0, offer.partition("/")[0] + "/*": 1, offer: _NAMED}
    return max(((exactness_of[name], weight) for name, weight in ranges if name in exactness_of), default=(0, 0.0))


def _ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges of an Accept header with their weights; those that want another charset are left out."""
    ranges = []
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        values = dict(p.split("=", 1) for p in parameters if "=" in p)
        weight = values.get("q", "1").strip()
        if values.get("charset", "utf-8").strip('" ') == "utf-8" and _WEIGHT.fullmatch(weight):
            ranges.append((name, float(weight)))
    return ranges
