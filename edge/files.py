"""Published files under /data/: the catalogue's pages for people, listings for programs, and the files of releases."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from edge.encoding import codings
from edge.negotiation import HTML, JSON, preferred
from edge.safety import page_policy
from edge.shelf import FRESH, Shelf
from kernel.clock import JAKARTA
from publishing.audit import risk_page
from publishing.catalogue import page, pages
from publishing.catalogue.addresses import MEDIA_TYPES, UNKNOWN_TYPE, link
from publishing.catalogue.compressed import CODINGS, TEXTS, copy_of
from publishing.changes import page as changes_page
from publishing.release.editions import IndexNotReadable

METHODS = "GET, HEAD, OPTIONS"
SAFE_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Last-Modified, Content-Range, Accept-Ranges, Content-Disposition",
}

DOWNLOADS = frozenset({".csv", ".geojson", ".parquet", ".xlsx", ".zip"})
"""Kept by a browser under a name with the version, instead of shown."""

_ONE_RANGE = r"(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})"
_RANGE = re.compile(rf"bytes={_ONE_RANGE}(?:,\s*{_ONE_RANGE}){{0,9}}")  # more of them cost us more than the caller


class ReleaseFiles:
    """The ASGI application behind /data/ (mounted there): reads below one folder, never outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shelf = Shelf(folder.resolve())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request with a file, a listing, or why not."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = await self._response(scope["method"], _below(scope), headers)
        for name, value in (*SAFE_HEADERS.items(), _POLICY):
            response.headers.setdefault(name, value)
        if _RANGE.fullmatch(headers.get("range", "bytes=0-")) is None:  # a range that is none is to be ignored
            scope = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"range"]}
        await response(scope, receive, send)

    async def _response(self, method: str, path: str, headers: dict[str, str]) -> Response:
        if method == "OPTIONS":
            preflight = {"allow": METHODS, "access-control-allow-methods": METHODS, "access-control-max-age": "86400"}
            return Response(status_code=204, headers={**preflight, "access-control-allow-headers": "*"})
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("Files are read only.\n", 405, {"allow": METHODS})
        try:
            return await run_sync(self._answer, path, headers)
        except IndexNotReadable:  # whether something was withdrawn cannot be said, so nothing of it is served
            return PlainTextResponse("The catalogue is being repaired. / Katalog sedang diperbaiki.\n", 503)

    def _answer(self, path: str, headers: dict[str, str]) -> Response:
        """A file, a folder, or what stands in their place."""
        asked = [part for part in path.split("/") if part]
        found = _served(self._shelf.root, asked)
        parts = found.relative_to(self._shelf.root).parts if found else asked
        reason = self._shelf.withdrawn(parts)
        if reason is not None:
            address = link(self._shelf.page_of(parts) or "", path.lstrip("/"))
            return _gone(reason, address, _is_person(headers.get("accept")))
        if found is None or (found.is_file() and path.endswith("/")):
            return PlainTextResponse("There is no such file. / Berkas itu tidak ada.\n", 404)
        if found.is_file():
            return self._file_response(found, headers, self._shelf.caching(asked, parts))
        return self._folder_response(found, path, headers)

    def _folder_response(self, folder: Path, path: str, headers: dict[str, str]) -> Response:
        """The page of the catalogue that a folder has, else a listing; programs are given a listing."""
        if path and not path.endswith("/"):
            return RedirectResponse(f"./{quote(path.rpartition('/')[2])}/", 308)
        if not _is_person(headers.get("accept")):
            content = _index(path, _entries(self._shelf.root, folder))
            return JSONResponse(content, headers={"cache-control": FRESH, "vary": "Accept"})
        if (folder / "index.html").is_file():
            response = self._file_response(folder / "index.html", headers, FRESH)
            response.headers["vary"] = "Accept, Accept-Encoding"
            return response
        entries = _entries(self._shelf.root, folder)
        if folder == self._shelf.root and not entries:
            text = pages.catalogue({}, "id").html()
        else:
            text = _page(path, entries, self._shelf.page_of(folder.relative_to(self._shelf.root).parts))
        return Response(text, media_type=HTML, headers={"cache-control": FRESH, "vary": "Accept"})

    def _file_response(self, file: Path, headers: dict[str, str], caching: str) -> Response:
        """A file, or its compressed copy for a caller who takes that and asks for no range of it."""
        stated = {"cache-control": caching, **_disposition(file, self._shelf.root)}
        response = FileResponse(file, stat_result=file.stat(), media_type=media_type(file.name), headers=stated)
        if file.suffix.lower() in TEXTS:
            response.headers["vary"] = "Accept-Encoding"
            wanted = [] if "range" in headers else codings(headers.get("accept-encoding"), CODINGS)
            response = next((packed for c in wanted if (packed := self._packed(file, c, response))), response)
        if _is_known(response, headers):
            kept = ("etag", "last-modified", "cache-control", "vary")
            return Response(
                status_code=304, headers={name: response.headers[name] for name in kept if name in response.headers}
            )
        return response

    def _packed(self, file: Path, coding: str, plain: FileResponse) -> FileResponse | None:
        """A file in a coding: another representation, with a tag of its own; None when there is no copy of it."""
        copy = copy_of(self._shelf.root, file, coding)
        if copy is None:
            return None
        kept = {
            name: plain.headers[name]
            for name in ("cache-control", "vary", "content-disposition", "last-modified")
            if name in plain.headers
        }
        tag = f'{plain.headers["etag"][:-1]}-{coding}"'
        coded = {**kept, "content-encoding": coding, "etag": tag, "accept-ranges": "none"}
        return FileResponse(copy, stat_result=copy.stat(), media_type=plain.media_type, headers=coded)


