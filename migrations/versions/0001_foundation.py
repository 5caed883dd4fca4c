"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.base import Point

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table and index."""
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("document_hash", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        schema="ksbb",
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False, schema="ksbb")
    op.create_table(
        "collaborator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "PEMERINTAH",
                "DUNIA_USAHA",
                "LEMBAGA_SOSIAL",
                "ASOSIASI",
                "KOMUNITAS",
                "KELOMPOK",
                "PERORANGAN",
                name="collaboratorkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("name_consented", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborator")),
        schema="ksbb",
    )
    op.create_table(
        "figure_check",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'figure_check_' || id", persisted=True), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_check")),
        schema="ksbb",
    )
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "AGREGATOR", "FINTECH", name="institutionkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_form", sa.Text(), nullable=False),
        sa.Column("permit_number", sa.Text(), nullable=False),
        sa.Column("regulator", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("contact_person", sa.Text(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple'::regconfig, coalesce(name, ''))", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        schema="ksbb",
    )
    op.create_index(
        "ix_institution_search", "institution", ["search"], unique=False, schema="ksbb", postgresql_using="gin"
    )
    op.create_table(
        "kbli_code",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'kbli_' || id", persisted=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kbli_code")),
        schema="ksbb",
    )
    op.create_table(
        "owner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "sex", sa.Enum("L", "P", name="sex", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("nik", sa.LargeBinary(), nullable=False),
        sa.Column("nik_last4", sa.Text(), nullable=False),
        sa.Column("nik_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_card", sa.LargeBinary(), nullable=True),
        sa.Column("family_card_last4", sa.Text(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("length(nik_hash) = 32", name=op.f("ck_owner_nik_hash_is_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner")),
        sa.UniqueConstraint("nik_hash", name=op.f("uq_owner_nik_hash")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_owner_region_code"), "owner", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "LOKBIN",
                "LOKSEM",
                "LOKPROM",
                "TEMPAT_USAHA",
                "RW",
                "KELURAHAN",
                "LAIN",
                name="placekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("point", Point(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("pic_name", sa.Text(), nullable=True),
        sa.Column("pic_phone", sa.Text(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple'::regconfig, coalesce(name, ''))", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        schema="ksbb",
    )
    op.create_index("ix_place_point", "place", ["point"], unique=False, schema="ksbb", postgresql_using="gist")
    op.create_index(op.f("ix_place_region_code"), "place", ["region_code"], unique=False, schema="ksbb")
    op.create_index("ix_place_search", "place", ["search"], unique=False, schema="ksbb", postgresql_using="gin")
    op.create_table(
        "recap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "DESA",
                "KECAMATAN",
                "DINAS_KABUPATEN",
                "DINAS_PROVINSI",
                "KEMENTERIAN",
                name="intakelevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("applications", sa.Integer(), nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recap")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_recap_region_code"), "recap", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "region",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'region_' || code", persisted=True), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "PROVINSI",
                "KOTA",
                "KECAMATAN",
                "KELURAHAN",
                name="regionlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bps_code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(collation="C"), nullable=True),
        sa.Column("centre", Point(), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["ksbb.region.code"], name=op.f("fk_region_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_region_level"), "region", ["level"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_region_parent_code"), "region", ["parent_code"], unique=False, schema="ksbb")
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("released_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("policy_hash", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        schema="ksbb",
    )
    op.create_table(
        "reported_figure",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'figure_' || id", persisted=True), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_figure")),
        schema="ksbb",
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
        schema="ksbb",
    )
    op.create_table(
        "accreditation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "DIAJUKAN",
                "KURANG_LENGKAP",
                "DITINJAU",
                "TIDAK_MEMENUHI",
                "PEMBAHASAN_PKS",
                "AKTIF",
                "DIBEKUKAN",
                "BERAKHIR",
                "DICABUT",
                name="accreditationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["ksbb.institution.id"], name=op.f("fk_accreditation_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_accreditation_institution_id"), "accreditation", ["institution_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_agreement_ends_after_start")),
        sa.ForeignKeyConstraint(["institution_id"], ["ksbb.institution.id"], name=op.f("fk_agreement_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("number", name=op.f("uq_agreement_number")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_agreement_institution_id"), "agreement", ["institution_id"], unique=False, schema="ksbb")
    op.create_table(
        "audit_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["ksbb.institution.id"], name=op.f("fk_audit_report_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_report")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_audit_report_institution_id"), "audit_report", ["institution_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "boundary",
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'boundary_' || region_code", persisted=True), nullable=False),
        sa.Column("geojson", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["ksbb.region.code"], name=op.f("fk_boundary_region_code")),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_boundary")),
        schema="ksbb",
    )
    op.create_table(
        "business",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("trade_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("point", Point(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kbli_code", sa.Text(collation="C"), nullable=False),
        sa.Column("kbli_version", sa.Integer(), nullable=False),
        sa.Column("kbli_section", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kbli_id",
            sa.Text(collation="C"),
            sa.Computed("kbli_version::text || ':' || kbli_code", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "scale",
            sa.Enum(
                "MIKRO", "KECIL", "MENENGAH", name="businessscale", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("scale_rule", sa.Text(), nullable=False),
        sa.Column("assets", sa.BigInteger(), nullable=True),
        sa.Column("yearly_turnover", sa.BigInteger(), nullable=True),
        sa.Column("supervising_agency", sa.Text(), nullable=False),
        sa.Column(
            "jakpreneur_stage",
            sa.Enum(
                "P1",
                "P2",
                "P3",
                "P4",
                "P5",
                "P6",
                "P7",
                name="jakpreneurstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("photo_consented", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("affected", sa.Boolean(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "AKTIF",
                "TIDAK_AKTIF",
                "DUPLIKAT",
                name="businessstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("has_received", sa.Boolean(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple'::regconfig, coalesce(trade_name, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("kbli_code ~ '^[0-9]{5}$'", name=op.f("ck_business_kbli_code_is_five_digits")),
        sa.CheckConstraint("assets >= 0 and yearly_turnover >= 0", name=op.f("ck_business_money_is_not_negative")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_business_owner_id")),
        sa.ForeignKeyConstraint(["place_id"], ["ksbb.place.id"], name=op.f("fk_business_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business")),
        schema="ksbb",
    )
    op.create_index("ix_business_listed", "business", ["id"], unique=False, schema="ksbb", postgresql_where="listed")
    op.create_index(op.f("ix_business_owner_id"), "business", ["owner_id"], unique=False, schema="ksbb")
    op.create_index("ix_business_point", "business", ["point"], unique=False, schema="ksbb", postgresql_using="gist")
    op.create_index(op.f("ix_business_region_code"), "business", ["region_code"], unique=False, schema="ksbb")
    op.create_index(
        "ix_business_region_section", "business", ["region_code", "kbli_section", "id"], unique=False, schema="ksbb"
    )
    op.create_index("ix_business_search", "business", ["search"], unique=False, schema="ksbb", postgresql_using="gin")
    op.create_table(
        "collaboration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "programme",
            sa.Enum(
                "PANGAN",
                "UMKM",
                "PENDIDIKAN",
                "PERSAMPAHAN",
                "PERMUKIMAN",
                "KETENAGAKERJAAN",
                name="programme",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column(
            "collaborator_kind",
            sa.Enum(
                "PEMERINTAH",
                "DUNIA_USAHA",
                "LEMBAGA_SOSIAL",
                "ASOSIASI",
                "KOMUNITAS",
                "KELOMPOK",
                "PERORANGAN",
                name="collaboratorkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("distributor_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAF",
                "DIAJUKAN",
                "DIKONFIRMASI",
                "BERJALAN",
                "DILAPORKAN",
                "TERVALIDASI",
                "SELESAI",
                "DITOLAK",
                "DIBATALKAN",
                "KEDALUWARSA",
                name="collaborationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("number_issued_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("pledged_value", sa.BigInteger(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple'::regconfig, coalesce(title, '') || ' ' || coalesce(number, ''))", persisted=True
            ),
            nullable=False,
        ),
        sa.CheckConstraint("pledged_value >= 0", name=op.f("ck_collaboration_pledged_value_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_collaboration_collaborator_id")
        ),
        sa.ForeignKeyConstraint(
            ["distributor_id"], ["ksbb.institution.id"], name=op.f("fk_collaboration_distributor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaboration")),
        sa.UniqueConstraint("number", name=op.f("uq_collaboration_number")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_collaboration_collaborator_id"), "collaboration", ["collaborator_id"], unique=False, schema="ksbb"
    )
    op.create_index(
        op.f("ix_collaboration_distributor_id"), "collaboration", ["distributor_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_collaboration_region_code"), "collaboration", ["region_code"], unique=False, schema="ksbb")
    op.create_index(
        "ix_collaboration_search", "collaboration", ["search"], unique=False, schema="ksbb", postgresql_using="gin"
    )
    op.create_index(op.f("ix_collaboration_status"), "collaboration", ["status"], unique=False, schema="ksbb")
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "TAMPIL_PUBLIK",
                "FOTO",
                "PENYARINGAN",
                name="consentpurpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_consent_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_consent_owner_id"), "consent", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_consent_region_code"), "consent", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "figure_mention",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("public_id", sa.Text(), sa.Computed("'figure_mention_' || id", persisted=True), nullable=False),
        sa.Column("check_id", sa.Text(collation="C"), nullable=False),
        sa.Column("figure_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["ksbb.figure_check.id"], name=op.f("fk_figure_mention_check_id")),
        sa.ForeignKeyConstraint(["figure_id"], ["ksbb.reported_figure.id"], name=op.f("fk_figure_mention_figure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_mention")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_figure_mention_check_id"), "figure_mention", ["check_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_figure_mention_figure_id"), "figure_mention", ["figure_id"], unique=False, schema="ksbb")
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAF",
                "DIKIRIM",
                "DITERIMA",
                "DIBANTAH",
                name="handoverstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("proof_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_handover_amount_is_positive")),
        sa.ForeignKeyConstraint(["fintech_id"], ["ksbb.institution.id"], name=op.f("fk_handover_fintech_id")),
        sa.ForeignKeyConstraint(["fund_manager_id"], ["ksbb.institution.id"], name=op.f("fk_handover_fund_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_handover_fintech_id"), "handover", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_handover_fund_manager_id"), "handover", ["fund_manager_id"], unique=False, schema="ksbb")
    op.create_table(
        "intake_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("recap_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "DESA",
                "KECAMATAN",
                "DINAS_KABUPATEN",
                "DINAS_PROVINSI",
                "KEMENTERIAN",
                name="intakelevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
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
                name="intakestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("business_field", sa.Text(), nullable=False),
        sa.Column("applicant_name", sa.Text(), nullable=False),
        sa.Column("applicant_phone", sa.Text(), nullable=True),
        sa.Column("applicant_address", sa.Text(), nullable=False),
        sa.Column("nik", sa.LargeBinary(), nullable=False),
        sa.Column("nik_last4", sa.Text(), nullable=False),
        sa.Column("nik_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_card", sa.LargeBinary(), nullable=False),
        sa.Column("family_card_last4", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["recap_id"], ["ksbb.recap.id"], name=op.f("fk_intake_application_recap_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_application")),
        sa.UniqueConstraint("nik_hash", name=op.f("uq_intake_application_nik_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_intake_application_number")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_intake_application_recap_id"), "intake_application", ["recap_id"], unique=False, schema="ksbb"
    )
    op.create_index(
        op.f("ix_intake_application_region_code"), "intake_application", ["region_code"], unique=False, schema="ksbb"
    )
    op.create_table(
        "periodic_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["fintech_id"], ["ksbb.institution.id"], name=op.f("fk_periodic_report_fintech_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periodic_report")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_periodic_report_fintech_id"), "periodic_report", ["fintech_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "prospect",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("recommended", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_prospect_collaborator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prospect")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_prospect_collaborator_id"), "prospect", ["collaborator_id"], unique=False, schema="ksbb")
    op.create_table(
        "role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_account_id"], ["ksbb.user_account.id"], name=op.f("fk_role_assignment_user_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_role_assignment_user_account_id"), "role_assignment", ["user_account_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["ksbb.institution.id"], name=op.f("fk_subscription_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_subscription_institution_id"), "subscription", ["institution_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "TIDAK_TEPAT_SASARAN",
                "TIDAK_DITERIMA",
                "KUALITAS",
                "PINJAMAN",
                "PUNGUTAN",
                "DATA_PRIBADI",
                "LAIN",
                name="complaintcategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("complainant_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_agency", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "DITERIMA",
                "DIVERIFIKASI",
                "DITERUSKAN",
                "DITINDAKLANJUTI",
                "SELESAI",
                "DITOLAK",
                "DIBUKA_KEMBALI",
                name="complaintstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("forwarded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reporter_name", sa.Text(), nullable=True),
        sa.Column("reporter_contact", sa.Text(), nullable=True),
        sa.Column("tracking_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_complaint_collaboration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_complaint_collaboration_id"), "complaint", ["collaboration_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_complaint_complainant_id"), "complaint", ["complainant_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_complaint_region_code"), "complaint", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "involvement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=True),
        sa.Column("business_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("contact_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_involvement_business_id")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_involvement_collaboration_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_involvement_owner_id")),
        sa.ForeignKeyConstraint(["place_id"], ["ksbb.place.id"], name=op.f("fk_involvement_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_involvement")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_involvement_business_id"), "involvement", ["business_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_involvement_collaboration_id"), "involvement", ["collaboration_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_involvement_owner_id"), "involvement", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_involvement_place_id"), "involvement", ["place_id"], unique=False, schema="ksbb")
    op.create_table(
        "loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kecamatan_code",
            sa.Text(collation="C"),
            sa.Computed("left(region_code, 8)", persisted=True),
            nullable=False,
        ),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("admin_fee", sa.BigInteger(), nullable=False),
        sa.Column("origination_fee", sa.BigInteger(), nullable=False),
        sa.Column("insurance_premium", sa.BigInteger(), nullable=False),
        sa.Column("tenor_months", sa.Integer(), nullable=False),
        sa.Column("amount_rule", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DIUSULKAN",
                "DISARING",
                "TIDAK_LOLOS",
                "DITAWARKAN",
                "TERKONTRAK",
                "CAIR",
                "BERJALAN",
                "LUNAS",
                "GAGAL_BAYAR",
                "RESTRUKTURISASI",
                "HAPUS",
                "DISERAHKAN",
                "BATAL",
                name="loanstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "PERSIAPAN",
                "DISALURKAN",
                "BERAKHIR",
                name="loanstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            sa.Computed(
                "case when status in ('DIUSULKAN','DISARING','DITAWARKAN','TERKONTRAK') then 'PERSIAPAN' when status in ('TIDAK_LOLOS','BATAL') then 'BERAKHIR' else 'DISALURKAN' end",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("ever_defaulted", sa.Boolean(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("disbursed_on", sa.Date(), nullable=True),
        sa.Column("repaid_on", sa.Date(), nullable=True),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "admin_fee >= 0 and origination_fee >= 0 and insurance_premium >= 0", name=op.f("ck_loan_fees_not_negative")
        ),
        sa.CheckConstraint("principal > 0 and tenor_months > 0", name=op.f("ck_loan_is_positive")),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_loan_business_id")),
        sa.ForeignKeyConstraint(["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_loan_collaboration_id")),
        sa.ForeignKeyConstraint(["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_loan_collaborator_id")),
        sa.ForeignKeyConstraint(["fintech_id"], ["ksbb.institution.id"], name=op.f("fk_loan_fintech_id")),
        sa.ForeignKeyConstraint(["fund_manager_id"], ["ksbb.institution.id"], name=op.f("fk_loan_fund_manager_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_loan_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_loan_business_id"), "loan", ["business_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_collaboration_id"), "loan", ["collaboration_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_collaborator_id"), "loan", ["collaborator_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_fintech_id"), "loan", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_fund_manager_id"), "loan", ["fund_manager_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_owner_id"), "loan", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_loan_region_code"), "loan", ["region_code"], unique=False, schema="ksbb")
    op.create_index("ix_loan_status_id", "loan", ["status", "id"], unique=False, schema="ksbb")
    op.create_index(
        "uq_loan_one_active_per_owner",
        "loan",
        ["owner_id"],
        unique=True,
        schema="ksbb",
        postgresql_where="status in ('TERKONTRAK', 'CAIR', 'BERJALAN', 'RESTRUKTURISASI', 'GAGAL_BAYAR')",
    )
    op.create_table(
        "need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("pledged_quantity", sa.Integer(), nullable=False),
        sa.Column("estimated_value", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(business_id is null) <> (place_id is null)", name=op.f("ck_need_belongs_to_one")),
        sa.CheckConstraint(
            "quantity > 0 and pledged_quantity between 0 and quantity", name=op.f("ck_need_pledged_within_quantity")
        ),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_need_business_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_need_owner_id")),
        sa.ForeignKeyConstraint(["place_id"], ["ksbb.place.id"], name=op.f("fk_need_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_need_business_id"), "need", ["business_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_need_owner_id"), "need", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_need_place_id"), "need", ["place_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_need_region_code"), "need", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "onward_aid",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "programme",
            sa.Enum(
                "PANGAN",
                "UMKM",
                "PENDIDIKAN",
                "PERSAMPAHAN",
                "PERMUKIMAN",
                "KETENAGAKERJAAN",
                name="programme",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_onward_aid_amount_is_positive")),
        sa.ForeignKeyConstraint(
            ["fund_manager_id"], ["ksbb.institution.id"], name=op.f("fk_onward_aid_fund_manager_id")
        ),
        sa.ForeignKeyConstraint(["handover_id"], ["ksbb.handover.id"], name=op.f("fk_onward_aid_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onward_aid")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_onward_aid_fintech_id"), "onward_aid", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_onward_aid_fund_manager_id"), "onward_aid", ["fund_manager_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_onward_aid_handover_id"), "onward_aid", ["handover_id"], unique=False, schema="ksbb")
    op.create_table(
        "permit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("IUMK", "NIB", "LAIN", name="permitkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("jakpreneur", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_permit_business_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_permit_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_permit_business_id"), "permit", ["business_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_permit_owner_id"), "permit", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_permit_region_code"), "permit", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "disbursement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_disbursement_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_disbursement_fintech_id"), "disbursement", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_disbursement_loan_id"), "disbursement", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_disbursement_owner_id"), "disbursement", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_disbursement_region_code"), "disbursement", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("reporter_a", sa.Text(), nullable=False),
        sa.Column("value_a", sa.BigInteger(), nullable=False),
        sa.Column("reporter_b", sa.Text(), nullable=False),
        sa.Column("value_b", sa.BigInteger(), nullable=False),
        sa.Column("detected_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "TERDETEKSI",
                "DIBERITAHUKAN",
                "DIJELASKAN",
                "DIKOREKSI",
                "DITERIMA",
                "DIESKALASI",
                name="discrepancystatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_discrepancy_collaboration_id")
        ),
        sa.ForeignKeyConstraint(["handover_id"], ["ksbb.handover.id"], name=op.f("fk_discrepancy_handover_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["ksbb.institution.id"], name=op.f("fk_discrepancy_institution_id")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_discrepancy_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_discrepancy_collaboration_id"), "discrepancy", ["collaboration_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_discrepancy_handover_id"), "discrepancy", ["handover_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_discrepancy_institution_id"), "discrepancy", ["institution_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_discrepancy_loan_id"), "discrepancy", ["loan_id"], unique=False, schema="ksbb")
    op.create_table(
        "e_contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "party",
            sa.Enum("DONATUR", "UMKM", name="party", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_e_contract_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_e_contract")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_e_contract_fintech_id"), "e_contract", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_e_contract_loan_id"), "e_contract", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_e_contract_owner_id"), "e_contract", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_e_contract_region_code"), "e_contract", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("complainant_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("taken_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DITERIMA",
                "DIVERIFIKASI",
                "DITERUSKAN",
                "DITINDAKLANJUTI",
                "SELESAI",
                "DITOLAK",
                "DIBUKA_KEMBALI",
                name="complaintstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["ksbb.complaint.id"], name=op.f("fk_follow_up_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_follow_up_complainant_id"), "follow_up", ["complainant_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_follow_up_complaint_id"), "follow_up", ["complaint_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_follow_up_region_code"), "follow_up", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "handover_loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["ksbb.handover.id"], name=op.f("fk_handover_loan_handover_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_handover_loan_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_loan")),
        sa.UniqueConstraint("loan_id", name=op.f("uq_handover_loan_loan_id")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_handover_loan_fintech_id"), "handover_loan", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_handover_loan_fund_manager_id"), "handover_loan", ["fund_manager_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_handover_loan_handover_id"), "handover_loan", ["handover_id"], unique=False, schema="ksbb")
    op.create_table(
        "instalment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("schedule", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("principal >= 0 and other >= 0", name=op.f("ck_instalment_not_negative")),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_instalment_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("loan_id", "schedule", "number", name=op.f("uq_instalment_loan_id_schedule_number")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_instalment_fintech_id"), "instalment", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_instalment_loan_id"), "instalment", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_instalment_owner_id"), "instalment", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_instalment_region_code"), "instalment", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "pledge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("delivered_quantity", sa.Integer(), nullable=False),
        sa.Column("estimated_value", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAF",
                "DIAJUKAN",
                "DITERIMA",
                "TERPENUHI_SEBAGIAN",
                "TERPENUHI",
                "DITOLAK",
                "DITARIK",
                "KEDALUWARSA",
                name="pledgestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("form", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pledge_ends_after_start")),
        sa.CheckConstraint(
            "quantity > 0 and delivered_quantity >= 0", name=op.f("ck_pledge_quantities_are_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_pledge_collaboration_id")
        ),
        sa.ForeignKeyConstraint(["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_pledge_collaborator_id")),
        sa.ForeignKeyConstraint(["need_id"], ["ksbb.need.id"], name=op.f("fk_pledge_need_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_pledge_collaboration_id"), "pledge", ["collaboration_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_pledge_collaborator_id"), "pledge", ["collaborator_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_pledge_need_id"), "pledge", ["need_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_pledge_region_code"), "pledge", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "problem_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_problem_report_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_report")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_problem_report_fintech_id"), "problem_report", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_problem_report_loan_id"), "problem_report", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_problem_report_owner_id"), "problem_report", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_problem_report_region_code"), "problem_report", ["region_code"], unique=False, schema="ksbb"
    )
    op.create_table(
        "repayment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reporting_lag_days", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("fintech_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_repayment_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repayment")),
        sa.UniqueConstraint("fintech_id", "idempotency_key", name=op.f("uq_repayment_fintech_id_idempotency_key")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_repayment_fintech_id"), "repayment", ["fintech_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_repayment_loan_id"), "repayment", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_repayment_owner_id"), "repayment", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_repayment_region_code"), "repayment", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("extra_quantity", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("scheduled_on", sa.Date(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("reported_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("validated_on", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "DILAPORKAN",
                "DIKEMBALIKAN",
                "TERVALIDASI",
                "DIBALIK",
                name="deliverystatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "quantity >= 0 and extra_quantity >= 0 and value >= 0", name=op.f("ck_delivery_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_delivery_collaboration_id")
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_delivery_collaborator_id")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["ksbb.place.id"], name=op.f("fk_delivery_place_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["ksbb.pledge.id"], name=op.f("fk_delivery_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_delivery_collaboration_id"), "delivery", ["collaboration_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_delivery_collaborator_id"), "delivery", ["collaborator_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_delivery_pledge_id"), "delivery", ["pledge_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_delivery_region_code"), "delivery", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "delivery_recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("fund_manager_id", sa.Uuid(), nullable=True),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "package_kind",
            sa.Enum(
                "SARPRAS",
                "PINJAMAN_MODAL",
                "PELATIHAN",
                name="packagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("scheduled_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("days_since_previous", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_delivery_recipient_business_id")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_delivery_recipient_collaboration_id")
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_delivery_recipient_collaborator_id")
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["ksbb.delivery.id"], name=op.f("fk_delivery_recipient_delivery_id")),
        sa.ForeignKeyConstraint(
            ["fund_manager_id"], ["ksbb.institution.id"], name=op.f("fk_delivery_recipient_fund_manager_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_delivery_recipient_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_recipient")),
        sa.UniqueConstraint("delivery_id", "business_id", name=op.f("uq_delivery_recipient_delivery_id_business_id")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_delivery_recipient_business_id"), "delivery_recipient", ["business_id"], unique=False, schema="ksbb"
    )
    op.create_index(
        op.f("ix_delivery_recipient_collaboration_id"),
        "delivery_recipient",
        ["collaboration_id"],
        unique=False,
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_delivery_recipient_collaborator_id"),
        "delivery_recipient",
        ["collaborator_id"],
        unique=False,
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_delivery_recipient_delivery_id"), "delivery_recipient", ["delivery_id"], unique=False, schema="ksbb"
    )
    op.create_index(
        op.f("ix_delivery_recipient_fund_manager_id"),
        "delivery_recipient",
        ["fund_manager_id"],
        unique=False,
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_delivery_recipient_owner_id"), "delivery_recipient", ["owner_id"], unique=False, schema="ksbb"
    )
    op.create_index(
        op.f("ix_delivery_recipient_region_code"), "delivery_recipient", ["region_code"], unique=False, schema="ksbb"
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "PKS",
                "BAST",
                "BA_PELATIHAN",
                "FOTO_BARANG",
                "FOTO_PENYERAHAN",
                "FOTO_PELATIHAN",
                "ECONTRACT_DONATUR",
                "ECONTRACT_UMKM",
                "DRAF_ECONTRACT",
                "INVOICE_PENCAIRAN",
                "INVOICE_PENGEMBALIAN",
                "LAPORAN_PENDAMPINGAN",
                "LAPORAN_KENDALA",
                "BUKTI_SERAH_DANA",
                "LAPORAN_AUDIT",
                "REKOMENDASI",
                "PERSYARATAN_LEMBAGA",
                "LAIN",
                name="documentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("collaborator_id", sa.Uuid(), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_on", sa.Date(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["ksbb.collaboration.id"], name=op.f("fk_document_collaboration_id")
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_document_collaborator_id")
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["ksbb.delivery.id"], name=op.f("fk_document_delivery_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["ksbb.institution.id"], name=op.f("fk_document_institution_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_document_loan_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_document_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_document_collaboration_id"), "document", ["collaboration_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_collaborator_id"), "document", ["collaborator_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_delivery_id"), "document", ["delivery_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_institution_id"), "document", ["institution_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_loan_id"), "document", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_owner_id"), "document", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_document_region_code"), "document", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "mentoring_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["ksbb.delivery.id"], name=op.f("fk_mentoring_visit_delivery_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_mentoring_visit_loan_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_mentoring_visit_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_visit")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_mentoring_visit_delivery_id"), "mentoring_visit", ["delivery_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_mentoring_visit_loan_id"), "mentoring_visit", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_mentoring_visit_owner_id"), "mentoring_visit", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_mentoring_visit_region_code"), "mentoring_visit", ["region_code"], unique=False, schema="ksbb"
    )
    op.create_table(
        "training_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("KERAS", "LUNAK", name="trainingkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("DARING", "LURING", name="trainingmode", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["ksbb.delivery.id"], name=op.f("fk_training_session_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
        schema="ksbb",
    )
    op.create_index(
        op.f("ix_training_session_delivery_id"), "training_session", ["delivery_id"], unique=False, schema="ksbb"
    )
    op.create_table(
        "validation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("validated_on", sa.Date(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["ksbb.delivery.id"], name=op.f("fk_validation_delivery_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["ksbb.loan.id"], name=op.f("fk_validation_loan_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_validation_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validation")),
        schema="ksbb",
    )
    op.create_index(op.f("ix_validation_delivery_id"), "validation", ["delivery_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_validation_loan_id"), "validation", ["loan_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_validation_owner_id"), "validation", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_validation_region_code"), "validation", ["region_code"], unique=False, schema="ksbb")
    op.create_table(
        "attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        sa.Column("training_session_id", sa.Uuid(), nullable=False),
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(collation="C"), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["ksbb.business.id"], name=op.f("fk_attendance_business_id")),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["ksbb.collaborator.id"], name=op.f("fk_attendance_collaborator_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["ksbb.owner.id"], name=op.f("fk_attendance_owner_id")),
        sa.ForeignKeyConstraint(
            ["training_session_id"], ["ksbb.training_session.id"], name=op.f("fk_attendance_training_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "training_session_id", "business_id", name=op.f("uq_attendance_training_session_id_business_id")
        ),
        schema="ksbb",
    )
    op.create_index(op.f("ix_attendance_business_id"), "attendance", ["business_id"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_attendance_collaborator_id"), "attendance", ["collaborator_id"], unique=False, schema="ksbb"
    )
    op.create_index(op.f("ix_attendance_owner_id"), "attendance", ["owner_id"], unique=False, schema="ksbb")
    op.create_index(op.f("ix_attendance_region_code"), "attendance", ["region_code"], unique=False, schema="ksbb")
    op.create_index(
        op.f("ix_attendance_training_session_id"), "attendance", ["training_session_id"], unique=False, schema="ksbb"
    )
