"""What is given: goods, trainings and what they cost."""

from __future__ import annotations

from typing import NamedTuple

from kernel.money import Rupiah
from models.vocabulary import PackageKind, TrainingKind


class Good(NamedTuple):
    """One kind of aid, its price for one piece or participant, and how much one business gets."""

    item: str
    price: Rupiah
    each: int


SARPRAS = (
    Good("Cairan disinfektan 5 liter", 85_000, 2),
    Good("Tempat cuci tangan", 450_000, 1),
    Good("Sarung tangan (kotak)", 60_000, 3),
    Good("Masker kain", 7_500, 20),
    Good("Pelindung wajah", 15_000, 5),
    Good("Termometer tembak", 275_000, 1),
)
PELATIHAN = {
    Good("Pengemasan produk", 150_000, 1): TrainingKind.KERAS,
    Good("Pemasaran digital", 125_000, 1): TrainingKind.LUNAK,
    Good("Pembukuan sederhana", 100_000, 1): TrainingKind.LUNAK,
    Good("Keamanan pangan", 175_000, 1): TrainingKind.KERAS,
    Good("Protokol kesehatan di tempat usaha", 75_000, 1): TrainingKind.LUNAK,
}
LOAN = Good("Pinjaman modal usaha", 5_000_000, 1)

GOODS: dict[PackageKind, tuple[Good, ...]] = {
    PackageKind.SARPRAS: SARPRAS,
    PackageKind.PELATIHAN: tuple(PELATIHAN),
    PackageKind.PINJAMAN_MODAL: (LOAN,),
}
