"""What supervision needs: clocks of complaints, findings, proposed defaults, and amounts outside the rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_S = "ksbb"
_AGENCIES = (
    *("PUBLIK", "KOLABORATOR", "AGREGATOR", "FINTECH", "UMKM", "PENDAMPING", "BIRO_KSD", "DINAS_PPKUKM"),
    *("DISKOMINFOTIK", "CITATA", "PMPTSP", "OPD_PEMBINA", "WILAYAH", "SATPOL_PP", "INSPEKTORAT", "SEKDA", "ADMIN"),
    *("PETUGAS_INTAKE", "SISTEM"),
)
_CLASSES = ("KEPATUHAN", "ADMINISTRASI", "KEUANGAN", "MUTU_DATA", "PELAYANAN")
_STATES = ("TERBUKA", "DIJAWAB", "SELESAI", "DIBUKA_KEMBALI")


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _clocks()
    _findings()
    _finding_steps()
    _loans()
    _keep("follow_up", _NOTE_IS_NOT_ALL)
    for table in ("finding_step", "sekda_report"):
        _keep(table)


def _clocks() -> None:
    """Complaints know by when the next step is due; those on file get 6 hours and 7 days."""
    for column in ("forward_due_at", "due_at", "overdue_since"):
        op.add_column("complaint", sa.Column(column, sa.TIMESTAMP(timezone=True), nullable=True), schema=_S)
    op.add_column("follow_up", sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=True), schema=_S)
    op.execute(f"update {_S}.complaint set forward_due_at = received_at + interval '6 hours'")  # noqa: S608
    op.execute(_DUE_AFTER_STEPS)
    op.execute(_DUE_NOW)
    op.alter_column("complaint", "forward_due_at", nullable=False, schema=_S)
    op.create_index(op.f("ix_complaint_due_at"), "complaint", ["due_at"], schema=_S)
    op.create_index(op.f("ix_complaint_tracking_hash"), "complaint", ["tracking_hash"], schema=_S)


_DUE_AFTER_STEPS = """
update ksbb.follow_up f set due_at = case
    when f.status in ('SELESAI', 'DITOLAK') then null
    when f.status = 'DIVERIFIKASI' then (select c.forward_due_at from ksbb.complaint c where c.id = f.complaint_id)
    else (select max(s.taken_at) from ksbb.follow_up s where s.complaint_id = f.complaint_id
          and s.status in ('DITERUSKAN', 'DIBUKA_KEMBALI') and s.taken_at <= f.taken_at) + interval '7 days' end
"""
_DUE_NOW = """
update ksbb.complaint c set due_at = case
    when c.status in ('SELESAI', 'DITOLAK') then null
    when c.status in ('DITERIMA', 'DIVERIFIKASI') then c.forward_due_at
    else (select max(s.taken_at) from ksbb.follow_up s where s.complaint_id = c.id
          and s.status in ('DITERUSKAN', 'DIBUKA_KEMBALI')) + interval '7 days' end
"""


def _addressed(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    """Identity, and the body whose turn it is to answer."""
    return (
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_agency", _codes(_AGENCIES, "actor"), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        _leads(table, "institution_id", "institution"),
        _leads(table, "collaborator_id", "collaborator"),
    )


def _leads(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{_S}.{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema=_S)


def _findings() -> None:
    op.create_table(
        "finding",
        *_addressed("finding"),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("classification", _codes(_CLASSES, "findingclass"), nullable=False),
        sa.Column("status", _codes(_STATES, "findingstatus"), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        *(_leads("finding", f"{target}_id", target) for target in ("collaboration", "loan", "complaint")),
        schema=_S,
    )
    _indexes("finding", "institution_id", "collaborator_id", "region_code")
    _indexes("finding", "collaboration_id", "loan_id", "complaint_id", "due_on")


def _finding_steps() -> None:
    op.create_table(
        "finding_step",
        *_addressed("finding_step"),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", _codes(_STATES, "findingstatus"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _leads("finding_step", "finding_id", "finding"),
        schema=_S,
    )
    _indexes("finding_step", "institution_id", "collaborator_id", "region_code", "finding_id")


def _loans() -> None:
    """When the system proposed a default, and why an amount lies outside the rule."""
    op.add_column("loan", sa.Column("default_proposed_on", sa.Date(), nullable=True), schema=_S)
    op.add_column("loan", sa.Column("amount_reason", sa.Text(), nullable=True), schema=_S)


_NOTE_IS_NOT_ALL = " when (to_jsonb(old) - 'note' is distinct from to_jsonb(new) - 'note' or new.note is not null)"
"""A person who is forgotten takes the note along, as the notes and reasons of other facts."""


def _keep(table: str, changed: str = "") -> None:
    """Nobody changes or removes rows; the function that refuses came with the ledger."""
    for event, level, condition in (("update", "row", changed), ("delete", "row", ""), ("truncate", "statement", "")):
        op.execute(
            f"create trigger {table}_refuses_{event} before {event} on {_S}.{table}"
            f" for each {level}{condition} execute function {_S}.refuse_change()"
        )
