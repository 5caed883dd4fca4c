"""Sends one message to one address: signed, to a checked address, without following where it leads."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore
from standardwebhooks import Webhook

from kernel.targets import Fault, Target, TargetNotAllowed, Targets, ip_addresses
from models.webhook_codes import WebhookProblem

ANSWERED_WITHIN_S = 15.0
"""How long connecting, sending and the answer may take together."""
CONNECTED_WITHIN_S = 5.0
"""How long one address of several may take to connect."""
MOST_READ = 1_000
"""Bytes of the receiver's answer that are read, and dropped."""

_BODY_WITHIN_S = 1.0
_CONNECTIONS = 256
_NAMES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the status if there was one, what was wrong if anything, when to come again if told."""

    status: int | None = None
    problem: WebhookProblem | None = None
    retry_after_s: float = 0.0


def signature_headers(secrets: Sequence[str], message_id: str, at: dt.datetime, body: str) -> Mapping[str, str]:
    """The headers of the Standard Webhooks scheme; each secret gives a signature of its own."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets),
    }


class Sender:
    """Sends by HTTP, from the connections that it keeps."""

    def __init__(self, targets: Targets, *, context: ssl.SSLContext | None = None, within_s: float = ANSWERED_WITHIN_S):
        self._targets = targets
        self._within_s = within_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context or ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            keepalive_expiry=5.0,
            network_backend=CheckedNetwork(targets),
        )

    async def send(self, url: str, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> Answer:
        """Post a message; whatever happens is an answer."""
        try:
            target = self._targets.parse(url)
            async with (
                asyncio.timeout(self._within_s),
                self._pool.stream(
                    "POST", target.url, headers=_headers(target, headers, body), content=body
                ) as response,
            ):
                await _drain(response)
                return _answer(response, now)
        except TargetNotAllowed as refused:
            return Answer(problem=WebhookProblem.NAME if refused.fault is Fault.NAME else WebhookProblem.ADDRESS)
        except (TimeoutError, httpcore.TimeoutException):
            return Answer(problem=WebhookProblem.TIMEOUT)
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):  # an SSLError is an OSError
            return Answer(problem=WebhookProblem.CONNECTION)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a name, checks every address, and connects to one of those: a name that changes meanwhile gains nothing.

    TLS goes on with the name of the host, which the certificate must have.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # as the protocol has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to an address of the host that may be called.

        Raises:
            TargetNotAllowed: it has none, or one that may not be called.
        """
        *others, last = await self._targets.addresses(host, port)
        within = min(timeout or CONNECTED_WITHIN_S, CONNECTED_WITHIN_S)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(address, port, within, local_address, socket_options)
        return await self._network.connect_tcp(last, port, within, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def names_in_threads(targets: Targets) -> AsyncIterator[Targets]:
    """The same targets with threads of their own for names: the dead name server of one holds up no other."""
    threads = ThreadPoolExecutor(_NAMES_AT_ONCE, "ksbb-names")

    async def resolved(host: str, port: int) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(threads, ip_addresses, host, port)

    try:
        yield replace(targets, resolve=resolved)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _headers(target: Target, more: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    host = f"[{target.host}]" if ":" in target.host else target.host
    default = {"https": 443, "http": 80}[target.url.partition(":")[0]]
    return [
        ("host", host if target.port == default else f"{host}:{target.port}"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("user-agent", "KSBB-Webhooks"),
        *more.items(),
    ]


async def _drain(response: httpcore.Response) -> None:
    """Read a little of the body, so that the connection can be used again; what is longer or slow is cut off."""
    read = 0
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for chunk in response.aiter_stream():
                read += len(chunk)
                if read > MOST_READ:
                    return


def _answer(response: httpcore.Response, now: dt.datetime) -> Answer:
    status = response.status
    if HTTPStatus(200) <= status < 300:
        return Answer(status)
    if status == HTTPStatus.GONE:
        return Answer(status, WebhookProblem.GONE)
    problem = WebhookProblem.REDIRECT if 300 <= status < 400 else WebhookProblem.STATUS
    told = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
    return Answer(status, problem, _seconds(told.decode("ascii", "replace").strip(), now))


def _seconds(told: str, now: dt.datetime) -> float:
    """How long to wait, as `Retry-After` tells it: seconds or a date; 0 for anything else."""
    if told.isascii() and told.isdecimal():
        return float(told[:9])
    try:
        at = parsedate_to_datetime(told)
        return max((at - now).total_seconds(), 0.0) if at.tzinfo is not None else 0.0
    except (ValueError, OverflowError):
        return 0.0
