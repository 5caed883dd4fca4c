"""The business fields (KBLI) that the city uses."""

from __future__ import annotations

from collections.abc import Iterator

from demo.rows import Row

KBLI_VERSION = 2020
KBLI_SOURCE = "KBLI 2020 (BPS), judul disingkat; hanya kode yang dipakai kota contoh"

KBLI: tuple[tuple[str, str, str, str], ...] = (
    ("56102", "I", "Rumah makan dan warung makan", "Warung Makan"),
    ("56104", "I", "Makanan keliling atau tempat tidak tetap", "Gerobak Makanan"),
    ("56303", "I", "Rumah minum dan kafe", "Kedai Kopi"),
    ("56306", "I", "Minuman keliling atau tempat tidak tetap", "Es Keliling"),
    ("56210", "I", "Katering untuk acara", "Katering"),
    ("47112", "G", "Toko kelontong tradisional, utamanya makanan dan minuman", "Toko Kelontong"),
    ("47212", "G", "Eceran buah-buahan", "Toko Buah"),
    ("47241", "G", "Eceran beras", "Kios Beras"),
    ("47711", "G", "Eceran pakaian", "Toko Pakaian"),
    ("47822", "G", "Kaki lima roti dan kue", "Lapak Kue"),
    ("47829", "G", "Kaki lima makanan dan minuman lainnya", "Lapak Jajanan"),
    ("45407", "G", "Perawatan dan perbaikan sepeda motor", "Bengkel Motor"),
    ("10391", "C", "Pembuatan tempe kedelai", "Dapur Tempe"),
    ("10392", "C", "Pembuatan tahu kedelai", "Dapur Tahu"),
    ("10710", "C", "Pembuatan roti dan kue", "Roti"),
    ("10792", "C", "Pembuatan kue basah", "Kue Basah"),
    ("10794", "C", "Pembuatan kerupuk, keripik dan sejenisnya", "Keripik"),
    ("13134", "C", "Pembuatan batik", "Batik"),
    ("14111", "C", "Konveksi pakaian jadi dari tekstil", "Konveksi"),
    ("14120", "C", "Penjahitan pakaian sesuai pesanan", "Penjahit"),
    ("31001", "C", "Pembuatan furnitur kayu", "Mebel"),
    ("96111", "S", "Pangkas rambut", "Pangkas Rambut"),
    ("96112", "S", "Salon kecantikan", "Salon"),
    ("96200", "S", "Penatu", "Penatu"),
    ("95220", "S", "Perbaikan alat rumah tangga", "Servis"),
    ("49424", "H", "Ojek motor", "Ojek"),
    ("82190", "N", "Fotokopi dan penyiapan dokumen", "Fotokopi"),
    ("74201", "M", "Fotografi", "Foto"),
    ("85499", "P", "Pendidikan swasta lainnya", "Kursus"),
    ("03221", "A", "Pembesaran ikan air tawar di kolam", "Kolam Ikan"),
)
"""Code, section, title in our words, and how such businesses call themselves."""


def kbli_rows() -> Iterator[Row]:
    """The business fields of this city; a real one imports the whole list."""
    for code, section, title, _ in KBLI:
        yield (
            "kbli_code",
            {
                "id": f"{KBLI_VERSION}:{code}",
                "version": KBLI_VERSION,
                "code": code,
                "title": title,
                "section": section,
                "source": KBLI_SOURCE,
            },
        )
