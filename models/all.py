"""Every table, loaded: `METADATA` is what migrations, the wall and the demo city start from."""

from __future__ import annotations

from models import (
    account,
    audit,
    business,
    collaboration,
    collaborator,
    complaint,
    delivery,
    discrepancy,
    event,
    finding,
    guide,
    handover,
    institution,
    intake,
    ledger,
    loan,
    owner,
    place,
    region,
    release,
    rights,
    sekda_report,
    step,
    upload,
)
from models.base import Base

MODULES = (
    account,
    audit,
    business,
    collaboration,
    collaborator,
    complaint,
    delivery,
    discrepancy,
    event,
    finding,
    guide,
    handover,
    institution,
    intake,
    ledger,
    loan,
    owner,
    place,
    region,
    release,
    step,
    sekda_report,
    upload,
    rights,
)
METADATA = Base.metadata
