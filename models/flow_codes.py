"""Closed lists of the flow and of the guide to it: annexes, origins, forms, languages; see `models/vocabulary.py`."""

from __future__ import annotations

from models.vocabulary import Code


class Annex(Code):
    """Dokumen alur. Source: Instruksi Sekda DKI 56/2020; PAIS UMi SOP, Indragiri Hilir 2021, part D."""

    LAMPIRAN_I = "LAMPIRAN_I", "Lampiran I Instruksi Sekda DKI 56/2020", "Annex I, the whole flow"
    LAMPIRAN_II = "LAMPIRAN_II", "Lampiran II Instruksi Sekda DKI 56/2020", "Annex II, as a donor sees it"
    PAIS_UMI = "PAIS_UMI", "SOP PAIS UMi, rantai pengusulan BPUM", "The intake chain of the national grant"


class StepOrigin(Code):
    """Asal langkah. Source: our proposal; steps 10 to 19 of Lampiran I are missing in the text that we have."""

    REGULATION = "REGULATION", "Menurut dokumen sumber", "Stands in the source document"
    RECONSTRUCTION = "RECONSTRUCTION", "Rekonstruksi, bukan bunyi peraturan", "Reconstructed, not the regulation's text"


class FormCode(Code):
    """Formulir. Source: Instruksi Sekda DKI 56/2020, Lampiran I and II (letters our proposal); I: PAIS UMi SOP."""

    A = "A", "Konfirmasi sarpras atau pelatihan", "Confirmation of goods or training"
    B = "B", "Konfirmasi pinjaman modal", "Confirmation of a capital loan"
    C = "C", "Realisasi sarpras atau pelatihan", "Report of goods delivered or training held"
    D = "D", "Realisasi pinjaman modal", "Report of a loan paid out"
    E = "E", "Laporan berkala pengembalian", "Periodic report of repayments"
    F = "F", "Serah terima dana", "Handover of funds"
    G = "G", "Permohonan agregator atau fintech", "Application of a fund manager or fintech"
    H = "H", "Pengaduan", "Complaint"
    I = "I", "Usulan BPUM", "Application for the national grant"  # noqa: E741  # the form's own letter


class Language(Code):
    """Bahasa. Source: our proposal; codes of ISO 639-1."""

    ID = "ID", "Bahasa Indonesia", "Indonesian"
    EN = "EN", "Bahasa Inggris", "English"


class GuideKind(Code):
    """Jenis artikel panduan. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 2."""

    GUIDE = "GUIDE", "Panduan", "Guide"
    FAQ = "FAQ", "Tanya jawab", "Frequently asked question"


class FormGItem(Code):
    """Butir formulir G. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5 (the items in detail: our proposal)."""

    BADAN_HUKUM = "BADAN_HUKUM", "Bentuk badan hukum", "Legal form"
    AKTA = "AKTA", "Akta pendirian dan pengesahannya", "Deed of establishment with its approval"
    NOMOR_IZIN = "NOMOR_IZIN", "Nomor izin", "Number of the permit"
    IZIN = "IZIN", "Salinan izin", "Copy of the permit"
    REGULATOR = "REGULATOR", "Instansi pengawas", "Supervising authority"
    NPWP = "NPWP", "NPWP lembaga", "Tax number of the body"
    REKENING = "REKENING", "Rekening atas nama lembaga", "Account in the name of the body"
    NARAHUBUNG = "NARAHUBUNG", "Narahubung", "Contact person"
    RENCANA_SARPRAS = "RENCANA_SARPRAS", "Rencana paket sarana prasarana", "Plan for the facilities package"
    RENCANA_PELATIHAN = "RENCANA_PELATIHAN", "Rencana paket pelatihan", "Plan for the training package"
    RENCANA_PINJAMAN = "RENCANA_PINJAMAN", "Rencana paket pinjaman modal", "Plan for the capital loan package"
    DRAF_ECONTRACT = "DRAF_ECONTRACT", "Draf e-contract", "Draft e-contract"
    TANDA_OJK = "TANDA_OJK", "Tanda terdaftar atau berizin OJK", "Registration or licence of OJK"
    KEPATUHAN_OJK = "KEPATUHAN_OJK", "Pernyataan patuh pada aturan OJK", "Declaration to keep the rules of OJK"
