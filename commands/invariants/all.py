"""All 19 invariants, in the order of their numbers."""

from __future__ import annotations

import datetime as dt

from commands.invariants.bodies import body_invariants
from commands.invariants.ledger import ledger_invariants
from commands.invariants.loans import loan_invariants
from commands.invariants.pledges import pledge_invariants
from commands.invariants.reports import report_invariants
from commands.invariants.rule import Invariant


def invariants(programme_ends_on: dt.date | None = None) -> tuple[Invariant, ...]:
    """Every invariant; `programme_ends_on` is the last day of new commitments, None while there is none."""
    found = (
        *pledge_invariants(),
        *loan_invariants(),
        *body_invariants(programme_ends_on),
        *report_invariants(),
        *ledger_invariants(),
    )
    return tuple(sorted(found, key=lambda invariant: invariant.number))
