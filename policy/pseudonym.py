"""Codes under which things stand in open data: stable, and leading neither to the key nor to the id of the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, null

from models.vocabulary import InstitutionKind

_LENGTH = 10


def institution_code(key: Any, kind: Any) -> ColumnElement[Any]:
    """The code of an institution (lembaga): FIN- or AGR- and ten characters; nothing where there is none."""
    digest = func.encode(func.sha256(func.convert_to(literal("lembaga:") + cast(key, Text), "UTF8")), "hex")
    prefix = case((kind == InstitutionKind.FINTECH, "FIN-"), else_="AGR-")
    return case((key.is_not(None), prefix + func.left(digest, _LENGTH)), else_=null())
