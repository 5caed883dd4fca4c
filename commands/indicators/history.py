"""What state a row was in at the end of a day, told from the audit trail: the first step after it says from where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Select, String, cast, column, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from commands.indicators.indicator import AsOf
from models.audit import AuditEntry


def later_steps(noun: str, as_of: AsOf) -> Any:
    """Of each row of a table that moved after a day, the state before its first move: `id` (public), `status`.

    Every change of state stands in the audit trail, so rows that are not here have today the state that they had then.
    """
    steps = (
        func.json_array_elements(AuditEntry.details["steps"])
        .table_valued(column("step", JSON), with_ordinality="turn", joins_implicitly=True, name="steps")
        .render_derived()
    )
    moves = (
        select(
            steps.c.step["id"].as_string().label("id"),
            steps.c.step["from"].as_string().label("status"),
            AuditEntry.at,
            AuditEntry.id.label("entry"),
            steps.c.turn,
        )
        .where(AuditEntry.at >= as_of.before, steps.c.step["noun"].as_string() == noun)
        .subquery("moves")
    )
    first = (
        select(moves.c.id, moves.c.status)
        .ext(distinct_on(moves.c.id))
        .order_by(moves.c.id, moves.c.at, moves.c.entry, moves.c.turn)
    )
    return first.subquery("later")


def by_state(row: Any, as_of: AsOf, *conditions: Any) -> Select[Any]:
    """Rows made by a day, counted by the state that they had at its end."""
    status = status_then(row, later := later_steps(row.__tablename__, as_of))
    return counted(row, later, as_of, status, func.count()).where(*conditions).group_by(status)


def status_then(row: Any, later: Any) -> Any:
    """The state of a row then: that before its first later step, else its present one."""
    return func.coalesce(later.c.status, cast(row.status, String))


def counted(row: Any, later: Any, as_of: AsOf, part: Any, value: Any, persons: Any = None) -> Select[Any]:
    """A measure over the rows of a table that were made by a day, each beside its later step."""
    source = row.__table__.outerjoin(later, later.c.id == row.public_id)
    return figures(part, value, persons).select_from(source).where(row.id < as_of.first_later_key)


def figures(part: Any, value: Any, persons: Any = None) -> Select[Any]:
    """The columns of a measure."""
    return select(part.label("part"), value.label("value"), (value if persons is None else persons).label("persons"))


def named(*columns: InstrumentedAttribute[Any]) -> tuple[str, ...]:
    """Columns by table and name."""
    return tuple(f"{c.class_.__tablename__}.{c.key}" for c in columns)
