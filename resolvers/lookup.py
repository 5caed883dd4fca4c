"""Reading that leaves a trace: clear reads of protected fields, and the exact look-up by NIK."""

from __future__ import annotations

from random import SystemRandom
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, LargeBinary, Select, Text, Uuid, func, select

from kernel.clock import SystemClock
from kernel.keys import KeyMaker
from resolvers.binds import Leaf, Tree
from resolvers.building import Building

_KEYS = KeyMaker(SystemRandom(), SystemClock())


def log_read(b: Building, answer: Select[Any]) -> Select[Any]:
    """The answer, and its entry in the audit trail in the same statement: both happen, or neither."""
    found = answer.cte(b.name("answer"))
    entry = b.binds.add(lambda _: _KEYS.new(), Uuid())
    subject = b.binds.add(lambda values: values.subject, Text())
    document = b.binds.add(lambda values: values.document_hash, Text())
    fields = b.binds.add(lambda _: sorted(b.logged), ARRAY(Text()))
    return select(found.c.data, func.log_read(entry, subject, document, fields)).select_from(found)


def looked_up(b: Building, source: FromClause, nik: Tree) -> ColumnElement[bool]:
    """The businesses of the owner with exactly this NIK, found by its keyed hash."""
    assert isinstance(nik, Leaf)
    entry = b.binds.add(lambda _: _KEYS.new(), Uuid())
    subject = b.binds.add(lambda values: values.subject, Text())
    hashed = b.binds.add(lambda values: values.blind(nik.read(values), "owner.nik"), LargeBinary())
    found = func.look_up_nik(entry, subject, hashed).column_valued("found$")
    return source.c.id.in_(select(found))
