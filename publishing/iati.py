"""Kinds of money in the words of IATI, so that sums of ours can stand beside those of other donors."""

from __future__ import annotations

from enum import StrEnum


class Transaction(StrEnum):
    """A code of IATI's code list TransactionType, version 2. Source: DOMAIN section 11."""

    OUTGOING_COMMITMENT = "2"
    DISBURSEMENT = "3"
    LOAN_REPAYMENT = "6"
    OUTGOING_PLEDGE = "12"
    INCOMING_PLEDGE = "13"

    @property
    def label(self) -> str:
        """Its name in the code list."""
        return self.name.replace("_", " ").title()