def _served(root: Path, parts: Sequence[str]) -> Path | None:
    """What lies at a path below the root; None when that is absent, hidden, outside, or no file or folder."""
    if not parts:
        return root
    try:
        found = root.joinpath(*parts).resolve(strict=True)
    except (OSError, ValueError):  # absent, too long, a NUL in it
        return None
    if not found.is_relative_to(root) or _is_hidden(parts) or _is_hidden(found.relative_to(root).parts):
        return None
    return found if found.is_dir() or found.is_file() else None


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _below(scope: Scope) -> str:
    """The path below the place where we are mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _is_person(accept: str | None) -> bool:
    """Whether a page is liked better than JSON."""
    return preferred(accept.encode("latin-1") if accept else None, (JSON, HTML)) == HTML


def _disposition(file: Path, root: Path) -> dict[str, str]:
    """The name under which a data file is kept: with its version, so that two releases do not get mixed up."""
    if file.suffix.lower() not in DOWNLOADS:
        return {}
    parts = file.relative_to(root).parts
    version = f"-{parts[1]}" if len(parts) > _IN_A_RELEASE and parts[1] not in file.stem else ""
    name = f"{file.stem}{version}{file.suffix}"
    stated = f'filename="{name}"' if name == quote(name) else f"filename*=utf-8''{quote(name)}"
    return {"content-disposition": f"attachment; {stated}"}


def _gone(reason: tuple[str, str], address: str, is_person: bool) -> Response:
    """A withdrawn release: 410, with the reason and the address of the page that says more."""
    if is_person:
        text = _GONE.format(id=escape(reason[0]), en=escape(reason[1]), address=escape(address))
        return Response(text, 410, {"cache-control": FRESH, "vary": "Accept"}, HTML)
    text = f"Rilis ini ditarik: {reason[0]}\nThis release was withdrawn: {reason[1]}\n{address}\n"
    return PlainTextResponse(text, 410, {"cache-control": FRESH, "vary": "Accept"})


def _is_known(response: Response, headers: dict[str, str]) -> bool:
    """Whether the caller has this version already (RFC 9110 section 13.2.2)."""
    if "if-none-match" in headers:
        tags = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return response.headers["etag"] in tags or "*" in tags
    return headers.get("if-modified-since") == response.headers["last-modified"]


def media_type(name: str) -> str:
    """The media type of a file by its name, with its parameters."""
    ending = Path(name).suffix.lower()
    known = MEDIA_TYPES.get(ending) or guess_type(name)[0] or UNKNOWN_TYPE
    text = f"{known}; charset=utf-8" if known.startswith("text/") else known
    return f"{text}; header=present" if ending == ".csv" else text


@dataclass(frozen=True)
class Listed:
    """One line of a listing."""

    name: str
    is_folder: bool
    size: int
    modified: dt.datetime

    @property
    def address(self) -> str:
        """Where it is, relative to the listing; `./` keeps a colon in the name from reading as a scheme."""
        return f"./{quote(self.name)}{'/' if self.is_folder else ''}"


def _entries(root: Path, folder: Path) -> list[Listed]:
    """Folders first, then files, each by name: those that are served."""
    entries = []
    for item in folder.iterdir() if folder.is_dir() else ():
        found = _served(root, item.relative_to(root).parts)
        if found is not None:
            stat = found.stat()
            modified = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC).replace(microsecond=0)
            entries.append(Listed(item.name, found.is_dir(), stat.st_size, modified))
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))


def _index(path: str, entries: list[Listed]) -> dict[str, object]:
    """The listing for programs."""
    return {
        "path": path or "/",
        "folders": [{"name": e.name, "href": e.address} for e in entries if e.is_folder],
        "files": [
            {
                "name": e.name,
                "href": e.address,
                "bytes": e.size,
                "mediaType": media_type(e.name),
                "modified": e.modified.isoformat(),
            }
            for e in entries
            if not e.is_folder
        ],
    }


def _page(path: str, entries: list[Listed], about: str | None) -> str:
    """The listing for people, Indonesian first; it needs no script. `about`: the path of the release's page."""
    here = f"/data{path or '/'}"
    up = "" if path in ("", "/") else '<p><a href="../">Naik satu folder / <span lang="en">Up one folder</span></a></p>'
    if about:
        address = escape(link(about, path.lstrip("/")))
        up += f'<p><a href="{address}">Tentang rilis ini / <span lang="en">About this release</span></a></p>'
    return _PAGE.format(style=_STYLE, here=escape(here), up=up, rows="\n".join(map(_row, entries)) or _EMPTY)


