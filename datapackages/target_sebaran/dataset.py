"""The map layers as a table: what public sites need, what is pledged, what was delivered, by month and region."""

from __future__ import annotations

from models.vocabulary import RegionLevel
from policy.published_facts import PACKAGES
from publishing.dataset import Chart, Facts, Field, Label, Reference, derived
from publishing.iati import Transaction


def _quantity(source: str, name: str, title: Label, concept: str, definition: Label, *, required: bool = True) -> Field:
    parts = {"type": "integer", "required": required, "hxl": f"#item+num+{source}"}
    return derived(source, name, title, concept=concept, definition=definition, **parts)


def _value(source: str, name: str, title: Label, concept: str, **more: Transaction) -> Field:
    definition = Label("Nilai jumlah di kolom sebelumnya, dalam rupiah bulat.", "Value of that quantity, whole rupiah.")
    return derived(source, name, title, concept=concept, definition=definition, type="integer", unit="IDR", **more)


DATASET = Facts(
    name="target_sebaran",
    view="distribution",
    title=Label("Target, komitmen, dan penyaluran", "Targets, pledges and deliveries"),
    description=Label(
        "Tiga lapisan peta dalam satu tabel: barang dan pelatihan yang dibutuhkan lokasi, yang dijanjikan, dan yang "
        "disalurkan, per bulan, wilayah, dan paket. Setiap kejadian dihitung di tepat satu baris; jumlahkan bulan dan "
        "wilayah untuk keadaan sampai suatu bulan.",
        "The three layers of the map as one table: goods and training that sites need, that were pledged and that were "
        "delivered, by month, region and package. Every event counts in exactly one row; add up months and regions "
        "for what stands by a month.",
    ),
    grain=Label("satu baris per bulan, wilayah, dan jenis paket", "one row per month, region and kind of package"),
    cadence=Label("harian", "daily"),
    source=Label(
        "Kebutuhan lokasi, Formulir Konfirmasi dan Realisasi, Instruksi Sekda DKI 56/2020, Lampiran I no. 1-4 dan 17",
        "Needs of sites, forms of pledge and delivery, Instruksi Sekda DKI 56/2020, annex I no. 1-4 and 17",
    ),
    known_gaps=Label(
        "Kebutuhan UMKM tidak termasuk, hanya kebutuhan lokasi umum (lokbin, loksem, lokprom, RW, kelurahan). Komitmen "
        "untuk kebutuhan satu UMKM tampil per kota; komitmen tanpa lokasi, dan dari perorangan atau yang anonim, per "
        "kecamatan atau lebih luas. Penyaluran tampil di wilayah yang sama dengan realisasi, pelatihan tanpa jumlah "
        "kursi; komitmen pelatihan yang ditarik atau kedaluwarsa tidak termasuk. Pinjaman tidak termasuk: lihat "
        "kolaborasi. Baris tingkat kecamatan atau lebih luas bukan jumlah wilayah di dalamnya.",
        "Needs of businesses are left out: only those of public sites are in it (lokbin, loksem, lokprom, RW, "
        "kelurahan). A pledge for the need of one business shows by kota; a pledge without a site, and of a private or "
        "anonymous donor, by kecamatan or wider. Deliveries show in the region of realisasi, trainings without their "
        "seats; pledges of trainings that were withdrawn or expired are left out. Loans are left out: see kolaborasi. "
        "A row of a kecamatan or wider is not the total of the regions inside.",
    ),
    time_reference=Label("bulan pada periode_data", "month of periode_data"),
    chart=Chart(
        title=Label("Nilai penyaluran per bulan", "Value of deliveries by month"),
        x="periode_data",
        y="penyaluran_nilai_rp",
    ),
    identified_by=[
        derived(
            "month",
            "periode_data",
            Label("Periode data (YYYYMM)", "Period (YYYYMM)"),
            concept="Bulan kejadian",
            definition=Label(
                "Target: bulan kebutuhan; komitmen: bulan ID kolaborasi terbit; penyaluran: bulan validasi.",
                "Target: month of the need; pledge: month in which the collaboration ID was issued; delivery: month of "
                "its validation.",
            ),
            pattern="^20[0-9]{2}(0[1-9]|1[0-2])$",
            hxl="#date+month",
        ),
        derived(
            "region_code",
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Wilayah sasaran atau penyerahan",
            definition=Label(
                "Wilayah tersempit yang boleh tampil; tingkatnya ada di kolom tingkat.",
                "The narrowest region that may be shown; its level is in the column tingkat.",
            ),
            refers_to=Reference("wilayah", "kode_wilayah"),
            hxl="#loc+code",
        ),
        derived(
            "package_kind",
            "jenis_paket",
            Label("Jenis paket", "Kind of package"),
            concept="Bentuk bantuan",
            definition=Label("Sarana atau pelatihan.", "Equipment or training."),
            allowed=PACKAGES,
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
        _quantity(
            "target",
            "target_jumlah",
            Label("Target: jumlah", "Needed: quantity"),
            "Kebutuhan lokasi",
            Label(
                "Barang atau kursi pelatihan yang dibutuhkan lokasi, juga yang sudah ditutup.",
                "Goods or seats of trainings that sites need, also of needs that were closed.",
            ),
        ),
        _value("target_value", "target_nilai_rp", Label("Target: nilai", "Needed: value"), "Kebutuhan lokasi"),
        _quantity(
            "pledged",
            "komitmen_jumlah",
            Label("Komitmen: jumlah", "Pledged: quantity"),
            "Komitmen yang diterima",
            Label(
                "Barang atau kursi yang dijanjikan; dari barang yang ditarik atau kedaluwarsa, yang diserahkan.",
                "Goods or seats that are pledged; of goods withdrawn or expired, what was delivered.",
            ),
        ),
        _value(
            "pledged_value",
            "komitmen_nilai_rp",
            Label("Komitmen: nilai", "Pledged: value"),
            "Komitmen yang diterima",
            iati=Transaction.OUTGOING_PLEDGE,
        ),
        _quantity(
            "delivered",
            "penyaluran_jumlah",
            Label("Penyaluran: jumlah", "Delivered: quantity"),
            "Realisasi tervalidasi",
            Label(
                "Barang yang diserahkan, termasuk tambahan, tanpa laporan yang dibalik; kosong untuk pelatihan.",
                "Goods that were delivered, extras included, without reports reversed; empty for trainings.",
            ),
            required=False,
        ),
        _value(
            "delivered_value",
            "penyaluran_nilai_rp",
            Label("Penyaluran: nilai", "Delivered: value"),
            "Realisasi tervalidasi",
            iati=Transaction.DISBURSEMENT,
        ),
    ],
)
