"""Loans by the quarter in which they were paid out, and how far they were repaid at fixed ages."""

from __future__ import annotations

from geo.regions import Level
from models.loan import Loan
from policy.loan_ages import MONEY, SINCE_EARLIER_AGES
from publishing.control.counts import PersonCounts, Total, adaptive_region, kept
from publishing.control.measures import InState, Moved, PercentBeside, Sum
from publishing.dataset import Field, Label, Layer, Reference, derived

_LATE = "macet"
_LEFT = "sisa"

DATASET = PersonCounts(
    name="pinjaman_agregat",
    view="loan_counts",
    title=Label("Pinjaman modal (agregat)", "Capital loans (aggregated)"),
    description=Label(
        "Pinjaman yang pencairannya divalidasi petugas, per triwulan, fintech, dan wilayah, dengan keadaan pada umur "
        "3, 6, 12, dan 18 bulan: jumlah, nilai, pembayaran, sisa, dan yang menunggak lebih dari 90 hari (TKB90).",
        "Loans whose disbursement an officer validated, by quarter, fintech and region, with their state at the age of "
        "3, 6, 12 and 18 months: number, value, repaid, outstanding, and overdue by more than 90 days (TKB90).",
    ),
    grain=Label(
        "satu baris per tabel, triwulan, umur, fintech, dan wilayah",
        "one row per table, quarter, age, fintech and region",
    ),
    cadence=Label(
        "sekali untuk setiap triwulan dan umur, 14 hari setelah umur itu tercapai; tidak berubah sesudahnya",
        "once for each quarter and age, 14 days after that age; never changed afterwards",
    ),
    source=Label(
        "Laporan pencairan dan pembayaran fintech, Instruksi Sekda DKI 56/2020, Lampiran I no. 23-25",
        "Fintechs' reports of disbursement and repayment, Instruksi Sekda DKI 56/2020, annex I no. 23-25",
    ),
    known_gaps=Label(
        "Nilai kosong: kurang dari 10 orang di belakangnya, satu orang menentukan nilainya, lebih dari separuh "
        "kelompok menunggak, atau kurang dari 10 orang yang keadaannya berubah sejak umur sebelumnya. Nilai yang "
        "disembunyikan di suatu tabel baru tampil di tabel yang lebih luas. Pembayaran yang dilaporkan lebih dari 14 "
        "hari setelah umur tercapai tidak dihitung.",
        "An empty value: fewer than 10 persons stand behind it, one person decides it, more than half of the group "
        "is overdue, or things changed for fewer than 10 persons since an earlier age. What is hidden in one table is "
        "told in a wider one at the earliest. Repayments that were reported more than 14 days after the age are not "
        "counted.",
    ),
    layer=Layer(region="kode_wilayah"),
    period=[
        Field(
            name="triwulan_pencairan",
            source="",
            type="string",
            title=Label("Triwulan pencairan (YYYYMM)", "Quarter of disbursement (YYYYMM)"),
            concept="Triwulan validasi pencairan",
            definition=Label(
                "Bulan terakhir triwulan saat pencairan divalidasi; 202012 berarti Oktober sampai Desember 2020.",
                "Last month of the quarter in which the disbursement was validated; 202012 is October to December "
                "2020.",
            ),
            pattern=r"^20[0-9]{2}(03|06|09|12)$",
        ),
        Field(
            name="umur_bulan",
            source="",
            type="string",
            title=Label("Umur (bulan)", "Age (months)"),
            concept="Umur pinjaman",
            definition=Label("Bulan sejak akhir triwulan pencairan.", "Months since the end of that quarter."),
            unit="bulan",
            allowed=("3", "6", "12", "18"),
        ),
    ],
    dimensions=[
        kept(
            derived(
                "fintech_code",
                "id_fintech",
                Label("Fintech", "Fintech"),
                concept="Lembaga penyalur pinjaman",
                definition=Label("Lembaga yang menyalurkan pinjaman.", "The institution that lends."),
                refers_to=Reference("lembaga", "id_lembaga"),
            )
        ),
        adaptive_region(
            Loan.region_code,
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Wilayah usaha penerima pinjaman",
            definition=Label(
                "Wilayah tersempit yang boleh tampil; tingkatnya ada di kolom tingkat.",
                "The narrowest region that may be shown; its level is in the column tingkat.",
            ),
            refers_to=Reference("wilayah", "kode_wilayah"),
        ),
    ],
    totals=[Total(name="KOTA", level=Level.KOTA), Total(name="PROVINSI", level=Level.PROVINSI)],
    measure=derived(
        "persons",
        "jumlah_pinjaman",
        Label("Jumlah pinjaman", "Loans"),
        concept="Pinjaman modal",
        definition=Label(
            "Jumlah pinjaman, paling sedikit 10, dibulatkan ke kelipatan 5.",
            "Number of loans, at least 10, rounded to a multiple of 5.",
        ),
        type="integer",
        unit="pinjaman",
    ),
    more=[
        Sum(
            source="disbursed",
            field=derived(
                "disbursed",
                "nilai_disalurkan_rp",
                Label("Nilai disalurkan", "Value lent"),
                concept="Pokok pinjaman",
                definition=Label("Jumlah pokok, kelipatan Rp 5 juta.", "Sum of principal, multiples of Rp 5 million."),
                type="integer",
                unit="IDR",
                required=False,
            ),
        ),
        Sum(
            source="repaid",
            family=_LEFT,
            field=derived(
                "repaid",
                "nilai_dibayar_rp",
                Label("Pokok dibayar", "Principal repaid"),
                concept="Pembayaran pokok",
                definition=Label(
                    "Pokok yang dibayar sampai umur itu, kelipatan Rp 5 juta.",
                    "Principal repaid up to that age, multiples of Rp 5 million.",
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        ),
        Sum(
            source="outstanding",
            family=_LEFT,
            field=derived(
                "outstanding",
                "sisa_pinjaman_rp",
                Label("Sisa pinjaman", "Outstanding"),
                concept="Sisa pokok",
                definition=Label(
                    "Pokok yang belum dibayar pada umur itu, kelipatan Rp 5 juta.",
                    "Principal still owed at that age, multiples of Rp 5 million.",
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        ),
        InState(
            source="late",
            family=_LATE,
            field=derived(
                "late",
                "jumlah_menunggak",
                Label("Menunggak lebih dari 90 hari", "Overdue by more than 90 days"),
                concept="Kolektibilitas",
                definition=Label(
                    "Jumlah pinjaman yang menunggak lebih dari 90 hari pada umur itu, dibulatkan ke kelipatan 5.",
                    "Number of loans overdue by more than 90 days at that age, rounded to a multiple of 5.",
                ),
                type="integer",
                unit="pinjaman",
                required=False,
            ),
        ),
        Sum(
            source="overdue",
            family=_LATE,
            field=derived(
                "overdue",
                "sisa_menunggak_rp",
                Label("Sisa yang menunggak", "Outstanding of overdue loans"),
                concept="Sisa pokok",
                definition=Label(
                    "Sisa pokok pinjaman yang menunggak lebih dari 90 hari, kelipatan Rp 5 juta.",
                    "What is owed on loans overdue by more than 90 days, multiples of Rp 5 million.",
                ),
                type="integer",
                unit="IDR",
                required=False,
            ),
        ),
        Sum(source="on_time", family=_LATE),
        PercentBeside(
            source="outstanding",
            part="overdue",
            family=_LATE,
            field=derived(
                "outstanding",
                "tkb90",
                Label("TKB90", "TKB90"),
                concept="Tingkat keberhasilan bayar 90 hari",
                definition=Label(
                    "100 dikurangi bagian sisa yang menunggak lebih dari 90 hari, dari nilai yang dibulatkan. Baca "
                    "bersama jumlah pinjaman.",
                    "100 less the share of what is overdue by more than 90 days in all that is owed, from the rounded "
                    "values. To be read with the number of loans.",
                ),
                type="number",
                unit="persen",
                required=False,
            ),
        ),
        *(Moved(source=f"{of}_{since}", family=_LEFT) for of in MONEY[:2] for since in SINCE_EARLIER_AGES),
        *(Moved(source=f"{of}_{since}", family=_LATE) for of in MONEY[2:] for since in SINCE_EARLIER_AGES),
    ],
)
