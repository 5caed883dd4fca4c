"""Requests of persons about their own data, breaches, and texts that can be taken away from what was recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_S = "ksbb"
_FORGETTABLE = {"validation": "note", "repayment": "reason", "intake_step": "reason"}


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _requests()
    _breaches()
    op.add_column("document", sa.Column("drop_from", sa.Date(), nullable=True), schema=_S)
    _history()
    _forgetting()
    _forgetting_in_the_audit_trail()


def _codes(name: str, *codes: str, nullable: bool = False) -> sa.Column[str]:
    """A column of a closed list of codes."""
    kind, _, column = name.rpartition(".")
    return sa.Column(
        column,
        sa.Enum(*codes, name=kind, native_enum=False, create_constraint=True, length=40),
        nullable=nullable,
    )


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _identity() -> tuple[sa.Column[object], sa.Column[object]]:
    """What every row of a noun has."""
    return (
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
    )


def _requests() -> None:
    """What persons ask for."""
    op.create_table(
        "rights_request",
        *_identity(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        _codes("rightsrequestkind.kind", "AKSES", "PERBAIKAN", "PENGHAPUSAN", "PEMBATASAN"),
        _codes("rightsrequeststatus.status", "DIAJUKAN", "DIPENUHI", "DITOLAK", "DITARIK"),
        _at("requested_at"),
        _at("due_at"),
        _at("decided_at", nullable=True),
        _at("overdue_at", nullable=True),
        _codes(
            "correctionfield.field",
            *("NAMA", "TELEPON", "ALAMAT", "NAMA_USAHA", "ALAMAT_USAHA", "KBLI"),
            nullable=True,
        ),
        sa.Column("proposed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        _codes(
            "keepingreason.kept_for",
            *("PINJAMAN_BERJALAN", "SELISIH_TERBUKA", "USULAN_BERJALAN", "WAJIB_SIMPAN"),
            nullable=True,
        ),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], [f"{_S}.owner.id"], name=op.f("fk_rights_request_owner_id")),
        sa.ForeignKeyConstraint(["business_id"], [f"{_S}.business.id"], name=op.f("fk_rights_request_business_id")),
        schema=_S,
    )
    for column in ("owner_id", "business_id", "region_code"):
        op.create_index(op.f(f"ix_rights_request_{column}"), "rights_request", [column], schema=_S)
    op.create_index(
        "ix_rights_request_waiting",
        "rights_request",
        ["due_at"],
        schema=_S,
        postgresql_where=sa.text("status = 'DIAJUKAN'"),
    )


def _breaches() -> None:
    """Failures to protect personal data."""
    op.create_table(
        "breach",
        *_identity(),
        _codes("breachnature.nature", "KERAHASIAAN", "KEUTUHAN", "KETERSEDIAAN"),
        sa.Column("affected", sa.Text(), nullable=False),
        sa.Column("affected_persons", sa.Integer(), nullable=True),
        _at("known_at"),
        _at("due_at"),
        _at("notified_at", nullable=True),
        _at("overdue_at", nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        schema=_S,
    )
    op.create_index(op.f("ix_breach_due_at"), "breach", ["due_at"], schema=_S)


def _history() -> None:
    """What was done with a person's data is found by the rows it was done to."""
    op.create_index(
        "ix_audit_entry_steps",
        "audit_entry",
        [sa.literal_column("((details -> 'steps')::jsonb)").label("steps")],
        schema=_S,
        postgresql_using="gin",
        postgresql_ops={"steps": "jsonb_path_ops"},
    )
    for name, column, act in (("nik", "(details ->> 'nik_hash')", "LOOK_UP"), ("read", "at", "READ")):
        op.create_index(
            f"ix_audit_entry_{name}",
            "audit_entry",
            [sa.literal_column(column)],
            schema=_S,
            postgresql_where=sa.text(f"act = '{act}'"),
        )


def _forgetting() -> None:
    """A fact stays as it was, but for a text that is taken away."""
    for table, column in _FORGETTABLE.items():
        kept = f"to_jsonb(old) - '{column}' is distinct from to_jsonb(new) - '{column}'"
        _let_through(table, f"{kept} or new.{column} is not null")


def _forgetting_in_the_audit_trail() -> None:
    """Reasons are taken away from an entry and from its steps; all else stays, sealed or not."""
    op.execute(
        f"create function {_S}.without_reasons(details json) returns jsonb language sql immutable as $$"  # noqa: S608  # names of our own
        " select case when json_typeof(details -> 'steps') = 'array' then jsonb_set(details::jsonb, '{steps}',"
        " coalesce((select jsonb_agg(step - 'reason' order by n) from jsonb_array_elements((details -> 'steps')::jsonb)"
        " with ordinality as s(step, n)), '[]')) else details::jsonb end $$"  # names of our own
    )
    op.execute(f"revoke execute on function {_S}.without_reasons(json) from public")
    filled, taken = "'{position,hash}'::text[]", "'{reason,details}'::text[]"
    is_sealing = f"old.position is null and to_jsonb(old) - {filled} is not distinct from to_jsonb(new) - {filled}"
    is_forgetting = (
        f"to_jsonb(old) - {taken} is not distinct from to_jsonb(new) - {taken} and new.reason is null"
        f" and new.details::jsonb = {_S}.without_reasons(old.details)"
    )
    _let_through("audit_entry", f"not (({is_sealing}) or ({is_forgetting}))")


def _let_through(table: str, refused: str) -> None:
    name = f"{table}_refuses_update"
    op.execute(f"drop trigger {name} on {_S}.{table}")
    op.execute(
        f"create trigger {name} before update on {_S}.{table} for each row when ({refused})"
        f" execute function {_S}.refuse_change()"
    )
