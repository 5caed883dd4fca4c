"""Areas on the ground, on a sphere of the mean radius of the earth."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.distance import EARTH_RADIUS_M


def area_m2(geometry: BaseGeometry) -> float:
    """The ground that a shape in degrees covers, in square metres: exact on the sphere."""
    return float(shapely.area(shapely.transform(geometry, _equal_area)))


def _equal_area(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lambert's cylindrical projection, in metres."""
    lon, lat = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return np.column_stack((lon * EARTH_RADIUS_M, np.sin(lat) * EARTH_RADIUS_M))
