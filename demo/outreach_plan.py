"""Which forums there were, and when."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from demo.plan import LAUNCH, CityPlan

OUTREACH_EVENTS = 6
"""How many forums there were."""
_FIRST, _DAYS_APART = LAUNCH - dt.timedelta(90), 14


def held_on(event: int) -> dt.date:
    """The day of a forum; all of them before the launch."""
    return _FIRST + dt.timedelta(event * _DAYS_APART)


def last_before(day: dt.date) -> int:
    """The last forum until a day, or the first one."""
    return max((event for event in range(OUTREACH_EVENTS) if held_on(event) <= day), default=0)


def outreach_key(plan: CityPlan, event: int) -> UUID:
    """The key of a forum."""
    return plan.key("outreach_event", event, held_on(event))
