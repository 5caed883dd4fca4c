"""Addresses that this server may call on behalf of others: public ones, told apart from those inside the house.

An address that a caller gives is asked from inside, past the firewall (SSRF): so its form is checked when it is given,
and every IP address behind its name at each connection.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from kernel.errors import KsbbError

PORTS = frozenset({443, 8443})
"""Ports of HTTPS, where nothing else is used to listen."""
LONGEST_URL = 500
"""Characters."""
RESOLVED_WITHIN_S = 5.0
"""How long a name may take to resolve."""

_URL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<user>[^/?#@]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[!$-;=?-Z_a-z~\[\]]*)?"
)
"""Visible ASCII, no fragment: names of other scripts are written as `xn--...`, other characters as `%..`."""
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

_NOT_FOR_HOSTS = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
"""Special networks (IANA registries) that Python's `is_global` lets through in one version or another."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that is given to hosts; IPv4-mapped addresses, NAT64 and everything local lie outside of it."""


class Fault(StrEnum):
    """Why an address may not be called."""

    FORM = "FORM"
    SCHEME = "SCHEME"
    USER = "USER"
    PORT = "PORT"
    NAME = "NAME"
    ADDRESS = "ADDRESS"


class TargetNotAllowed(KsbbError):
    """An address that this server does not call. The address is not repeated: it may hold a secret."""

    code = "TARGET_NOT_ALLOWED"

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"This address may not be called ({fault}).", fault=fault.value)
        self.fault = fault


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From the name of a host and a port to its IP addresses; raises OSError when there are none."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: an address of the right form."""

    url: str
    host: str
    port: int


def ip_addresses(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host, as the system resolves its name; blocks meanwhile."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def resolved(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host."""
    return await asyncio.to_thread(ip_addresses, host, port)


@dataclass(frozen=True, slots=True)
class Targets:
    """What may be called. With `allow_private` anything that is an address may: for tests and closed networks."""

    allow_private: bool = False
    resolve: Resolve = resolved

    def parse(self, url: str) -> Target:
        """The target of an address.

        Raises:
            TargetNotAllowed: not of the form, or with a scheme, user or port that is not allowed.
        """
        found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
        if found is None:
            raise TargetNotAllowed(Fault.FORM)
        host, is_https = found["host"].strip("[]").lower(), found["scheme"] == "https"
        port = int(found["port"] or (443 if is_https else 80))
        if found["user"] is not None:
            raise TargetNotAllowed(Fault.USER)
        if not _is_host(host):
            raise TargetNotAllowed(Fault.FORM)
        if not (is_https or self.allow_private):
            raise TargetNotAllowed(Fault.SCHEME)
        if not (port in PORTS or (self.allow_private and 0 < port < 65_536)):
            raise TargetNotAllowed(Fault.PORT)
        return Target(url, host, port)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses of a host, each of which may be called.

        Raises:
            TargetNotAllowed: the name does not resolve, or to an address that is not public, be it beside others.
        """
        try:
            async with asyncio.timeout(RESOLVED_WITHIN_S):
                found = await self.resolve(host, port)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise TargetNotAllowed(Fault.NAME)
        if not (self.allow_private or all(map(is_public, found))):
            raise TargetNotAllowed(Fault.ADDRESS)
        return found


def is_public(address: str) -> bool:
    """Whether an IP address is one of a host in the public internet, and of nothing that is special or near."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    special = any(ip in network for network in _NOT_FOR_HOSTS if network.version == ip.version)
    return ip.is_global and not (special or ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_loopback)


def _is_host(host: str) -> bool:
    """A name, or an IP address as it is written canonically: never as one number, in hex or octal."""
    if ":" in host:
        return _is_ip(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_ip(host)
    return all(map(_LABEL.fullmatch, labels))


def _is_ip(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv4Address | IPv6Address)
    except ValueError:
        return False
