"""The steps of the flow, the guide to them, and deliveries by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_ACTORS = (
    *("PUBLIK", "KOLABORATOR", "AGREGATOR", "FINTECH", "UMKM", "PENDAMPING", "BIRO_KSD", "DINAS_PPKUKM"),
    *("DISKOMINFOTIK", "CITATA", "PMPTSP", "OPD_PEMBINA", "WILAYAH", "SATPOL_PP", "INSPEKTORAT", "SEKDA", "ADMIN"),
    *("PETUGAS_INTAKE", "SISTEM"),
)


def upgrade() -> None:
    """Create the tables of steps and of the guide, and the index of the delivery schedule."""
    _steps()
    _guide()
    op.create_index(op.f("ix_delivery_scheduled_on"), "delivery", ["scheduled_on"], unique=False, schema="ksbb")


def _steps() -> None:
    op.create_table(
        "step",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'step_' || code", persisted=True), nullable=False),
        sa.Column("annex", _codes("annex", "LAMPIRAN_I", "LAMPIRAN_II", "PAIS_UMI"), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("text_indonesian", sa.Text(), nullable=False),
        sa.Column("text_english", sa.Text(), nullable=False),
        sa.Column("evidence_indonesian", sa.Text(), nullable=True),
        sa.Column("evidence_english", sa.Text(), nullable=True),
        sa.Column("origin", _codes("steporigin", "REGULATION", "RECONSTRUCTION"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_step")),
        schema="ksbb",
    )
    _of_a_step("step_actor", sa.Column("actor", _codes("actor", *_ACTORS), nullable=False))
    _of_a_step("step_form", sa.Column("form", _codes("formcode", *"ABCDEFGHI"), nullable=False))


def _guide() -> None:
    op.create_table(
        "guide_article",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'guide_article_' || id", persisted=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("language", _codes("language", "ID", "EN"), nullable=False),
        sa.Column("kind", _codes("guidekind", "GUIDE", "FAQ"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple'::regconfig, coalesce(title, '') || ' ' || coalesce(body, ''))", persisted=True
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_article")),
        schema="ksbb",
    )
    op.create_index(
        "ix_guide_article_search", "guide_article", ["search"], unique=False, schema="ksbb", postgresql_using="gin"
    )
    _of_a_step(
        "article_step",
        sa.Column("article_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["ksbb.guide_article.id"], name=op.f("fk_article_step_article_id")),
    )
    op.create_index(op.f("ix_article_step_article_id"), "article_step", ["article_id"], unique=False, schema="ksbb")


def _of_a_step(table: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of things that belong to a step."""
    op.create_table(
        table,
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed(f"'{table}_' || id", persisted=True), nullable=False),
        sa.Column("step_code", sa.Text(collation="C"), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["step_code"], ["ksbb.step.code"], name=op.f(f"fk_{table}_step_code")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        schema="ksbb",
    )
    op.create_index(op.f(f"ix_{table}_step_code"), table, ["step_code"], unique=False, schema="ksbb")


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
