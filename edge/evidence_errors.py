"""What can be wrong with sending or fetching a file of evidence, in both languages, and its status."""

from __future__ import annotations

from collections.abc import Mapping

from commands.media import NotAsAnnounced, TooMuchInside, UnreadableFile
from commands.refusal import Refusal
from commands.storage import StorageUnavailable
from commands.upload import UploadClosed
from edge.errors import STATUS_OF, BodyTooLarge, BodyTooSlow, MethodNotAllowed, entry
from kernel.errors import KsbbError


class NoSuchAddress(Refusal):
    """An address that was not given here, or was altered."""

    code = "NO_SUCH_ADDRESS"

    def __init__(self) -> None:
        super().__init__(
            "This address was not given here. Use the `url` of `requestUpload` unchanged.",
            "Alamat ini tidak dikenal. Gunakan `url` dari `requestUpload` tanpa diubah.",
        )


class NoSuchDocument(Refusal):
    """A document that is not there, or not the caller's to see: both are told alike."""

    code = "NO_SUCH_DOCUMENT"

    def __init__(self) -> None:
        super().__init__(
            "No document of yours has this id. Use an id as the API gave it, and send your token (Authorization).",
            "Tidak ada dokumen untuk Anda dengan id ini. Gunakan id dari API, dan kirim token Anda (Authorization).",
        )


class FileNotHere(Refusal):
    """A document whose bytes this installation does not have."""

    code = "FILE_NOT_HERE"

    def __init__(self) -> None:
        super().__init__(
            "The document is known, but its file is not kept here. Ask its institution for it, by its SHA-256.",
            "Dokumen tercatat, tetapi berkasnya tidak disimpan di sini. Minta kepada lembaganya, dengan SHA-256-nya.",
        )


class NoPublicCopy(Refusal):
    """A copy without traces, of a file that is no picture."""

    code = "NO_PUBLIC_COPY"

    def __init__(self) -> None:
        super().__init__(
            "Only pictures have a public copy. Leave `copy` away if you may read the file itself.",
            "Hanya gambar yang memiliki salinan publik. Hilangkan `copy` bila Anda boleh membaca berkas aslinya.",
        )


class UnknownCopy(Refusal):
    """A kind of copy that there is not."""

    code = "UNKNOWN_COPY"

    def __init__(self) -> None:
        super().__init__("`copy` is `public`, or left away.", "`copy` diisi `public`, atau dihilangkan.")


class AnotherSize(Refusal):
    """A file shorter or longer than announced."""

    code = "SIZE_NOT_AS_ANNOUNCED"

    def __init__(self, announced: int) -> None:
        super().__init__(
            f"The file was announced with {announced:,} bytes. Send exactly these, or ask for a new address.",
            f"Berkas disebut berukuran {announced:,} bita. Kirim persis sebesar itu, atau minta alamat baru.",
            announced=announced,
        )


class AnotherHash(Refusal):
    """A file whose SHA-256 is not the one that was announced."""

    code = "HASH_NOT_AS_ANNOUNCED"

    def __init__(self) -> None:
        super().__init__(
            "The file has another SHA-256 than was announced: it changed on the way, or is another one. Send it again.",
            "SHA-256 berkas berbeda dari yang disebutkan: berubah di jalan, atau berkas lain. Kirim sekali lagi.",
        )


class AnotherType(Refusal):
    """Headers that speak of another type than was announced, or of a packed body."""

    code = "UNSUPPORTED_MEDIA_TYPE"

    def __init__(self, announced: str) -> None:
        super().__init__(
            f"Send the bytes as they are, with `Content-Type: {announced}` and without Content-Encoding.",
            f"Kirim isi berkas apa adanya, dengan `Content-Type: {announced}` dan tanpa Content-Encoding.",
            announced=announced,
        )


class TooSlow(Refusal):
    """A file that did not arrive in time."""

    code = BodyTooSlow.code

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The file did not arrive within {seconds:g} seconds. The address still holds: send it again.",
            f"Berkas tidak tiba dalam {seconds:g} detik. Alamatnya masih berlaku: kirim sekali lagi.",
            seconds=seconds,
        )


class TooManyAtOnce(Refusal):
    """A caller with many files on their way."""

    code = "TOO_MANY_AT_ONCE"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} files of yours are on their way. Wait until one has arrived, then send this one again.",
            f"{most} berkas Anda sedang dikirim. Tunggu sampai salah satunya tiba, lalu kirim berkas ini lagi.",
            limit=most,
        )


class NoRoom(Refusal):
    """A file for which there is no room."""

    code = "DISK_FULL"

    def __init__(self) -> None:
        super().__init__(
            "There is no room left for files here, and nothing of this one was kept. The address still holds: send "
            "it again later. If it stays so, tell the administrator to make room.",
            "Tempat penyimpanan berkas penuh, dan berkas ini tidak disimpan. Alamatnya masih berlaku: kirim lagi "
            "nanti. Bila tetap begitu, beri tahu pengelola agar menambah ruang.",
        )


class OtherMethod(Refusal):
    """A method that these addresses do not know."""

    code = MethodNotAllowed.code

    def __init__(self, methods: str) -> None:
        super().__init__(f"This address answers {methods}.", f"Alamat ini melayani {methods}.", allowed=methods)


_STATUS: Mapping[str, int] = {
    **STATUS_OF,
    NoSuchAddress.code: 404,
    NoSuchDocument.code: 404,
    FileNotHere.code: 404,
    NoPublicCopy.code: 409,
    UnknownCopy.code: 400,
    UploadClosed.code: 410,
    TooManyAtOnce.code: 429,
    AnotherSize.code: 400,
    AnotherHash.code: 400,
    NotAsAnnounced.code: 415,
    UnreadableFile.code: 422,
    TooMuchInside.code: STATUS_OF[BodyTooLarge.code],
    StorageUnavailable.code: 503,
    NoRoom.code: 507,
}


def status_of(refused: KsbbError) -> int:
    """The status of a situation."""
    return _STATUS.get(refused.code, 400)


def told(refused: KsbbError) -> dict[str, object]:
    """A situation as an entry of the `errors` array, with its Indonesian sentence where it has one."""
    said = entry(refused)
    return {**said, "messageId": refused.indonesian} if isinstance(refused, Refusal) else said
