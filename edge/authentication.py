"""Who is asking: from the Authorization header to a viewer. No header is the public; a bad one is refused."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from kernel.clock import Clock
from kernel.errors import KsbbError
from policy.tokens import BadToken, Verifier
from policy.viewer import PUBLIC, Viewer

REMEMBERED = 4_096  # verified tokens: more than the officers of the city who work at one time


class Authentication:
    """Finds the viewer of a request; a token that was verified is remembered for as long as it may be relied on."""

    def __init__(self, verifier: Verifier, clock: Clock) -> None:
        self._verifier = verifier
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[Viewer, dt.datetime]] = OrderedDict()

    async def viewer(self, authorization: bytes | None) -> Viewer:
        """The viewer of a request with this Authorization header.

        Raises:
            BadToken: the header is not a valid bearer token.
            KeysUnavailable: tokens cannot be checked now.
        """
        if authorization is None:
            return PUBLIC
        known = self._known.get(authorization)
        if known is not None and self._clock.now() < known[1]:
            self._known.move_to_end(authorization)
            return known[0]
        return await self._verified(authorization)

    async def right(self, authorization: bytes | None) -> Right:
        """The right of a caller who stays, to be looked at again for as long as the connection lasts.

        Raises as `viewer` does.
        """
        viewer = await self.viewer(authorization)
        until = None if authorization is None else self._known[authorization][1]
        return Right(self, self._clock, authorization, viewer, until)

    async def _verified(self, authorization: bytes) -> Viewer:
        self._known.pop(authorization, None)
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise BadToken("the header must read `Authorization: Bearer <token>`")
        verified = await self._verifier.verify(token.strip())
        self._known[authorization] = (verified.viewer, verified.until)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return verified.viewer


class Right:
    """That a caller may read as a viewer; a token that ran out, or whose key was withdrawn, gives it no more."""

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

    def is_due(self) -> bool:
        """Whether the right must be checked before anything more is delivered. Cheap: asked at every delivery."""
        return self._until is not None and self._clock.now() >= self._until

    async def still_holds(self) -> bool:
        """Whether the caller still is who it was; what cannot be checked does not hold."""
        try:
            renewed = await self._authentication.right(self._authorization)
        except KsbbError:
            return False
        self._until = renewed._until
        return renewed.viewer == self.viewer
