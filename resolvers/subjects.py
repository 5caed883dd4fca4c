"""The rows that events are about, as a role reads them: one statement for all subjects of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, ColumnElement, Uuid, any_, cast, null, select
from sqlalchemy.dialects.postgresql import array

from models.privacy import Privacy, privacy_of
from policy.feed import is_exact, is_near, is_told
from policy.uses import Use, uses
from policy.viewer import Role
from policy.visibility import target_of
from resolvers.building import Building
from resolvers.catalogue import Noun
from resolvers.compile import fields
from resolvers.hearing import Heard
from resolvers.lookup import log_once
from resolvers.plan import Selection
from resolvers.sql import joined, json_object
from resolvers.statement import Statement

_BODIES = {"institution", "collaborator"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One row as a role reads it, with what decides which events about it the role hears of."""

    public_id: str
    region: str | None
    institutions: frozenset[UUID]
    near: bool
    exact: bool
    told: frozenset[str]
    """The types of which it reads what they tell."""
    body: bytes | None
    """What is selected of it, as JSON."""


def subjects(b: Building, noun: Noun, heard: Sequence[Heard], selections: list[Selection]) -> Statement:
    """The statement that reads rows by `values.subjects`; its rows are for `read_subject`."""
    role = b.role_schema.role
    source = b.alias(noun)
    columns, others = fields(b, noun, source, selections)
    body = json_object(columns, b.name("body"), source, *(o for o, _ in others)) if columns else cast(null(), JSON)
    keys = b.binds.add(lambda values: list(values.subjects), ARRAY(Uuid()))
    rows = (
        select(
            source.c[noun.key.key].label("key$"),
            source.c.public_id.label("public_id$"),
            _region(noun, source, role).label("region$"),
            _institutions(noun, source).label("institutions$"),
            is_near(source, noun.table, role).label("near$"),
            is_exact(source, noun.table, role).label("exact$"),
            *(is_told(source, h.tells, role).label(f"{h.name}$") for h in heard),
            body.label("body$"),
        )
        .select_from(joined(source, others))
        .where(source.c[noun.key.key] == any_(keys))
    )
    return b.binds.finish(log_once(b, rows) if b.logged else rows, seals=b.seals, logged=sorted(b.logged))


def read_subject(row: Any, heard: Sequence[Heard]) -> Subject:
    """A row of the statement."""
    return Subject(
        public_id=row["public_id$"],
        region=row["region$"],
        institutions=frozenset(key for key in row["institutions$"] or () if key is not None),
        near=row["near$"],
        exact=row["exact$"],
        told=frozenset(h.name for h in heard if row[f"{h.name}$"]),
        body=row["body$"],
    )


def _region(noun: Noun, source: Any, role: Role) -> ColumnElement[Any]:
    column = noun.table.columns.get("region_code")
    if column is None or Use.FILTER not in uses(column, role):
        return null()
    region: ColumnElement[Any] = source.c.region_code
    return region


def _institutions(noun: Noun, source: Any) -> ColumnElement[Any]:
    keys = [
        source.c[column.key]
        for column in noun.table.columns
        if privacy_of(column) is Privacy.KEY and target_of(column) in _BODIES and column.key in source.c
    ]
    return cast(array(keys), ARRAY(Uuid())) if keys else cast(null(), ARRAY(Uuid()))
