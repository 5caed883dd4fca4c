"""Uploads: files of evidence on their way in, and what else a document may prove."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_S = "ksbb"
_KINDS = (
    *("PKS", "BAST", "BA_PELATIHAN", "FOTO_BARANG", "FOTO_PENYERAHAN", "FOTO_PELATIHAN"),
    *("ECONTRACT_DONATUR", "ECONTRACT_UMKM", "DRAF_ECONTRACT", "INVOICE_PENCAIRAN", "INVOICE_PENGEMBALIAN"),
    *("LAPORAN_PENDAMPINGAN", "LAPORAN_KENDALA", "BUKTI_SERAH_DANA", "LAPORAN_AUDIT", "REKOMENDASI"),
    *("PERSYARATAN_LEMBAGA", "LAIN"),
)


def upgrade() -> None:
    """Create the table, and let documents prove a handover or a periodic report."""
    _uploads()
    for column, target in (
        ("handover_id", "handover"),
        ("periodic_report_id", "periodic_report"),
        ("fund_manager_id", "institution"),
    ):
        _document_of(column, target)


def _uploads() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*_KINDS, name="documentkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("announced_sha256", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=False) for name in ("requested_at", "expires_at")),
        *(
            sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=True)
            for name in ("received_at", "attached_at", "dropped_at")
        ),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("storage_name", sa.Text(), nullable=True),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_upload_size_is_positive")),
        sa.CheckConstraint(
            "attached_at is null or received_at is not null", name=op.f("ck_upload_attached_once_received")
        ),
        schema=_S,
    )
    op.create_index("ix_upload_caller", "upload", ["role", "subject", "requested_at"], schema=_S)
    is_open = sa.text("attached_at is null and dropped_at is null")
    op.create_index("ix_upload_open", "upload", ["expires_at"], schema=_S, postgresql_where=is_open)


def _document_of(column: str, target: str) -> None:
    """A join key of a document that may be empty, with its index."""
    op.add_column("document", sa.Column(column, sa.Uuid(), nullable=True), schema=_S)
    op.create_foreign_key(
        op.f(f"fk_document_{column}"), "document", target, [column], ["id"], source_schema=_S, referent_schema=_S
    )
    op.create_index(op.f(f"ix_document_{column}"), "document", [column], schema=_S)
