"""Secrets: everything keyed that this installation needs, derived from one master key.

Public ids, sealed cursors, encrypted columns, keyed hashes and the passwords of the database roles: each has a key
of its own, so that none of them tells anything about another. Losing the master key loses ids, cursors and columns.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from asyncpg.pgproto import pgproto
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.errors import BadInput, KsbbError
from kernel.settings import Settings, UnusableSetting

MASTER_LENGTH = 32  # bytes: 64 hex digits
KEY_FILE = "secret.key"

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PYTHON_32 = "0123456789abcdefghijklmnopqrstuv"  # the digits that int(text, 32) reads
_PAIRS = [a + b for a in _CROCKFORD for b in _CROCKFORD]  # ten bits at a time
_TO_PYTHON_32 = {ord(c): ord(p) for c, p in zip(_CROCKFORD, _PYTHON_32, strict=True)}
_NOT_CROCKFORD = str.maketrans("", "", _CROCKFORD)
_ID_LENGTH = 26  # base 32 digits that hold 128 bits, the first below 8
_KIND_LENGTH = 40
_KINDS_KEPT = 256  # ciphers held ready: more kinds than there are entity types
_IDS_KEPT = 10_000
"""Those asked for last: who has a list asks for its rows, and for one again."""


class SealBroken(BadInput):
    """A sealed text that does not open: altered, cut, or made for another place."""

    code = "SEAL_BROKEN"


class NotAnId(BadInput):
    """A text that cannot be a public id."""

    code = "NOT_AN_ID"

    def __init__(
        self,
        message: str = (
            "This is no id (pengenal): one reads `<kind>_` and 26 lower-case letters and digits. "
            "Use ids as they were given."
        ),
    ) -> None:
        super().__init__(message)


class UnreadableColumn(KsbbError):
    """An encrypted value that this installation's key does not open."""

    code = "UNREADABLE_COLUMN"


class UnusableSecretFile(KsbbError):
    """The key file in the data folder does not hold what it should."""

    code = "UNUSABLE_SECRET_FILE"


