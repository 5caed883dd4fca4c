"""What every answer tells browsers: that it loads, runs and sends nothing, and who may show it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256

from starlette.types import Message, Send

Header = tuple[bytes, bytes]

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Stricter than `default-src 'self'`: nothing that is served here needs another file to be shown."""
SAFE: tuple[Header, ...] = (
    (b"content-security-policy", NOTHING.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # addresses hold documents, ids and tickets
    (b"x-frame-options", b"DENY"),  # what frame-ancestors says, for browsers before it
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
        b"payment=(), usb=()",
    ),
)
SHOWN_ANYWHERE: Header = (b"cross-origin-resource-policy", b"cross-origin")
SHOWN_HERE: Header = (b"cross-origin-resource-policy", b"same-origin")

_CORS = b"access-control-allow-origin"
_YEAR_S = 31_536_000


def page_policy(styles: Iterable[str]) -> str:
    """The policy of a page: it shows itself in these styles, follows links and starts downloads, nothing else.

    A style is named by the SHA-256 of its text, so that one that got into a page otherwise is not used.
    """
    hashes = " ".join(f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in styles)
    return f"{NOTHING}; style-src {hashes}; sandbox allow-downloads"


def only_by_https(public_url: str) -> tuple[Header, ...]:
    """`Strict-Transport-Security`, where callers reach us by https. It says nothing of other names of the host."""
    if not public_url.startswith("https://"):
        return ()
    return ((b"strict-transport-security", f"max-age={_YEAR_S}".encode()),)


def safe(send: Send, also: Sequence[Header]) -> Send:
    """A way out on which answers have these headers, and those above, unless they have their own.

    Pages elsewhere may show what they may read.
    """
    always = (*also, *SAFE)

    async def completed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ())]
            named = {name.lower() for name, _ in headers}
            shown = SHOWN_ANYWHERE if _CORS in named else SHOWN_HERE
            headers += [header for header in (*always, shown) if header[0] not in named]
            message = {**message, "headers": headers}
        await send(message)

    return completed
