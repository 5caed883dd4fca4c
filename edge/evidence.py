"""Files of evidence over HTTP: PUT to an address that was given, once; GET of a document by who may see it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from time import perf_counter
from typing import Any, BinaryIO

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import select
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from commands.media import public_copy
from commands.storage import FileGone, Storage
from commands.upload import CSV, IMAGES, SUFFIX_OF
from commands.work import Work
from edge.arrival import SENT_WITHIN_S, Arrivals, Exchange, Registrar
from edge.authentication import Authentication
from edge.errors import error_body, internal_entry
from edge.evidence_errors import (
    FileNotHere,
    NoPublicCopy,
    NoSuchDocument,
    OtherMethod,
    UnknownCopy,
    status_of,
    told,
)
from edge.log import RequestLog, log_failure
from edge.rates import Rates
from edge.reader import Reader
from edge.safety import NOTHING
from edge.trace import request_id
from kernel.errors import KsbbError
from models.delivery import Document
from models.upload import Upload
from policy.actions import READS_ORIGINALS
from policy.secrets import NotAnId, Secrets
from policy.viewer import Role, Viewer
from resolvers.request import GraphQLRequest

METHODS = "GET, PUT, OPTIONS"
PUBLIC_COPY = "public"

_CHUNK = 65_536
_AT_A_TIME = 2  # pictures that are opened or copied: each may take 400 MB meanwhile
_QUESTION = "query Evidence($id: ID!) { document(id: $id) { kind mediaType sizeBytes sha256 } }"
_OF_THE_PUBLIC = "query Evidence($id: ID!) { document(id: $id) { kind mediaType } }"
"""It gets copies only, and no fingerprint of what they were made from."""
_SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": f"{NOTHING}; sandbox",  # a file is data, never a page
    "access-control-allow-origin": "*",  # safe: callers are known by a header or an address, never by a cookie
    "access-control-expose-headers": "ETag, Content-Disposition, X-Request-Id",
    "vary": "Authorization",
}
_NOT_STORED = {"cache-control": "no-store"}
_ASK_AGAIN = {"cache-control": "private, no-cache"}
_CSV_IN_UTF8 = f"{CSV}; charset=utf-8"


@dataclass
class EvidenceFiles:
    """The ASGI application behind /evidence/<name>."""

    registrar: Registrar
    reader: Reader
    storage: Storage
    secrets: Secrets
    authentication: Authentication
    log: RequestLog = field(default_factory=RequestLog)
    rates: Rates = field(default_factory=Rates)
    sent_within_s: float = SENT_WITHIN_S
    looking: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_A_TIME))
    arriving: Counter[str] = field(default_factory=Counter)

    @property
    def _arrivals(self) -> Arrivals:
        return Arrivals(self.registrar, self.storage, self.secrets, self.looking, self.arriving, self.sent_within_s)

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever happens, the caller gets JSON and an id, or the file."""
        started, request = perf_counter(), Request(scope, receive_)
        identifier = request_id(dict(request.headers.raw))
        exchange = Exchange(request, scope["path_params"]["name"])
        try:
            response = await self._response(exchange)
        except ClientDisconnect:
            return
        except KsbbError as refused:
            response = _refusal(refused)
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            log_failure(identifier, failure)
            response = Response(error_body([internal_entry(identifier)]), 500, _NOT_STORED, "application/json")
        response.headers.update({**_SAFE, "x-request-id": identifier})
        self.log.note(
            identifier,
            exchange.role,
            f"{request.method.lower()}Evidence",
            response.status_code,
            perf_counter() - started,
        )
        await response(scope, receive_, send)

    async def _response(self, exchange: Exchange) -> Response:
        match exchange.request.method:
            case "PUT":
                return Response(json.dumps(await self._arrivals.take(exchange)), 201, _NOT_STORED, "application/json")
            case "GET":
                return await self._get(exchange)
            case "OPTIONS":
                return Response(status_code=204, headers=_PREFLIGHT)
            case _:
                raise OtherMethod(METHODS)

    async def _get(self, exchange: Exchange) -> Response:
        request = exchange.request
        viewer = await self.rates.watched(request.scope, self.authentication.viewer(_authorization(request)))
        exchange.role = viewer.role
        copy = request.query_params.get("copy")
        if copy not in (None, PUBLIC_COPY):
            raise UnknownCopy
        if viewer.role is Role.PUBLIK:
            copy = PUBLIC_COPY
        shown = await self._seen(viewer, exchange.name)
        is_picture = shown["mediaType"] in IMAGES
        if copy and not is_picture:
            raise NoPublicCopy
        copies = is_picture and (copy is not None or viewer.role not in READS_ORIGINALS)
        headers = _file_headers(exchange.name, shown, copies)
        if headers["etag"] in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return await self._sent(viewer, exchange.name, shown, headers, copies)

    async def _seen(self, viewer: Viewer, identifier: str) -> dict[str, Any]:
        """The document as the caller's own role shows it.

        Raises:
            NoSuchDocument: it does not.
        """
        try:
            kind, _ = self.secrets.internal_key(identifier)
        except NotAnId:
            raise NoSuchDocument from None
        if kind != Document.__tablename__:
            raise NoSuchDocument
        text = _OF_THE_PUBLIC if viewer.role is Role.PUBLIK else _QUESTION
        question = GraphQLRequest(text, "Evidence", {"id": identifier})
        answer = await self.reader.answer(viewer, question, only_queries=True)
        shown = json.loads(answer.body)["data"]["document"] if answer.executed else None
        if shown is None:
            raise NoSuchDocument
        found: dict[str, Any] = shown
        return found

    async def _sent(
        self, viewer: Viewer, identifier: str, shown: dict[str, Any], headers: dict[str, str], copies: bool
    ) -> Response:
        """The file, once the audit trail says who got it."""
        name = await self.registrar.look(partial(_storage_name, identifier=identifier))
        try:
            file = await run_sync(self.storage.get, name)
        except FileGone:
            raise FileNotHere from None
        with ExitStack() as opened:
            opened.enter_context(file)
            act = "DownloadCopy" if copies else "DownloadDocument"
            await self.registrar.perform(viewer, act, partial(_document, identifier=identifier))
            if copies:
                content = await run_sync(_copy, file, shown["mediaType"], limiter=self.looking)
                return Response(content, headers=headers)
            opened.pop_all()
        return StreamingResponse(_pieces(file), headers={**headers, "content-length": str(shown["sizeBytes"])})


