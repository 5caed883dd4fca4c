"""Places where businesses trade or aid is handed out."""

from models.place import Place as Row
from resolvers.catalogue import noun

PLACE = noun(
    Row,
    "Place",
    plural="places",
    about="A fostered, temporary or promotion site (lokbin, loksem, lokprom).",
    fields={
        Row.kind: "Kind of site (jenis lokasi).",
        Row.name: "Name of the site (nama lokasi).",
        Row.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        Row.point: "Position as GeoJSON point (titik).",
        Row.capacity: "Number of traders it holds (kapasitas).",
        Row.pic_name: "Name of the person in charge (narahubung).",
        Row.pic_phone: "Telephone of the person in charge.",
    },
)
