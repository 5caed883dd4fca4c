"""What reconciliation needs: what parties say they received, discrepancies opened once, and red flags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_S = "ksbb"
_KINDS = ("PINJAMAN_GANDA", "BARANG_BERULANG", "BAYAR_HARI_CAIR", "DONATUR_PENERIMA", "FINTECH_DIAM")
_STATUSES = ("TERBUKA", "DIKESAMPINGKAN")
_SUBJECT = "coalesce(loan_id, handover_id, delivery_id, periodic_report_id, collaboration_id)"
_LEADS = {
    "loan_id": "loan",
    "other_loan_id": "loan",
    "business_id": "business",
    "delivery_id": "delivery",
    "collaborator_id": "collaborator",
    "institution_id": "institution",
}


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _received()
    _discrepancies()
    _red_flags()


def _received() -> None:
    """What an officer or a fund manager says was received, beside what was reported."""
    op.add_column("validation", sa.Column("received_amount", sa.BigInteger(), nullable=True), schema=_S)
    op.add_column("validation", sa.Column("received_quantity", sa.Integer(), nullable=True), schema=_S)
    op.add_column("handover", sa.Column("received_amount", sa.BigInteger(), nullable=True), schema=_S)
    op.execute(f"update {_S}.handover set received_amount = amount where status = 'DITERIMA'")  # noqa: S608  # our names
    op.execute(
        f"update {_S}.handover h set received_amount = d.value_b from {_S}.discrepancy d"  # noqa: S608  # our names
        " where d.handover_id = h.id and d.measure = 'NILAI_SERAH_TERIMA'"
    )


def _discrepancies() -> None:
    """Discrepancies know what they are about, so that each is opened once."""
    leads = {"delivery_id": "delivery", "periodic_report_id": "periodic_report", "other_institution_id": "institution"}
    for column, target in leads.items():
        op.add_column("discrepancy", sa.Column(column, sa.Uuid(), nullable=True), schema=_S)
        op.create_foreign_key(
            op.f(f"fk_discrepancy_{column}"),
            "discrepancy",
            target,
            [column],
            ["id"],
            source_schema=_S,
            referent_schema=_S,
        )
        op.create_index(op.f(f"ix_discrepancy_{column}"), "discrepancy", [column], schema=_S)
    op.add_column("discrepancy", sa.Column("agreed_on", sa.Date(), nullable=True), schema=_S)
    subject = sa.Column("subject_id", sa.Uuid(), sa.Computed(_SUBJECT, persisted=True), nullable=True)
    op.add_column("discrepancy", subject, schema=_S)
    once = {
        "uq_discrepancy_one_open": (["measure", "subject_id"], "status <> 'DITERIMA'"),
        "uq_discrepancy_values_once": (["measure", "subject_id", "value_a", "value_b"], "agreed_on is null"),
    }
    for name, (columns, condition) in once.items():
        op.create_index(name, "discrepancy", columns, unique=True, postgresql_where=sa.text(condition), schema=_S)


def _red_flags() -> None:
    """What should be looked at, each thing once."""
    op.create_table(
        "red_flag",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", _codes(_KINDS, "redflagkind"), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in _LEADS),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("status", _codes(_STATUSES, "redflagstatus"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{_S}.{target}.id"], name=op.f(f"fk_red_flag_{column}"))
            for column, target in _LEADS.items()
        ),
        schema=_S,
    )
    for column in (*_LEADS, "region_code"):
        op.create_index(op.f(f"ix_red_flag_{column}"), "red_flag", [column], schema=_S)
    op.create_index(
        "uq_red_flag_found_once",
        "red_flag",
        ["kind", "subject_id", "other_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        schema=_S,
    )


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    """A column of a closed list of codes."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
