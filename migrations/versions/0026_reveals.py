"""Clear values that are read for a while, with a purpose and a case; and how many reveals a year had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_S = "ksbb"
_PURPOSES = ("PEMERIKSAAN", "PENGADUAN", "SELISIH", "PERMINTAAN_HUKUM")
_DECISION = ("decided_by", "decided_at")
_GRANT = ("granted_on", "granted_until")
_CASE_NUMBER = r"^(?=.*\d)(?!.*\d{9})[A-Z0-9][A-Z0-9./-]{2,39}$"
_KEPT = f"'{{{','.join((*_DECISION, *_GRANT, 'ended_at', 'readings'))}}}'::text[]"


def upgrade() -> None:
    """What was asked for never changes; a decision, a grant and an end are each given once."""
    _reveals()
    op.create_table(
        "reveal_year",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'reveal_year_' || id", persisted=True), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        _purpose(),
        sa.Column("reveals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reveal_year"),
        sa.UniqueConstraint("year", "purpose", name="uq_reveal_year_year_purpose"),
        schema=_S,
    )
    changed = [f"to_jsonb(old) - {_KEPT} is distinct from to_jsonb(new) - {_KEPT}"]
    changed += [f"old.decided_by is not null and old.{column} is distinct from new.{column}" for column in _DECISION]
    changed += [
        f"(old.{column} is not null or old.decided_by is not null) and old.{column} is distinct from new.{column}"
        for column in _GRANT
    ]
    changed += ["old.ended_at is not null and old.ended_at is distinct from new.ended_at"]
    changed += ["new.readings < old.readings"]
    _refuse("reveal", "update", f"row when ({' or '.join(f'({part})' for part in changed)})")
    _refuse("reveal_year", "update", "row")
    for table in ("reveal", "reveal_year"):
        _refuse(table, "delete", "row")
        _refuse(table, "truncate", "statement")


def _reveals() -> None:
    texts = ("role", "requested_by", "case_number", "subject_kind", "subjects", "fields")
    op.create_table(
        "reveal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        _purpose(),
        sa.Column("requested_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("subject_count", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("granted_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        *_rules(),
        sa.PrimaryKeyConstraint("id", name="pk_reveal"),
        sa.UniqueConstraint("requested_by", "requested_on", "turn", name="uq_reveal_requested_by_requested_on_turn"),
        schema=_S,
    )
    op.execute(f"create index ix_reveal_subjects on {_S}.reveal using gin ((string_to_array(subjects, ' ')))")
    op.create_index("ix_reveal_granted_on", "reveal", ["granted_on"], schema=_S)


def _rules() -> tuple[sa.CheckConstraint, ...]:
    rules = {
        "decided_by_another": "decided_by <> requested_by",
        "open_by_turn_or_by_two": "granted_until IS NULL OR turn IS NOT NULL OR decided_by IS NOT NULL",
        "few_at_once": "turn IS NULL OR turn BETWEEN 1 AND 4 AND subject_count <= 5",
        "subjects_counted": (
            "subject_count BETWEEN 1 AND 100 AND subject_count = cardinality(string_to_array(subjects, ' '))"
        ),
        "case_number_form": f"case_number ~ '{_CASE_NUMBER}'",
        "granted_on_a_day": "(granted_until IS NULL) = (granted_on IS NULL)",
    }
    return tuple(sa.CheckConstraint(rule, name=op.f(f"ck_reveal_{name}")) for name, rule in rules.items())


def _purpose() -> sa.Column[str]:
    codes = sa.Enum(*_PURPOSES, name="revealpurpose", native_enum=False, create_constraint=True, length=40)
    return sa.Column("purpose", codes, nullable=False)


def _refuse(table: str, act: str, when: str) -> None:
    op.execute(
        f"create trigger {table}_refuses_{act} before {act} on {_S}.{table} for each {when}"
        f" execute function {_S}.refuse_change()"
    )
