"""Values of the API's scalars as they come in: checked, and turned into what the database driver takes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping

from geo.names import region_code
from kernel.errors import BadInput
from resolvers.geojson import parse_polygon

LARGEST_INT = 2**31 - 1
LARGEST_RUPIAH = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""


def _whole(value: object, largest: int, what: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(f"{what} must be a whole number, not {shown(value)}.")
    if abs(value) > largest:
        raise BadInput(f"{what} must lie between -{largest} and {largest}.")
    return value


def parse_int(value: object) -> int:
    """A whole number of 32 bits."""
    return _whole(value, LARGEST_INT, "Int")


def parse_rupiah(value: object) -> int:
    """Whole rupiah."""
    return _whole(value, LARGEST_RUPIAH, "Rupiah")


def parse_float(value: object) -> float:
    """A finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise BadInput(f"Float must be a finite number, not {shown(value)}.")
    return float(value)


def parse_boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadInput(f"Boolean must be true or false, not {shown(value)}.")
    return value


def parse_string(value: object) -> str:
    """A text without the NUL character, which PostgreSQL cannot hold."""
    if not isinstance(value, str):
        raise BadInput(f"String must be a text, not {shown(value)}.")
    if "\x00" in value:
        raise BadInput("A text must not contain the NUL character.")
    return value


def parse_id(value: object) -> str:
    """An opaque identifier."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return parse_string(value)


def parse_date(value: object) -> dt.date:
    """A day, as ISO 8601 `YYYY-MM-DD`."""
    try:
        if isinstance(value, str) and len(value) == len("2020-07-31"):
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
                return instant
    except ValueError:
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


def shown(value: object) -> str:
    """A value as an error may repeat it: short, and only if it is plain."""
    if value is None or isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) or value is None else f"{value:.12g}"
    if isinstance(value, str):
        return f'"{value[:_SHOWN_LENGTH]}"' + ("…" if len(value) > _SHOWN_LENGTH else "")
    return "a list" if isinstance(value, list) else "an object"
