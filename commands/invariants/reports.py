"""Invariants 12, 13 and 15 to 17: reports told once and stamped, codes with their version, nothing personal outside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, cast, exists, func, not_, or_, select, union_all

from commands.invariants.rule import Invariant, Rule, found, jakarta_day
from models.all import METADATA
from models.base import SCHEMA
from models.business import Business
from models.delivery import Document
from models.event import CommandReceipt, Event
from models.loan import Repayment
from models.region import Region
from models.release import KbliCode, Release, ReportedFigure

KBLI_VERSIONS = (2017, 2020, 2025)
_SHAPE_OF_NIK = r"(^|[^0-9])[0-9]{16}([^0-9]|$)"


def report_invariants() -> tuple[Invariant, ...]:
    """Numbers 12, 13, 15, 16 and 17."""
    return (_once(), _stamped(), _impersonal(), _codes(), _figures())


def _once() -> Invariant:
    return Invariant(
        12,
        "A report repeated with its key changes nothing; the key with other content is an error.",
        "Laporan yang dikirim ulang dengan kunci yang sama tidak mengubah apa pun; isi lain ditolak.",
        (
            Rule(
                "one_repayment_per_key",
                "A fintech's key stands for one repayment.",
                "Satu kunci fintech untuk satu pembayaran.",
                _repeated(Repayment.public_id, Repayment.fintech_id, Repayment.idempotency_key),
            ),
            Rule(
                "one_receipt_per_key",
                "A caller's idempotency key stands for one command.",
                "Satu kunci idempotensi untuk satu perintah.",
                _repeated(cast(CommandReceipt.id, Text), CommandReceipt.caller, CommandReceipt.key),
            ),
        ),
        ("uq_repayment_fintech_id_idempotency_key", "uq_command_receipt_caller_key", "commands/bus.py"),
    )


def _repeated(id_: Any, *key: Any) -> Select[Any]:
    rows = select(id_.label("id"), func.count().over(partition_by=key).label("times")).subquery("rows_of_a_key")
    return found(rows.c.id).where(rows.c.times > 1)


def _stamped() -> Invariant:
    late = jakarta_day(Repayment.reported_at) - Repayment.paid_on
    return Invariant(
        13,
        "Back-dated reports carry the time of reporting; a release never changes.",
        "Laporan susulan memuat waktu pelaporannya; rilis tidak pernah berubah.",
        (
            Rule(
                "reporting_lag_is_counted",
                "The days between payment and report are counted, and no report comes before its payment.",
                "Hari antara pembayaran dan laporan dihitung, dan laporan tidak mendahului pembayaran.",
                found(Repayment.public_id).where(or_(late != Repayment.reporting_lag_days, late < 0)),
            ),
            Rule(
                "one_release_per_version",
                "A version of a dataset was released once.",
                "Satu versi dataset dirilis satu kali.",
                _repeated(Release.public_id, Release.dataset, Release.version),
            ),
        ),
        ("publishing/release/released.py", "tests/publishing/test_pipeline.py"),
    )


def _impersonal() -> Invariant:
    return Invariant(
        15,
        "No personal data leaves: not in answers, errors, logs, file names, packages or differences of tables.",
        "Tidak ada data pribadi yang keluar: jawaban, galat, log, nama berkas, paket, atau selisih tabel.",
        (
            Rule(
                "file_names_are_impersonal",
                "No file name holds a number of the length of a NIK.",
                "Nama berkas tidak memuat angka sepanjang NIK.",
                found(Document.public_id).where(Document.file_name.regexp_match(_SHAPE_OF_NIK)),
            ),
            Rule(
                "events_are_impersonal",
                "No event holds a number of the length of a NIK.",
                "Peristiwa tidak memuat angka sepanjang NIK.",
                found(cast(Event.id, Text)).where(cast(Event.payload, Text).regexp_match(_SHAPE_OF_NIK)),
            ),
        ),
        (
            *("tests/policy/test_canaries.py", "tests/policy/test_twins.py", "tests/edge/test_secrets.py"),
            *("tests/publishing/test_gate.py", "tests/publishing/test_disclosure.py"),
        ),
    )


def _codes() -> Invariant:
    listed = exists().where(KbliCode.version == Business.kbli_version, KbliCode.code == Business.kbli_code)
    has_list = Business.kbli_version.in_(select(KbliCode.version).distinct())
    return Invariant(
        16,
        "Business field and scale carry their version; regions are coded as Kemendagri does.",
        "KBLI dan skala memuat versinya; wilayah memakai kode Kemendagri.",
        (
            Rule(
                "kbli_has_a_version",
                "A business field is of a known version, and in its list where that was imported.",
                "KBLI berversi dikenal, dan ada dalam daftarnya bila sudah diimpor.",
                found(Business.public_id).where(
                    or_(Business.kbli_version.not_in(KBLI_VERSIONS), and_(has_list, not_(listed)))
                ),
            ),
            Rule(
                "scale_has_a_version",
                "The scale of a business names its rule.",
                "Skala usaha menyebut aturannya.",
                found(Business.public_id).where(func.btrim(Business.scale_rule) == ""),
            ),
            Rule(
                "regions_are_kemendagri_codes",
                "Every region code is one of Kemendagri's.",
                "Setiap kode wilayah adalah kode Kemendagri.",
                _strange_regions(),
            ),
        ),
    )


def _strange_regions() -> Select[Any]:
    """Rows of any table whose region is none."""
    located = [t for t in METADATA.sorted_tables if {"region_code", "public_id"} <= set(t.columns.keys())]
    rows = union_all(
        *(
            select(t.c.public_id)
            .where(t.c.region_code.is_not(None), not_(exists().where(Region.code == t.c.region_code)))
            .select_from(t)
            for t in located
            if t.schema == SCHEMA
        )
    ).subquery("strange")
    return found(rows.c.public_id)


def _figures() -> Invariant:
    blank = or_(*(func.btrim(c) == "" for c in (ReportedFigure.source, ReportedFigure.definition)))
    return Invariant(
        17,
        "Every public figure has source, date and definition; reported, validated and computed values stay apart.",
        "Setiap angka publik memiliki sumber, tanggal, dan definisi; nilai laporan, validasi, dan hitungan terpisah.",
        (
            Rule(
                "figures_have_source_and_definition",
                "A reported figure names its source and definition.",
                "Angka yang dilaporkan menyebut sumber dan definisinya.",
                found(ReportedFigure.public_id).where(blank),
            ),
        ),
        ("tests/test_reported_figures.py", "tests/schema/test_promises.py", "tests/publishing/test_datasets.py"),
    )
