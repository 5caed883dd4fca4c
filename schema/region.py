"""Regions and their boundaries."""

from models.population import Population as PopulationRow
from models.region import Boundary as BoundaryRow
from models.region import Region as Row
from resolvers.catalogue import noun

REGION = noun(
    Row,
    "Region",
    plural="regions",
    about="An administrative unit of Jakarta: province, city, kecamatan or kelurahan (wilayah).",
    fields={
        Row.code: "Dotted Kemendagri code, e.g. 31.73.03.1008 (kode wilayah).",
        Row.level: "Level of the unit (tingkat).",
        Row.name: "Official name (nama).",
        Row.bps_code: "Code of BPS; its four-digit codes mean other cities than Kemendagri's (kode BPS).",
        Row.centre: "A point inside the unit, as GeoJSON (titik pusat).",
    },
)

BOUNDARY = noun(
    BoundaryRow,
    "Boundary",
    plural="boundaries",
    about="The polygon of a region (batas wilayah).",
    fields={
        BoundaryRow.geojson: "Geometry as GeoJSON, WGS84.",
        BoundaryRow.area_m2: "Area of the polygon in square metres; not the official area.",
        BoundaryRow.illustrative: "True when drawn around centre points because no official boundary was imported.",
        BoundaryRow.source: "Where the polygon comes from (sumber).",
    },
)

POPULATION = noun(
    PopulationRow,
    "Population",
    plural="populations",
    about="The inhabitants of a kelurahan in a year, as a source reports them (jumlah penduduk).",
    fields={
        PopulationRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        PopulationRow.year: "Year that the figure speaks of (tahun).",
        PopulationRow.inhabitants: "Number of inhabitants (jumlah penduduk).",
        PopulationRow.source: "Where the figure comes from (sumber).",
    },
)
