"""An attacker who combines all figures that were ever published: the sum of them that is about the fewest persons.

A second way to the question of `publishing/audit/overlaps.py`: there it is proved that no sum is about few, here one is
looked for, as a mixed integer program.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

_LARGEST = 4.0
"""No figure is taken with a larger weight."""


def fewest(stands_in: Mapping[frozenset[int], int], about: frozenset[int]) -> int:
    """How many unknown persons at least a sum of figures is about that is about those who stand in `about`.

    `stands_in`: how many unknown persons stand in the same figures; who is known stands there with none.
    """
    places, figures = list(stands_in), sorted({figure for inside in stands_in for figure in inside})
    membership = np.array([[figure in inside for figure in figures] for inside in places], dtype=float)
    limit = _LARGEST * membership.sum(axis=1).max()
    unknown = np.array([stands_in[inside] for inside in places], dtype=float)
    touched = limit * np.eye(len(places))
    is_one = np.hstack([membership[[places.index(about)]], np.zeros((1, len(places)))])
    found = milp(
        np.concatenate([np.zeros(len(figures)), unknown]),
        constraints=[
            LinearConstraint(np.hstack([membership, -touched]), ub=0),
            LinearConstraint(np.hstack([-membership, -touched]), ub=0),
            LinearConstraint(is_one, lb=1, ub=1),
        ],
        integrality=np.concatenate([np.zeros(len(figures)), np.ones(len(places))]),
        bounds=Bounds(
            np.concatenate([np.full(len(figures), -_LARGEST), np.zeros(len(places))]),
            np.concatenate([np.full(len(figures), _LARGEST), np.ones(len(places))]),
        ),
        options={"time_limit": 20.0},
    )
    least: float = found.mip_dual_bound if found.x is None else found.fun
    return round(least)
