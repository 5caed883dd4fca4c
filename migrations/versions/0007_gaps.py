"""What supervision, distributors and the history of files need: columns, tables, and facts that nobody changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0003"

_S = "ksbb"


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _distributors()
    _audit_trail()
    _facts()
    _discrepancies()


def _key_to(table: str, column: str, target: str) -> None:
    """A join key that may be empty, with its index."""
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True), schema=_S)
    op.create_foreign_key(
        op.f(f"fk_{table}_{column}"), table, target, [column], ["id"], source_schema=_S, referent_schema=_S
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema=_S)


def _copy_down(table: str, column: str) -> None:
    """A column of the collaboration, in what hangs on it."""
    op.execute(
        f"update {_S}.{table} t set {column} = c.{column}"  # noqa: S608  # names of our own
        f" from {_S}.collaboration c where c.id = t.collaboration_id"
    )


def _distributors() -> None:
    """Pledges and deliveries know who distributes them."""
    for table in ("pledge", "delivery"):
        _key_to(table, "distributor_id", "institution")
        _copy_down(table, "distributor_id")


def _audit_trail() -> None:
    """Entries tell the row, its state before and after, and the reason; and have room for a chain of hashes."""
    for column in ("about_kind", "about_id", "from_state", "to_state", "reason"):
        op.add_column("audit_entry", sa.Column(column, sa.Text(), nullable=True), schema=_S)
    op.add_column("audit_entry", sa.Column("position", sa.BigInteger(), nullable=True), schema=_S)
    op.add_column("audit_entry", sa.Column("hash", sa.LargeBinary(), nullable=True), schema=_S)
    op.create_unique_constraint(op.f("uq_audit_entry_position"), "audit_entry", ["position"], schema=_S)
    op.create_index("ix_audit_entry_about", "audit_entry", ["about_id", "at"], schema=_S)


_FACTS = ("repayment", "disbursement", "validation", "handover_loan", "audit_entry")
_FIXED_OF_A_HANDOVER = "(old.id, old.amount, old.fintech_id, old.fund_manager_id)"
_FILLED_ONCE = "'{position,hash}'::text[]"


def _facts() -> None:
    """What was recorded is not changed and not taken away, by whoever it may be; corrections are new rows."""
    op.execute(
        f"create function {_S}.refuse_change() returns trigger language plpgsql as $$ begin raise exception"
        " 'What stands in % was recorded: it is not changed or deleted. Add a reversing entry.', tg_table_name"
        " using errcode = 'KS002'; end $$"
    )
    op.execute(f"revoke execute on function {_S}.refuse_change() from public")
    for table in _FACTS:
        sealed_later = (
            f" when (old.position is not null or to_jsonb(old) - {_FILLED_ONCE} is distinct from"
            f" to_jsonb(new) - {_FILLED_ONCE})"
        )
        _refuse(table, "before update", sealed_later if table == "audit_entry" else "")
    changed = f"{_FIXED_OF_A_HANDOVER} is distinct from {_FIXED_OF_A_HANDOVER.replace('old.', 'new.')}"
    _refuse("handover", "before update", f" when ({changed})")
    for table in (*_FACTS, "handover"):
        _refuse(table, "before delete")
        _refuse(table, "before truncate", level="statement")


def _refuse(table: str, event: str, condition: str = "", level: str = "row") -> None:
    name = f"{table}_refuses_{event.rpartition(' ')[2]}"
    op.execute(
        f"create trigger {name} {event} on {_S}.{table} for each {level}{condition} execute function {_S}.refuse_change()"
    )


def _discrepancies() -> None:
    """Discrepancies know whose donation they concern."""
    _key_to("discrepancy", "collaborator_id", "collaborator")
    _copy_down("discrepancy", "collaborator_id")
