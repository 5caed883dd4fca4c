"""Closed lists of codes of webhooks; see `models/vocabulary.py`."""

from __future__ import annotations

from models.vocabulary import Code


class WebhookState(Code):
    """Status pengiriman webhook. Source: our proposal."""

    WAITING = "WAITING", "Menunggu dikirim", "Waits to be sent, or to be sent again"
    DELIVERED = "DELIVERED", "Terkirim", "Taken by the receiver"
    DEAD = "DEAD", "Gagal setelah semua percobaan", "Given up after all attempts"
    DROPPED = "DROPPED", "Tidak lagi boleh dilihat", "Not sent: the agency may not hear of it any more"


class WebhookProblem(Code):
    """Penyebab gagal kirim webhook. Source: our proposal."""

    NAME = "NAME", "Nama host tidak ditemukan", "The name of the host does not resolve"
    ADDRESS = "ADDRESS", "Alamat tidak diizinkan", "The host has an address that is not allowed"
    CONNECTION = "CONNECTION", "Sambungan gagal atau terputus", "The connection failed or broke"
    TIMEOUT = "TIMEOUT", "Tidak menjawab tepat waktu", "No answer in time"
    REDIRECT = "REDIRECT", "Dialihkan; pengalihan tidak diikuti", "Redirected; redirects are not followed"
    STATUS = "STATUS", "Jawaban bukan 2xx", "Answered with another status than 2xx"
    GONE = "GONE", "Dijawab 410", "Answered 410: the receiver wants no more"


class WebhookPause(Code):
    """Sebab webhook tidak dilayani. Source: our proposal."""

    OWNER = "OWNER", "Dihentikan pemiliknya", "Paused by its owner"
    GONE = "GONE", "Penerima menjawab 410", "The receiver answered 410"
    REMOVED = "REMOVED", "Diakhiri pemiliknya", "Ended by its owner"
