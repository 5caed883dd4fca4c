"""The words in which microdata are declared: a row per person, without anything that names one.

Rows that look alike in their quasi-identifiers form a *class*; what the other column says is told of a class only where
it differs enough within it (`publishing/control/row_classes.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policy.small_counts import DISTINCT_STATES, MOST_ADVERSE, ROUNDING, SMALLEST_CLASS
from publishing.control.counts import ALL, Dimension, PersonCounts, level_of_region
from publishing.control.homogeneity import Sensitivity
from publishing.dataset import Dataset, Field, Label
from publishing.period import Revision


@dataclass(frozen=True, kw_only=True)
class Microdata(Dataset):
    """Rows about the persons whom the dataset `beside` counts, one for each, in the same sealed periods.

    Its view has the cells of that dataset, counted by `sex` and by the `sensitive` value as well. `adverse` values
    count against whom they are known of. Rows have no key: they stand in the order of their values.
    """

    beside: PersonCounts
    sex: Field
    sensitive: Field
    adverse: Sequence[str]

    @property
    def keys(self) -> tuple[Field, ...]:
        """None: any number of rows may be equal."""
        return ()

    @property
    def measures(self) -> tuple[Field, ...]:
        """Period, region and its level, the other dimensions, sex, and the sensitive value."""
        region, *others = (dimension.field for dimension in self.beside.dimensions)
        return (*self.period, region, _LEVEL, *others, self.sex, self.sensitive)

    @property
    def period(self) -> Sequence[Field]:
        """The columns of the sealed period."""
        return self.beside.period

    def periods(self, until: dt.date) -> list[str]:
        """All its periods that ended by a day."""
        return self.beside.periods(until)

    @property
    def quasi_identifiers(self) -> tuple[Field, ...]:
        """What somebody may know of a person: all but the sensitive value and what follows from the region."""
        return tuple(field for field in self.fields if field not in (_LEVEL, self.sensitive))

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What its view counts by: the dimensions of the dataset beside, sex, and the sensitive value."""
        return (*self.beside.dimensions, Dimension(field=self.sex), Dimension(field=self.sensitive))

    @property
    def revision(self) -> Revision:
        """Never: rows fit only what was counted beside them at once."""
        return Revision.NEVER

    @property
    def more(self) -> tuple[()]:
        """Nothing is measured of its cells."""
        return ()

    @property
    def sensitivity(self) -> Sensitivity:
        """Which values may not be told of a person: all, and some count against them."""
        return Sensitivity(adverse=frozenset(self.adverse), sensitive=frozenset(self.sensitive.allowed))

    @property
    def rules(self) -> dict[str, Any]:
        """What a reader can check of the rows, as it stands in the descriptor."""
        return {
            "quasi_identifiers": [field.name for field in self.quasi_identifiers],
            "sensitive": self.sensitive.name,
            "k": SMALLEST_CLASS,
            "l": DISTINCT_STATES,
            "adverse_values": [str(value) for value in self.adverse],
            "most_adverse_share": float(MOST_ADVERSE),
            "rows_rounded_to": ROUNDING,
            "beside": self.beside.name,
        }


BOTH_SEXES = ALL
"""The sex in a class that is not told apart by it."""

_LEVEL = level_of_region(
    Label(
        "Tingkat kode_wilayah. Baris tingkat kecamatan atau lebih luas tentang mereka yang kelompoknya terlalu kecil "
        "untuk tingkat di bawahnya.",
        "Level of kode_wilayah. Rows of a kecamatan or wider are about those whose group is too small for the level "
        "below.",
    )
)
