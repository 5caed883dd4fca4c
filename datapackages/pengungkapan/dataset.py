"""Reveals: how often officers read masked data of persons clearly, by year and purpose."""

from __future__ import annotations

from models.reveal import RevealYear
from publishing.dataset import Facts, Label, keep

DATASET = Facts(
    name="pengungkapan",
    view="reveals",
    title=Label("Pengungkapan data pribadi", "Reveals of personal data"),
    description=Label(
        "Berapa kali petugas Inspektorat diberi akses membaca data orang yang biasanya disamarkan, per tahun dan "
        "tujuan. Ini tindakan kantor, bukan data orang: jumlahnya persis, juga bila nol.",
        "How often officers of the inspectorate could read data of persons clearly that are masked otherwise, by "
        "year and purpose. These are acts of the office, not data of persons: the number is exact, also where it is 0.",
    ),
    grain=Label("satu baris per tahun dan tujuan", "one row per year and purpose"),
    cadence=Label("setahun sekali, setelah tahunnya berakhir", "once a year, after its end"),
    source=Label(
        "Jejak audit sistem; UU 27/2022 ps. 35 dan 39", "Audit trail of the system; UU 27/2022 art. 35 and 39"
    ),
    known_gaps=Label(
        "Dihitung setiap pengungkapan yang dibuka, sekali, pada hari dibuka; permintaan yang ditolak tidak. Satu "
        "pengungkapan mencakup 1 sampai 100 baris; jumlah orangnya tidak diterbitkan.",
        "Each reveal that was opened counts once, on the day on which it was opened; refused requests do not. A reveal "
        "is of 1 to 100 rows; of how many persons is not published.",
    ),
    time_reference=Label("tahun pada kolom tahun", "year in the column tahun"),
    identified_by=[
        keep(
            RevealYear.year,
            "tahun",
            Label("Tahun", "Year"),
            concept="Tahun pengungkapan",
            definition=Label(
                "Tahun pengungkapan dibuka, waktu Jakarta.", "Year in which the reveal was opened, Jakarta time."
            ),
            hxl="#date+year",
        ),
        keep(
            RevealYear.purpose,
            "tujuan",
            Label("Tujuan", "Purpose"),
            concept="Tujuan pengungkapan",
            definition=Label("Untuk apa data dibaca.", "What the data were read for."),
        ),
    ],
    facts=[
        keep(
            RevealYear.reveals,
            "jumlah_pengungkapan",
            Label("Jumlah pengungkapan", "Reveals"),
            concept="Pengungkapan",
            definition=Label(
                "Berapa kali akses dibuka, jumlah persis.", "How often access was opened, the exact number."
            ),
            unit="pengungkapan",
        ),
    ],
)
