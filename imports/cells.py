"""What people write in a cell, made regular: numbers, days, telephones, names. Each reader is a pure function.

A reader gives the canonical text, which the Table Schema of the kind then turns into a value, and the codes of the
rules that it met. An empty canonical text is an empty cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache

from kernel.nib import UnusableNib, read_nib
from models.vocabulary import Code

Read = Callable[[str], tuple[str, tuple[str, ...]]]

NOTHING = frozenset({"", "-", "--", "n/a", "na", "nihil", "kosong", "null", "tidak ada", "belum ada", "#n/a"})
MOST = 2**53 - 1  # the largest amount that every reader of JSON keeps exact
LONGEST = 500
SERIALS = range(10_000, 80_000)
"""Days since 1899-12-30 by which spreadsheets count: 1927 to 2118."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPREADSHEET_ZERO = dt.date(1899, 12, 30)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("januari jan january", "februari feb pebruari peb february", "maret mar march", "april apr", "mei may"),
            *("juni jun june", "juli jul july", "agustus agu ags agt august aug", "september sep sept"),
            *("oktober okt october oct", "november nov nopember nop", "desember des december dec"),
        ),
        1,
    )
    for name in names.split()
}
_UNITS = {"ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "m": 9, "triliun": 12}
_NUMBER = re.compile(r"(?P<sign>-?)(?P<digits>[0-9.,]+)(?P<unit>ribu|rb|juta|jt|miliar|milyar|m|triliun)?")
_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_WORDED = re.compile(r"(?:[a-z']+,?\s+)?(\d{1,2})[\s\-]+([a-z]+)\.?[\s\-,]+(\d{4})")
_DEGREES = re.compile(r"-?\d{1,3}(?:[.,]\d{1,15})?")


def damage(text: str) -> str:
    """The rule that a cell breaks whatever it means, or nothing."""
    if not text.isprintable() and _CONTROL.search(text):
        return "KARAKTER_KENDALI"
    return "ISI_PANJANG" if len(text) > LONGEST else ""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a text; signed numbers and telephones (`+62`) are none."""
    return text[:1] in "=@|\t" or (text[:1] in "+-" and any(c.isalpha() or c == "(" for c in text))


def words(text: str) -> tuple[str, tuple[str, ...]]:
    """Text without superfluous blanks; a name that stands in capitals stays so."""
    if not text:
        return "", ()
    if is_formula(text):
        return text, ("ISI_RUMUS",)
    tidy = " ".join(text.split())
    return ("" if tidy.lower() in NOTHING else tidy), (() if tidy == text else ("SPASI_DAN_HURUF",))


def number(text: str) -> tuple[str, tuple[str, ...]]:
    """A whole number as Indonesians write it: `Rp 5.000.000,00`, `180 juta`, `1,5 jt`, `5,000,000`, `180.000.000,-`."""
    bare = text.strip()
    if bare.isascii() and bare.isdigit():
        return (bare, ()) if len(bare) < 16 or int(bare) <= MOST else ("", ("ANGKA_TERLALU_BESAR",))
    folded = re.sub(r"\s", "", bare.lower().replace("\u00a0", "")).removeprefix("idr").removesuffix("rupiah")
    if bare.lower() in NOTHING:
        return "", ()
    folded = folded.replace("rp.", "").replace("rp", "").removesuffix(",-").removesuffix(".-")
    found = _NUMBER.fullmatch(folded)
    if found is None:
        return "", ("ANGKA_TAK_TERBACA",)
    value, rule = _scaled(found["digits"], _UNITS.get(found["unit"] or "", 0))
    if rule:
        return "", (rule,)
    if found["sign"] and value:
        return str(-value), ()
    if value > MOST:
        return "", ("ANGKA_TERLALU_BESAR",)
    return str(value), ("ANGKA_SATUAN" if found["unit"] else "ANGKA_DINORMALKAN",)


def _scaled(digits: str, power: int) -> tuple[int, str]:
    """Digits with dots and commas times a power of ten, or the rule that forbids it."""
    if power and re.fullmatch(r"\d+[.,]\d{3}", digits):
        return 0, "ANGKA_TAKSA"
    whole, fraction = _parted(digits, may_be_fraction=bool(power))
    fraction = fraction.rstrip("0")
    if not whole.isdigit() or len(whole) > 18 or len(fraction) > power:
        return 0, "ANGKA_TAK_TERBACA"
    return int(whole + fraction.ljust(power, "0")), ""


def _parted(digits: str, *, may_be_fraction: bool) -> tuple[str, str]:
    """Whole and fraction: marks of thousands stand before every three digits, the other mark before the fraction."""
    for thousands, decimal in ((".", ","), (",", ".")):
        grouped = re.fullmatch(rf"(\d{{1,3}}(?:\{thousands}\d{{3}})+)(?:\{decimal}(\d{{1,2}}))?", digits)
        if grouped:
            return grouped[1].replace(thousands, ""), grouped[2] or ""
    plain = re.fullmatch(r"(\d+)(?:[.,](\d{1,2}))?", digits)
    if plain and (may_be_fraction or not plain[2] or set(plain[2]) == {"0"}):
        return plain[1], plain[2] or ""
    return "", ""


def day(text: str) -> tuple[str, tuple[str, ...]]:
    """A day: `2020-08-17`, `17/08/2020`, `17 Agustus 2020`, or the serial number of a spreadsheet."""
    bare = text.strip()
    if len(bare) == 10 and (iso := _ISO.fullmatch(bare)) and "/" not in bare:
        return _calendar(iso[1], iso[2], iso[3], ())
    folded = bare.lower()
    if folded in NOTHING:
        return "", ()
    if iso := _ISO.fullmatch(folded):
        return _calendar(iso[1], iso[2], iso[3], ("TANGGAL_DINORMALKAN",))
    if folded.isascii() and folded.isdigit() and int(folded) in SERIALS:
        return (_SPREADSHEET_ZERO + dt.timedelta(int(folded))).isoformat(), ("TANGGAL_DINORMALKAN",)
    if worded := _WORDED.fullmatch(folded):
        return _calendar(worded[3], str(_MONTHS.get(worded[2], 0)), worded[1], ("TANGGAL_DINORMALKAN",))
    if numbers := _DAY.fullmatch(folded):
        first, second = int(numbers[1]), int(numbers[2])
        if first <= 12 and second <= 12 and first != second:
            return "", ("TANGGAL_TAKSA",)
        date, month = (second, first) if second > 12 else (first, second)
        return _calendar(numbers[3], str(month), str(date), ("TANGGAL_DINORMALKAN",))
    return "", ("TANGGAL_TAK_TERBACA",)


def _calendar(year: str, month: str, date: str, told: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    try:
        return dt.date(int(year), int(month), int(date)).isoformat(), told
    except ValueError:
        return "", ("TANGGAL_TAK_TERBACA",)


def degrees(text: str) -> tuple[str, tuple[str, ...]]:
    """Decimal degrees, with a point or an Indonesian comma."""
    bare = text.strip()
    if bare.lower() in NOTHING:
        return "", ()
    if not _DEGREES.fullmatch(bare):
        return "", ("KOORDINAT_TAK_TERBACA",)
    return bare.replace(",", "."), (("KOORDINAT_KOMA",) if "," in bare else ())


def telephone(text: str) -> tuple[str, tuple[str, ...]]:
    """A telephone number as digits that begin with 0."""
    bare = text.strip()
    if bare.lower() in NOTHING:
        return "", ()
    digits = re.sub(r"[\s().\-'\u2019]", "", bare)
    for prefix in ("+62", "0062", "62"):
        if digits.startswith(prefix):
            digits = "0" + digits.removeprefix(prefix).removeprefix("0")
            break
    if digits.isascii() and digits.isdigit() and digits[0] == "8":
        digits = "0" + digits  # a spreadsheet dropped the zero
    if not (digits.isascii() and digits.isdigit() and digits[0] == "0" and 9 <= len(digits) <= 15):
        return "", ("TELEPON_TAK_TERBACA",)
    return digits, (() if digits == text else ("TELEPON_DINORMALKAN",))


def nib(text: str) -> tuple[str, tuple[str, ...]]:
    """The thirteen digits of a NIB."""
    if text.strip().lower() in NOTHING:
        return "", ()
    try:
        digits = read_nib(text.strip())
    except UnusableNib:
        return "", ("NIB_PANJANG",)
    return digits, (() if digits == text else ("SPASI_DAN_HURUF",))


def as_written(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it is: for cells that are read together with others."""
    return text, ()


def one_of(codes: Mapping[str, str]) -> Read:
    """A reader of codes: written as listed, in other letters, or by a label; `codes` has every spelling, folded."""

    def read(text: str) -> tuple[str, tuple[str, ...]]:
        if text.strip().lower() in NOTHING:
            return "", ()
        code = codes.get(fold(text))
        if code is None:
            return "", ("KODE_TIDAK_DIKENAL",)
        return code, (() if code == text else ("KODE_DINORMALKAN",))

    return read


def spellings(codes: type[Code]) -> dict[str, str]:
    """Every spelling of the codes of a list, folded: the code and its labels in both languages."""
    return {fold(text): code.value for code in codes for text in (code.value, code.label_id, code.label_en)}


def agency(text: str) -> tuple[str, tuple[str, ...]]:
    """An agency as a code: `Dinas PPKUKM` is `DINAS_PPKUKM`."""
    if is_formula(text):
        return text, ("ISI_RUMUS",)
    tidy = " ".join(text.split())
    return ("" if tidy.lower() in NOTHING else re.sub(r"[^A-Z0-9]+", "_", tidy.upper()).strip("_")), ()


@cache
def _yes() -> Mapping[str, str]:
    yes = dict.fromkeys(("ya", "y", "yes", "true", "1", "benar", "iya"), "true")
    return yes | dict.fromkeys(("tidak", "t", "no", "n", "false", "0", "bukan", "tdk"), "false")


def yes_or_no(text: str) -> tuple[str, tuple[str, ...]]:
    """A flag."""
    if text.strip().lower() in NOTHING:
        return "", ()
    code = _yes().get(fold(text))
    return (code, ()) if code else ("", ("KODE_TIDAK_DIKENAL",))


def fold(text: str) -> str:
    """A text for comparison: letters and digits only, small."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
