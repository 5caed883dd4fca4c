"""Collaborations as the public sees them: donors by rule, nothing from which a person's loan could be told."""

from __future__ import annotations

from models.collaboration import Collaboration
from models.collaborator import Collaborator
from publishing.dataset import Chart, Facts, Label, Layer, Reference, derived, keep
from publishing.iati import Transaction

DATASET = Facts(
    name="kolaborasi",
    view="collaboration",
    title=Label("Kolaborasi", "Collaborations"),
    description=Label(
        "Setiap kolaborasi yang sudah mendapat ID: siapa berkomitmen apa, senilai berapa, dan di mana.",
        "Every collaboration with an issued ID: who pledged what, worth how much, and where.",
    ),
    grain=Label("satu baris per ID kolaborasi", "one row per collaboration ID"),
    cadence=Label("harian", "daily"),
    source=Label(
        "Formulir Konfirmasi dan Realisasi, Instruksi Sekda DKI 56/2020, Lampiran II",
        "Forms of pledge and delivery, Instruksi Sekda DKI 56/2020, annex II",
    ),
    known_gaps=Label(
        "Kolaborasi pinjaman modal tampil sebagai DIKONFIRMASI selama berjalan dan sesudah selesai, tanpa tanggal "
        "berakhir, karena keduanya memberi tahu tentang pinjaman orang. Jumlah penerima hanya ada di penerima_agregat.",
        "Loan collaborations show as DIKONFIRMASI while they run and after they end, without a date of the end: "
        "both would tell of people's loans. Numbers of recipients are in penerima_agregat only.",
    ),
    layer=Layer(region="kode_kecamatan"),
    chart=Chart(
        title=Label("Nilai komitmen per program", "Pledged value by programme"),
        x="program",
        y="nilai_komitmen_rp",
        group="jenis_kolaborator",
    ),
    identified_by=[
        keep(
            Collaboration.number,
            "id_kolaborasi",
            Label("ID kolaborasi", "Collaboration ID"),
            concept="Kolaborasi",
            definition=Label("Nomor yang terbit saat komitmen diterima.", "Issued when the pledge was accepted."),
            pattern="^KSBB-[A-Z]{3}-20[0-9]{2}-[0-9A-HJKMNP-TV-Z]{6}$",
            hxl="#activity+code+project",
        )
    ],
    facts=[
        keep(
            Collaboration.programme,
            "program",
            Label("Program KSBB", "Programme"),
            concept="Program KSBB",
            definition=Label("Satu dari enam program KSBB.", "One of the six programmes."),
            hxl="#sector+programme",
        ),
        keep(
            Collaboration.package_kind,
            "jenis_paket",
            Label("Jenis paket", "Kind of package"),
            concept="Bentuk bantuan",
            definition=Label("Sarana, pelatihan, atau pinjaman modal.", "Equipment, training, or capital loan."),
        ),
        keep(
            Collaboration.collaborator_kind,
            "jenis_kolaborator",
            Label("Jenis kolaborator", "Kind of donor"),
            concept="Kolaborator",
            definition=Label("Jenis pemberi bantuan.", "What kind of donor."),
            hxl="#org+funder+type",
        ),
        keep(
            Collaborator.name,
            "nama_kolaborator",
            Label("Nama kolaborator", "Donor"),
            concept="Kolaborator",
            definition=Label(
                'Nama badan; "Perorangan" untuk orang tanpa persetujuan; "Anonim" bila diminta.',
                'Name of a body; "Perorangan" for a person without consent; "Anonim" on request.',
            ),
            source="collaborator_name",
            hxl="#org+funder+name",
        ),
        derived(
            "distributor_code",
            "id_penyalur",
            Label("Lembaga penyalur", "Distributor"),
            concept="Penyalur",
            definition=Label("Kosong: disalurkan sendiri oleh kolaborator.", "Empty: distributed by the donor."),
            required=False,
            refers_to=Reference("lembaga", "id_lembaga"),
            hxl="#org+impl+code",
        ),
        derived(
            "kecamatan_code",
            "kode_kecamatan",
            Label("Kecamatan sasaran", "Target kecamatan"),
            concept="Wilayah sasaran",
            definition=Label("Kosong: sasaran lebih luas dari satu kecamatan.", "Empty: wider than one kecamatan."),
            required=False,
            refers_to=Reference("wilayah", "kode_wilayah"),
            hxl="#adm3+code",
        ),
        keep(
            Collaboration.pledged_value,
            "nilai_komitmen_rp",
            Label("Nilai komitmen", "Pledged value"),
            concept="Komitmen",
            definition=Label(
                "Nilai yang dilaporkan kolaborator, dalam rupiah bulat.", "As stated by the donor, in whole rupiah."
            ),
            iati=Transaction.OUTGOING_PLEDGE,
        ),
        keep(
            Collaboration.status,
            "status",
            Label("Status", "Status"),
            concept="Status kolaborasi",
            definition=Label(
                "Untuk PINJAMAN_MODAL, yang berjalan dan yang selesai tampil sebagai DIKONFIRMASI.",
                "For PINJAMAN_MODAL, what is running or has ended shows as DIKONFIRMASI.",
            ),
            hxl="#status",
        ),
        keep(
            Collaboration.created_on,
            "tanggal_dibuat",
            Label("Tanggal dibuat", "Created on"),
            concept="Kolaborasi",
            definition=Label("Hari rancangan pertama dibuat.", "Day of the first draft."),
        ),
        keep(
            Collaboration.number_issued_on,
            "tanggal_id_terbit",
            Label("Tanggal ID terbit", "ID issued on"),
            concept="Kolaborasi",
            definition=Label("Hari ID kolaborasi terbit.", "Day on which the ID was issued."),
            required=False,
        ),
        keep(
            Collaboration.closed_on,
            "tanggal_berakhir",
            Label("Tanggal berakhir", "Ended on"),
            concept="Kolaborasi",
            definition=Label(
                "Kosong: belum berakhir, atau kolaborasi pinjaman modal.", "Empty: not ended, or a loan collaboration."
            ),
            required=False,
        ),
    ],
)
