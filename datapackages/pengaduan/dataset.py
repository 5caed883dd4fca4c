"""Complaints: how many were closed, where, about what and how, and how long it took."""

from __future__ import annotations

from geo.regions import Level
from models.complaint import Complaint
from models.vocabulary import ComplaintStatus
from publishing.control.counts import (
    ALL,
    REST,
    SEALED_BY_HALF_YEAR,
    PersonCounts,
    Total,
    adaptive_region,
    counted_by,
    half_year,
    kept,
)
from publishing.control.measures import Median
from publishing.dataset import Label, Layer, Reference, derived

DATASET = PersonCounts(
    name="pengaduan",
    view="complaint_counts",
    title=Label("Pengaduan (agregat)", "Complaints (counts)"),
    description=Label(
        "Pengaduan yang ditutup, per semester, wilayah kejadian, kategori, dan hasil, dengan lama penyelesaian. Isi "
        "pengaduan dan pelapor tidak pernah diterbitkan.",
        "Complaints that were closed, by half-year, place, category and outcome, with the time that it took. Neither "
        "their text nor who complained is ever published.",
    ),
    grain=Label(
        "satu baris per tabel, semester, wilayah, kategori, dan hasil",
        "one row per table, half-year, region, category and outcome",
    ),
    cadence=SEALED_BY_HALF_YEAR,
    source=Label(
        "Pengaduan warga, Instruksi Sekda DKI 56/2020, KESATU huruf d.6 dan m.3",
        "Complaints of the public, Instruksi Sekda DKI 56/2020, clause one, letters d.6 and m.3",
    ),
    known_gaps=Label(
        "Pengaduan dihitung saat ditutup; yang dibuka kembali dan ditutup lagi di semester lain dihitung lagi di sana. "
        "Yang belum ditutup tidak ada di sini.",
        "Complaints count when they are closed; one that is opened again and closed in another half-year counts there "
        "as well. Open ones are not in here.",
    ),
    layer=Layer(region="kode_wilayah"),
    period=half_year("Semester penutupan", Label("saat pengaduan ditutup", "in which the complaint was closed")),
    dimensions=[
        adaptive_region(
            Complaint.region_code,
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Wilayah kejadian",
            definition=Label(
                "Wilayah tersempit yang boleh tampil; tingkatnya ada di kolom tingkat.",
                "The narrowest region that may be shown; its level is in the column tingkat.",
            ),
            refers_to=Reference("wilayah", "kode_wilayah"),
        ),
        counted_by(
            Complaint.category,
            "kategori",
            Label("Kategori", "Category"),
            gives_way=1,
            concept="Kategori pengaduan",
            definition=Label(
                f"Hal yang diadukan; {REST}: gabungan kelompok kecil; {ALL}: jumlah.",
                f"What it was about; {REST}: small groups joined; {ALL}: a total.",
            ),
        ),
        kept(
            derived(
                "outcome",
                "hasil",
                Label("Hasil", "Outcome"),
                concept="Hasil pengaduan",
                definition=Label(
                    "SELESAI, atau DITOLAK: bukan kewenangan atau tidak terbukti.",
                    "SELESAI: resolved; DITOLAK: not for the city, or not proven.",
                ),
                allowed=(ComplaintStatus.SELESAI, ComplaintStatus.DITOLAK),
            )
        ),
    ],
    totals=[Total(name="KOTA", level=Level.KOTA), Total(name="PROVINSI", level=Level.PROVINSI)],
    measure=derived(
        "persons",
        "jumlah_pengaduan",
        Label("Jumlah pengaduan", "Complaints"),
        concept="Pengaduan",
        definition=Label(
            "Jumlah pengaduan, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of complaints, at least 10, rounded to a multiple of 5.",
        ),
        type="integer",
        unit="pengaduan",
    ),
    more=[
        Median(
            source="days",
            field=derived(
                "days",
                "median_hari",
                Label("Median lama penyelesaian", "Median days to the end"),
                concept="Lama penyelesaian",
                definition=Label(
                    "Setengah dari pengaduan selesai dalam hari sebanyak ini atau kurang.",
                    "Half of the complaints were closed in this many days or fewer.",
                ),
                type="integer",
                unit="hari",
                required=False,
            ),
        )
    ],
)
