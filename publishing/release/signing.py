"""The key that signs releases (Ed25519), and the public key by which anybody checks them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kernel.errors import KsbbError
from kernel.settings import Settings
from policy.secrets import Secrets

KEYS = "keys"
"""The folder at the root of a catalogue with the public keys of its releases."""
SIGNATURE_LENGTH = 64

_PURPOSE = "release-signature"


class UnusableKey(KsbbError):
    """A file that should hold a key for releases does not."""

    code = "UNUSABLE_KEY"


@dataclass(frozen=True)
class PublicKey:
    """A key by which signatures are checked; its fingerprint is the SHA-256 of its DER form."""

    pem: bytes
    fingerprint: str

    @classmethod
    def of(cls, key: Ed25519PublicKey) -> PublicKey:
        """The key in the form in which it is published."""
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(pem, hashlib.sha256(der).hexdigest())

    @classmethod
    def read(cls, pem: bytes, where: str) -> PublicKey:
        """The key in a PEM file.

        Raises:
            UnusableKey: it holds no public Ed25519 key.
        """
        try:
            key = load_pem_public_key(pem)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise UnusableKey(
                f"{where} holds no public key of Ed25519. It must be a PEM file that begins with "
                f"`-----BEGIN PUBLIC KEY-----`, as the catalogue has it in `{KEYS}/`."
            )
        return cls.of(key)

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Whether a signature over a content was made with the private half."""
        key = load_pem_public_key(self.pem)
        assert isinstance(key, Ed25519PublicKey)
        try:
            key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class ReleaseKey:
    """The private key of an installation for its releases."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey.of(key.public_key())

    @classmethod
    def of(cls, settings: Settings, secrets: Secrets) -> ReleaseKey:
        """The key in the file that `KSBB_RELEASE_KEY_FILE` names, else the one that follows from the master secret.

        Raises:
            UnusableKey: the file cannot be read, or holds no private Ed25519 key.
        """
        if settings.release_key_file:
            return cls(_read(Path(settings.release_key_file)))
        return cls(Ed25519PrivateKey.from_private_bytes(secrets.subkey(_PURPOSE)))

    def sign(self, content: bytes) -> bytes:
        """The signature over a content: 64 bytes, the same for the same content."""
        return self._key.sign(content)


def publish_key(root: Path, key: PublicKey) -> None:
    """Lay a public key at the root of a catalogue, under its fingerprint."""
    file = root / KEYS / f"{key.fingerprint}.pem"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}")
        draft.write_bytes(key.pem)
        draft.replace(file)


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):  # TypeError: it is encrypted
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(
            "KSBB_RELEASE_KEY_FILE must name a readable PEM file with a private key of Ed25519 without a passphrase. "
            "`openssl genpkey -algorithm ed25519 -out FILE` makes one.",
            setting="KSBB_RELEASE_KEY_FILE",
        )
    return key
