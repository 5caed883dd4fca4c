"""The address to listen on: whether it is free, looked at before anything is built for it."""

from __future__ import annotations

import socket

from kernel.errors import KsbbError


class AddressTaken(KsbbError):
    """Nothing can listen on the configured address."""

    code = "ADDRESS_TAKEN"

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.cause = f"{host}:{port} cannot be listened on: {reason}."
        self.cure = f"End the program that listens there (fuser {port}/tcp), or set KSBB_PORT or KSBB_HOST."
        super().__init__(f"{self.cause} {self.cure}", host=host, port=port)


def require_free(host: str, port: int) -> None:
    """Make sure that one could listen there.

    Raises:
        AddressTaken: another program does, or the address is not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as cause:
        raise AddressTaken(host, port, cause.strerror or "it is of another machine") from None
