"""Which content coding an answer has: Accept-Encoding with the weights of RFC 9110 section 12.5.3."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HEADER_LENGTH = 1_000  # a longer header is read up to here
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def codings(accepted: str | None, offers: Iterable[str]) -> list[str]:
    """The offered codings that a caller takes, the liked ones first; among equals in the order of the offers.

    Who sends no header takes none: many programs that say nothing cannot undo any.
    """
    weights: dict[str, float] = {}
    for part in (accepted or "")[:_HEADER_LENGTH].lower().split(","):
        name, _, parameter = (piece.strip() for piece in part.partition(";"))
        weight = parameter.removeprefix("q=").strip() if parameter else "1"
        if name and _WEIGHT.fullmatch(weight):
            weights["gzip" if name == "x-gzip" else name] = float(weight)
    liked = {offer: weights.get(offer, weights.get("*", 0.0)) for offer in offers}
    least = weights.get("identity", 0.0)  # a coding that is liked less than none is not sent
    return sorted((o for o, weight in liked.items() if weight > 0 and weight >= least), key=lambda o: -liked[o])
