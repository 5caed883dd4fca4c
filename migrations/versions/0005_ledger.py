"""The ledger: balanced postings that nobody changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KINDS = (
    *("PENDANAAN", "PENCAIRAN", "PEMBAYARAN", "PENGHAPUSAN"),
    *("SERAH_TERIMA_DIKIRIM", "SERAH_TERIMA_DITERIMA", "PENYALURAN_ULANG"),
)
_ACCOUNTS = (
    *("DONATUR", "KAS_FINTECH", "PIUTANG", "BIAYA", "DALAM_PERJALANAN"),
    *("KAS_AGREGATOR", "PENYALURAN_ULANG", "PENGHAPUSAN", "SELISIH"),
)


def upgrade() -> None:
    """Create both tables and what guards them."""
    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _code("postingkind", _KINDS), nullable=False),
        sa.Column("source_table", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("entry_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_ledger_posting_collaboration_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_ledger_posting_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
        schema="ksbb",
    )
    op.create_index("ix_ledger_posting_collaboration_id", "ledger_posting", ["collaboration_id"], schema="ksbb")
    op.create_index("ix_ledger_posting_loan_id", "ledger_posting", ["loan_id"], schema="ksbb")
    op.create_index(
        "uq_ledger_posting_fact", "ledger_posting", ["source_id", "kind", "loan_id"], unique=True, schema="ksbb"
    )
    op.create_table(
        "ledger_entry",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account", _code("account", _ACCOUNTS), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entry_amount_is_not_nothing")),
        sa.ForeignKeyConstraint(["posting_id"], ["ksbb.ledger_posting.id"], name=op.f("fk_ledger_entry_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", "account", name=op.f("pk_ledger_entry")),
        schema="ksbb",
    )
    op.execute(_BALANCE)
    op.execute(
        "CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ksbb.ledger_entry"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ksbb.refuse_unbalanced_posting()"
    )
    op.execute(_KEEP)
    op.execute("REVOKE EXECUTE ON FUNCTION ksbb.refuse_unbalanced_posting(), ksbb.refuse_change() FROM PUBLIC")
    for table in ("ledger_posting", "ledger_entry"):
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON ksbb.{table}"
            " FOR EACH ROW EXECUTE FUNCTION ksbb.refuse_change()"
        )


def _code(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


_BALANCE = """
CREATE FUNCTION ksbb.refuse_unbalanced_posting() RETURNS trigger LANGUAGE plpgsql SET search_path = ksbb AS $$
DECLARE total numeric;
BEGIN
    SELECT sum(amount) INTO total FROM ledger_entry WHERE posting_id = NEW.posting_id;
    IF total <> 0 THEN
        RAISE EXCEPTION 'The posting % does not balance: its entries sum to %.', NEW.posting_id, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
    END IF;
    RETURN NULL;
END $$
"""
_KEEP = """
CREATE FUNCTION ksbb.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are facts: they are never changed or removed. Add a reversing entry.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
