"""Repaid money that fund managers passed on."""

from __future__ import annotations

from models.vocabulary import Programme
from publishing.control.counts import SEALED_BY_HALF_YEAR, PersonCounts, half_year, kept
from publishing.control.measures import Sum
from publishing.dataset import Label, Reference, derived

DATASET = PersonCounts(
    name="penyaluran_ulang",
    view="onward_aid_counts",
    title=Label("Penyaluran ulang (agregat)", "Onward aid (aggregated)"),
    description=Label(
        "Dana pinjaman yang sudah kembali dan disalurkan lagi oleh pengelola dana, per semester dan program. Hanya "
        "dengan paling sedikit 10 pinjaman di belakangnya.",
        "Repaid loan money that fund managers passed on, by half-year and programme. Only with at least 10 loans "
        "behind it.",
    ),
    grain=Label(
        "satu baris per semester, pengelola dana, dan program", "one row per half-year, fund manager and programme"
    ),
    cadence=SEALED_BY_HALF_YEAR,
    source=Label(
        "Laporan pengelola dana, Instruksi Sekda DKI 56/2020, Lampiran I no. 26",
        "Fund managers' reports, Instruksi Sekda DKI 56/2020, annex I no. 26",
    ),
    known_gaps=Label(
        "Satu pinjaman dapat berada di belakang beberapa program; jangan menjumlahkan jumlah_pinjaman.",
        "One loan may stand behind several programmes; do not add jumlah_pinjaman.",
    ),
    period=half_year("Semester penyaluran", Label("saat dana disalurkan", "in which the money was passed on")),
    dimensions=[
        kept(
            derived(
                "fund_manager_code",
                "id_pengelola_dana",
                Label("Pengelola dana", "Fund manager"),
                concept="Lembaga yang menyalurkan",
                definition=Label("Lembaga yang menyalurkan dana.", "The institution that passes the money on."),
                refers_to=Reference("lembaga", "id_lembaga"),
            )
        ),
        kept(
            derived(
                "programme",
                "program",
                Label("Program KSBB", "Programme"),
                concept="Program KSBB",
                definition=Label("Satu dari enam program KSBB.", "One of the six programmes."),
                allowed=tuple(Programme),
            )
        ),
    ],
    measure=derived(
        "persons",
        "jumlah_pinjaman",
        Label("Jumlah pinjaman", "Loans"),
        concept="Pinjaman asal dana",
        definition=Label(
            "Jumlah pinjaman yang pembayarannya disalurkan, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of loans whose repayment was passed on, at least 10, rounded to a multiple of 5.",
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
                Label("Nilai disalurkan", "Value passed on"),
                concept="Penyaluran ulang",
                definition=Label(
                    "Jumlah yang disalurkan, kelipatan Rp 5 juta.", "Sum passed on, multiples of Rp 5 million."
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        )
    ],
)
