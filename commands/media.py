"""What a file is by its bytes, and a copy of a picture that tells nothing but what is in it.

Source: DOMAIN section 8, invariant 15: a photo tells where it was taken, by what and when (EXIF, XMP), beside what it
shows. A copy has the pixels only.
"""

from __future__ import annotations

import codecs
import struct
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import BinaryIO, TypeVar

from PIL import Image, ImageOps

from commands.refusal import Refusal
from commands.upload import CSV, IMAGES, JPEG, PDF, PNG, WEBP, XLSX

T = TypeVar("T")

MOST_PIXELS = 50_000_000
"""Of one picture, 200 MB in memory: more than telephones take, less than what stops a server."""
MOST_UNPACKED = 500_000_000
"""Bytes that the parts of a workbook may say to have."""
MOST_PARTS = 10_000

_FORMATS: Mapping[str, str] = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_QUALITY: Mapping[str, Mapping[str, object]] = {
    JPEG: {"quality": 88, "optimize": True},
    PNG: {"optimize": False},
    WEBP: {"quality": 88},
}
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, struct.error, zipfile.BadZipFile)
"""What readers of files raise over bytes that are not what they should be."""
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BEGINNING = 16
_CHUNK = 65_536


# ---- situations


class NotAsAnnounced(Refusal):
    """Bytes of another type than the one that was announced, or of none that is taken."""

    code = "TYPE_NOT_AS_ANNOUNCED"

    def __init__(self, announced: str, found: str | None) -> None:
        super().__init__(
            f"The file is {found or 'of no type that is taken'}, not {announced}. "
            "Ask for a new address with the right type, or send the right file.",
            f"Isi berkas adalah {found or 'tipe yang tidak diterima'}, bukan {announced}. "
            "Minta alamat baru dengan tipe yang benar, atau kirim berkas yang benar.",
            announced=announced,
        )


class UnreadableFile(Refusal):
    """A file that its own reader cannot read."""

    code = "UNREADABLE_FILE"

    def __init__(self) -> None:
        super().__init__(
            "The file is damaged or not complete: it cannot be read. Open it yourself, save it anew and send that.",
            "Berkas rusak atau tidak lengkap: tidak dapat dibaca. Buka dan simpan ulang, lalu kirim lagi.",
        )


class TooMuchInside(Refusal):
    """A small file that unpacks to something very large."""

    code = "TOO_MUCH_INSIDE"

    def __init__(self) -> None:
        super().__init__(
            f"A picture has at most {MOST_PIXELS // 1_000_000} megapixels, a workbook at most "
            f"{MOST_UNPACKED // 1_000_000} MB unpacked. Make it smaller.",
            f"Gambar paling besar {MOST_PIXELS // 1_000_000} megapiksel, lembar kerja paling besar "
            f"{MOST_UNPACKED // 1_000_000} MB setelah dibuka. Perkecil berkasnya.",
        )


# ---- what it is


def inspect(file: BinaryIO, announced: str) -> None:
    """Make sure that a file is what was announced, and can be read; by its bytes, whatever it is called.

    Raises:
        NotAsAnnounced, UnreadableFile, TooMuchInside: see there.
    """
    found = _type_of(file)
    if found != announced:
        raise NotAsAnnounced(announced, found)
    if found in IMAGES:
        _read(lambda: _pixels(file, found).close())


def _type_of(file: BinaryIO) -> str | None:
    file.seek(0)
    beginning = file.read(_BEGINNING)
    match beginning:
        case _ if beginning.startswith(b"\xff\xd8\xff"):
            return JPEG
        case _ if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
            return PNG
        case _ if beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP":
            return WEBP
        case _ if beginning.startswith(b"%PDF-"):
            return PDF
        case _ if beginning.startswith(b"PK\x03\x04"):
            return XLSX if _read(lambda: _is_workbook(file)) else None
        case _:
            return CSV if _is_table(file) else None


def _is_workbook(file: BinaryIO) -> bool:
    """Whether a ZIP is a workbook without programs in it; nothing is unpacked."""
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TooMuchInside
        names = {part.filename for part in parts}
    has_programs = any(name.lower().endswith(".bin") and "vba" in name.lower() for name in names)
    return {"[Content_Types].xml", "xl/workbook.xml"} <= names and not has_programs


def _is_table(file: BinaryIO) -> bool:
    """Whether a file is plain text in UTF-8 and no page or picture in text form."""
    file.seek(0)
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    is_first = True
    while chunk := file.read(_CHUNK):
        try:
            text = decode(chunk)
        except UnicodeDecodeError:
            return False
        if (is_first and text.lstrip().startswith("<")) or not _is_plain(text):
            return False
        is_first = False
    try:
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_first


def _is_plain(text: str) -> bool:
    return all(letter >= " " or letter in "\t\r\n" for letter in text)


# ---- a copy for everybody


def public_copy(file: BinaryIO, media_type: str) -> bytes:
    """The pixels of a picture, upright, in a file without anything else: no position, camera, time, name or preview.

    Raises:
        UnreadableFile, TooMuchInside: see there.
    """
    return _read(lambda: _copied(file, media_type))


def _copied(file: BinaryIO, media_type: str) -> bytes:
    with _pixels(file, media_type) as picture:
        upright = ImageOps.exif_transpose(picture)
        mode = "RGBA" if media_type != JPEG and upright.has_transparency_data else "RGB"
        clean = Image.new(mode, upright.size)
        clean.paste(upright.convert(mode))
    out = BytesIO()
    clean.save(out, _FORMATS[media_type], **_QUALITY[media_type])
    return out.getvalue()


def _pixels(file: BinaryIO, media_type: str) -> Image.Image:
    """An open picture with its pixels read; its size is looked at before."""
    file.seek(0)
    picture = Image.open(file, formats=[_FORMATS[media_type]])
    if picture.width * picture.height > MOST_PIXELS:
        raise TooMuchInside
    picture.load()
    return picture


def _read(part: Callable[[], T]) -> T:
    try:
        return part()
    except _BOMB:
        raise TooMuchInside from None
    except _BROKEN:
        raise UnreadableFile from None
