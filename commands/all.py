"""Every command that there is, by its class."""

from __future__ import annotations

from collections.abc import Mapping

from commands import (
    accreditation,
    agreement,
    application,
    collaboration,
    complaint,
    consent,
    contract,
    disbursement,
    discrepancy,
    handover,
    institution,
    intake,
    loan,
    pledge,
    repayment,
    target,
    trouble,
    upload,
)
from commands.command import Command, Registered

_MODULES = (
    complaint,
    pledge,
    loan,
    collaboration,
    contract,
    disbursement,
    repayment,
    trouble,
    handover,
    application,
    intake,
    discrepancy,
    consent,
    target,
    upload,
    accreditation,
    agreement,
    institution,
)

REGISTRY: Mapping[type[Command], Registered] = {r.command: r for module in _MODULES for r in module.COMMANDS}
