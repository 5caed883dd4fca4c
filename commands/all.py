"""Every command that there is, by its class."""

from __future__ import annotations

from collections.abc import Mapping

from commands import (
    accreditation,
    agreement,
    announcement,
    application,
    audit_report,
    collaboration,
    collaborator,
    complaint,
    consent,
    contract,
    delivery,
    disbursement,
    discrepancy,
    handover,
    institution,
    intake,
    loan,
    mentoring,
    pledge,
    progress,
    prospect,
    recommendation,
    repayment,
    schedule,
    target,
    training,
    trouble,
    upload,
    validation,
    withdrawal,
)
from commands.command import Command, Registered

_MODULES = (
    complaint,
    pledge,
    withdrawal,
    schedule,
    delivery,
    training,
    validation,
    progress,
    mentoring,
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
    collaborator,
    prospect,
    announcement,
    recommendation,
    audit_report,
)

REGISTRY: Mapping[type[Command], Registered] = {r.command: r for module in _MODULES for r in module.COMMANDS}
