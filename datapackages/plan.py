"""What it would cost to publish recipients as rows by one rule for all, beside how they are published.

For the officer who decides on columns and cadence; nothing of it is published. Shares are told in whole percent and
sizes rounded, so that they tell no small number either.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapackages.penerima_anonim.dataset import DATASET
from datapackages.publish import publisher_uri
from geo.regions import CODE_LENGTH, Level
from kernel.clock import Clock, today
from kernel.settings import Settings
from models.server import Server
from policy.small_counts import MOST_WITHHELD
from publishing.control.anonymous_rows import classes
from publishing.control.counts import ALL, REST
from publishing.control.disclosure import NOBODY, Count, Key
from publishing.control.lattice import Hierarchy, Loss, Search, search
from publishing.extract import person_counts, snapshot
from publishing.period import sealed_until

_HUNDRED = 100
_WITHIN = "/"  # between parts of a column that are generalised together

Cells = Mapping[Key, Count]


@dataclass(frozen=True)
class Plan:
    """What was found: of each sealed period the share of persons by level of their region as rows are published, and
    the minimal safe rules for all rows together."""

    published: Mapping[str, Mapping[str, int]]
    rules: Search

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "published": {period: dict(levels) for period, levels in self.published.items()},
            "most_withheld": str(MOST_WITHHELD),
            "rules": [_told(loss) for _, loss in self.rules.minimal],
            "nodes": self.rules.nodes,
            "looked_at": self.rules.looked_at,
        }

    def lines(self) -> list[str]:
        """For people."""
        found = ["As published (class by class), share of persons by level of their region:"]
        for period, levels in self.published.items():
            found.append(f"  {period}: {', '.join(f'{level} {share} %' for level, share in levels.items())}")
        found.append(f"By one rule for all rows, at most {float(MOST_WITHHELD):.1%} withheld:")
        rules = [_told(loss) for _, loss in self.rules.minimal]
        found += _table(rules) if rules else ["  no rule is safe"]
        found.append(f"{self.rules.looked_at} of {self.rules.nodes} rules were looked at.")
        return found


async def plan(settings: Settings, server: Server, clock: Clock) -> Plan:
    """Count the recipients of all sealed periods, and search.

    Raises:
        WallOfAnotherPolicy: run `ksbb db upgrade` first.
    """
    async with snapshot(await publisher_uri(settings, server)) as connection:
        counted = await person_counts(connection, DATASET, DATASET.periods(sealed_until(today(clock))))
    return planned({period: {key: cell.count for key, cell in cells.items()} for period, cells in counted.items()})


def planned(periods: Mapping[str, Cells]) -> Plan:
    """The plan for counts by period."""
    together: defaultdict[Key, Count] = defaultdict(lambda: NOBODY)
    for period, cells in periods.items():
        for (region, programme, section, version, scale, rule, sex, aid), count in cells.items():
            business = (f"{section}{_WITHIN}{version}", f"{scale}{_WITHIN}{rule}")
            together[(period, region, programme, *business, sex, aid)] += count
    rules = search(together, HIERARCHIES, DATASET.sensitivity, MOST_WITHHELD)
    return Plan({period: _levels(cells) for period, cells in periods.items()}, rules)


def _kept(value: str) -> str:
    return value


def _becomes(value: str) -> Callable[[str], str]:
    return lambda _: value


def _up_to(level: Level) -> Callable[[str], str]:
    return lambda code: code[: CODE_LENGTH[level]]


_LEVELS: Sequence[Level] = (Level.KELURAHAN, Level.KECAMATAN, Level.KOTA, Level.PROVINSI)

HIERARCHIES = (
    Hierarchy("periode_data", [("semester", _kept), ("tahun", lambda period: period[:4])]),
    Hierarchy("kode_wilayah", [(level.value.lower(), _up_to(level)) for level in _LEVELS]),
    Hierarchy("program", [("program", _kept)]),
    Hierarchy("kategori_kbli", [("kategori", _kept), (REST, _becomes(REST))]),
    Hierarchy("skala", [("skala", _kept), (REST, _becomes(REST))]),
    Hierarchy("jenis_kelamin", [("L, P", _kept), (ALL, _becomes(ALL))]),
)
"""What may be given up of each column. A year counts those twice who received in both of its half-years."""


def _levels(cells: Cells) -> dict[str, int]:
    """Of the persons of a period, the share in whole percent by level of their region as rows are published."""
    whole = sum(count.persons for count in cells.values())
    shown: defaultdict[int, int] = defaultdict(int)
    for look, parts in classes(DATASET, cells).items():
        shown[len(look.key[0])] += sum(part.size for part in parts)
    return {level.value: shown[CODE_LENGTH[level]] * _HUNDRED // whole for level in _LEVELS} if whole else {}


def _told(loss: Loss) -> dict[str, Any]:
    """A loss, coarse enough to tell no small number: percent rounded up, sizes to two digits."""
    withheld = math.ceil(loss.withheld * _HUNDRED)
    return {
        "steps": dict(loss.steps),
        "withheld_percent": withheld,
        "kelurahan_percent": _HUNDRED - withheld if loss.steps["kode_wilayah"] == Level.KELURAHAN.value.lower() else 0,
        "average_class": _two_digits(loss.average_class),
        "discernibility": _two_digits(loss.discernibility),
    }


def _two_digits(number: float) -> int:
    return int(float(f"{number:.1e}"))


def _table(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line per rule, under a line of headings."""
    sizes = ("kelurahan_percent", "withheld_percent", "average_class", "discernibility")
    cells = [[*rules[0]["steps"], *(size.replace("_percent", " %") for size in sizes)]]
    cells += [[*rule["steps"].values(), *(f"{rule[size]:,}" for size in sizes)] for rule in rules]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
