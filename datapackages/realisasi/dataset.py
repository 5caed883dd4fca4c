"""Deliveries: goods, seats and value as validated; where help went to few, the place is told widely."""

from __future__ import annotations

from models.collaboration import Collaboration
from models.delivery import Delivery
from models.vocabulary import RegionLevel
from policy.published_facts import PACKAGES, UNIT
from publishing.dataset import Facts, Label, Reference, derived, keep
from publishing.iati import Transaction

_CODE = "^RLS-[0-9a-f]{16}$"

DATASET = Facts(
    name="realisasi",
    view="realisation",
    title=Label("Realisasi barang dan pelatihan", "Deliveries of goods and trainings"),
    description=Label(
        "Setiap penyerahan barang atau pelatihan yang divalidasi petugas: apa, berapa, senilai berapa, dan di mana. "
        "Laporan yang kemudian dibalik tetap tampil, diikuti catatan pembalikan dengan tanda berlawanan, sehingga "
        "jumlah semua baris selalu benar.",
        "Every handover of goods or training that an officer validated: what, how many, worth how much, and where. A "
        "report that was reversed later stays, followed by an entry with the opposite sign, so that sums over all rows "
        "are always right.",
    ),
    grain=Label(
        "satu baris per realisasi tervalidasi dan wilayah, dan satu per pembalikan",
        "one row per validated delivery and region, and one per reversal",
    ),
    cadence=Label("harian", "daily"),
    source=Label(
        "Formulir Realisasi dan validasi petugas, Instruksi Sekda DKI 56/2020, Lampiran I no. 17, Lampiran II B4",
        "Forms of delivery and officers' validation, Instruksi Sekda DKI 56/2020, annex I no. 17, annex II B4",
    ),
    known_gaps=Label(
        "Kelurahan tampil hanya bila paling sedikit 10 penerima realisasi itu, di luar yang sudah ada di daftar publik "
        "sebelum validasi, berusaha di kelurahan tersebut; selain itu kecamatannya, atau kotanya. Penyerahan yang "
        "penerimanya tidak dicatat tampil per kota. Jumlah penerima, dan karena itu kursi pelatihan, hanya ada di "
        "penerima_agregat; pinjaman tidak termasuk. Tanggal penyerahan tidak ditampilkan.",
        "A kelurahan is shown only where at least 10 recipients of the delivery, beside those in the public list "
        "before its validation, have their business there; else its kecamatan, or its kota. A delivery without "
        "named recipients is shown by kota. Numbers of recipients, and for that reason of seats in trainings, are in "
        "penerima_agregat only; loans are not included. The day of the handover is not shown.",
    ),
    time_reference=Label("hari pada tanggal_validasi", "day of tanggal_validasi"),
    identified_by=[
        derived(
            "code",
            "id_realisasi",
            Label("ID realisasi", "Delivery ID"),
            concept="Realisasi",
            definition=Label(
                "Kode tetap dalam data terbuka; bukan ID di API.",
                "Stable within open data; not the ID of the API.",
            ),
            pattern=_CODE,
            hxl="#activity+code",
        ),
        derived(
            "region_code",
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Tempat penyerahan",
            definition=Label(
                "Wilayah tersempit yang boleh tampil; tingkatnya ada di kolom tingkat.",
                "The narrowest region that may be shown; its level is in the column tingkat.",
            ),
            refers_to=Reference("wilayah", "kode_wilayah"),
            hxl="#loc+code",
        ),
    ],
    facts=[
        derived(
            "level",
            "tingkat",
            Label("Tingkat wilayah", "Level of the region"),
            concept="Tingkat wilayah administrasi",
            definition=Label("Tingkat kode_wilayah.", "Level of kode_wilayah."),
            allowed=tuple(RegionLevel),
        ),
        keep(
            Collaboration.number,
            "id_kolaborasi",
            Label("ID kolaborasi", "Collaboration ID"),
            concept="Kolaborasi",
            definition=Label("Kolaborasi yang direalisasikan.", "The collaboration that was carried out."),
            refers_to=Reference("kolaborasi", "id_kolaborasi"),
            hxl="#activity+code+project",
        ),
        derived(
            "reverses_code",
            "membalik",
            Label("Membalik realisasi", "Reverses"),
            concept="Pembalikan laporan keliru",
            definition=Label(
                "ID realisasi yang dibatalkan oleh baris ini; kosong untuk realisasi.",
                "ID of the delivery that this row takes back; empty for a delivery.",
            ),
            required=False,
            pattern=_CODE,
            refers_to=Reference("realisasi", "id_realisasi"),
        ),
        keep(
            Delivery.validated_on,
            "tanggal_validasi",
            Label("Tanggal validasi", "Validated on"),
            concept="Validasi petugas",
            definition=Label(
                "Hari petugas memvalidasi laporan; pada pembalikan, hari validasi laporan yang dibalik.",
                "Day on which an officer validated the report; of a reversal, that of the report it takes back.",
            ),
        ),
        keep(
            Delivery.package_kind,
            "jenis_paket",
            Label("Jenis paket", "Kind of package"),
            concept="Bentuk bantuan",
            definition=Label("Sarana atau pelatihan.", "Equipment or training."),
            allowed=PACKAGES,
        ),
        keep(
            Delivery.item,
            "barang",
            Label("Barang atau pelatihan", "Goods or training"),
            concept="Bantuan yang diserahkan",
            definition=Label("Nama barang atau pelatihan dalam laporan.", "Name of the goods or training as reported."),
            hxl="#item+name",
        ),
        keep(
            Delivery.quantity,
            "jumlah",
            Label("Jumlah", "Quantity"),
            concept="Bantuan yang diserahkan",
            definition=Label(
                "Jumlah barang dari yang dijanjikan; negatif pada pembalikan, kosong untuk pelatihan.",
                "How many goods of those pledged; negative in a reversal, empty for a training.",
            ),
            required=False,
            hxl="#item+num",
        ),
        keep(
            Delivery.extra_quantity,
            "jumlah_tambahan",
            Label("Jumlah tambahan", "Extra quantity"),
            concept="Bantuan di luar komitmen",
            definition=Label(
                "Jumlah barang di luar yang dijanjikan, tidak termasuk dalam jumlah; kosong untuk pelatihan.",
                "How many goods beyond those pledged, not part of jumlah; empty for a training.",
            ),
            required=False,
            hxl="#item+num+extra",
        ),
        derived(
            "unit",
            "satuan",
            Label("Satuan", "Unit"),
            concept="Satuan bantuan",
            definition=Label(
                "unit: potong barang; kosong untuk pelatihan.", "unit: pieces of goods; empty for a training."
            ),
            allowed=[UNIT],
            required=False,
            hxl="#item+unit",
        ),
        keep(
            Delivery.value,
            "nilai_rp",
            Label("Nilai realisasi", "Delivered value"),
            concept="Realisasi",
            definition=Label(
                "Nilai seluruh penyerahan menurut laporan, dengan tambahan, rupiah bulat; negatif pada pembalikan.",
                "Value of the whole handover as reported, extras included, in whole rupiah; negative in a reversal.",
            ),
            iati=Transaction.DISBURSEMENT,
        ),
    ],
)
