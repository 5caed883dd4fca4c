"""Recipients: how many people received help, where, in which programme and line of business."""

from __future__ import annotations

from geo.regions import Level
from kernel.kbli import KbliVersion
from models.business import Business
from models.collaboration import Collaboration
from publishing.control.counts import (
    ALL,
    REST,
    REVISED_YEARLY,
    PersonCounts,
    Total,
    adaptive_region,
    counted_by,
    half_year,
    kept,
)
from publishing.dataset import Chart, Label, Layer, Reference, derived, keep
from publishing.period import Revision

DATASET = PersonCounts(
    name="penerima_agregat",
    view="recipient_counts",
    title=Label("Penerima bantuan (agregat)", "Recipients of help (counts)"),
    description=Label(
        "Jumlah pelaku usaha yang menerima bantuan: tercatat menerima dalam realisasi yang tervalidasi, atau menerima "
        "pinjaman yang pencairannya divalidasi petugas. Setiap orang dihitung sekali per semester dan program, pada "
        "usaha yang pertama dibantu. Setiap angka memuat paling sedikit 10 orang selain pemilik usaha yang setuju "
        "tampil di publik; semua angka dibulatkan ke kelipatan 5; kelompok kecil digabung ke wilayah yang lebih luas, "
        "lalu ke LAINNYA.",
        "Number of business owners who received help: named as having received in a validated delivery, or paid a loan "
        "whose disbursement an officer validated. Every person is counted once per half-year and programme, at the "
        "business that was helped first. Every figure counts at least 10 persons beside owners of businesses listed in "
        "public; all are rounded to multiples of 5; small "
        "groups are joined in a wider region, then in LAINNYA (the rest).",
    ),
    grain=Label(
        "satu baris per tabel, semester tersegel, wilayah, program, kategori KBLI, dan skala",
        "one row per table, sealed half-year, region, programme, KBLI section and scale",
    ),
    cadence=REVISED_YEARLY,
    revision=Revision.YEARLY,
    source=Label(
        "Realisasi dan pencairan yang divalidasi, Instruksi Sekda DKI 56/2020, Lampiran I no. 17 dan 24",
        "Validated deliveries and disbursements, Instruksi Sekda DKI 56/2020, annex I no. 17 and 24",
    ),
    known_gaps=Label(
        "Kombinasi yang tidak tampil di suatu wilayah berarti 0 sampai 9 orang, atau digabung dengan kelompok lain. "
        "Jumlah suatu kota tampil hanya bila tidak ada kelompoknya yang digabung ke luar kota itu.",
        "A combination that is not shown for a region has 0 to 9 persons, or was joined to another group. The total of "
        "a kota is shown only where none of its groups was joined to one outside.",
    ),
    layer=Layer(region="kode_wilayah"),
    chart=Chart(
        title=Label(
            "Penerima bantuan per program, semester dijumlahkan", "Recipients by programme, half-years added up"
        ),
        x="program",
        y="jumlah_penerima",
        only={"tabel": "PROVINSI"},
    ),
    period=half_year("Semester validasi", Label("saat bantuan divalidasi", "in which the aid was validated")),
    dimensions=[
        adaptive_region(
            Business.region_code,
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Wilayah usaha penerima",
            definition=Label(
                "Wilayah tersempit yang boleh tampil; tingkatnya ada di kolom tingkat.",
                "The narrowest region that may be shown; its level is in the column tingkat.",
            ),
            refers_to=Reference("wilayah", "kode_wilayah"),
        ),
        kept(
            keep(
                Collaboration.programme,
                "program",
                Label("Program KSBB", "Programme"),
                concept="Program KSBB",
                definition=Label("Satu dari enam program KSBB.", "One of the six programmes."),
                hxl="#sector+programme",
            )
        ),
        counted_by(
            Business.kbli_section,
            "kategori_kbli",
            Label("Kategori KBLI", "KBLI section"),
            gives_way=2,
            concept="Lapangan usaha",
            definition=Label(
                "Huruf kategori menurut versi di kolom versi_kbli; LAINNYA: gabungan kelompok kecil; SEMUA: jumlah.",
                "Letter of the section in the version of versi_kbli; LAINNYA: small groups joined; SEMUA: a total.",
            ),
            pattern=f"^([A-V]|{REST}|{ALL})$",
        ),
        counted_by(
            Business.kbli_version,
            "versi_kbli",
            Label("Versi KBLI", "KBLI version"),
            gives_way=2,
            concept="Lapangan usaha",
            definition=Label("Tahun klasifikasi.", "Year of the classification."),
            allowed=(*KbliVersion, REST, ALL),
        ),
        counted_by(
            Business.scale,
            "skala",
            Label("Skala usaha", "Scale"),
            gives_way=1,
            concept="Skala usaha",
            definition=Label("Mikro, kecil, atau menengah menurut aturan_skala.", "Scale after the rule beside it."),
        ),
        counted_by(
            Business.scale_rule,
            "aturan_skala",
            Label("Aturan skala", "Rule of the scale"),
            gives_way=1,
            concept="Skala usaha",
            definition=Label("Aturan yang menetapkan batas skala.", "The rule that sets the limits of the scale."),
        ),
    ],
    totals=[Total(name="KOTA", level=Level.KOTA), Total(name="PROVINSI", level=Level.PROVINSI)],
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
