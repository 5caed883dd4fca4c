"""Distances on the ground, on a sphere of the mean radius of the earth."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8  # mean radius (IUGG)


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """The way between two points over the ground, in metres (haversine)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    rise, run = phi_b - phi_a, math.radians(lon_b - lon_a)
    half = math.sin(rise / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(run / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))
