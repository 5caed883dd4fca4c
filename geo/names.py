"""From what people write to one region: codes of two systems, old spellings, abbreviations."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from geo.regions import JAKARTA, Level, UnknownRegion, contains, regions
from kernel.errors import KsbbError

_DOTTED = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_BARE = re.compile(r"\d+")
_WORD = re.compile(r"[a-z0-9]+")
_NOTHING = frozenset({"", "-", "tidak ada", "n/a", "nihil"})
_LONGEST_CODE = 10  # digits; more of them are not a region code and may be somebody's number
_ALIKE = 0.75  # how much of a name must be right for a suggestion

_TITLES = {
    Level.KOTA: frozenset({"kota", "kab", "kabupaten", "adm", "administrasi", "provinsi", "prov", "dki"}),
    Level.KECAMATAN: frozenset({"kec", "kecamatan"}),
    Level.KELURAHAN: frozenset({"kel", "kelurahan"}),
}
_ABBREVIATIONS = {"kep": "kepulauan", "p": "pulau", "kp": "kampung", "tj": "tanjung"}
_ALIASES = {
    # what BPS and habit write for what Kemendagri writes
    "harapanmulya": "31.71.03.1003",
    "tanjungpriuk": "31.72.02.1001",
    "papango": "31.72.02.1003",
    "wijayakesuma": "31.73.02.1007",
    "palmeriem": "31.75.01.1004",
    "kampungtengah": "31.75.04.1002",
    "halimperdanakusumah": "31.75.08.1004",
    # short names of the cities
    "pulauseribu": "31.01",
    "jakpus": "31.71",
    "jakut": "31.72",
    "jakbar": "31.73",
    "jaksel": "31.74",
    "jaktim": "31.75",
    "dki": JAKARTA,
    "daerahkhususibukotajakarta": JAKARTA,
    "daerahkhususjakarta": JAKARTA,
}


class AmbiguousRegion(KsbbError):
    """What was written means different regions in the two code systems (taksa): somebody must be asked."""

    code = "AMBIGUOUS_REGION"

    def __init__(self, text: str, readings: list[str]) -> None:
        named = " or ".join(f"{code} ({regions()[code].name})" for code in readings)
        super().__init__(
            f"Region code (kode wilayah) {_shown(text)} is ambiguous: Kemendagri and BPS number the cities of Jakarta "
            f"differently, so it may be {named}. Write the dotted Kemendagri code.",
            readings=readings,
        )


class ConflictingRegion(KsbbError):
    """Kelurahan, kecamatan and city do not lie inside each other (konflik)."""

    code = "CONFLICTING_REGION"

    def __init__(self, readings: list[str]) -> None:
        named = ", ".join(f"{regions()[code].name} ({code})" for code in readings)
        super().__init__(
            f"The parts of this place (wilayah, kecamatan, kelurahan) do not fit together: {named}. Correct one.",
            readings=readings,
        )


class IncompleteRegion(KsbbError):
    """No more than the province, or nothing, was named (kurang)."""

    code = "INCOMPLETE_REGION"

    def __init__(self) -> None:
        super().__init__("This place is too wide: name at least the city (kota), better the kelurahan.")


class RegionOutside(KsbbError):
    """A place outside DKI Jakarta (luar)."""

    code = "REGION_OUTSIDE"

    def __init__(self, text: str) -> None:
        super().__init__(f"{_shown(text)} is not in DKI Jakarta; only its 6 cities and regencies (kota/kabupaten) are.")


def region_code(text: str) -> str:
    """A region code as the API takes it: the dotted Kemendagri code of a region of Jakarta, of any level.

    Raises:
        AmbiguousRegion: digits that mean different cities at Kemendagri and BPS, such as a bare 3171.
        RegionOutside: the code of another province.
        UnknownRegion: anything else; names the dotted code where the digits have one reading.
    """
    code = text.strip()
    if code in regions():
        return code
    readings = _codes_read(code)
    if len(readings) > 1:
        raise AmbiguousRegion(code, readings)
    raise _unknown(code, readings)


def find_region(wilayah: str = "", kecamatan: str = "", kelurahan: str = "") -> str:
    """The code of the narrowest region that three messy cells name together; each may hold a name or a code.

    A cell that has two readings is decided by the others.

    Raises:
        ConflictingRegion: the cells name regions that do not lie inside each other.
        AmbiguousRegion: two readings are left.
        IncompleteRegion: nothing narrower than the province is named.
        RegionOutside: the city or the code is not Jakarta's.
        UnknownRegion: a name that no kecamatan or kelurahan has; suggests one that is written alike.
    """
    cells = {Level.KOTA: wilayah, Level.KECAMATAN: kecamatan, Level.KELURAHAN: kelurahan}
    readings = [_readings(level, text.strip()) for level, text in cells.items() if text.strip().lower() not in _NOTHING]
    together = {JAKARTA}
    for reading in readings:
        together = _together(together, reading)
    match sorted(together):
        case [code] if code != JAKARTA:
            return code
        case [_]:
            raise IncompleteRegion
        case []:
            raise ConflictingRegion(sorted(set().union(*readings)))
        case found:
            raise AmbiguousRegion(" ".join(filter(None, (wilayah, kecamatan, kelurahan))), found)


def _together(wider: set[str], narrower: set[str]) -> set[str]:
    """What two sets of readings say together: the narrower code of each pair of which one contains the other."""
    return {max(a, b, key=len) for a in wider for b in narrower if contains(a, b) or contains(b, a)}


def _readings(level: Level, text: str) -> set[str]:
    """All regions that one cell may mean; never none."""
    if text[0].isdigit():
        found = _codes_read(text)
        if not found:
            raise _unknown(text, found)
        return set(found)
    key = _key(level, text)
    if key in _names(level):
        return {_names(level)[key]}
    alike = get_close_matches(key, _names(level), n=1, cutoff=_ALIKE)
    if level is Level.KOTA and not alike:
        raise RegionOutside(text)
    hint = f" Did you mean {regions()[_names(level)[alike[0]]].name}?" if alike else ""
    raise UnknownRegion(f"No {level.lower()} of Jakarta is called {_shown(text)}.{hint}")


def _codes_read(text: str) -> list[str]:
    """The regions that a code may mean: dotted and bare Kemendagri codes, and BPS codes."""
    if _DOTTED.fullmatch(text):
        return [text] if text in regions() else []
    return sorted(_by_digits().get(text, set()))


@cache
def _by_digits() -> dict[str, set[str]]:
    """Bare digits of both systems. Only 3171 to 3175 mean two regions."""
    found: dict[str, set[str]] = {}
    for region in regions().values():
        for digits in (region.code.replace(".", ""), region.bps_code):
            found.setdefault(digits, set()).add(region.code)
    return found


@cache
def _names(level: Level) -> dict[str, str]:
    """The names of a level, folded, with their codes; the column of the cities also takes the province."""
    levels = {level, Level.PROVINSI} if level is Level.KOTA else {level}
    official = {_key(level, region.name): region.code for region in regions().values() if region.level in levels}
    return official | {alias: code for alias, code in _ALIASES.items() if regions()[code].level in levels}


def _key(level: Level, name: str) -> str:
    """A name folded for comparison: no case, space or punctuation; titles dropped, abbreviations written out."""
    words = _WORD.findall(name.lower())
    while len(words) > 1 and words[0] in _TITLES[level]:
        words = words[1:]
    return "".join(_ABBREVIATIONS.get(word, word) for word in words)


def _unknown(text: str, readings: list[str]) -> KsbbError:
    """Why a code is refused that has at most one reading."""
    if readings:
        return UnknownRegion(f"{_shown(text)} is not a dotted region code (kode wilayah); write {readings[0]}.")
    if (_DOTTED.fullmatch(text) or _BARE.fullmatch(text)) and not text.startswith(JAKARTA):
        return RegionOutside(text)
    return UnknownRegion(
        f"{_shown(text)} is no region code (kode wilayah) of Jakarta. Write the dotted Kemendagri code, "
        "for example 31.73 (kota), 31.73.03 (kecamatan) or 31.73.03.1008 (kelurahan)."
    )


def _shown(text: str) -> str:
    """What was written, as far as it may be repeated: a long number may be a person's."""
    if sum(character.isdigit() for character in text) > _LONGEST_CODE:
        return "A long number"
    return repr(text if len(text) <= 60 else text[:59] + "…")
