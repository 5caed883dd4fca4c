"""Recipients as rows: where they are, what they do, and which kind of package they received first; nobody is named."""

from __future__ import annotations

from datapackages.penerima_agregat.dataset import DATASET as COUNTS
from models.vocabulary import PackageKind, Sex
from publishing.control.counts import SEALED_BY_HALF_YEAR
from publishing.control.microdata import BOTH_SEXES, Microdata
from publishing.dataset import Label, derived

DATASET = Microdata(
    name="penerima_anonim",
    view="recipient_aid_counts",
    beside=COUNTS,
    title=Label("Penerima bantuan (data mikro anonim)", "Recipients of help (anonymous microdata)"),
    description=Label(
        "Satu baris per penerima, tanpa pengenal apa pun, untuk semester yang sudah disegel: orang yang sama dengan "
        "yang dihitung penerima_agregat. Baris yang serupa (periode, wilayah, program, usaha, jenis kelamin) paling "
        "sedikit 10, dan paling sedikit 10 orang di antaranya tidak tampil di daftar publik; paling sedikit dua jenis "
        "paket ada di antaranya, tidak satu pun mencapai 90 %, dan pinjaman paling banyak separuh.",
        "A row per recipient without any identifier, for sealed half-years: the persons whom penerima_agregat counts. "
        "Rows that look alike (period, region, programme, business, sex) are at least 10, and at least 10 of their "
        "persons are not in the public list; at least two kinds of package are among them, none reaches 90 %, and "
        "loans are half of them at most.",
    ),
    grain=Label(
        "satu baris per penerima per semester tersegel dan program; jumlah baris yang sama dibulatkan ke kelipatan 5",
        "one row per recipient, sealed half-year and programme; the number of equal rows is rounded to a multiple of 5",
    ),
    cadence=SEALED_BY_HALF_YEAR,
    source=COUNTS.source,
    known_gaps=Label(
        "Jumlah baris bukan jumlah orang: dari setiap kombinasi yang sama, jumlah barisnya dibulatkan ke kelipatan 5 "
        "(1 atau 2 orang tidak tampil); untuk hitungan pakailah penerima_agregat. Kelas kecil digabung ke wilayah "
        "atau kolom yang lebih lebar, atau tidak diterbitkan. Semester yang hitungannya terbit sebelum dataset ini "
        "ada tidak pernah ditambahkan. Yang menerima beberapa paket dalam satu semester tampil dengan yang pertama; "
        "yang menerima dalam dua program tampil dua kali.",
        "The number of rows is not the number of persons: of each combination of values it is rounded to a multiple "
        "of 5 (1 or 2 persons do not show); count with penerima_agregat. Small classes are joined in a wider region "
        "or wider columns, or not published. A half-year whose counts were published before this dataset was there "
        "is never added. Who received several packages in a half-year shows with the first; who received in two "
        "programmes shows twice.",
    ),
    time_reference=COUNTS.time_reference,
    sex=derived(
        "sex",
        "jenis_kelamin",
        Label("Jenis kelamin", "Sex"),
        concept="Jenis kelamin penerima",
        definition=Label(
            f"Jenis kelamin pemilik usaha; {BOTH_SEXES}: tidak dirinci.",
            f"Sex of the owner of the business; {BOTH_SEXES}: not told apart.",
        ),
        allowed=(*Sex, BOTH_SEXES),
    ),
    sensitive=derived(
        "aid",
        "jenis_paket",
        Label("Jenis paket", "Kind of package"),
        concept="Jenis paket bantuan",
        definition=Label(
            "Jenis paket yang pertama diterima dalam semester dan program ini.",
            "The kind of package that was received first in this half-year and programme.",
        ),
        allowed=tuple(PackageKind),
    ),
    adverse=[PackageKind.PINJAMAN_MODAL],  # a debt
)
