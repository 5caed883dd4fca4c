"""Reading that leaves a trace: clear reads of protected fields, the exact look-up by NIK, and what was revealed."""

from __future__ import annotations

from collections.abc import Sequence
from random import SystemRandom
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Text,
    Uuid,
    case,
    cast,
    column,
    func,
    null,
    select,
    true,
)
from sqlalchemy.sql.functions import FunctionElement

from kernel.clock import SystemClock
from kernel.errors import BadInput
from kernel.keys import KeyMaker
from policy.reveal import PROOF, proof_of
from resolvers.binds import Leaf, Tree
from resolvers.building import Building, Fixable
from resolvers.cursors import MARK
from resolvers.meaning import ById, ByNik, Groups, Page
from resolvers.plan import Selection
from resolvers.sql import const, rows_as_list
from resolvers.statement import Binds, Statement

_KEYS = KeyMaker(SystemRandom(), SystemClock())


class OneLookUpAtATime(BadInput):
    """Several NIKs looked up in one operation."""

    code = "ONE_LOOK_UP_AT_A_TIME"

    def __init__(self) -> None:
        super().__init__("Look up one NIK per request (pencarian NIK): each is logged and counted by itself.")


def log_read(b: Building, answer: Select[Any], selections: Sequence[Selection]) -> Select[Any]:
    """The answer, and its entry in the audit trail in the same statement: both happen, or neither.

    Materialized, or PostgreSQL would work the answer out twice: to give it, and to count its rows.
    """
    found = answer.cte(b.name("answer")).prefix_with("MATERIALIZED")
    came = [_came(found.c.data, s) for s in selections]
    return select(found.c.data, _log(b, b.binds, sum(came, start=const(0)))).select_from(found)


def log_once(b: Building, rows: Select[Any]) -> Select[Any]:
    """Several rows, and one entry in the audit trail for all of them, in the same statement."""
    found = rows.cte(b.name("rows"))
    came = select(func.count()).select_from(found).scalar_subquery()
    entry = select(_log(b, b.binds, came).label("logged$")).cte(b.name("entry"))
    return select(*found.c, entry.c["logged$"]).select_from(found).join(entry, true())


def looked_up(b: Building, source: FromClause, nik: Tree) -> ColumnElement[bool]:
    """The businesses of the owner with exactly this NIK, found by its keyed hash.

    Raises:
        OneLookUpAtATime: the operation has looked one up already.
    """
    assert isinstance(nik, Leaf)
    if b.look_up is not None:
        raise OneLookUpAtATime
    b.look_up = nik
    found = _look_up(nik, b.binds).column_valued("found$")
    return source.c.id.in_(select(found))


def revealed(b: Building, identifier: Fixable, selections: Sequence[Selection]) -> ColumnElement[Any]:
    """The clear values of a reveal that is open for who asks, with their entry in the audit trail."""
    b.seals = True
    entry = b.binds.add(lambda _: _KEYS.new(), Uuid())
    reader = b.binds.add(lambda values: values.subject, Text())
    asked = b.binds.add(identifier.read, Text())
    proven = b.binds.add(
        lambda values: values.blind(proof_of(values.subject, identifier.read(values)), PROOF), LargeBinary()
    )
    columns = [column(name, Text) for name in ("subject", "field", "value", "cipher")]
    found = func.read_revealed(entry, reader, asked, proven).table_valued(*columns).alias(b.name("revealed"))
    encrypted = const(f"{MARK}d:") + found.c.cipher + const(":") + found.c.value
    parts = {
        "subject": found.c.subject,
        "field": found.c.field,
        "value": case((found.c.cipher.is_(None), found.c.value), else_=encrypted),
    }
    shown = (parts.get(s.name, const("RevealedValue")).label(s.key) for s in selections)
    return rows_as_list(select(*shown), b.name("rows"))


def attempt(b: Building) -> Statement | None:
    """What writes down that the operation was tried, when PostgreSQL stopped it and its own entry with it."""
    binds = Binds()
    if b.look_up is not None:
        found = _look_up(b.look_up, binds).column_valued("found$")
        return binds.finish(select(func.count(found)))
    return binds.finish(select(_log(b, binds, null()))) if b.logged else None


def _came(data: ColumnElement[Any], s: Selection) -> ColumnElement[int]:
    """How many rows an answer has in one of its fields: those of its list or page, none where it only counts."""
    match s.meaning:
        case Page():
            part = next((part.key for part in s.only if part.name in {"nodes", "edges"}), None)
            return const(0) if part is None else func.json_array_length(func.json_extract_path(data, s.key, part))
        case ById(several=False):
            return cast(data.op("->>")(s.key).is_not(None), Integer)
        case ById() | ByNik() | Groups():
            return func.json_array_length(data.op("->")(s.key))
        case _:
            return const(0)


def _log(b: Building, binds: Binds, rows: ColumnElement[Any]) -> ColumnElement[Any]:
    entry = binds.add(lambda _: _KEYS.new(), Uuid())
    subject = binds.add(lambda values: values.subject, Text())
    document = binds.add(lambda values: values.document_hash, Text())
    fields = binds.add(lambda _: sorted(b.logged), ARRAY(Text()))
    return func.log_read(entry, subject, document, fields, cast(rows, Integer))


def _look_up(nik: Leaf, binds: Binds) -> FunctionElement[Any]:
    entry = binds.add(lambda _: _KEYS.new(), Uuid())
    subject = binds.add(lambda values: values.subject, Text())
    hashed = binds.add(lambda values: values.blind(nik.read(values), "owner.nik"), LargeBinary())
    return func.look_up_nik(entry, subject, hashed)
