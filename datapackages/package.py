"""The package of the city: every dataset that has a folder here, released together."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import datapackages
from publishing.dataset import Dataset, Label
from publishing.package import Package

NAME = "ksbb-umkm"


def package() -> Package:
    """All datasets of this folder as one package, in order of their names."""
    return Package(
        name=NAME,
        shape="1.0",
        title=Label("KSBB UMKM DKI Jakarta: data terbuka", "KSBB UMKM of Jakarta: open data"),
        description=Label(
            "Siapa berkolaborasi dengan kota untuk UMKM, lewat lembaga mana, dan berapa orang yang menerima. Data "
            "orang hanya berupa hitungan yang dibulatkan, dan baris tanpa pengenal yang serupa paling sedikit sepuluh "
            "kali, per semester yang sudah disegel.",
            "Who collaborates with the city for micro businesses, through which institutions, and how many people "
            "received help. Persons appear only as rounded counts, and as rows without identifiers that look alike ten "
            "times or more, by sealed half-year.",
        ),
        publisher="Pemerintah Provinsi DKI Jakarta",
        keywords=("ksbb", "umkm", "jakarta", "kolaborasi", "transparansi"),
        datasets=datasets(),
    )


def datasets() -> tuple[Dataset, ...]:
    """The declaration of every dataset, in order of their names."""
    folders = sorted(found.name for found in pkgutil.iter_modules(datapackages.__path__) if found.ispkg)
    return tuple(import_module(f"datapackages.{folder}.dataset").DATASET for folder in folders)
