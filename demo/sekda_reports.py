"""Reports to the Sekda, one for each half-year."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator

from demo.collaboration_plan import KINDS, created_on
from demo.plan import CityPlan
from demo.rows import Row

_FIXED = {"2020-S2": dt.date(2021, 1, 15), "2021-S1": dt.date(2021, 7, 15)}
"""Half-years, and the day on which their report was fixed."""


def sekda_report_rows(plan: CityPlan) -> Iterator[Row]:
    """One report for each half-year, with the collaborations begun until it was fixed."""
    for number, (period, fixed_on) in enumerate(_FIXED.items()):
        begun = [KINDS[n % len(KINDS)] for n in range(plan.size.collaborations) if created_on(plan, n) <= fixed_on]
        counts = {kind.value: begun.count(kind) for kind in sorted(set(KINDS))}
        content = json.dumps({"periode": period, "kolaborasi_dimulai": counts}, sort_keys=True)
        yield (
            "sekda_report",
            {
                "id": plan.key("sekda_report", number, fixed_on),
                "period": period,
                "fixed_on": fixed_on,
                "content": content,
                "file_sha256": hashlib.sha256(content.encode()).hexdigest(),
            },
        )
