"""What can be wrong with a bearer token, or with those who would check it."""

from __future__ import annotations

from kernel.errors import KsbbError


class BadToken(KsbbError):
    """A bearer token that does not hold."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The bearer token is not valid: {reason}. Get a new one, or send none to read as the public.")


class KeysUnavailable(KsbbError):
    """The issuer's keys cannot be had, so no token can be checked."""

    code = "TOKEN_KEYS_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("Tokens cannot be checked now, because their issuer does not answer. Try again in a minute.")


class IssuerUnusable(KsbbError):
    """What an issuer publishes, or that it publishes nothing; told to who keeps the installation only."""

    code = "TOKEN_ISSUER_UNUSABLE"


class TokensIssuedElsewhere(KsbbError):
    """This installation checks the tokens of an OIDC issuer and signs none itself."""

    code = "TOKENS_ISSUED_ELSEWHERE"

    def __init__(self, issuer: str) -> None:
        super().__init__(
            f"Tokens come from {issuer}; unset KSBB_TOKEN_DISCOVERY and KSBB_TOKEN_JWKS_URL to sign them here.",
            issuer=issuer,
        )
