"""Codes of reveals."""

from __future__ import annotations

from models.vocabulary import Code


class RevealPurpose(Code):
    """Tujuan pengungkapan. Source: our proposal, from the tasks of the inspectorate (KESATU a; Lampiran I no. 27)."""

    PEMERIKSAAN = "PEMERIKSAAN", "Pemeriksaan dan pengawasan", "Inspection and supervision"
    PENGADUAN = "PENGADUAN", "Tindak lanjut pengaduan", "Follow-up of a complaint"
    SELISIH = "SELISIH", "Penelusuran selisih atau tanda bahaya", "Tracing a discrepancy or red flag"
    PERMINTAAN_HUKUM = "PERMINTAAN_HUKUM", "Permintaan penegak hukum", "Request of law enforcement"
