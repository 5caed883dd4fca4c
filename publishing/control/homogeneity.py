"""Group disclosure: where all or nearly all of a group are in one state, the state is told of each of them.

Pure functions on counts by group and state, before anything of them is published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from policy.small_counts import DISTINCT_STATES, MOST_ADVERSE, NEARLY_ALL
from publishing.control.disclosure import Key

_HUNDRED = 100


@dataclass(frozen=True)
class StateCount:
    """So many persons of a group are in a state."""

    group: Key
    state: str
    persons: int


@dataclass(frozen=True)
class Sensitivity:
    """Which states may not be told of a person: those that count against them, and those that are nobody's business.

    An adverse state is sensitive, whether it is named twice or not.
    """

    adverse: Collection[str]
    sensitive: Collection[str]

    def hides(self, state: str) -> bool:
        """Whether the state may not be told of a person."""
        return state in self.adverse or state in self.sensitive


@dataclass(frozen=True)
class TooAlike:
    """A group that tells too much of its members, and why: shares as whole percent, rounded up."""

    group: Key
    adverse_percent: int
    commonest_percent: int
    states: int


def too_alike(counts: Iterable[StateCount], sensitivity: Sensitivity) -> list[TooAlike]:
    """The groups whose states may not be published, in order of their keys.

    Those with more than `MOST_ADVERSE` in adverse states, with `NEARLY_ALL` or more in one sensitive state,
    or with fewer than `DISTINCT_STATES` states of which one is sensitive.
    """
    found = []
    for group, states in sorted(_by_group(counts).items()):
        persons = sum(states.values())
        adverse = sum(number for state, number in states.items() if state in sensitivity.adverse)
        commonest = max((number for state, number in states.items() if sensitivity.hides(state)), default=0)
        alike = commonest > 0 and len(states) < DISTINCT_STATES
        if alike or adverse > MOST_ADVERSE * persons or commonest >= NEARLY_ALL * persons:
            found.append(TooAlike(group, _percent(adverse, persons), _percent(commonest, persons), len(states)))
    return found


def _by_group(counts: Iterable[StateCount]) -> Mapping[Key, Mapping[str, int]]:
    """Persons by state of every group that has any."""
    groups: defaultdict[Key, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        if count.persons > 0:
            groups[count.group][count.state] += count.persons
    return groups


def _percent(part: int, whole: int) -> int:
    return -(-part * _HUNDRED // whole)
