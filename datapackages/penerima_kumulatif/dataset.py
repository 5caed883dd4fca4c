"""All recipients since the programme began: one number, which moves by ten persons or more."""

from __future__ import annotations

from publishing.control.counts import PersonCounts
from publishing.dataset import Field, Label, derived
from publishing.period import SINCE_IT_BEGAN, Revision

DATASET = PersonCounts(
    name="penerima_kumulatif",
    view="recipient_totals",
    title=Label("Penerima bantuan sejak awal program", "Recipients of help since the programme began"),
    description=Label(
        "Jumlah orang yang pernah menerima bantuan, tercatat dalam realisasi atau pencairan yang tervalidasi, masing-"
        "masing dihitung satu kali. Angka ini berubah paling sering sebulan sekali, dan hanya bila bergerak sedikitnya "
        "10 orang.",
        "Number of persons who ever received help, in a validated delivery or disbursement, each counted once. It "
        "changes once a month at most, and only where it moves by at least 10 persons.",
    ),
    grain=Label("satu baris", "one row"),
    cadence=Label(
        "paling sering sebulan sekali, bila bergerak sedikitnya 10 orang",
        "once a month at most, where it moves by at least 10 persons",
    ),
    source=Label(
        "Realisasi dan pencairan yang divalidasi, Instruksi Sekda DKI 56/2020, Lampiran I no. 17 dan 24",
        "Validated deliveries and disbursements, Instruksi Sekda DKI 56/2020, annex I no. 17 and 24",
    ),
    known_gaps=Label(
        "Yang divalidasi terakhir mungkin belum terhitung. Jumlah penerima_agregat berbeda: di sana orang yang sama "
        "dihitung lagi pada semester dan program lain.",
        "What was validated last may not be counted yet. The sums of penerima_agregat differ: there the same person "
        "counts again in another half-year and programme.",
    ),
    time_reference=Label("sejak awal program", "since the programme began"),
    period=[
        Field(
            name="sejak",
            source="",
            type="string",
            title=Label("Sejak (YYYYMM+)", "Since (YYYYMM+)"),
            concept="Awal penghitungan",
            definition=Label(
                "Bulan awal program, dihitung terus sejak itu.", "The month in which the programme began; counted on."
            ),
            allowed=(SINCE_IT_BEGAN,),
        )
    ],
    dimensions=[],
    revision=Revision.MONTHLY,
    measure=derived(
        "persons",
        "jumlah_penerima",
        Label("Jumlah penerima", "Recipients"),
        concept="Penerima bantuan",
        definition=Label(
            "Jumlah orang, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of persons, at least 10, rounded to a multiple of 5.",
        ),
        type="integer",
        unit="orang",
    ),
)
