"""The independent audit of the finished tables of one population, all of them together.

It trusts nothing of how the tables were made: it takes true counts of cells, the sets of cells that each published
figure counts, and the figure as it was told, and asks what somebody could learn who combines all of them. `audit` in
`publishing/control/disclosure.py` is sufficient and quick; this one is exact, and says by how much it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from policy.small_counts import REQUIRED_WIDTH, THRESHOLD, rounded
from publishing.audit.cell_classes import CellClass, Figure, cell_classes
from publishing.audit.intervals import Interval, cell_interval, intervals
from publishing.audit.rank import rank_test
from publishing.control.disclosure import NOBODY, Count, DisclosureRefused, Key
from publishing.control.homogeneity import Sensitivity, StateCount, too_alike


@dataclass(frozen=True)
class Audited:
    """What the audit of tables that hold has measured.

    `classes` of at least `THRESHOLD` unlisted persons; `widths` of what stays hidden, one per class of several cells
    or below the threshold, in rising order; lower bounds where figures overlap.
    """

    figures: int
    rank: int
    classes: int
    widths: tuple[int, ...]

    @property
    def narrowest(self) -> int | None:
        """The narrowest interval; none where every cell is published as it is."""
        return self.widths[0] if self.widths else None

    @property
    def median(self) -> int | None:
        """The middle of the widths, the lower one of two."""
        return median_low(self.widths) if self.widths else None


def audit_exactly(counts: Mapping[Key, Count], figures: Sequence[Figure]) -> Audited:
    """Measure what the figures tell, and refuse them if it is too much.

    Raises:
        DisclosureRefused: a figure is not its persons as rounded, a number below the threshold can be derived, or a
            hidden number can be told too well from the rounded figures. Its numbers are those of findings.
    """
    wrong = sum(figure.told != rounded(_persons(counts, figure)) for figure in figures)
    if wrong:
        raise DisclosureRefused(f"{wrong} figures are not their persons, rounded. Nothing was published.", wrong=wrong)
    classes = cell_classes(counts, figures)
    rank = rank_test(classes, figures)
    if not rank.holds:
        raise DisclosureRefused(
            f"{len(rank.determined) or 'Perhaps some'} numbers of fewer than {THRESHOLD} unlisted persons could be "
            f"computed from the figures of all tables together. Nothing was published: join the groups that they "
            f"tell apart.",
            derivable=len(rank.determined),
        )
    widths = _widths(classes, intervals(classes, figures, REQUIRED_WIDTH))
    narrow = sum(width < REQUIRED_WIDTH for width in widths)
    if narrow:
        raise DisclosureRefused(
            f"{narrow} hidden numbers of persons could be told within fewer than {REQUIRED_WIDTH}. Nothing was "
            f"published: join the groups that the figures tell apart.",
            narrow=narrow,
        )
    safe = sum(one.count.is_safe for one in classes)
    return Audited(len(figures), rank.rank, safe, tuple(sorted(widths)))


def audit_states(counts: Iterable[StateCount], sensitivity: Sensitivity) -> None:
    """Refuse states by group where they would be told of nearly everybody in a group.

    Raises:
        DisclosureRefused: with the number of such groups.
    """
    if found := too_alike(counts, sensitivity):
        raise DisclosureRefused(
            f"In {len(found)} groups nearly all persons are in one sensitive state, or too many in an adverse one. "
            f"Nothing was published: join these groups with others.",
            alike=len(found),
        )


def _widths(classes: Sequence[CellClass], bounds: Sequence[Interval]) -> list[int]:
    """How open each cell is that must stay hidden."""
    return [cell_interval(one, interval).width for one, interval in zip(classes, bounds, strict=True) if one.hides]


def _persons(counts: Mapping[Key, Count], figure: Figure) -> int:
    return sum(counts.get(cell, NOBODY).persons for cell in figure.cells)
