"""What a webhook is registered with: its target, its filter and its secret, each checked."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from secrets import token_bytes
from uuid import UUID

from commands.refusal import Refusal
from geo.regions import region
from kernel.targets import LONGEST_URL, Fault, Target, TargetNotAllowed, Targets

MOST_OF_A_LIST = 50
"""Types, regions or institutions that one filter names."""
_SECRET_LENGTH = 32  # bytes; the Standard Webhooks scheme wants 24 to 64

_FAULTS = {
    Fault.FORM: (
        f"Write it as https://host/path: plain ASCII, at most {LONGEST_URL} characters, no fragment, IP addresses in "
        "their usual form.",
        f"Tulis sebagai https://host/path: ASCII saja, paling banyak {LONGEST_URL} karakter, tanpa fragmen, alamat IP "
        "dalam bentuk lazim.",
    ),
    Fault.SCHEME: ("Use https.", "Gunakan https."),
    Fault.USER: (
        "Leave user and password out: messages are signed with the secret.",
        "Jangan sertakan nama pengguna dan sandi: pesan ditandatangani dengan rahasia webhook.",
    ),
    Fault.PORT: ("Use port 443 or 8443.", "Gunakan porta 443 atau 8443."),
    Fault.NAME: (
        "The name of the host does not resolve. Set up its DNS entry first.",
        "Nama host tidak ditemukan. Siapkan dahulu entri DNS-nya.",
    ),
    Fault.ADDRESS: (
        "The host has an address that is private, local or reserved. Use one that is reached over the internet.",
        "Host memiliki alamat privat, lokal atau khusus. Gunakan yang dapat dijangkau lewat internet.",
    ),
}


class TargetRefused(Refusal):
    """An address that webhooks do not go to. It is not repeated: it may hold a secret."""

    code = "TARGET_NOT_ALLOWED"

    def __init__(self, fault: Fault) -> None:
        english, indonesian = _FAULTS[fault]
        super().__init__(
            f"Webhooks cannot go to this address. {english}",
            f"Webhook tidak dapat dikirim ke alamat ini. {indonesian}",
            path=("targetUrl",),
            fault=fault.value,
        )


class UnknownEventType(Refusal):
    """A type of events that there is not."""

    code = "UNKNOWN_EVENT_TYPE"

    def __init__(self, index: int) -> None:
        super().__init__(
            "There is no event of this type. Use types as events name them, such as LoanMoved, or none for all.",
            "Tidak ada peristiwa berjenis ini. Gunakan jenis persis seperti pada peristiwa, misalnya LoanMoved, atau "
            "kosongkan untuk semua.",
            path=("eventTypes", index),
        )


class FilterTooLong(Refusal):
    """More types, regions or institutions than one filter may name."""

    code = "FILTER_TOO_LONG"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"A filter names at most {MOST_OF_A_LIST}. Leave the list empty for all, or register several webhooks.",
            f"Saringan memuat paling banyak {MOST_OF_A_LIST}. Kosongkan untuk semua, atau daftarkan beberapa webhook.",
            path=(field,),
        )


async def target_given(url: str, targets: Targets) -> Target:
    """The target of an address that may be called today; it is checked again whenever it is called.

    Raises:
        TargetRefused: it may not.
    """
    try:
        target = targets.parse(url.strip())
        await targets.addresses(target.host, target.port)
    except TargetNotAllowed as refused:
        raise TargetRefused(refused.fault) from None
    return target


def types_given(names: Sequence[str]) -> str:
    """Types of events as they are kept.

    Raises:
        FilterTooLong, UnknownEventType: too many, or one that there is not.
    """
    _check_length(names, "eventTypes")
    from commands.facts import FACTS  # the registry holds the facts of webhooks too, so it comes after them

    for index, name in enumerate(names):
        if name not in FACTS:
            raise UnknownEventType(index)
    return " ".join(sorted(set(names)))


def regions_given(codes: Sequence[str]) -> str:
    """Region codes as they are kept.

    Raises:
        FilterTooLong: too many.
    """
    _check_length(codes, "regionCodes")
    return " ".join(sorted({region(code).code for code in codes}))


def institutions_given(keys: Sequence[UUID]) -> list[UUID]:
    """Keys of institutions as they are kept.

    Raises:
        FilterTooLong: too many.
    """
    _check_length(keys, "institutionIds")
    return sorted(set(keys))


def new_secret() -> str:
    """A secret as the Standard Webhooks scheme writes it."""
    return f"whsec_{b64encode(token_bytes(_SECRET_LENGTH)).decode()}"


def _check_length(given: Sequence[object], field: str) -> None:
    if len(given) > MOST_OF_A_LIST:
        raise FilterTooLong(field)
