"""What nouns and fields are called, for documents beside the API: its own descriptions, with the official term."""

from __future__ import annotations

import re
from collections.abc import Iterator

from commands.export import Label, Labels
from policy.words import Words
from resolvers.catalogue import Catalogue

_TERM = re.compile(r"^(?P<english>.*?) \((?P<term>[^()]+)\)(?P<rest>[^()]*)$")


def labels(catalogue: Catalogue) -> Labels:
    """How the API describes tables and columns, by `table` and `table.column`."""
    return dict(_labels(catalogue))


def _labels(catalogue: Catalogue) -> Iterator[tuple[str, Label]]:
    for noun in catalogue.nouns.values():
        yield noun.table.name, Label(noun.name, _words(noun.about))
        for attribute in noun.attributes:
            yield f"{noun.table.name}.{attribute.column.key}", Label(attribute.name, _words(attribute.about))


def _words(sentence: str) -> Words:
    """A description in both languages: the Indonesian is the term that stands in brackets at its end."""
    found = _TERM.match(sentence)
    return Words(sentence, sentence) if found is None else Words(found["term"], found["english"] + found["rest"])
