"""Webhooks go to the public internet only: whatever an address looks like, and whatever its name resolves to later."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from events.webhook_sender import Answer, CheckedNetwork, Sender, _seconds
from kernel.clock import SystemClock
from kernel.targets import Fault, TargetNotAllowed, Targets, is_public
from models.webhook_codes import WebhookProblem
from tests.events.receiving import receiving

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOST = "hooks.example"
NOT_PUBLIC = (
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
    *("192.0.0.1", "192.0.2.1", "192.168.1.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "", "256.1.1.1", "localhost"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd12::1"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
)
NAMES_OF_LOOPBACK = ("localhost", "ip6-localhost.", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0x7f.0.0.1")


def named(*addresses: str, allow_private: bool = False) -> Targets:
    """A resolver, the border of this test, that gives every name the same addresses."""

    async def resolve(_: str, __: int) -> Sequence[str]:
        return addresses

    return Targets(allow_private=allow_private, resolve=resolve)


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_an_address_that_is_near_or_special_is_not_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(TargetNotAllowed):
        await named(address).addresses(HOST, 443)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "103.10.64.1", "2606:4700:4700::1111", "2001:4860:4860::8888"]
)
async def test_an_address_of_a_host_in_the_internet_is_public(address: str) -> None:
    assert await named(address).addresses(HOST, 443) == (address,)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        *(
            (f"https://{host}/", Fault.FORM)
            for host in ("127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.4.5")
        ),
        *(
            (f"https://{host}/", Fault.FORM)
            for host in ("[::1%25eth0]", "a..b", "-a.example", "ex ample", "bücher.example")
        ),
        *(
            (url, Fault.FORM)
            for url in ("", "https://", "//a.example/", "https://a.example/#x", "https:///a", "ftp://a/")
        ),
        *((url, Fault.FORM) for url in ("https://a.example/\n", f"https://a.example/{'x' * 500}")),
        ("https://user@a.example/", Fault.USER),
        ("https://user:word@a.example/", Fault.USER),
        ("https://a.example@127.0.0.1/", Fault.USER),
        ("https://a.example\\@127.0.0.1/", Fault.USER),
        ("http://a.example/", Fault.SCHEME),
        ("https://a.example:80/", Fault.PORT),
        ("https://a.example:5432/", Fault.PORT),
        ("https://a.example:99999/", Fault.PORT),
    ],
)
async def test_an_address_has_its_form(url: str, fault: Fault) -> None:
    with pytest.raises(TargetNotAllowed) as refused:
        Targets().parse(url)
    assert refused.value.fault is fault
    assert not url or url not in str(refused.value)


@pytest.mark.parametrize("host", NAMES_OF_LOOPBACK)
async def test_no_name_of_loopback_is_called_however_the_system_reads_it(host: str) -> None:
    with pytest.raises(TargetNotAllowed):
        await Targets().addresses(host, 443)


async def test_one_private_address_beside_public_ones_refuses_the_name() -> None:
    with pytest.raises(TargetNotAllowed) as refused:
        await named("8.8.8.8", "10.0.0.1").addresses(HOST, 443)
    assert refused.value.fault is Fault.ADDRESS


async def answer_of(targets: Targets, url: str, context: ssl.SSLContext | None = None) -> Answer:
    """What comes of one message."""
    sender = Sender(targets, context=context, within_s=3.0)
    try:
        return await sender.send(url, {"webhook-id": "contoh"}, b'{"type": "Contoh", "data": {}}', SystemClock().now())
    finally:
        await sender.close()


async def test_a_name_that_was_public_when_it_was_registered_and_is_not_any_more_is_not_called() -> None:
    answers = iter([("8.8.8.8",), ("127.0.0.1",)])

    async def resolve(_: str, __: int) -> Sequence[str]:
        return next(answers)

    targets = Targets(resolve=resolve)
    assert await targets.addresses(HOST, 443)
    assert await answer_of(targets, f"https://{HOST}/") == Answer(problem=WebhookProblem.ADDRESS)


async def test_the_checked_address_is_connected_to_and_the_name_is_not_resolved_again() -> None:
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ("127.0.0.1",)

    targets = Targets(allow_private=True, resolve=resolve)
    async with receiving() as receiver:
        port = targets.parse(receiver.url).port
        stream = await CheckedNetwork(targets).connect_tcp(HOST, port)
        assert stream.get_extra_info("server_addr")[:2] == ("127.0.0.1", port)
        await stream.aclose()
        assert asked == [HOST]
        assert await answer_of(targets, f"http://{HOST}:{port}/hook") == Answer(200)
    assert asked == [HOST, HOST]
    assert receiver.got[0].headers["host"] == f"{HOST}:{port}"


async def test_a_name_that_does_not_resolve_and_one_of_several_addresses_that_is_silent_are_told() -> None:
    assert await answer_of(named(), f"https://{HOST}/") == Answer(problem=WebhookProblem.NAME)
    async with receiving() as receiver:
        port = Targets(allow_private=True).parse(receiver.url).port
        targets = named("127.0.0.2", "127.0.0.1", allow_private=True)
        assert await answer_of(targets, f"http://{HOST}:{port}/") == Answer(200)
    assert await answer_of(targets, f"http://{HOST}:{port}/") == Answer(problem=WebhookProblem.CONNECTION)


async def test_the_certificate_must_be_that_of_the_name(tmp_path: Path) -> None:
    serving, trusting = certificate(tmp_path, HOST)
    async with receiving(tls=serving) as receiver:
        targets = named("127.0.0.1", allow_private=True)
        port = targets.parse(receiver.url).port
        assert await answer_of(targets, f"https://{HOST}:{port}/", trusting) == Answer(200)
        unknown = Answer(problem=WebhookProblem.CONNECTION)
        assert await answer_of(targets, f"https://other.example:{port}/", trusting) == unknown
        assert await answer_of(targets, f"https://{HOST}:{port}/") == unknown


async def test_an_address_that_is_not_of_the_form_any_more_is_not_even_resolved() -> None:
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ()

    for url in (f"http://{HOST}/", f"https://{HOST}:5432/", f"https://user@{HOST}/"):
        assert await answer_of(Targets(resolve=resolve), url) == Answer(problem=WebhookProblem.ADDRESS)
    assert asked == []


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as inside, receiving(lambda _: 307, headers=f"Location: {inside.url}\r\n") as receiver:
        targets = Targets(allow_private=True)
        assert await answer_of(targets, receiver.url) == Answer(307, WebhookProblem.REDIRECT)
        assert inside.got == []


@asynccontextmanager
async def answering(body: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """A receiver that says yes and goes on talking; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
            async for part in body:
                writer.write(part)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 10_000
        await asyncio.sleep(0)


