"""Reading that leaves a trace: clear reads of protected fields, and the exact look-up by NIK."""

from __future__ import annotations

from random import SystemRandom
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, LargeBinary, Select, Text, Uuid, func, select, true
from sqlalchemy.sql.functions import FunctionElement

from kernel.clock import SystemClock
from kernel.errors import BadInput
from kernel.keys import KeyMaker
from resolvers.binds import Leaf, Tree
from resolvers.building import Building
from resolvers.statement import Binds, Statement

_KEYS = KeyMaker(SystemRandom(), SystemClock())


class OneLookUpAtATime(BadInput):
    """Several NIKs looked up in one operation."""

    code = "ONE_LOOK_UP_AT_A_TIME"

    def __init__(self) -> None:
        super().__init__("Look up one NIK per request (pencarian NIK): each is logged and counted by itself.")


def log_read(b: Building, answer: Select[Any]) -> Select[Any]:
    """The answer, and its entry in the audit trail in the same statement: both happen, or neither."""
    found = answer.cte(b.name("answer"))
    return select(found.c.data, _log(b, b.binds)).select_from(found)


def log_once(b: Building, rows: Select[Any]) -> Select[Any]:
    """Several rows, and one entry in the audit trail for all of them, in the same statement."""
    found = rows.cte(b.name("rows"))
    entry = select(_log(b, b.binds).label("logged$")).cte(b.name("entry"))
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


def attempt(b: Building) -> Statement | None:
    """What writes down that the operation was tried, when PostgreSQL stopped it and its own entry with it."""
    binds = Binds()
    if b.look_up is not None:
        found = _look_up(b.look_up, binds).column_valued("found$")
        return binds.finish(select(func.count(found)))
    return binds.finish(select(_log(b, binds))) if b.logged else None


def _log(b: Building, binds: Binds) -> ColumnElement[Any]:
    entry = binds.add(lambda _: _KEYS.new(), Uuid())
    subject = binds.add(lambda values: values.subject, Text())
    document = binds.add(lambda values: values.document_hash, Text())
    fields = binds.add(lambda _: sorted(b.logged), ARRAY(Text()))
    return func.log_read(entry, subject, document, fields)


def _look_up(nik: Leaf, binds: Binds) -> FunctionElement[Any]:
    entry = binds.add(lambda _: _KEYS.new(), Uuid())
    subject = binds.add(lambda values: values.subject, Text())
    hashed = binds.add(lambda values: values.blind(nik.read(values), "owner.nik"), LargeBinary())
    return func.look_up_nik(entry, subject, hashed)
