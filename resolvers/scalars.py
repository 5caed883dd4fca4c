"""Values of the API's scalars as they come in: checked, and turned into what the database driver takes."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from geo.names import region_code
from kernel.errors import BadInput
from resolvers.geojson import parse_polygon

INTS = range(-(2**31), 2**31)
RUPIAHS = range(-(2**53) + 1, 2**53)
"""Whole numbers that every JSON reader keeps exactly."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def _whole(value: object, allowed: range, what: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(f"{what} must be a whole number, not {shown(value)}.")
    if value not in allowed:
        raise BadInput(f"{what} must lie between {allowed[0]} and {allowed[-1]}.")
    return value


def parse_int(value: object) -> int:
    """A whole number of 32 bits."""
    return _whole(value, INTS, "Int")


def parse_rupiah(value: object) -> int:
    """Whole rupiah."""
    return _whole(value, RUPIAHS, "Rupiah")


def parse_float(value: object) -> float:
    """A finite number."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(number := float(value)):
            if number == value:
                return number
            raise BadInput("Float must be a number that 64 bits hold exactly, or be written with a decimal point.")
    except OverflowError:
        pass
    raise BadInput(f"Float must be a finite number, not {shown(value)}.")


def parse_boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadInput(f"Boolean must be true or false, not {shown(value)}.")
    return value


def parse_string(value: object) -> str:
    """A text without what PostgreSQL cannot hold: the NUL character, and halves of a surrogate pair."""
    if not isinstance(value, str):
        raise BadInput(f"String must be a text, not {shown(value)}.")
    if _UNSTORABLE.search(value):
        raise BadInput("A text must not contain the NUL character or half of a surrogate pair (U+D800 to U+DFFF).")
    return value


def parse_id(value: object) -> str:
    """An opaque identifier."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return parse_string(value)


def parse_date(value: object) -> dt.date:
    """A day, as ISO 8601 `YYYY-MM-DD`."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise BadInput(f"Date (tanggal) must be a day as YYYY-MM-DD, e.g. 2020-07-31, not {shown(value)}.")


def parse_datetime(value: object) -> dt.datetime:
    """An instant, as ISO 8601 with its offset from UTC."""
    try:
        if isinstance(value, str):
            instant = dt.datetime.fromisoformat(value)
            if instant.tzinfo is not None:
                return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise BadInput(f"DateTime must be an instant with offset, e.g. 2020-07-31T09:00:00+07:00, not {shown(value)}.")


def parse_region_code(value: object) -> str:
    """A Kemendagri region code with dots; a bare `3171` names two cities and is refused."""
    return region_code(parse_string(value))


PARSE: Mapping[str, Callable[[object], object]] = {
    "Int": parse_int,
    "Float": parse_float,
    "Boolean": parse_boolean,
    "String": parse_string,
    "ID": parse_id,
    "Rupiah": parse_rupiah,
    "Date": parse_date,
    "DateTime": parse_datetime,
    "RegionCode": parse_region_code,
    "GeoJSON": parse_polygon,
}
"""Per scalar name its parser; each raises `BadInput` naming what is allowed."""

_SHOWN_LENGTH = 40
_LIKE_A_PERSONS_NUMBER = re.compile(r"\d(?:[ -]?\d){8,}")
"""Nine digits or more, as a NIK, a family card or a telephone number has; instants are cut too."""
_LONGEST_SHOWN: Final = 999_999_999


def shown(value: object) -> str:
    """A value as an error may repeat it: short, plain, and never a number that may be a person's."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:.9g}" if abs(value) <= _LONGEST_SHOWN else "a very large number"
        case str():
            plain = _LIKE_A_PERSONS_NUMBER.sub("#", _UNSTORABLE.sub("?", value))
            return f'"{plain[:_SHOWN_LENGTH]}"' + ("…" if len(plain) > _SHOWN_LENGTH else "")
        case list():
            return "a list"
        case _:
            return "an object"
