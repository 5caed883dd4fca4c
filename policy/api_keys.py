"""The text of an API key: `ksbb_<id>_<secret>`, so that a leaked one is recognised, told apart, and useless from a row.

`<id>` are the digits of the key's public identifier. The secret is 256 random bits as 64 hex digits: nothing is gained
by a slow hash, which is for secrets that people choose, and much lost, since each request is checked. What is stored is
a keyed hash over both parts: who reads the table has no key, and who writes into it makes none.
"""

from __future__ import annotations

import hmac
import re
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.secrets import Secrets  # which takes long to import: the command line needs the texts only

PREFIX = "ksbb_"
NOUN = "api_key"
LONGEST_DAYS = 365
SECRET_BYTES = 32
_COLUMN = "api_key.secret_hash"
_FORM = re.compile(rf"{PREFIX}(?P<id>[0-9a-z]{{26}})(?:_(?P<secret>[0-9a-f]{{{2 * SECRET_BYTES}}}))?", re.ASCII)


def new_secret() -> str:
    """256 bits from the operating system."""
    return token_hex(SECRET_BYTES)


def key_text(public_id: str, secret: str = "") -> str:
    """The text of a key; without the secret its beginning, by which people name it."""
    beginning = PREFIX + public_id.removeprefix(f"{NOUN}_")
    return f"{beginning}_{secret}" if secret else beginning


def public_id_of(text: str) -> str | None:
    """The public identifier of the key that a text is, or is the beginning of; None where it is of another form."""
    found = _FORM.fullmatch(text)
    return None if found is None else f"{NOUN}_{found['id']}"


def hash_of(secrets: Secrets, public_id: str, secret: str) -> bytes:
    """What is stored of a key (32 bytes); bound to the key, so that it is worth nothing in another row."""
    return secrets.blind(f"{public_id}\0{secret}", _COLUMN)


def is_right(secrets: Secrets, text: str, stored: bytes | None) -> bool:
    """Whether a text is the key of which this is stored; as long for one that there is not (None) as for any other."""
    found = _FORM.fullmatch(text)
    secret = found["secret"] if found is not None else None
    given = hash_of(secrets, public_id_of(text) or "", secret or "")
    return hmac.compare_digest(given, stored or bytes(len(given))) and secret is not None and stored is not None
