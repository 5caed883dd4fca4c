"""Commands that are not carried out: expected situations, in English and Indonesian, at a place in the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kernel.errors import KsbbError
from models.states import StateMachine
from models.vocabulary import Code

Path = tuple[str | int, ...]


class Refusal(KsbbError):
    """An expected failure of a command: nothing was written, and both sentences say what to do.

    `path` leads to the part of the input that it is about, as GraphQL spells it; empty for the whole.
    """

    code = "REFUSED"

    def __init__(self, english: str, indonesian: str, /, *, path: Path = (), **details: object) -> None:
        super().__init__(english, **details)
        self.indonesian = indonesian
        self.path = path

    @property
    def each(self) -> Sequence[Refusal]:
        """The situations that are told to the caller: this one, where it does not stand for several."""
        return (self,)


class SeveralRefusals(Refusal):
    """Several parts of a list that cannot be carried out, so that nothing of it was: each is told with its place."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        super().__init__(first.message, first.indonesian, path=first.path)
        self.code = first.code
        self._each = tuple(refusals)

    @property
    def each(self) -> Sequence[Refusal]:
        """The refusal of each part."""
        return self._each


class NotFound(Refusal):
    """What an identifier names is not there, or not among the rows that the caller sees: both are told alike."""

    code = "NOT_FOUND"

    def __init__(self, noun: str, path: Path) -> None:
        super().__init__(
            f"No {noun} of yours has this id. Use an id as the API gave it to you.",
            f"Tidak ada {noun} milik Anda dengan id ini. Gunakan id persis seperti yang diberikan API.",
            path=path,
        )


class NotPossibleNow(Refusal):
    """The state machine has no such step from the present state, or not for this actor."""

    code = "NOT_POSSIBLE_NOW"

    def __init__(self, machine: StateMachine, before: Code | None, after: Code, allowed: Iterable[Code]) -> None:
        steps = [code.value for code in allowed]
        listed = ", ".join(steps) or "-"
        super().__init__(
            f"The {machine.noun} is {before}: it cannot become {after.value} by you. Allowed now: {listed}.",
            f"Status {machine.noun} sekarang {before}: tidak dapat Anda ubah menjadi {after.value}. "
            f"Yang diizinkan: {listed}.",
            state=before,
            allowed=steps,
        )


class NotAllowed(Refusal):
    """The role may not give this command."""

    code = "FORBIDDEN"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"Your role may not do this ({command}).", f"Peran Anda tidak boleh melakukan tindakan ini ({command})."
        )


class NotOfYourAgency(NotAllowed):
    """The role may give the command, but not for the agency that the caller's token names."""

    def __init__(self, command: str) -> None:
        Refusal.__init__(
            self,
            f"This is for DINAS_PPKUKM ({command}), and your token does not name that agency. Ask that agency, or get "
            "a token with the right `agency`.",
            f"Tindakan ini ({command}) hanya untuk DINAS_PPKUKM, dan token Anda tidak menyebut instansi itu. Hubungi "
            "instansi tersebut, atau minta token dengan `agency` yang benar.",
        )


class KeyUsedForAnother(Refusal):
    """The idempotency key came before, with another body."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used before with other content. Send the first content again, or a new key.",
            "Kunci idempotensi ini sudah dipakai dengan isi lain. Kirim isi yang sama, atau gunakan kunci baru.",
            path=("idempotencyKey",),
        )


class Clash(Refusal):
    """Somebody else did something at the same time that excludes this."""

    code = "CONFLICT"

    def __init__(self, about: str = "") -> None:
        which = about and f" ({about})"
        super().__init__(
            f"Something else was recorded meanwhile that excludes this{which}. Read again and decide.",
            f"Sementara itu tercatat hal lain yang bertentangan{which}. Baca ulang lalu putuskan.",
        )


class TextTooLong(Refusal):
    """A text of the input with more characters than any may have. It is not repeated."""

    code = "TEXT_TOO_LONG"

    def __init__(self, longest: int, path: Path) -> None:
        super().__init__(
            f"A text has at most {longest:,} characters. Shorten it, or upload it as a document.",
            f"Teks paling banyak {longest:,} karakter. Persingkat, atau unggah sebagai dokumen.",
            path=path,
            limit=longest,
        )


class ReasonMissing(Refusal):
    """A step that needs a reason came without one."""

    code = "REASON_MISSING"

    def __init__(self) -> None:
        super().__init__("Give a reason (alasan).", "Berikan alasannya.", path=("reason",))
