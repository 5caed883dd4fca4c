"""`ksbb import recipients`: owners and their businesses, as lists of the agencies have them (UMKM penerima)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geo.regions import regions
from imports import cells
from imports.context import Context
from imports.kind import Column, Kind, Tell, Values
from imports.recipient_rows import KEEPING
from imports.spreadsheet_number import was_rounded
from kernel.nik import Nik, UnusableNik, read_nik
from models.vocabulary import BusinessScale, JakpreneurStage

NEW_SCALE_RULE_FROM = dt.date(2021, 2, 2)
"""Since that day PP 7/2021 draws the lines between micro, small and medium; before it UU 20/2008 did."""

_TURNOVER_LIMITS = {
    "UU 20/2008": {"MIKRO": 300_000_000, "KECIL": 2_500_000_000, "MENENGAH": 50_000_000_000},
    "PP 7/2021": {"MIKRO": 2_000_000_000, "KECIL": 15_000_000_000, "MENENGAH": 50_000_000_000},
}

_SCALES = {
    cells.fold(text): code.value for code in BusinessScale for text in (code.value, code.label_id, code.label_en)
}
_STAGES = cells.spellings(JakpreneurStage)


def nik_column() -> Column:
    """The NIK of an owner; read with the row, since the day of the record decides the century of a birth."""
    return Column(
        "nik",
        "NIK pemilik",
        "NIK of the owner",
        cells.as_written,
        aliases=("no_nik", "nomor_nik", "no_ktp", "nomor_ktp", "nik_pemilik", "nomor induk kependudukan"),
        is_personal=True,
        example="3171011708809901",
    )


def place_columns() -> tuple[Column, Column, Column]:
    """City, kecamatan and kelurahan; read together."""
    return (
        Column(
            "wilayah",
            "Kota/kabupaten",
            "City or regency",
            cells.as_written,
            aliases=("kota", "kabupaten", "kota_administrasi", "kab_kota", "city"),
            example="Jakarta Pusat",
        ),
        Column("kecamatan", "Kecamatan", "Kecamatan", cells.as_written, aliases=("kec",), example="Gambir"),
        Column(
            "kelurahan",
            "Kelurahan",
            "Kelurahan",
            cells.as_written,
            aliases=("kel", "desa", "kode_wilayah", "kode_kelurahan"),
            example="Gambir",
        ),
    )


def point_columns() -> tuple[Column, Column]:
    """Latitude and longitude."""
    return (
        Column(
            "lat",
            "Lintang",
            "Latitude",
            cells.degrees,
            aliases=("latitude", "lintang"),
            type="number",
            is_personal=True,
            example="-6.1764",
        ),
        Column(
            "lon",
            "Bujur",
            "Longitude",
            cells.degrees,
            aliases=("long", "lng", "longitude", "bujur"),
            type="number",
            is_personal=True,
            example="106.8267",
        ),
    )


def _name(name: str, title_id: str, title_en: str, *aliases: str, empty: str = "", example: str = "") -> Column:
    return Column(
        name, title_id, title_en, cells.words, aliases=aliases, empty=empty, is_personal=True, example=example
    )


_MONEY: dict[str, Any] = {"type": "integer", "constraints": {"minimum": 0}, "is_personal": True}

COLUMNS = (
    nik_column(),
    _name(
        "nama_pemilik",
        "Nama pemilik",
        "Name of the owner",
        "nama",
        "pemilik",
        "nama_pelaku",
        "owner_name",
        empty="NAMA_KOSONG",
        example="Contoh Satu",
    ),
    _name(
        "nama_usaha",
        "Nama usaha",
        "Name of the business",
        "usaha",
        "merek",
        "trade_name",
        empty="NAMA_KOSONG",
        example="Warung Contoh Satu",
    ),
    *place_columns(),
    *point_columns(),
    Column(
        "kbli",
        "KBLI",
        "KBLI",
        cells.as_written,
        aliases=("kode_kbli", "kbli_2020"),
        empty="ISIAN_KOSONG",
        example="56102",
    ),
    Column(
        "skala",
        "Skala usaha",
        "Size class",
        cells.one_of(_SCALES),
        aliases=("skala_usaha", "scale"),
        constraints={"enum": [s.value for s in BusinessScale]},
        empty="ISIAN_KOSONG",
        example="MIKRO",
    ),
    Column(
        "omzet_per_tahun",
        "Omzet per tahun (rupiah)",
        "Turnover of a year (rupiah)",
        cells.number,
        aliases=("omzet", "omset", "omset_per_tahun", "yearly_turnover"),
        example="180000000",
        **_MONEY,
    ),
    Column(
        "aset",
        "Aset (rupiah)",
        "Assets (rupiah)",
        cells.number,
        aliases=("asset", "nilai_aset", "assets"),
        example="25000000",
        **_MONEY,
    ),
    Column("nib", "NIB", "NIB", cells.nib, aliases=("no_nib", "nomor_nib"), is_personal=True, example="1234567890123"),
    Column(
        "telepon",
        "Telepon",
        "Telephone",
        cells.telephone,
        aliases=("no_telepon", "no_hp", "hp", "telp", "phone"),
        is_personal=True,
        example="081200000001",
    ),
    _name("alamat", "Alamat usaha", "Address of the business", "alamat_usaha", "address", example="Jalan Contoh 1"),
    Column(
        "binaan",
        "OPD pembina",
        "Fostering agency",
        cells.agency,
        aliases=("opd_pembina", "pembina", "dinas_pembina"),
        example="Dinas PPKUKM",
    ),
    Column(
        "tahap_jakpreneur",
        "Tahap Jakpreneur",
        "Jakpreneur stage",
        cells.one_of(_STAGES),
        aliases=("tahap", "jakpreneur"),
        constraints={"enum": [s.value for s in JakpreneurStage]},
        example="P1",
    ),
    Column("terdampak", "Terdampak", "Affected", cells.yes_or_no, type="boolean", example="ya"),
    Column(
        "tgl_daftar",
        "Tanggal daftar",
        "Day of registration",
        cells.day,
        aliases=("tanggal_daftar", "tanggal_registrasi", "registered_on"),
        type="date",
        example="2020-07-15",
    ),
    Column(
        "usaha_baru",
        "Usaha kedua milik pemilik yang sama",
        "A second business of the same owner",
        cells.yes_or_no,
        type="boolean",
        example="tidak",
    ),
)


def owner(values: Values, tell: Tell, as_of: dt.date) -> Nik | None:
    """The NIK of a row, if it can be one."""
    text = values["nik"] or ""
    if was_rounded(text):
        tell("NIK_DIBULATKAN", "nik")
        return None
    try:
        nik = read_nik(text, regions(), as_of)
    except UnusableNik as refused:
        tell(f"NIK_{refused.fault}", "nik")
        return None
    if nik.digits != text:
        tell("SPASI_DAN_HURUF", "nik")
    return nik


def place(values: Values, context: Context, tell: Tell) -> str:
    """The code of the kelurahan of a row, or nothing."""
    code, rule, blamed = context.region(*((values[name] or "") for name in ("wilayah", "kecamatan", "kelurahan")))
    if rule:
        tell(rule, blamed)
    return code


def point(values: Values, context: Context, tell: Tell, kelurahan: str) -> tuple[float, float] | None:
    """The point of a row; None where it says none, and where it breaks a rule."""
    if values["lat"] is None or values["lon"] is None:
        return None
    lon, lat = float(values["lon"]), float(values["lat"])
    rule = context.point(lon, lat, kelurahan) if kelurahan else ""
    if rule:
        tell(rule, "lat")
        return None
    return lon, lat


def until_today(values: Values, context: Context, tell: Tell, column: str) -> dt.date | None:
    """A day that lies not in the future."""
    day: dt.date | None = values[column]
    if day is not None and day > context.today:
        tell("TANGGAL_MASA_DEPAN", column)
    return day


def _assemble(values: Values, context: Context, tell: Tell) -> tuple[Any, ...] | None:
    registered_on = until_today(values, context, tell, "tgl_daftar")
    as_of = min(registered_on or context.today, context.today)
    nik = owner(values, tell, as_of)
    kelurahan = place(values, context, tell)
    at = point(values, context, tell, kelurahan)
    code, section = _business_field(values["kbli"], context, tell)
    scale_rule = "PP 7/2021" if as_of >= NEW_SCALE_RULE_FROM else "UU 20/2008"
    if values["skala"] and (values["omzet_per_tahun"] or 0) > _TURNOVER_LIMITS[scale_rule][values["skala"]]:
        tell("SKALA_OMZET_TIDAK_COCOK", "omzet_per_tahun")
    name, trade_name = values["nama_pemilik"], values["nama_usaha"]
    if nik is None or not (kelurahan and code and name and trade_name):
        return None
    secrets, centre = context.secrets, regions()[kelurahan]
    owner_id, business_id = context.keys.new(), context.keys.new()
    return (
        *(owner_id, secrets.public_id("owner", owner_id), secrets.encrypt(nik.digits, "owner.nik"), nik.last_four),
        *(secrets.blind(nik.digits, "owner.nik"), nik.digits.endswith("0"), name, name.lower(), values["telepon"]),
        *(nik.sex.value, nik.birth_date, business_id, secrets.public_id("business", business_id), trade_name),
        *(trade_name.lower(), kelurahan, at, (centre.lon, centre.lat), values["alamat"], code, section),
        *(values["skala"], scale_rule, values["omzet_per_tahun"], values["aset"], values["binaan"]),
        *(values["tahap_jakpreneur"], values["terdampak"], registered_on, values["nib"], bool(values["usaha_baru"])),
    )


def _business_field(text: str | None, context: Context, tell: Tell) -> tuple[str, str]:
    if not text:
        return "", ""
    code, section, rule = context.kbli_code(text)
    if rule:
        tell(rule, "kbli")
    return code, section


RECIPIENTS = Kind(
    name="recipients",
    title_id="UMKM penerima dan pemiliknya",
    title_en="Businesses and their owners",
    about_id="Satu baris untuk setiap pelaku usaha. Yang sudah ada dikenali dari NIK; hanya yang tertulis di berkas "
    "yang berubah, dan yang telah diverifikasi tidak ditimpa. NIB dipakai untuk menemukan kembaran; nomornya disimpan "
    "dengan `permits`.",
    about_en="One row for each owner. Those already there are known by their NIK; only what the file says changes, "
    "and what an officer verified is not overwritten. A NIB serves to find twins; its number is kept by `permits`.",
    columns=COLUMNS,
    needed=(("nik",), ("nama_pemilik",), ("nama_usaha",), ("kelurahan",), ("kbli",), ("skala",)),
    assemble=_assemble,
    keeping=KEEPING,
)