_PREFLIGHT = {
    "allow": METHODS,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, X-Request-Id",
    "access-control-max-age": "86400",
}


async def _storage_name(work: Work, *, identifier: str) -> str:
    """Where the bytes of a document lie: known by the upload that it was; a document may be without one."""
    query = select(Upload.storage_name).join(Document, Document.id == Upload.id).where(Document.public_id == identifier)
    return (await work.session.execute(query)).scalar_one_or_none() or ""


async def _document(work: Work, *, identifier: str) -> Document:
    return (await work.session.execute(select(Document).where(Document.public_id == identifier))).scalar_one()


def _authorization(request: Request) -> bytes | None:
    named = request.headers.get("authorization")
    return None if named is None else named.encode("latin-1")


def _file_headers(identifier: str, shown: dict[str, Any], copies: bool) -> dict[str, str]:
    """What is said of a file; its name tells the kind and no person."""
    media_type = shown["mediaType"]
    name = f"{shown['kind'].lower()}-{identifier[-8:]}.{SUFFIX_OF.get(media_type, 'bin')}"
    return {
        **_ASK_AGAIN,
        "content-type": _CSV_IN_UTF8 if media_type == CSV else media_type,
        "content-disposition": f'attachment; filename="{name}"',
        "etag": f'"{shown.get("sha256", identifier)}{"-copy" if copies else ""}"',
    }


def _tags(if_none_match: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]


def _copy(file: BinaryIO, media_type: str) -> bytes:
    return public_copy(BytesIO(file.read()), media_type)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with closing(file):
        while piece := file.read(_CHUNK):
            yield piece


def _refusal(refused: KsbbError) -> Response:
    headers = {**_NOT_STORED}
    match status := status_of(refused):
        case 401:
            headers["www-authenticate"] = 'Bearer realm="ksbb", error="invalid_token"'
        case 405:
            headers["allow"] = METHODS
        case 408:
            headers["connection"] = "close"
        case 429 | 503:
            headers["retry-after"] = "60"
    return Response(error_body([told(refused)]), status, headers, "application/json")
