"""Repaid money that fintechs handed over to fund managers."""

from __future__ import annotations

from publishing.control.counts import SEALED_BY_HALF_YEAR, PersonCounts, half_year, kept
from publishing.control.measures import Sum
from publishing.dataset import Label, Reference, derived

DATASET = PersonCounts(
    name="serah_terima",
    view="handover_counts",
    title=Label("Serah terima dana (agregat)", "Handovers of funds (aggregated)"),
    description=Label(
        "Pokok pinjaman lunas yang diserahkan fintech kepada pengelola dana dan dikonfirmasi diterima, per semester. "
        "Hanya dengan paling sedikit 10 pinjaman di belakangnya.",
        "Principal of repaid loans that fintechs handed over to fund managers, confirmed as received, by half-year. "
        "Only with at least 10 loans behind it.",
    ),
    grain=Label(
        "satu baris per semester, fintech, dan pengelola dana", "one row per half-year, fintech and fund manager"
    ),
    cadence=SEALED_BY_HALF_YEAR,
    source=Label(
        "Bukti serah terima dana (formulir F), Instruksi Sekda DKI 56/2020, Lampiran I no. 26",
        "Proof of handover (form F), Instruksi Sekda DKI 56/2020, annex I no. 26",
    ),
    known_gaps=Label(
        "Pasangan fintech dan pengelola dana yang tidak tampil berarti 0 sampai 9 pinjaman pada semester itu.",
        "A pair of fintech and fund manager that is not shown has 0 to 9 loans in that half-year.",
    ),
    period=half_year("Semester penerimaan", Label("saat dana diterima", "in which the money was received")),
    dimensions=[
        kept(
            derived(
                "fintech_code",
                "id_fintech",
                Label("Fintech", "Fintech"),
                concept="Lembaga yang menyerahkan",
                definition=Label("Lembaga yang menyerahkan dana.", "The institution that hands over."),
                refers_to=Reference("lembaga", "id_lembaga"),
            )
        ),
        kept(
            derived(
                "fund_manager_code",
                "id_pengelola_dana",
                Label("Pengelola dana", "Fund manager"),
                concept="Lembaga yang menerima",
                definition=Label("Lembaga yang menerima dana.", "The institution that receives."),
                refers_to=Reference("lembaga", "id_lembaga"),
            )
        ),
    ],
    measure=derived(
        "persons",
        "jumlah_pinjaman",
        Label("Jumlah pinjaman", "Loans"),
        concept="Pinjaman yang diserahkan",
        definition=Label(
            "Jumlah pinjaman lunas di dalamnya, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of repaid loans in it, at least 10, rounded to a multiple of 5.",
        ),
        type="integer",
        unit="pinjaman",
    ),
    more=[
        Sum(
            source="amount",
            field=derived(
                "amount",
                "nilai_rp",
                Label("Nilai diserahkan", "Value handed over"),
                concept="Serah terima dana",
                definition=Label(
                    "Jumlah yang diterima, kelipatan Rp 5 juta.", "Sum received, multiples of Rp 5 million."
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        )
    ],
)
