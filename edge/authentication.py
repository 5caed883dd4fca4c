"""Who is asking: from the Authorization header to a viewer. No header is the public; a bad one is refused."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from kernel.clock import Clock
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