def _row(entry: Listed) -> str:
    name = escape(entry.name + ("/" if entry.is_folder else ""))
    size = "" if entry.is_folder else f"{entry.size:,}".replace(",", ".")
    day = entry.modified.astimezone(JAKARTA)
    return (
        f'<tr><th scope="row"><a href="{escape(entry.address)}">{name}</a></th><td>{size}</td>'
        f'<td><time datetime="{entry.modified.isoformat()}">{day:%Y-%m-%d %H:%M}</time></td></tr>'
    )


_IN_A_RELEASE = 2
"""Parts before the path of a file within its release."""
_GONE = """<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rilis ini ditarik</title></head>
<body><main>
<h1>Rilis ini ditarik <span lang="en">(This release was withdrawn)</span></h1>
<p>{id}</p>
<p lang="en">{en}</p>
<p><a href="{address}">Keterangan <span lang="en">(more)</span></a></p>
</main></body>
</html>
"""
_EMPTY = '<tr><td colspan="3">Belum ada berkas. <span lang="en">No files yet.</span></td></tr>'
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
caption { text-align: start; padding: .5rem 0 }
th, td { text-align: start; padding: .4rem .6rem; border-bottom: 1px solid #767676; overflow-wrap: anywhere }
td:nth-child(2) { text-align: end }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9cf } }
"""
_POLICY = (
    "content-security-policy",
    page_policy((page.STYLE, changes_page.STYLE, risk_page.STYLE, _STYLE)),
)
"""What a file of ours may do in a browser. Releases stay as they are: a style that is changed leaves its hash here."""
_PAGE = """<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data terbuka KSBB: {here}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Data terbuka KSBB <span lang="en">(KSBB open data)</span></h1>
{up}
<table>
<caption>Isi {here} <span lang="en">(contents)</span></caption>
<thead><tr><th scope="col">Nama <span lang="en">(name)</span></th>
<th scope="col">Bita <span lang="en">(bytes)</span></th>
<th scope="col">Diubah, WIB <span lang="en">(modified, UTC+7)</span></th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""
