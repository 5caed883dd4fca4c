"""Reports that did not agree, by institution: how many, and by how much."""

from __future__ import annotations

from models.vocabulary import DiscrepancyMeasure
from publishing.control.counts import SEALED_BY_HALF_YEAR, PersonCounts, half_year, kept
from publishing.control.measures import Sum
from publishing.dataset import Label, Reference, derived

DATASET = PersonCounts(
    name="selisih_laporan",
    view="discrepancy_counts",
    title=Label("Selisih laporan (agregat)", "Discrepancies of reports (aggregated)"),
    description=Label(
        "Laporan dua pihak tentang ukuran yang sama yang tidak cocok, per semester, lembaga, dan ukuran: berapa kali, "
        "dan berapa nilainya. Hanya dengan paling sedikit 10 selisih.",
        "Reports of two parties on one measure that did not agree, by half-year, institution and measure: how often, "
        "and by how much. Only with at least 10 discrepancies.",
    ),
    grain=Label("satu baris per semester, lembaga, dan ukuran", "one row per half-year, institution and measure"),
    cadence=SEALED_BY_HALF_YEAR,
    source=Label(
        "Pencocokan laporan oleh sistem, Instruksi Sekda DKI 56/2020, Lampiran I no. 27",
        "Reconciliation of reports by the system, Instruksi Sekda DKI 56/2020, annex I no. 27",
    ),
    known_gaps=Label(
        "Selisih dihitung pada hari ditemukan, juga bila kemudian dijelaskan atau dikoreksi. Yang tidak tampil berarti "
        "0 sampai 9 selisih.",
        "Discrepancies count on the day on which they were found, also when they were explained or corrected later. "
        "What is not shown has 0 to 9 of them.",
    ),
    period=half_year("Semester temuan", Label("saat selisih ditemukan", "in which the discrepancy was found")),
    dimensions=[
        kept(
            derived(
                "institution_code",
                "id_lembaga",
                Label("Lembaga", "Institution"),
                concept="Lembaga yang laporannya berselisih",
                definition=Label("Lembaga yang laporannya tidak cocok.", "The institution whose reports disagree."),
                refers_to=Reference("lembaga", "id_lembaga"),
            )
        ),
        kept(
            derived(
                "measure",
                "ukuran",
                Label("Ukuran", "Measure"),
                concept="Ukuran selisih",
                definition=Label("Apa yang dilaporkan berbeda.", "What was reported differently."),
                allowed=tuple(DiscrepancyMeasure),
            )
        ),
    ],
    measure=derived(
        "persons",
        "jumlah_selisih",
        Label("Jumlah selisih", "Discrepancies"),
        concept="Selisih",
        definition=Label(
            "Jumlah selisih, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of discrepancies, at least 10, rounded to a multiple of 5.",
        ),
        type="integer",
        unit="selisih",
    ),
    more=[
        Sum(
            source="amount",
            field=derived(
                "amount",
                "nilai_selisih_rp",
                Label("Nilai selisih", "Value apart"),
                concept="Selisih",
                definition=Label(
                    "Jumlah beda kedua laporan, kelipatan Rp 5 juta.",
                    "Sum of what the two reports differ by, multiples of Rp 5 million.",
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        )
    ],
)
