"""The twelve planted discrepancies: where two reports of this city differ on purpose, and nowhere else.

| measure | reporter a says | reporter b says | planted |
|---|---|---|---|
| PENCAIRAN | fintech: `disbursement.amount` | contract: `loan.principal` less the three fees | 3 |
| PEMBAYARAN | fintech: `periodic_report.total` | sum of `repayment.amount` paid in that period | 2 |
| SERAH_TERIMA | fintech: `handover.amount` | sum of `handover_loan.amount` | 2 |
| NILAI_REALISASI | collaborator: `delivery.value` | its quantity at the price of `pledge` | 2 |
| PENYALURAN_ULANG | fund manager: sum of `onward_aid.amount` of a handover | `handover.amount` | 2 |
| NILAI_KOMITMEN | collaborator: `collaboration.pledged_value` | sum of its accepted `pledge.estimated_value` | 1 |
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from kernel.money import Rupiah
from models.vocabulary import DiscrepancyStatus


class Measure(StrEnum):
    """What is reported twice (ukuran)."""

    PENCAIRAN = "PENCAIRAN"
    PEMBAYARAN = "PEMBAYARAN"
    SERAH_TERIMA = "SERAH_TERIMA"
    NILAI_REALISASI = "NILAI_REALISASI"
    PENYALURAN_ULANG = "PENYALURAN_ULANG"
    NILAI_KOMITMEN = "NILAI_KOMITMEN"


@dataclass(frozen=True)
class Plant:
    """By how much reporter a is off, and at which of all occasions, counted from 1 in order of loading."""

    off_by: Rupiah
    occasions: frozenset[int]
    reporters: tuple[str, str]


PLANTS = {
    Measure.PENCAIRAN: Plant(-100_000, frozenset({5, 17, 40}), ("FINTECH", "PENDAMPING")),
    Measure.PEMBAYARAN: Plant(250_000, frozenset({4, 9}), ("FINTECH", "SISTEM")),
    Measure.SERAH_TERIMA: Plant(-500_000, frozenset({1, 2}), ("FINTECH", "AGREGATOR")),
    Measure.NILAI_REALISASI: Plant(75_000, frozenset({6, 30}), ("KOLABORATOR", "PENDAMPING")),
    Measure.PENYALURAN_ULANG: Plant(1_000_000, frozenset({3, 8}), ("AGREGATOR", "FINTECH")),
    Measure.NILAI_KOMITMEN: Plant(2_000_000, frozenset({12}), ("KOLABORATOR", "SISTEM")),
}
PLANTED = sum(len(plant.occasions) for plant in PLANTS.values())
_STATUSES = tuple(DiscrepancyStatus)


class Planter:
    """Counts the occasions while the city is loaded, and remembers what was planted."""

    def __init__(self, plan: CityPlan) -> None:
        self._plan = plan
        self._occasions: Counter[Measure] = Counter()
        self.rows: list[Row] = []

    def reported(
        self,
        measure: Measure,
        true: Rupiah,
        *,
        collaboration_id: UUID | None = None,
        collaborator_id: UUID | None = None,
        institution_id: UUID | None = None,
        loan_id: UUID | None = None,
        handover_id: UUID | None = None,
        delivery_id: UUID | None = None,
        periodic_report_id: UUID | None = None,
        other_institution_id: UUID | None = None,
    ) -> Rupiah:
        """What reporter a says on this occasion: the truth, or something else, which is then a discrepancy."""
        plant = PLANTS[measure]
        self._occasions[measure] += 1
        if self._plan.size.clean or self._occasions[measure] not in plant.occasions:
            return true
        number = len(self.rows)
        status = _STATUSES[number % len(_STATUSES)]
        detected_on = CUT_OFF - dt.timedelta(60 - number)
        said = true + plant.off_by
        self.rows.append(
            (
                "discrepancy",
                {
                    "id": self._plan.key("discrepancy", number, detected_on),
                    "collaboration_id": collaboration_id,
                    "collaborator_id": collaborator_id,
                    "institution_id": institution_id,
                    "loan_id": loan_id,
                    "handover_id": handover_id,
                    "delivery_id": delivery_id,
                    "periodic_report_id": periodic_report_id,
                    "other_institution_id": other_institution_id,
                    "measure": measure.value,
                    "reporter_a": plant.reporters[0],
                    "value_a": said,
                    "reporter_b": plant.reporters[1],
                    "value_b": true,
                    "detected_on": detected_on,
                    "status": status,
                    "explanation": "Contoh penjelasan" if status is DiscrepancyStatus.DIJELASKAN else None,
                },
            )
        )
        return said
