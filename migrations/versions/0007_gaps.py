"""What supervision, distributors and the history of files need: columns, tables, and facts that nobody changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_S = "ksbb"
_LEVELS = (
    "DESA",
    "KECAMATAN",
    "DINAS_KABUPATEN",
    "DINAS_PROVINSI",
    "KEMENTERIAN",
)
_STATUSES = (
    "DITERIMA_DESA",
    "DILENGKAPI",
    "DIKIRIM_CAMAT",
    "DIREKAP",
    "DIKIRIM_DINAS",
    "DIKIRIM_PROVINSI",
    "DIKIRIM_KEMENTERIAN",
    "TERVALIDASI",
    "DITOLAK",
    "DICAIRKAN",
)


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _distributors()
    _audit_trail()
    _discrepancies()
    _forms()
    _intake()
    _sekda_reports()
    _facts()


def _key_to(table: str, column: str, target: str) -> None:
    """A join key that may be empty, with its index."""
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True), schema=_S)
    op.create_foreign_key(
        op.f(f"fk_{table}_{column}"), table, target, [column], ["id"], source_schema=_S, referent_schema=_S
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema=_S)


def _identity() -> tuple[sa.Column[object], sa.Column[object]]:
    """What every row of a noun has."""
    return (
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
    )


def _leads(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    """The foreign keys of a new table: column -> table."""
    return [
        sa.ForeignKeyConstraint([column], [f"{_S}.{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    """A column of a closed list of codes."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
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


_FACTS = ("repayment", "disbursement", "validation", "handover_loan", "audit_entry", "intake_step")
_FIXED_OF_A_HANDOVER = "(old.id, old.amount, old.fintech_id, old.fund_manager_id)"
_FILLED_ONCE = "'{position,hash}'::text[]"


def _facts() -> None:
    """What was recorded is not changed and not taken away, by whoever it may be; corrections are new rows.

    The function that refuses came with the ledger.
    """
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


def _forms() -> None:
    """What forms A and B and subscriptions say beside what was kept: needs in a pledge, the day of the akad, events."""
    op.create_table(
        "pledge_need",
        *_identity(),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *_leads("pledge_need", pledge_id="pledge", need_id="need"),
        sa.UniqueConstraint("pledge_id", "need_id", name=op.f("uq_pledge_need_pledge_id_need_id")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_pledge_need_quantity_is_positive")),
        schema=_S,
    )
    _indexes("pledge_need", "pledge_id", "need_id")
    op.add_column("loan", sa.Column("akad_on", sa.Date(), nullable=True), schema=_S)
    op.add_column(
        "subscription",
        sa.Column("event_types", sa.ARRAY[str](sa.Text()), server_default="{}", nullable=False),
        schema=_S,
    )


def _intake() -> None:
    """Files of the intake chain keep their history and their papers; accreditations keep theirs."""
    op.create_table(
        "intake_step",
        *_identity(),
        sa.Column("intake_application_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("from_status", _codes(_STATUSES, "from_status"), nullable=True),
        sa.Column("to_status", _codes(_STATUSES, "intakestatus"), nullable=False),
        sa.Column("level", _codes(_LEVELS, "intakelevel"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        *_leads("intake_step", intake_application_id="intake_application"),
        schema=_S,
    )
    _indexes("intake_step", "intake_application_id")
    _key_to("document", "accreditation_id", "accreditation")
    _key_to("document", "intake_application_id", "intake_application")


def _sekda_reports() -> None:
    """The reports to the Sekda, each fixed on its day."""
    op.create_table(
        "sekda_report",
        *_identity(),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("fixed_on", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.UniqueConstraint("period", "fixed_on", name=op.f("uq_sekda_report_period_fixed_on")),
        schema=_S,
    )
    _indexes("sekda_report", "fixed_on")
