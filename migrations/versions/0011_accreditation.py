"""Form G item by item, the agreement behind a commitment, versions of audit reports, outreach and announcements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_S = "ksbb"
_PACKAGES = ("SARPRAS", "PINJAMAN_MODAL", "PELATIHAN")
_ITEMS = (
    *("BADAN_HUKUM", "AKTA", "NOMOR_IZIN", "IZIN", "REGULATOR", "NPWP", "REKENING", "NARAHUBUNG"),
    *("RENCANA_SARPRAS", "RENCANA_PELATIHAN", "RENCANA_PINJAMAN", "DRAF_ECONTRACT", "TANDA_OJK", "KEPATUHAN_OJK"),
)
_DOCUMENTS = (
    *("PKS", "BAST", "BA_PELATIHAN", "FOTO_BARANG", "FOTO_PENYERAHAN", "FOTO_PELATIHAN", "ECONTRACT_DONATUR"),
    *("ECONTRACT_UMKM", "DRAF_ECONTRACT", "INVOICE_PENCAIRAN", "INVOICE_PENGEMBALIAN", "LAPORAN_PENDAMPINGAN"),
    *("LAPORAN_KENDALA", "BUKTI_SERAH_DANA", "LAPORAN_AUDIT", "REKOMENDASI", "PERSYARATAN_LEMBAGA", "LAIN"),
)
_ACTORS = (
    *("PUBLIK", "KOLABORATOR", "AGREGATOR", "FINTECH", "UMKM", "PENDAMPING", "BIRO_KSD", "DINAS_PPKUKM"),
    *("DISKOMINFOTIK", "CITATA", "PMPTSP", "OPD_PEMBINA", "WILAYAH", "SATPOL_PP", "INSPEKTORAT", "SEKDA", "ADMIN"),
    *("PETUGAS_INTAKE", "SISTEM"),
)


def upgrade() -> None:
    """Carry everything out, one subject after the other."""
    _requirements()
    _accreditations()
    _agreements()
    _audit_reports()
    _outreach()
    _announcements()
    _office_contacts()


def _codes(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _table(name: str, *parts: sa.schema.SchemaItem, **targets: str) -> None:
    """A table of a noun; `targets` are its join keys, each with its index: column -> table."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(collation="C"), nullable=False),
        *parts,
        *(
            sa.ForeignKeyConstraint([column], [f"{_S}.{target}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, target in targets.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        schema=_S,
    )
    for column in targets:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column], schema=_S)


def _key_to(table: str, column: str, target: str) -> None:
    """A join key that may be empty, with its index."""
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True), schema=_S)
    op.create_foreign_key(
        op.f(f"fk_{table}_{column}"), table, target, [column], ["id"], source_schema=_S, referent_schema=_S
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], schema=_S)


def _requirements() -> None:
    op.create_table(
        "accreditation_requirement",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "public_id", sa.Text(), sa.Computed("'accreditation_requirement_' || id", persisted=True), nullable=False
        ),
        sa.Column("institution_kind", _codes("institutionkind", ("AGREGATOR", "FINTECH")), nullable=False),
        sa.Column("package_kind", _codes("packagekind", _PACKAGES), nullable=False),
        sa.Column("item", _codes("formgitem", _ITEMS), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_kind", _codes("documentkind", _DOCUMENTS), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("text_indonesian", sa.Text(), nullable=False),
        sa.Column("text_english", sa.Text(), nullable=False),
        sa.Column("origin", _codes("steporigin", ("REGULATION", "RECONSTRUCTION")), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation_requirement")),
        schema=_S,
    )


def _accreditations() -> None:
    """Which items are there, one open application per package, and since when no more commitments are taken."""
    _table(
        "accreditation_item",
        sa.Column("accreditation_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("item", _codes("formgitem", _ITEMS), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.UniqueConstraint("accreditation_id", "item", name=op.f("uq_accreditation_item_accreditation_id_item")),
        accreditation_id="accreditation",
        institution_id="institution",
    )
    op.add_column("accreditation", sa.Column("stopped_on", sa.Date(), nullable=True), schema=_S)
    op.execute(
        f"update {_S}.accreditation set stopped_on = decided_on where status in ('DIBEKUKAN', 'DICABUT')"  # noqa: S608  # names of our own
    )
    op.execute(
        f"update {_S}.accreditation a set stopped_on = ("  # noqa: S608  # names of our own
        f"select max(g.ends_on) + 1 from {_S}.agreement g where g.institution_id = a.institution_id)"
        " where a.status = 'BERAKHIR'"
    )
    op.create_index(
        "uq_accreditation_one_open_per_package",
        "accreditation",
        ["institution_id", "package_kind"],
        unique=True,
        schema=_S,
        postgresql_where="status not in ('TIDAK_MEMENUHI','BERAKHIR','DICABUT')",
    )


def _agreements() -> None:
    """A collaboration names the agreement of who distributes it; those that there are, the one of that day."""
    _key_to("collaboration", "agreement_id", "agreement")
    op.execute(
        f"update {_S}.collaboration c set agreement_id = ("  # noqa: S608  # names of our own
        f"select g.id from {_S}.agreement g where g.institution_id = c.distributor_id"
        " and coalesce(c.number_issued_on, c.created_on) between g.starts_on and g.ends_on"
        " order by g.ends_on desc, g.id limit 1) where c.distributor_id is not null"
    )


def _audit_reports() -> None:
    """A newer report of a year stands beside the one that it replaces."""
    op.add_column("audit_report", sa.Column("version", sa.Integer(), server_default="1", nullable=False), schema=_S)
    op.add_column("audit_report", sa.Column("replaced_on", sa.Date(), nullable=True), schema=_S)
    op.create_unique_constraint(
        op.f("uq_audit_report_institution_id_year_version"),
        "audit_report",
        ["institution_id", "year", "version"],
        schema=_S,
    )


def _outreach() -> None:
    _table(
        "outreach_event",
        sa.Column("kind", _codes("outreachkind", ("FORUM", "TOWN_HALL", "RAPAT", "LAIN")), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("donors", sa.Integer(), nullable=False),
        sa.Column("businesses", sa.Integer(), nullable=False),
        sa.Column("officials", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "donors >= 0 and businesses >= 0 and officials >= 0", name=op.f("ck_outreach_event_not_negative")
        ),
    )
    _key_to("prospect", "outreach_event_id", "outreach_event")


def _announcements() -> None:
    _table(
        "announcement",
        sa.Column("collaborator_id", sa.Uuid(), nullable=False),
        sa.Column("prospect_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("package_kind", _codes("packagekind", _PACKAGES), nullable=False),
        sa.Column("estimated_value", sa.BigInteger(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("status", _codes("announcementstatus", ("DIAJUKAN", "DITUGASKAN", "DIJAWAB")), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("estimated_value > 0", name=op.f("ck_announcement_value_is_positive")),
        collaborator_id="collaborator",
        prospect_id="prospect",
        officer_id="user_account",
    )


def _office_contacts() -> None:
    _table(
        "office_contact",
        sa.Column("actor", _codes("actor", _ACTORS), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=False),
        sa.UniqueConstraint("actor", name=op.f("uq_office_contact_actor")),
    )
