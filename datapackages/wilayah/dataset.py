"""Regions: the key to which every other dataset refers."""

from __future__ import annotations

from models.region import Region
from publishing.dataset import Facts, Label, Layer, Reference, derived, keep

DATASET = Facts(
    name="wilayah",
    view="region",
    title=Label("Wilayah administrasi DKI Jakarta", "Administrative regions of Jakarta"),
    description=Label(
        "Provinsi, kota dan kabupaten administrasi, kecamatan, dan kelurahan dengan kode Kemendagri dan BPS.",
        "Province, cities, kecamatan and kelurahan with the codes of the Ministry of Home Affairs and of BPS.",
    ),
    grain=Label("satu baris per wilayah", "one row per region"),
    cadence=Label("saat berubah", "on change"),
    source=Label(
        "Kode wilayah Kemendagri (Kepmendagri 300.2.2-2430/2025) dan BPS",
        "Region codes of the Ministry of Home Affairs (Kepmendagri 300.2.2-2430/2025) and of BPS",
    ),
    known_gaps=Label(
        "Titik tengah dibulatkan ke 0,001 derajat; batas wilayah tidak termasuk.",
        "Centre points are rounded to 0.001 degrees; boundaries are not included.",
    ),
    layer=Layer(region="kode_wilayah"),
    identified_by=[
        keep(
            Region.code,
            "kode_wilayah",
            Label("Kode wilayah", "Region code"),
            concept="Wilayah administrasi",
            definition=Label("Kode Kemendagri bertitik.", "Dotted code of the Ministry of Home Affairs."),
            pattern=r"^31(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$",
            hxl="#loc+code",
        )
    ],
    facts=[
        keep(
            Region.level,
            "tingkat",
            Label("Tingkat", "Level"),
            concept="Tingkat wilayah administrasi",
            definition=Label(
                "KOTA mencakup lima kota administrasi dan satu kabupaten administrasi.",
                "KOTA covers the five cities and the one regency.",
            ),
        ),
        keep(
            Region.name,
            "nama_wilayah",
            Label("Nama wilayah", "Name"),
            concept="Wilayah administrasi",
            definition=Label("Nama resmi.", "Official name."),
            hxl="#loc+name",
        ),
        keep(
            Region.bps_code,
            "kode_bps",
            Label("Kode BPS", "BPS code"),
            concept="Wilayah kerja statistik",
            definition=Label(
                "Kode empat angka BPS dan Kemendagri yang sama dapat berarti kota yang berbeda.",
                "The same four digits can mean different cities in the codes of BPS and of the ministry.",
            ),
            hxl="#loc+code+bps",
        ),
        keep(
            Region.parent_code,
            "kode_induk",
            Label("Kode wilayah induk", "Code of the parent"),
            concept="Wilayah administrasi",
            definition=Label("Wilayah satu tingkat di atas; kosong untuk provinsi.", "The region above; none for all."),
            required=False,
            refers_to=Reference("wilayah", "kode_wilayah"),
            hxl="#loc+code+parent",
        ),
        derived(
            "longitude",
            "bujur",
            Label("Bujur", "Longitude"),
            concept="Titik tengah wilayah",
            definition=Label("Bujur titik di dalam wilayah (WGS 84).", "Longitude of a point inside (WGS 84)."),
            type="number",
            unit="derajat",
            hxl="#geo+lon",
        ),
        derived(
            "latitude",
            "lintang",
            Label("Lintang", "Latitude"),
            concept="Titik tengah wilayah",
            definition=Label("Lintang titik di dalam wilayah (WGS 84).", "Latitude of a point inside (WGS 84)."),
            type="number",
            unit="derajat",
            hxl="#geo+lat",
        ),
    ],
)
