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
    handover,
    institution,
    intake,
    loan,
    owner,
    place,
    region,
    release,
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
    handover,
    institution,
    intake,
    loan,
    owner,
    place,
    region,
    release,
)
METADATA = Base.metadata