async def halting() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.sleep(60)


async def test_a_long_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.webhook_sender._BODY_WITHIN_S", 60)
    async with answering(endless()) as url:
        assert await answer_of(Targets(allow_private=True), url) == Answer(200)


async def test_a_slow_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.webhook_sender._BODY_WITHIN_S", 0.01)
    async with answering(halting()) as url:
        assert await answer_of(Targets(allow_private=True), url) == Answer(200)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 03 Jan 2022 00:00:09 GMT", 9.0),
        *((text, 0.0) for text in ("Sun, 02 Jan 2022 00:00:00 GMT", "Mon, 03 Jan 2022 00:00:09 -0000", "besok", "")),
        *((text, 0.0) for text in ("-7", "\u00b2", "Mon, 03 Jan 99999 00:00:09 GMT")),
    ],
)
async def test_a_receiver_tells_when_to_come_again_by_seconds_or_a_date(told: str, seconds: float) -> None:
    assert _seconds(told, dt.datetime(2022, 1, 3, tzinfo=dt.UTC)) == seconds


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of a host: to serve with, and to trust."""
    key, now = ec.generate_private_key(ec.SECP256R1()), SystemClock().now()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = made.sign(key, SHA256()).public_bytes(serialization.Encoding.PEM)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "pair.pem"
    file.write_bytes(key.private_bytes(*private) + pem)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cadata=pem.decode())
