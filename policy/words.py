"""The policy in words, Indonesian and English: classes with their legal ground, treatments, and conditions on rows.

Legal grounds: UU 27/2022 (Pelindungan Data Pribadi) and UU 14/2008 (Keterbukaan Informasi Publik), in our reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import getdoc

from models.privacy import Privacy
from policy import conditions as c
from policy.treatment import Condition, Kind
from policy.viewer import Role


@dataclass(frozen=True)
class Words:
    """The same in Indonesian and English."""

    id: str
    en: str


@dataclass(frozen=True)
class ClassWords:
    """What a privacy class holds, and the law on which its treatment rests."""

    holds: Words
    ground: Words


CLASSES: Mapping[Privacy, ClassWords] = {
    Privacy.PUBLIC: ClassWords(
        Words("fakta badan, wilayah, kode, barang", "facts of bodies, regions, codes, goods"),
        Words("UU 14/2008 ps. 9 dan 11: informasi publik", "UU 14/2008 art. 9 and 11: public information"),
    ),
    Privacy.BUSINESS: ClassWords(
        Words("nama usaha, KBLI, kelurahan, skala, foto", "trade name, KBLI, kelurahan, scale, photo"),
        Words(
            "UU 27/2022 ps. 20 (2) e: pelayanan publik; tampil di publik hanya dengan persetujuan, ps. 20 (2) a",
            "UU 27/2022 art. 20 (2) e: public service; listed in public by consent only, art. 20 (2) a",
        ),
    ),
    Privacy.PLACE: ClassWords(
        Words("titik dan alamat usaha", "point and address of a business"),
        Words(
            "UU 27/2022 ps. 4 (3) f: data yang dikombinasikan; ps. 16 (2) a: terbatas dan spesifik",
            "UU 27/2022 art. 4 (3) f: data that identify in combination; art. 16 (2) a: limited and specific",
        ),
    ),
    Privacy.CONTACT: ClassWords(
        Words("nama dan telepon orang", "name and telephone of a person"),
        Words(
            "UU 27/2022 ps. 4 (3) a: data umum; ps. 16 (2) b: sesuai tujuan",
            "UU 27/2022 art. 4 (3) a: general data; art. 16 (2) b: by purpose",
        ),
    ),
    Privacy.IDENTITY: ClassWords(
        Words("NIK, KK, tanggal lahir", "NIK, KK, date of birth"),
        Words(
            "UU 27/2022 ps. 4 (3) f; ps. 35, 36, 39: keamanan, kerahasiaan, pencegahan akses tidak sah",
            "UU 27/2022 art. 4 (3) f; art. 35, 36, 39: security, confidentiality, no unlawful access",
        ),
    ),
    Privacy.FINANCE: ClassWords(
        Words("jumlah, status, tunggakan, omzet orang", "a person's amounts, status, arrears, turnover"),
        Words(
            "UU 27/2022 ps. 4 (2) f: data keuangan pribadi (spesifik); UU 14/2008 ps. 17 h: rahasia pribadi",
            "UU 27/2022 art. 4 (2) f: personal financial data (specific); UU 14/2008 art. 17 h: personal secrets",
        ),
    ),
    Privacy.DONOR: ClassWords(
        Words("nama donatur", "name of a donor"),
        Words(
            "UU 27/2022 ps. 4 (3) a dan 20 (2) a: nama perorangan hanya dengan persetujuan",
            "UU 27/2022 art. 4 (3) a and 20 (2) a: a person's name by consent only",
        ),
    ),
    Privacy.FREE_TEXT: ClassWords(
        Words("pengaduan, catatan, alasan", "complaints, notes, reasons"),
        Words(
            "UU 27/2022 ps. 36: kerahasiaan, karena siapa pun dapat disebut di dalamnya",
            "UU 27/2022 art. 36: confidentiality, for anybody may be named in them",
        ),
    ),
    Privacy.KEY: ClassWords(
        Words("kunci penghubung tabel, bukan field", "join keys, no field of any role"),
        Words("UU 27/2022 ps. 35: keamanan", "UU 27/2022 art. 35: security"),
    ),
    Privacy.INTERNAL: ClassWords(
        Words("hash, rahasia, pembukuan sistem", "hashes, secrets, bookkeeping of the system"),
        Words(
            "UU 27/2022 ps. 35 dan 39: keamanan, pencegahan akses tidak sah",
            "UU 27/2022 art. 35 and 39: security, no unlawful access",
        ),
    ),
}

KINDS: Mapping[Kind, Words] = {
    Kind.CLEAR: Words("jelas", "clear"),
    Kind.MASKED: Words("disamarkan", "masked"),
    Kind.GENERALISED: Words("digeneralisasi", "generalised"),
    Kind.ABSENT: Words("tidak ada", "absent"),
}

_CONDITIONS: Mapping[Condition, str] = {
    c.all_rows: "Semua baris",
    c.own_collaborator: "Baris donasi sendiri",
    c.own_institution_or_handed_over: "Dokumen lembaga sendiri di luar pinjaman, dan bukti dana yang diterimanya",
    c.assigned_to_area: "Temuan yang harus dijawab pemerintah wilayah pengguna",
    c.own_fintech: "Baris penyaluran pinjaman sendiri",
    c.own_fund_manager: "Baris dana atau bantuan yang melalui pengelola sendiri",
    c.own_institution: "Baris yang menyangkut lembaga sendiri",
    c.own_institution_or_its_counterpart: "Baris yang menyangkut lembaga sendiri, sebagai pihak pertama atau kedua",
    c.outside_loans: "Baris yang tidak menyangkut pinjaman",
    c.own_donation_outside_loans: "Baris donasi sendiri yang tidak menyangkut pinjaman",
    c.own_institution_outside_loans: "Baris yang menyangkut lembaga sendiri dan bukan pinjaman",
    c.own_person: "Baris orang itu sendiri",
    c.own_complaint: "Pengaduan yang diajukan sendiri",
    c.in_area: "Baris di wilayah sendiri",
    c.in_area_outside_donations: "Baris di wilayah sendiri yang tidak menyebut donatur",
    c.at_level_in_area: "Berkas usulan pada tingkat dan wilayah sendiri",
    c.of_own_file: "Riwayat dan dokumen berkas usulan pada tingkat dan wilayah sendiri",
    c.outside_intake: "Semua dokumen kecuali dokumen usulan BPUM",
    c.in_area_outside_intake: "Dokumen di wilayah sendiri kecuali dokumen usulan BPUM",
    c.correction_in_area: "Permohonan perbaikan dari orang di wilayah sendiri",
    c.correction_in_clear: "Permohonan perbaikan alamat dan data usaha, yang dibaca dinas dengan jelas",
    c.consented: "Pinjaman sendiri yang pemiliknya menyetujui penyaringan",
    c.consented_to_screening: "Usaha dan pemilik yang diusulkan dengan persetujuan mereka",
    c.contact_is_open: "Kolaborasi sendiri, ID sudah terbit dan belum ditutup",
    c.own_involvement: "Orang dalam kolaborasi sendiri",
    c.involved_as_fund_manager: "Usaha yang menerima bantuan atau dana melalui pengelola sendiri",
    c.scheduled: "Usaha di wilayah sendiri dengan penyerahan yang terjadwal dan belum terlaksana",
    c.awaited: "Penyerahan di wilayah sendiri yang terjadwal dan belum terlaksana",
    c.listed: "Usaha yang menyetujui tampil di publik",
    c.listed_or_of_a_place: "Kebutuhan lokasi, dan kebutuhan usaha yang menyetujui tampil di publik",
    c.own_or_listed_need: "Kebutuhan sendiri, dan yang tampak bagi publik",
    c.issued: "Kolaborasi yang ID-nya terbit; komitmen yang diterima; realisasi yang tervalidasi",
    c.own_distributed_or_issued: "Yang disalurkan sendiri untuk donatur, dan yang tampak bagi publik",
    c.in_area_or_issued: "Semua yang di wilayah sendiri, dan yang tampak bagi publik",
    c.scheduled_or_issued: "Penyerahan di wilayah sendiri yang terjadwal, dan yang tampak bagi publik",
    c.own_or_issued: "Milik sendiri, dan yang tampak bagi publik",
    c.of_a_seen_delivery: "Yang termasuk realisasi yang tampak bagi pembaca",
    c.assigned: "Teks yang ditugaskan: pengaduan di wilayah sendiri, kunjungan dan pemeriksaan sendiri",
    c.assigned_to_agency: "Pengaduan yang diteruskan ke dinas UMKM",
    c.own_text: "Teks pada baris sendiri",
    c.of_own_pledge: "Selisih atas komitmen atau realisasi sendiri, bukan atas pinjaman atau serah terima",
    c.own_donor: "Donatur itu sendiri",
    c.own_body: "Lembaga itu sendiri",
    c.bound_to_fund_manager: "Donatur yang bantuannya melalui pengelola sendiri",
    c.funds_own_loan: "Donatur yang dananya dipinjamkan sendiri",
    c.photo_of_goods_consented: "Foto barang dari realisasi tervalidasi yang semua penerimanya menyetujui foto",
    **{c.own_webhooks(role): "Webhook sendiri, dan yang dikirim kepadanya" for role in Role},
    c.photo_consented: "Usaha yang pemiliknya menyetujui foto dipublikasikan",
}


def words_of(condition: Condition) -> Words:
    """A condition as a phrase: the English is the first sentence of its docstring."""
    english = (getdoc(condition) or condition.__name__).splitlines()[0].split(": a subtree")[0].rstrip(".")
    return Words(_CONDITIONS.get(condition, english), english)