class Secrets:
    """The keys of one installation, and what is done with them. Safe to share between threads."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._seals = AESSIV(self.subkey("seal", 64))
        self._columns = AESSIV(self.subkey("column", 64))
        self._equality = self.subkey("equality")
        self._encryptor = lru_cache(_KINDS_KEPT)(lambda kind: self._block(kind).encryptor())
        self._decryptor = lru_cache(_KINDS_KEPT)(lambda kind: self._block(_checked(kind)).decryptor())
        self._key_behind = lru_cache(_IDS_KEPT)(self._opened)

    @classmethod
    def of(cls, settings: Settings) -> Secrets:
        """The secrets of an installation: from `KSBB_SECRET_KEY`, else from a key made once in the data folder.

        Raises:
            UnusableSetting: the setting is not 64 hex digits.
            UnusableSecretFile: neither is the content of the key file.
        """
        if settings.secret_key:
            master = _from_hex(settings.secret_key)
            if master is None:
                raise UnusableSetting("KSBB_SECRET_KEY must be 64 hex digits.", name="KSBB_SECRET_KEY")
            return cls(master)
        file = settings.data_dir / KEY_FILE
        master = _from_hex(
            kept(file, lambda: os.urandom(MASTER_LENGTH).hex().encode()).decode(errors="replace").strip()
        )
        if master is None:
            raise UnusableSecretFile(f"{file.name} in the data folder must hold 64 hex digits.", file=file.name)
        return cls(master)

    def subkey(self, purpose: str, length: int = 32) -> bytes:
        """A key for one purpose; the same purpose and length give the same key."""
        return HKDF(SHA256(), length, salt=b"ksbb", info=purpose.encode()).derive(self._master)

    def role_password(self, role_name: str) -> str:
        """The password with which a database role logs in."""
        return self.subkey(f"role:{role_name}").hex()

    def seal(self, data: bytes, *context: str) -> str:
        """Data made unreadable and unalterable, as URL-safe text that opens in the same context only.

        Same data and context, same text: a cursor of an unchanged row stays what it was.
        """
        return urlsafe_b64encode(self._seals.encrypt(data, _associated(context))).decode().rstrip("=")

    def unseal(self, text: str, *context: str) -> bytes:
        """What was sealed in this context.

        Raises:
            SealBroken: the text was not made here for this context.
        """
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            data = self._seals.decrypt(sealed, _associated(context))
        except (ValueError, InvalidTag):
            raise SealBroken("This sealed text does not open here: use it unchanged, where it was given.") from None
        if urlsafe_b64encode(sealed).decode().rstrip("=") != text:  # base64 has spare bits: one seal, one text
            raise SealBroken("This sealed text does not open here: use it unchanged, where it was given.")
        return data

    def encrypt(self, value: str, column: str) -> bytes:
        """A value as it is stored at rest; bound to its column, equal values look equal."""
        return self._columns.encrypt(value.encode(), [column.encode()])

    def decrypt(self, stored: bytes, column: str) -> str:
        """The value that was encrypted for this column.

        Raises:
            UnreadableColumn: another key or another column.
        """
        try:
            return self._columns.decrypt(stored, [column.encode()]).decode()
        except (ValueError, InvalidTag):
            raise UnreadableColumn(
                f"A value of {column} does not open with this installation's key.", column=column
            ) from None

    def blind(self, value: str, column: str) -> bytes:
        """A keyed hash (32 bytes) by which equal values of one column are found without being read."""
        return hmac.digest(self._equality, f"{column}\0{value}".encode(), "sha256")

    def public_id(self, kind: str, key: UUID) -> str:
        """The id under which the world knows an entity: `<kind>_` and 26 letters and digits, no order, no time.

        One block of AES under a key of its own per kind: a permutation, so two keys never share an id.
        """
        n = int.from_bytes(self._encryptor(kind).update(key.bytes), "big")
        p = _PAIRS
        return (  # written out: this runs millions of times in a load
            f"{kind}_{p[n >> 120]}{p[n >> 110 & 1023]}{p[n >> 100 & 1023]}{p[n >> 90 & 1023]}{p[n >> 80 & 1023]}"
            f"{p[n >> 70 & 1023]}{p[n >> 60 & 1023]}{p[n >> 50 & 1023]}{p[n >> 40 & 1023]}{p[n >> 30 & 1023]}"
            f"{p[n >> 20 & 1023]}{p[n >> 10 & 1023]}{p[n & 1023]}"
        )

    def internal_key(self, public_id: str) -> tuple[str, UUID]:
        """Kind and internal key behind a public id; that such an entity exists is not said.

        The key is a UUID as the database's driver makes them: in a ninth of the time.

        Raises:
            NotAnId: the text is not of the form of an id.
        """
        return self._key_behind(public_id)

    def _opened(self, public_id: str) -> tuple[str, UUID]:
        kind, _, digits = public_id.rpartition("_")
        if len(digits) != _ID_LENGTH or digits.translate(_NOT_CROCKFORD) or digits[0] > "7":
            raise NotAnId
        block = int(digits.translate(_TO_PYTHON_32), 32).to_bytes(16, "big")
        return kind, pgproto.UUID(self._decryptor(kind).update(block))

    def _block(self, kind: str) -> Cipher[modes.ECB]:
        """The permutation of one kind: AES of one block, so the mode has nothing to do."""
        return Cipher(algorithms.AES(self.subkey(f"id:{kind}")), modes.ECB())  # noqa: S305  # one block, see above


def kept(file: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a private file (mode 0600), made once: whoever comes second reads what the first one made."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(make())
                out.flush()
                os.fsync(out.fileno())
            _link_once(draft, file)
        finally:
            draft.unlink(missing_ok=True)
    return file.read_bytes()


def _link_once(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)  # unlike a rename, it never replaces what another process made meanwhile
    except FileExistsError:
        return


def _from_hex(text: str) -> bytes | None:
    try:
        master = bytes.fromhex(text)
    except ValueError:
        return None
    return master if len(master) == MASTER_LENGTH else None


def _associated(context: tuple[str, ...]) -> list[bytes]:
    return [part.encode() for part in context]


def _checked(kind: str) -> str:
    if 0 < len(kind) <= _KIND_LENGTH and kind.isascii() and kind.replace("_", "").isalnum() and kind.islower():
        return kind
    raise NotAnId
