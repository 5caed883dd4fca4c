"""Every indicator of monev, in the order in which it is shown.

Source: Instruksi Sekda DKI 56/2020, KESATU k and Lampiran I no. 27; the list is our proposal.
"""

from __future__ import annotations

from commands.indicators.bodies import OF_BODIES
from commands.indicators.indicator import Indicator, Share
from commands.indicators.loans import OF_LOANS, SHARES_OF_LOANS
from commands.indicators.supervision import OF_SUPERVISION, SHARES_OF_SUPERVISION

INDICATORS: tuple[Indicator | Share, ...] = (
    *OF_BODIES,
    *OF_LOANS,
    *SHARES_OF_LOANS,
    *OF_SUPERVISION,
    *SHARES_OF_SUPERVISION,
)
