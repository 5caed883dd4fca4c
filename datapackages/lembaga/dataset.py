"""Institutions: legal bodies only, so nothing in it is about a person."""

from __future__ import annotations

from models.institution import Institution
from models.vocabulary import AccreditationStatus, PackageKind
from publishing.dataset import Facts, Field, Label, derived, keep


def _accredited(package: PackageKind) -> Field:
    """The last accreditation of an institution for one package; empty if it never applied for it."""
    return derived(
        f"accredited_{package.lower()}",
        f"akreditasi_{package.lower()}",
        Label(f"Akreditasi {package.label_id}", f"Accreditation: {package.label_en}"),
        concept="Akreditasi oleh Pemprov DKI",
        definition=Label(
            "Status permohonan terakhir untuk paket ini; kosong bila tidak pernah diajukan.",
            "Status of the last application for this package; empty if there was none.",
        ),
        required=False,
        allowed=tuple(AccreditationStatus),
    )


DATASET = Facts(
    name="lembaga",
    view="institution",
    title=Label("Lembaga mitra: agregator dan fintech", "Partner institutions: fund managers and fintechs"),
    description=Label(
        "Badan hukum yang menghimpun dan menyalurkan dana kolaborasi, dengan status akreditasi dan perjanjiannya.",
        "Legal bodies that raise and distribute funds of collaborations, with their accreditation and agreement.",
    ),
    grain=Label("satu baris per lembaga", "one row per institution"),
    cadence=Label("saat berubah", "on change"),
    source=Label(
        "Akreditasi dan PKS menurut Instruksi Sekda DKI 56/2020, Lampiran I no. 5-7",
        "Accreditation and agreements after Instruksi Sekda DKI 56/2020, annex I no. 5-7",
    ),
    known_gaps=Label(
        "Hanya akreditasi terakhir per paket dan PKS terakhir; narahubung, rekening, dan NPWP tidak termasuk.",
        "Only the last accreditation per package and the last agreement; no contact persons, accounts or tax numbers.",
    ),
    identified_by=[
        derived(
            "code",
            "id_lembaga",
            Label("ID lembaga", "Institution ID"),
            concept="Lembaga mitra",
            definition=Label("Kode tetap dalam data terbuka.", "Stable code within open data."),
            pattern="^(AGR|FIN)-[0-9a-f]{10}$",
            hxl="#org+impl+code",
        )
    ],
    facts=[
        keep(
            Institution.kind,
            "jenis_lembaga",
            Label("Jenis lembaga", "Kind"),
            concept="Peran lembaga",
            definition=Label(
                "Agregator menghimpun dan menyalurkan dana; fintech menyalurkan pinjaman.",
                "An AGREGATOR raises and distributes funds; a FINTECH lends.",
            ),
            hxl="#org+impl+type",
        ),
        keep(
            Institution.name,
            "nama_lembaga",
            Label("Nama lembaga", "Name"),
            concept="Lembaga mitra",
            definition=Label("Nama badan hukum.", "Name of the legal body."),
            hxl="#org+impl+name",
        ),
        keep(
            Institution.legal_form,
            "bentuk_hukum",
            Label("Bentuk hukum", "Legal form"),
            concept="Bentuk badan hukum",
            definition=Label("Misalnya yayasan atau perseroan terbatas.", "A foundation or a company, for example."),
        ),
        keep(
            Institution.permit_number,
            "nomor_izin",
            Label("Nomor izin", "Permit number"),
            concept="Izin lembaga",
            definition=Label("Nomor izin dari regulator.", "Number of the permit of the regulator."),
        ),
        keep(
            Institution.regulator,
            "regulator",
            Label("Regulator", "Regulator"),
            concept="Pemberi izin",
            definition=Label("Instansi yang memberi izin.", "The authority that gave the permit."),
        ),
        *(_accredited(package) for package in PackageKind),
        derived(
            "agreement_number",
            "nomor_pks",
            Label("Nomor PKS", "Number of the agreement"),
            concept="Perjanjian kerja sama",
            definition=Label("Nomor PKS terakhir.", "Number of the last agreement (PKS)."),
            required=False,
        ),
        derived(
            "agreement_starts_on",
            "pks_mulai",
            Label("PKS mulai", "Agreement from"),
            concept="Perjanjian kerja sama",
            definition=Label("Hari pertama berlaku.", "First day."),
            type="date",
            required=False,
        ),
        derived(
            "agreement_ends_on",
            "pks_berakhir",
            Label("PKS berakhir", "Agreement until"),
            concept="Perjanjian kerja sama",
            definition=Label("Hari terakhir berlaku.", "Last day."),
            type="date",
            required=False,
        ),
        derived(
            "last_audited_year",
            "tahun_audit_terakhir",
            Label("Tahun laporan audit terakhir", "Year of the last audit report"),
            concept="Laporan audit",
            definition=Label("Tahun yang diaudit; kosong bila belum ada.", "The audited year; empty if none."),
            type="integer",
            required=False,
        ),
    ],
)
