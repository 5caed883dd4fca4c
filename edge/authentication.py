"""Who is asking: from the Authorization header to a viewer. No header is the public; a bad one is refused."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from edge.api_keys import ApiKeys
from edge.revocations import FRESH_FOR, Revocations
from kernel.clock import Clock
from policy.token_errors import BadToken
from policy.tokens import RELIED_ON_FOR_S, Verified, Verifier
from policy.viewer import PUBLIC, Viewer

REMEMBERED = 4_096  # verified tokens: more than the officers of the city who work at one time


class Authentication:
    """Finds the viewer of a request; a token that was verified is remembered for as long as it may be relied on.

    Whether it was revoked is asked each time. Without `revocations` none ever is; without `keys` there are none.
    """

    def __init__(
        self,
        verifier: Verifier,
        clock: Clock,
        revocations: Revocations | None = None,
        keys: ApiKeys | None = None,
    ) -> None:
        self._verifier = verifier
        self._clock = clock
        self._revocations = revocations
        self._keys = keys
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    async def viewer(self, authorization: bytes | None) -> Viewer:
        """The viewer of a request with this Authorization header.

        Raises:
            BadToken: the header is neither a valid bearer token nor an API key that holds.
            KeysUnavailable, RevocationsUnknown: tokens cannot be checked now.
        """
        return PUBLIC if authorization is None else (await self._verified(authorization)).viewer

    async def right(self, authorization: bytes | None) -> Right:
        """The right of a caller who stays, to be looked at again for as long as the connection lasts.

        Raises as `viewer` does.
        """
        if authorization is None:
            return Right(self, self._clock, authorization, PUBLIC, None)
        verified = await self._verified(authorization)
        until = verified.until if self._revocations is None else min(verified.until, self._clock.now() + FRESH_FOR)
        return Right(self, self._clock, authorization, verified.viewer, until)

    async def _verified(self, authorization: bytes) -> Verified:
        known = self._known.get(authorization)
        if known is None or not self._may_rely_on(known):
            known = await self._verify(authorization)
        else:
            self._known.move_to_end(authorization)
        who = known.viewer
        if self._revocations and await self._revocations.is_revoked(who.subject, who.role, known.issued_at):
            raise BadToken("it was revoked")
        return known

    def _may_rely_on(self, known: Verified) -> bool:
        """Whether a token need not be checked again; it must when its end is too far, for the clock was set back."""
        return 0 < (known.until - self._clock.now()).total_seconds() <= RELIED_ON_FOR_S

    async def _verify(self, authorization: bytes) -> Verified:
        self._known.pop(authorization, None)
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise BadToken("the header must read `Authorization: Bearer <token>`")
        if self._keys is not None and self._keys.is_one(token.strip()):
            return await self._keys.verified(token.strip())  # not remembered: it takes no longer, and may end
        verified = await self._verifier.verify(token.strip())
        self._known[authorization] = verified
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return verified


class Right:
    """That a caller may read as a viewer; a token that ran out, was revoked, or whose key was withdrawn, ends it."""

    def __init__(
        self,
        authentication: Authentication,
        clock: Clock,
        authorization: bytes | None,
        viewer: Viewer,
        until: dt.datetime | None,
    ) -> None:
        self.viewer = viewer
        self._authentication = authentication
        self._clock = clock
        self._authorization = authorization
        self._until = until
        """When the token must be checked again; None: there is none, and the public may read for ever."""
        self._checked_at = clock.now()

    def is_due(self) -> bool:
        """Whether the right must be checked before anything more is delivered. Cheap: asked at every delivery."""
        return self._until is not None and not self._checked_at <= self._clock.now() < self._until  # set back: due too

    async def still_holds(self) -> bool:
        """Whether the caller still is who it was.

        Raises:
            KeysUnavailable, RevocationsUnknown: that cannot be told, so nothing more may be delivered now.
        """
        try:
            renewed = await self._authentication.right(self._authorization)
        except BadToken:
            return False
        self._until, self._checked_at = renewed._until, renewed._checked_at
        return renewed.viewer == self.viewer
