"""The ledger (buku besar): where every rupiah of a loan is, in double entry.

A posting is one money event of one loan, booked under its collaboration. Its entries sum to zero, which the database
checks at the end of the transaction; nothing of it is ever changed or removed, which the database refuses.

Sign: what comes to an account is positive, what leaves it negative. So over all accounts of a loan the sum is zero.
Source: the path of the money in Instruksi Sekda DKI 56/2020, Lampiran I no. 20-26; the accounts are our proposal.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Rupiah
from models.privacy import Finance, Key
from models.vocabulary import Code


class Account(Code):
    """Akun buku besar. Source: our proposal."""

    DONATUR = "DONATUR", "Donatur", "Donor"
    KAS_FINTECH = "KAS_FINTECH", "Kas fintech", "Fintech cash"
    PIUTANG = "PIUTANG", "Piutang pada UMKM", "Receivable from the business"
    BIAYA = "BIAYA", "Biaya yang dipotong", "Fees withheld"
    DALAM_PERJALANAN = "DALAM_PERJALANAN", "Dana dalam perjalanan", "Money on its way to the fund manager"
    KAS_AGREGATOR = "KAS_AGREGATOR", "Kas agregator", "Fund manager cash"
    PENYALURAN_ULANG = "PENYALURAN_ULANG", "Disalurkan ulang", "Onward aid"
    PENGHAPUSAN = "PENGHAPUSAN", "Dihapusbukukan", "Written off"
    SELISIH = "SELISIH", "Selisih laporan", "Difference between reports"


class PostingKind(Code):
    """Jenis pembukuan: which money event a posting tells. Source: our proposal."""

    PENDANAAN = "PENDANAAN", "Pendanaan oleh donatur", "Funding by the donor"
    PENCAIRAN = "PENCAIRAN", "Pencairan", "Disbursement"
    PEMBAYARAN = "PEMBAYARAN", "Pembayaran", "Repayment"
    PENGHAPUSAN = "PENGHAPUSAN", "Hapus buku", "Write-off"
    SERAH_TERIMA_DIKIRIM = "SERAH_TERIMA_DIKIRIM", "Serah terima dikirim", "Handover sent"
    SERAH_TERIMA_DITERIMA = "SERAH_TERIMA_DITERIMA", "Serah terima diterima", "Handover received"
    PENYALURAN_ULANG = "PENYALURAN_ULANG", "Penyaluran ulang", "Onward aid"


class LedgerPosting(Base):
    """One money event of one loan; append-only.

    `source_table` and `source_id` name the fact that it books: a disbursement, repayment, handed over loan, gift of
    onward aid, or the loan itself for a write-off. A reversal books the reversing fact.
    """

    __tablename__ = "ledger_posting"
    append_only = True

    id: Mapped[Key[uuid.UUID]] = mapped_column(primary_key=True)
    collaboration_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaboration.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    kind: Mapped[Finance[PostingKind]]
    source_table: Mapped[Key[str]]
    source_id: Mapped[Key[uuid.UUID]]
    entry_on: Mapped[Finance[dt.date]]
    recorded_at: Mapped[Finance[dt.datetime]]

    __table_args__ = (Index("uq_ledger_posting_fact", "source_id", "kind", "loan_id", unique=True),)


class LedgerEntry(Base):
    """What a posting brings to (or, negative, takes from) one account; append-only."""

    __tablename__ = "ledger_entry"
    append_only = True

    posting_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.ledger_posting.id"), primary_key=True)
    account: Mapped[Finance[Account]] = mapped_column(primary_key=True)
    amount: Mapped[Finance[Rupiah]]

    __table_args__ = (CheckConstraint("amount <> 0", name="amount_is_not_nothing"),)
